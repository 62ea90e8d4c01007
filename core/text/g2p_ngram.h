// The n-gram part of a G2P model: what graphone follows which, read straight from the mapped file.
//
// Immutable after Open; any thread may ask. See g2p_format.h for the bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/status.h"

namespace m2tts {

class G2pNgram {
 public:
  static constexpr int kMaxOrder = 12;

  // Where a hypothesis stands: the trie nodes of its last 0, 1, 2 ... symbols, as far as they have children.
  struct Context {
    std::array<uint32_t, kMaxOrder> nodes{};
    int length = 0;  // nodes in use; nodes[0] is the root
  };

  // `data` has the n-gram sections; `symbols` counts the graphones without stress and the two ends. Checks
  // every node, so that no later call can leave the sections. `*size` is what they take.
  static StatusOr<G2pNgram> Open(const unsigned char* data, size_t available, uint32_t inner, uint32_t leaves,
                                 int order, uint32_t symbols, size_t* size);

  Context Begin() const;
  // log p(symbol | context), natural logarithm.
  float LogProbability(const Context& context, uint32_t symbol) const;
  Context Advance(const Context& context, uint32_t symbol) const;

 private:
  // Index of the child among the inner nodes, or kNone.
  uint32_t FindInner(uint32_t node, uint32_t symbol) const;
  uint32_t FindLeaf(uint32_t node, uint32_t symbol) const;

  // Where the children of each inner node begin.
  struct Begins {
    const unsigned char* bases = nullptr;
    const unsigned char* offsets = nullptr;
    uint32_t operator[](uint32_t node) const;
  };
  static bool AreRanges(const Begins& begins, uint32_t inner, uint32_t first, uint32_t last);
  static bool AreSorted(const unsigned char* symbols, const Begins& begins, uint32_t inner, uint32_t limit);

  Begins inner_begins_;
  Begins leaf_begins_;
  const unsigned char* inner_symbol_ = nullptr;
  const unsigned char* inner_probability_ = nullptr;
  const unsigned char* inner_backoff_ = nullptr;
  const unsigned char* leaf_symbol_ = nullptr;
  const unsigned char* leaf_probability_ = nullptr;
  int order_ = 0;
  uint32_t begin_symbol_ = 0;
};

}  // namespace m2tts
