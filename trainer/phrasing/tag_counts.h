// The part-of-speech half of a phrasing model, by counting: which tags each word has, which tags words with
// the same ending have, and which tag follows two others. Brants, "TnT" (2000): trigrams are interpolated
// with weights from deleted interpolation (2.2), endings smoothed from short to long (2.3).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/text/phrasing/tag_search.h"
#include "trainer/phrasing/tagged_text.h"

namespace m2tts {

struct TagTables {
  std::vector<std::string> names;  // ascending
  std::vector<uint8_t> classes;    // of each tag
  uint32_t class_count = 0;
  uint32_t pause_tag = 0;
  std::vector<uint8_t> transitions;                          // as FindTags takes them
  std::map<std::string, std::vector<TagCandidate>> entries;  // as in core/text/phrasing/phrase_format.h
};

// INVALID_ARGUMENT: no sentences, or more tags than the format holds.
StatusOr<TagTables> CountTags(const std::vector<TaggedSentence>& sentences);

}  // namespace m2tts
