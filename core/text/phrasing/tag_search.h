// The parts of speech of a row of tokens: the likeliest series of tags by Viterbi search over trigrams, as in
// Brants, "TnT - A Statistical Part-of-Speech Tagger" (2000). A pure function; any thread may call it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace m2tts {

// What a token can be, and how unlikely that is; see phrase_format.h.
struct TagCandidate {
  uint8_t tag;
  uint8_t cost;
};
using TagCandidates = absl::Span<const TagCandidate>;

// A tag for each token; each has at least one candidate and at most 255. `transitions` is
// [tags + 1][tags + 1][tags]: the cost of a tag after two others, `tags` itself being what stands before the
// first token. Time is linear in the number of tokens.
std::vector<uint8_t> FindTags(const std::vector<TagCandidates>& tokens, const uint8_t* transitions,
                              size_t tags);

}  // namespace m2tts
