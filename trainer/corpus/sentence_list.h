// The list of sentences that a corpus is made of: a CSV file of lines `id|text`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct ListedSentence {
  std::string id;    // letters, digits, '-' and '_', at most 64: it becomes a file name
  std::string text;  // one line without '|', at most 1000 bytes
};

// Also accepts LJ Speech's three columns `id|text|normalized`, of which it takes the last. Empty
// lines are skipped. INVALID_ARGUMENT with `source` and line number: no text, a bad or repeated
// id, control characters, non-ASCII ones unless allowed (synthesizers read those each in its own
// way), no sentence.
enum class SentenceCharset : uint8_t { kAscii, kAny };
StatusOr<std::vector<ListedSentence>> ParseSentenceList(std::string_view content, const std::string& source,
                                                        SentenceCharset charset = SentenceCharset::kAscii);
StatusOr<std::vector<ListedSentence>> ReadSentenceList(const std::filesystem::path& path,
                                                       SentenceCharset charset = SentenceCharset::kAscii);

}  // namespace m2tts
