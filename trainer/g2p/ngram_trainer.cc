#include "trainer/g2p/ngram_trainer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/container/flat_hash_map.h"

namespace m2tts {
namespace {

constexpr uint32_t kNone = 0xffffffff;

struct CountNode {
  uint32_t parent = kNone;
  uint32_t suffix = 0;  // the same n-gram without its oldest symbol
  uint16_t symbol = 0;
  uint8_t depth = 0;
  bool kept = true;
  uint32_t raw = 0;                 // occurrences
  uint32_t adjusted = 0;            // Kneser-Ney: distinct symbols before it, or occurrences
  uint32_t total = 0;               // adjusted counts of its children
  std::array<uint32_t, 3> kinds{};  // children with adjusted count 1, 2, 3 or more
  uint32_t kept_children = 0;
  double probability = 0;
  double backoff = 1;
};

class Counter {
 public:
  Counter(const GraphoneCorpus& corpus, int order) : corpus_(corpus), order_(static_cast<size_t>(order)) {}

  std::vector<CountNode> Count() {
    nodes_.emplace_back();
    std::vector<uint16_t> padded;
    for (const std::vector<uint16_t>& word : corpus_.words) {
      padded.assign(1, corpus_.begin());
      padded.insert(padded.end(), word.begin(), word.end());
      padded.push_back(corpus_.end());
      for (size_t from = 0; from < padded.size(); ++from) {
        uint32_t node = 0;
        for (size_t at = from; at < padded.size() && at < from + order_; ++at) {
          node = Child(node, padded[at]);
          ++nodes_[node].raw;
        }
      }
    }
    SortByDepth();
    Link();
    return std::move(nodes_);
  }

 private:
  static uint64_t Key(uint32_t parent, uint16_t symbol) { return uint64_t{parent} << 16 | symbol; }

  uint32_t Child(uint32_t parent, uint16_t symbol) {
    const auto [it, inserted] = index_.emplace(Key(parent, symbol), static_cast<uint32_t>(nodes_.size()));
    if (inserted) {
      CountNode node;
      node.parent = parent;
      node.symbol = symbol;
      node.depth = static_cast<uint8_t>(nodes_[parent].depth + 1);
      nodes_.push_back(node);
    }
    return it->second;
  }

  // Breadth first, siblings by symbol: every later step walks in this order, and so does the file.
  void SortByDepth() {
    std::vector<uint32_t> order(nodes_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<uint32_t>(i);
    std::vector<uint32_t> place(nodes_.size());
    // Level by level: the parents' places are known when their children are sorted.
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return nodes_[a].depth < nodes_[b].depth; });
    for (size_t from = 0; from < order.size();) {
      size_t to = from;
      while (to < order.size() && nodes_[order[to]].depth == nodes_[order[from]].depth) ++to;
      if (from > 0) {
        std::sort(order.begin() + static_cast<ptrdiff_t>(from), order.begin() + static_cast<ptrdiff_t>(to),
                  [&](uint32_t a, uint32_t b) {
                    return Key(place[nodes_[a].parent], nodes_[a].symbol) <
                           Key(place[nodes_[b].parent], nodes_[b].symbol);
                  });
      }
      for (size_t i = from; i < to; ++i) place[order[i]] = static_cast<uint32_t>(i);
      from = to;
    }
    std::vector<CountNode> sorted;
    sorted.reserve(nodes_.size());
    for (const uint32_t old : order) {
      sorted.push_back(nodes_[old]);
      if (sorted.back().parent != kNone) sorted.back().parent = place[sorted.back().parent];
    }
    nodes_ = std::move(sorted);
    index_.clear();
    for (size_t i = 1; i < nodes_.size(); ++i) {
      index_.emplace(Key(nodes_[i].parent, nodes_[i].symbol), static_cast<uint32_t>(i));
    }
  }

  void Link() {
    for (size_t i = 1; i < nodes_.size(); ++i) {
      CountNode& node = nodes_[i];
      node.suffix = node.depth == 1 ? 0 : index_.at(Key(nodes_[node.parent].suffix, node.symbol));
    }
  }

  const GraphoneCorpus& corpus_;
  const size_t order_;
  std::vector<CountNode> nodes_;
  absl::flat_hash_map<uint64_t, uint32_t> index_;
};

void Adjust(const GraphoneCorpus& corpus, int order, std::vector<CountNode>* nodes) {
  std::vector<bool> begins(nodes->size(), false);  // the n-gram begins at the begin of a word
  for (size_t i = 1; i < nodes->size(); ++i) {
    CountNode& node = (*nodes)[i];
    begins[i] = node.depth == 1 ? node.symbol == corpus.begin() : begins[node.parent];
    if (begins[i] || node.depth == order) node.adjusted = node.raw;
    if (node.depth > 1) {
      CountNode& suffix = (*nodes)[node.suffix];
      ++suffix.adjusted;  // of lower order, never beginning a word
    }
  }
  // The begin of a word is a context only, never predicted.
  for (size_t i = 1; i < nodes->size(); ++i) {
    CountNode& node = (*nodes)[i];
    if (node.depth == 1 && node.symbol == corpus.begin()) continue;
    CountNode& parent = (*nodes)[node.parent];
    parent.total += node.adjusted;
    ++parent.kinds[std::min<uint32_t>(node.adjusted, 3) - 1];
  }
}

// Discounts for adjusted counts 1, 2 and 3 or more.
std::array<double, 3> Discounts(const std::vector<CountNode>& nodes, int depth) {
  std::array<double, 5> n{};
  for (const CountNode& node : nodes) {
    if (node.depth == depth && node.adjusted >= 1 && node.adjusted <= 4) ++n[node.adjusted];
  }
  std::array<double, 3> discount{0.5, 0.75, 1.0};
  if (n[1] == 0 || n[2] == 0 || n[3] == 0 || n[4] == 0) return discount;  // a tiny dictionary
  const double y = n[1] / (n[1] + 2 * n[2]);
  for (size_t k = 1; k <= 3; ++k) {
    const double d = static_cast<double>(k) - static_cast<double>(k + 1) * y * n[k + 1] / n[k];
    discount[k - 1] = std::clamp(d, 0.05, static_cast<double>(k) - 0.05);
  }
  return discount;
}

void Smooth(const GraphoneCorpus& corpus, int order, std::vector<CountNode>* nodes) {
  std::vector<std::array<double, 3>> discounts(static_cast<size_t>(order) + 2);
  for (int depth = 1; depth <= order; ++depth) {
    discounts[static_cast<size_t>(depth)] = Discounts(*nodes, depth);
  }
  const double uniform = 1.0 / static_cast<double>(corpus.graphones.size() + 1);
  for (size_t i = 0; i < nodes->size(); ++i) {
    CountNode& node = (*nodes)[i];
    const std::array<double, 3>& child = discounts[node.depth + size_t{1}];
    if (node.total > 0) {
      double mass = 0;
      for (size_t k = 0; k < 3; ++k) mass += child[k] * node.kinds[k];
      node.backoff = mass / node.total;
    }
    if (i == 0 || (node.depth == 1 && node.symbol == corpus.begin())) continue;
    const CountNode& parent = (*nodes)[node.parent];
    const double discount = discounts[node.depth][std::min<uint32_t>(node.adjusted, 3) - 1];
    const double lower = node.depth == 1 ? uniform : (*nodes)[node.suffix].probability;
    node.probability =
        (node.adjusted - discount) / static_cast<double>(parent.total) + parent.backoff * lower;
  }
}

// Marks the n-grams whose loss costs least as not kept, those without kept children first.
void Prune(const NgramOptions& options, std::vector<CountNode>* nodes) {
  if (nodes->size() <= options.max_ngrams) return;
  // An n-gram is worth at least what its extensions are worth: then a threshold never cuts a branch.
  std::vector<float> worth(nodes->size(), 0);
  for (size_t i = nodes->size(); i-- > 1;) {
    const CountNode& node = (*nodes)[i];
    if (node.depth == 1) continue;
    const double without = (*nodes)[node.parent].backoff * (*nodes)[node.suffix].probability;
    const double difference =
        node.raw * std::log(std::max(node.probability, 1e-12) / std::max(without, 1e-12));
    worth[i] = std::max(worth[i], static_cast<float>(difference));
    worth[node.parent] = std::max(worth[node.parent], worth[i]);
  }
  std::vector<float> order;
  size_t fixed = 0;
  for (size_t i = 1; i < nodes->size(); ++i) {
    if ((*nodes)[i].depth > 1) {
      order.push_back(worth[i]);
    } else {
      ++fixed;
    }
  }
  const size_t keep = options.max_ngrams > fixed ? options.max_ngrams - fixed : 0;
  if (keep >= order.size()) return;
  std::nth_element(order.begin(), order.begin() + static_cast<ptrdiff_t>(keep), order.end(),
                   std::greater<>());
  const float threshold = order[keep];
  for (size_t i = 1; i < nodes->size(); ++i) {
    if ((*nodes)[i].depth > 1 && worth[i] <= threshold) (*nodes)[i].kept = false;
  }
}

// After pruning: the backoff weights that make every distribution sum to one again.
void Normalize(std::vector<CountNode>* nodes) {
  std::vector<double> seen(nodes->size(), 0);
  std::vector<double> seen_lower(nodes->size(), 0);
  for (size_t i = 1; i < nodes->size(); ++i) {
    const CountNode& node = (*nodes)[i];
    if (!node.kept) continue;
    ++(*nodes)[node.parent].kept_children;
    seen[node.parent] += node.probability;
    if (node.depth > 1) seen_lower[node.parent] += (*nodes)[node.suffix].probability;
  }
  for (size_t i = 1; i < nodes->size(); ++i) {
    CountNode& node = (*nodes)[i];
    if (node.kept_children == 0) {
      node.backoff = 1;
      continue;
    }
    node.backoff = std::max(1 - seen[i], 1e-6) / std::max(1 - seen_lower[i], 1e-6);
  }
}

}  // namespace

NgramTrie TrainNgram(const GraphoneCorpus& corpus, const NgramOptions& options) {
  std::vector<CountNode> nodes = Counter(corpus, options.order).Count();
  Adjust(corpus, options.order, &nodes);
  Smooth(corpus, options.order, &nodes);
  Prune(options, &nodes);
  Normalize(&nodes);
  NgramTrie trie;
  std::vector<uint32_t> place(nodes.size(), kNone);
  for (size_t i = 0; i < nodes.size(); ++i) {
    const CountNode& node = nodes[i];
    if (!node.kept) continue;
    place[i] = static_cast<uint32_t>(trie.nodes.size());
    if (i > 0) {
      NgramTrie::Node& parent = trie.nodes[place[node.parent]];
      if (parent.children++ == 0) parent.first_child = place[i];
    }
    NgramTrie::Node out;
    out.symbol = node.symbol;
    out.log_probability = node.probability > 0 ? static_cast<float>(std::log(node.probability)) : 0.0F;
    out.log_backoff = static_cast<float>(std::log(node.backoff));
    trie.nodes.push_back(out);
  }
  return trie;
}

}  // namespace m2tts
