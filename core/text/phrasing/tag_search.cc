#include "core/text/phrasing/tag_search.h"

#include <algorithm>
#include <limits>

namespace m2tts {
namespace {

constexpr uint32_t kUnreached = std::numeric_limits<uint32_t>::max();

// The best ways to each pair of candidates, of a token and the one before it: [before][this].
struct Column {
  std::vector<uint32_t> cost;
  std::vector<uint8_t> from;  // the candidate of the token two before
};

}  // namespace

std::vector<uint8_t> FindTags(const std::vector<TagCandidates>& tokens, const uint8_t* transitions,
                              size_t tags) {
  const TagCandidate nothing{static_cast<uint8_t>(tags), 0};
  TagCandidates before(&nothing, 1);
  TagCandidates last(&nothing, 1);
  std::vector<Column> columns{{{0}, {0}}};
  for (const TagCandidates& token : tokens) {
    const Column& now = columns.back();
    Column next{std::vector<uint32_t>(last.size() * token.size(), kUnreached),
                std::vector<uint8_t>(last.size() * token.size())};
    for (size_t a = 0; a < before.size(); ++a) {
      for (size_t b = 0; b < last.size(); ++b) {
        const uint32_t so_far = now.cost[a * last.size() + b];
        const uint8_t* const after = transitions + (before[a].tag * (tags + 1) + last[b].tag) * tags;
        for (size_t c = 0; c < token.size(); ++c) {
          const uint32_t cost = so_far + token[c].cost + after[token[c].tag];
          const size_t cell = b * token.size() + c;
          if (cost >= next.cost[cell]) continue;
          next.cost[cell] = cost;
          next.from[cell] = static_cast<uint8_t>(a);
        }
      }
    }
    columns.push_back(std::move(next));
    before = last;
    last = token;
  }
  std::vector<uint8_t> found(tokens.size());
  const Column& end = columns.back();
  size_t cell = static_cast<size_t>(std::min_element(end.cost.begin(), end.cost.end()) - end.cost.begin());
  for (size_t i = tokens.size(); i > 0; --i) {
    const size_t here = cell % tokens[i - 1].size();
    const size_t previous = cell / tokens[i - 1].size();
    found[i - 1] = tokens[i - 1][here].tag;
    const size_t two_before = columns[i].from[cell];
    const size_t width = i >= 2 ? tokens[i - 2].size() : 1;
    cell = two_before * width + previous;
  }
  return found;
}

}  // namespace m2tts
