#include "core/text/g2p_ngram.h"

#include "core/base/little_endian.h"
#include "core/text/g2p_format.h"

namespace m2tts {
namespace {

constexpr uint32_t kNone = 0xffffffff;

// Index of `symbol` in the ascending symbols [from, to), or kNone.
uint32_t Search(const unsigned char* symbols, uint32_t from, uint32_t to, uint32_t symbol) {
  while (to - from > 8) {
    const uint32_t middle = from + (to - from) / 2;
    if (LoadU16(symbols + size_t{middle} * 2) <= symbol) {
      from = middle;
    } else {
      to = middle;
    }
  }
  for (; from < to; ++from) {
    if (LoadU16(symbols + size_t{from} * 2) == symbol) return from;
  }
  return kNone;
}

}  // namespace

uint32_t G2pNgram::Begins::operator[](uint32_t node) const {
  return LoadU32(bases + size_t{node / g2p_format::kNodesPerBase} * 4) + LoadU16(offsets + size_t{node} * 2);
}

// True when the ranges of children follow each other from `first` to `last`.
bool G2pNgram::AreRanges(const Begins& begins, uint32_t inner, uint32_t first, uint32_t last) {
  uint32_t previous = first;
  for (uint32_t i = 0; i <= inner; ++i) {
    const uint32_t begin = begins[i];
    if (begin < previous || begin > last) return false;
    previous = begin;
  }
  return begins[0] == first && previous == last;
}

bool G2pNgram::AreSorted(const unsigned char* symbols, const Begins& begins, uint32_t inner, uint32_t limit) {
  uint32_t at = begins[0];
  for (uint32_t i = 0; i < inner; ++i) {
    uint32_t next = 0;
    for (const uint32_t end = begins[i + 1]; at < end; ++at) {
      const uint32_t symbol = LoadU16(symbols + size_t{at} * 2);
      if (symbol < next || symbol >= limit) return false;
      next = symbol + 1;
    }
  }
  return true;
}

StatusOr<G2pNgram> G2pNgram::Open(const unsigned char* data, size_t available, uint32_t inner,
                                  uint32_t leaves, int order, uint32_t symbols, size_t* size) {
  if (order < 1 || order > kMaxOrder) return DataLoss("n-gram order {} is outside [1, {}]", order, kMaxOrder);
  if (inner == 0 || inner >= kNone / 16 || leaves >= kNone / 16) return DataLoss("impossible n-gram counts");
  const auto padded = [](size_t bytes) { return (bytes + 3) / 4 * 4; };
  const size_t base_bytes = (size_t{inner} / g2p_format::kNodesPerBase + 1) * 4;
  const size_t offset_bytes = padded((size_t{inner} + 1) * 2);
  G2pNgram ngram;
  ngram.order_ = order;
  ngram.begin_symbol_ = symbols - 2;
  size_t at = 0;
  const auto take = [&](size_t bytes) {
    const size_t from = at;
    at += padded(bytes);
    return at <= available ? data + from : nullptr;
  };
  ngram.inner_begins_.bases = take(base_bytes);
  ngram.inner_begins_.offsets = take(offset_bytes);
  ngram.leaf_begins_.bases = take(base_bytes);
  ngram.leaf_begins_.offsets = take(offset_bytes);
  ngram.inner_symbol_ = take(size_t{inner} * 2);
  ngram.inner_probability_ = take(inner);
  ngram.inner_backoff_ = take(inner);
  ngram.leaf_symbol_ = take(size_t{leaves} * 2);
  ngram.leaf_probability_ = take(leaves);
  if (at > available) return DataLoss("n-gram sections are truncated");
  *size = at;
  if (!AreRanges(ngram.inner_begins_, inner, 1, inner) || !AreRanges(ngram.leaf_begins_, inner, 0, leaves)) {
    return DataLoss("n-gram nodes are out of order");
  }
  if (!AreSorted(ngram.inner_symbol_, ngram.inner_begins_, inner, symbols) ||
      !AreSorted(ngram.leaf_symbol_, ngram.leaf_begins_, inner, symbols)) {
    return DataLoss("n-gram symbols are out of order");
  }
  return ngram;
}

uint32_t G2pNgram::FindInner(uint32_t node, uint32_t symbol) const {
  return Search(inner_symbol_, inner_begins_[node], inner_begins_[node + 1], symbol);
}

uint32_t G2pNgram::FindLeaf(uint32_t node, uint32_t symbol) const {
  return Search(leaf_symbol_, leaf_begins_[node], leaf_begins_[node + 1], symbol);
}

G2pNgram::Context G2pNgram::Begin() const {
  Context root;
  root.length = 1;
  return Advance(root, begin_symbol_);
}

float G2pNgram::LogProbability(const Context& context, uint32_t symbol) const {
  int cost = 0;
  for (int i = context.length - 1; i >= 0; --i) {
    const uint32_t node = context.nodes[static_cast<size_t>(i)];
    if (const uint32_t leaf = FindLeaf(node, symbol); leaf != kNone) {
      return -static_cast<float>(cost + leaf_probability_[leaf]) * g2p_format::kLogStep;
    }
    if (const uint32_t inner = FindInner(node, symbol); inner != kNone) {
      return -static_cast<float>(cost + inner_probability_[inner]) * g2p_format::kLogStep;
    }
    cost += inner_backoff_[node] - g2p_format::kBackoffOffset;
  }
  return -static_cast<float>(cost + 255) * g2p_format::kLogStep;
}

G2pNgram::Context G2pNgram::Advance(const Context& context, uint32_t symbol) const {
  Context next;
  next.length = 1;
  // Suffixes of different lengths: one may have children while a longer or a shorter one has none.
  for (int i = 0; i < context.length && next.length < order_; ++i) {
    const uint32_t child = FindInner(context.nodes[static_cast<size_t>(i)], symbol);
    if (child != kNone) next.nodes[static_cast<size_t>(next.length++)] = child;
  }
  return next;
}

}  // namespace m2tts
