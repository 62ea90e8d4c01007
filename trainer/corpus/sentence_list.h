// The list of sentences that a corpus is made of: a CSV file of lines `id|text`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct Sentence {
  std::string id;    // letters, digits, '-' and '_', at most 64: it becomes a file name
  std::string text;  // printable ASCII without '|', at most 1000 characters
};

// Also accepts LJ Speech's three columns `id|text|normalized`, of which it takes the last. Empty
// lines are skipped. INVALID_ARGUMENT with `source` and line number: no text, a bad or repeated
// id, control or non-ASCII characters (synthesizers read those each in its own way), no sentence.
StatusOr<std::vector<Sentence>> ParseSentenceList(std::string_view content, const std::string& source);
StatusOr<std::vector<Sentence>> ReadSentenceList(const std::filesystem::path& path);

}  // namespace m2tts
