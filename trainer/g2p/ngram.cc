#include "trainer/g2p/ngram.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/text/phoneme.h"

namespace m2tts {
namespace {

namespace format = g2p_format;

// Graphones of an n-gram, oldest first.
using Gram = std::vector<uint16_t>;

struct Entry {
  Gram gram;
  double count = 0;        // occurrences; for lower orders number of distinct left neighbours
  int seen = 0;            // occurrences, for pruning
  double probability = 0;  // interpolated
  double backoff = 1;
};

// All n-grams of one length, sorted: parents' children lie together.
using Table = std::vector<Entry>;

// Every n-gram of length `n` that ends within a word, with its occurrences.
Table CountGrams(const std::vector<Gram>& words, size_t n) {
  std::vector<Gram> grams;
  for (const Gram& word : words) {
    for (size_t i = 0; i + n <= word.size(); ++i)
      grams.emplace_back(word.begin() + static_cast<ptrdiff_t>(i),
                         word.begin() + static_cast<ptrdiff_t>(i + n));
  }
  std::sort(grams.begin(), grams.end());
  Table table;
  for (Gram& gram : grams) {
    if (table.empty() || table.back().gram != gram) table.push_back({std::move(gram), 0, 0, 0, 1});
    ++table.back().seen;
  }
  return table;
}

Entry* Find(Table* table, const Gram& gram) {
  const auto it = std::lower_bound(table->begin(), table->end(), gram,
                                   [](const Entry& entry, const Gram& key) { return entry.gram < key; });
  return it != table->end() && it->gram == gram ? &*it : nullptr;
}

Gram Suffix(const Gram& gram) {
  return Gram(gram.begin() + 1, gram.end());
}
Gram Prefix(const Gram& gram) {
  return Gram(gram.begin(), gram.end() - 1);
}

// Kneser-Ney counts: lower orders count in how many ways an n-gram can be continued to the
// left; those that begin a word keep their occurrences, since nothing stands before them.
void SetCounts(std::vector<Table>* tables) {
  const size_t order = tables->size();
  for (Entry& entry : tables->back()) entry.count = entry.seen;
  for (size_t n = order - 1; n >= 1; --n) {
    for (Entry& entry : (*tables)[n - 1]) entry.count = entry.gram[0] == format::kBegin ? entry.seen : 0;
    for (const Entry& longer : (*tables)[n]) {
      Entry* const entry = Find(&(*tables)[n - 1], Suffix(longer.gram));
      if (entry->gram[0] != format::kBegin) entry->count += 1;
    }
  }
}

// D1, D2 and D3+ of Chen and Goodman, section 3.
std::array<double, 3> Discounts(const Table& table) {
  std::array<double, 5> n{};
  for (const Entry& entry : table) {
    if (entry.count >= 1 && entry.count <= 4) n[static_cast<size_t>(entry.count)] += 1;
  }
  const double y = n[1] + 2 * n[2] > 0 ? n[1] / (n[1] + 2 * n[2]) : 0.5;
  std::array<double, 3> d{};
  for (size_t i = 0; i < 3; ++i) {
    const double ratio = n[i + 1] > 0 ? n[i + 2] / n[i + 1] : 0.5;
    d[i] = std::clamp(static_cast<double>(i + 1) - static_cast<double>(i + 2) * y * ratio, 0.05,
                      static_cast<double>(i + 1) - 0.05);
  }
  return d;
}

double Discount(const std::array<double, 3>& d, double count) {
  return count <= 0 ? 0 : d[std::min<size_t>(static_cast<size_t>(count), 3) - 1];
}

void Prune(const NgramOptions& options, std::vector<Table>* tables) {
  for (size_t n = 2; n <= tables->size(); ++n) {
    const auto& limits = options.min_count;
    const int limit = limits[std::min(n, limits.size()) - 1];
    Table& table = (*tables)[n - 1];
    Table& shorter = (*tables)[n - 2];
    // Parents and suffixes must be there for the search to walk over.
    table.erase(std::remove_if(table.begin(), table.end(),
                               [&](const Entry& entry) {
                                 return entry.seen < limit ||
                                        (n > 2 && (Find(&shorter, Prefix(entry.gram)) == nullptr ||
                                                   Find(&shorter, Suffix(entry.gram)) == nullptr));
                               }),
                table.end());
  }
}

// The totals of the counts under each context, before anything was pruned.
std::vector<double> ContextTotals(const Table& contexts, const Table& table) {
  std::vector<double> totals(contexts.size(), 0);
  size_t c = 0;
  for (const Entry& entry : table) {
    while (contexts[c].gram < Prefix(entry.gram)) ++c;
    totals[c] += entry.count;
  }
  return totals;
}

void Put16(size_t value, std::string* out) {
  out->push_back(static_cast<char>(value & 0xff));
  out->push_back(static_cast<char>(value >> 8 & 0xff));
}
void Put32(size_t value, std::string* out) {
  Put16(value & 0xffff, out);
  Put16(value >> 16, out);
}
char Quantize(double p) {
  const double cost = p > 0 ? -std::log(p) / format::kQuantum : 255;
  return static_cast<char>(static_cast<uint8_t>(std::clamp(std::lround(cost), 0L, 255L)));
}

std::string Serialize(const GraphoneInventory& graphones, const std::vector<Table>& tables,
                      const TaggerSection& tagger) {
  std::string payload(3, '\0');
  for (int i = 0; i < 2; ++i) {
    payload.push_back(static_cast<char>(format::kNoLetter));
    payload.append(2, '\0');
  }
  for (const auto& [letter, chunk] : graphones.list()) {
    payload.push_back(static_cast<char>(letter));
    payload.push_back(static_cast<char>(chunk[0]));
    payload.push_back(static_cast<char>(chunk[1]));
  }
  for (size_t n = 1; n <= tables.size(); ++n) {
    const Table& table = tables[n - 1];
    for (const Entry& entry : table) Put16(entry.gram.back(), &payload);
    for (const Entry& entry : table) payload.push_back(Quantize(entry.probability));
    if (n == tables.size()) break;
    for (const Entry& entry : table) payload.push_back(Quantize(entry.backoff));
    size_t child = 0;
    for (const Entry& entry : table) {
      Put32(child, &payload);
      while (child < tables[n].size() && Prefix(tables[n][child].gram) == entry.gram) ++child;
    }
    Put32(child, &payload);
  }
  payload += tagger.weights;
  std::string out(format::kMagic);
  Put32(format::kVersion, &out);
  Put32(static_cast<size_t>(kPhonemeSetVersion), &out);
  Put32(tables.size(), &out);
  Put32(graphones.id_count(), &out);
  for (size_t n = 0; n < format::kMaxOrder; ++n) Put32(n < tables.size() ? tables[n].size() : 0, &out);
  Put32(crc32(0, reinterpret_cast<const Bytef*>(payload.data()), static_cast<uInt>(payload.size())), &out);
  if (!tagger.weights.empty()) {
    Put32(tagger.embedding, &out);
    Put32(tagger.hidden, &out);
    Put32(static_cast<size_t>(std::lround(tagger.ngram_weight * 1000)), &out);
    Put32(static_cast<size_t>(std::lround(tagger.tagger_weight * 1000)), &out);
  }
  out.resize(format::kHeaderSize, '\0');
  return out + payload;
}

}  // namespace

StatusOr<std::string> TrainG2pModel(const GraphoneInventory& graphones, const std::vector<AlignedWord>& words,
                                    const NgramOptions& options, const TaggerSection& tagger) {
  if (options.order < 2 || options.order > format::kMaxOrder || options.min_count.empty()) {
    return InvalidArgument("order: {} is not between 2 and {}", options.order, format::kMaxOrder);
  }
  std::vector<Gram> sequences;
  for (const AlignedWord& word : words) sequences.push_back(graphones.Sequence(word));
  std::vector<Table> tables;
  for (int n = 1; n <= options.order; ++n) tables.push_back(CountGrams(sequences, static_cast<size_t>(n)));
  SetCounts(&tables);

  // Level 1 holds every id, the unused 0 and the beginning too.
  Table all;
  for (size_t g = 0; g < graphones.id_count(); ++g) {
    const Gram gram = {static_cast<uint16_t>(g)};
    const Entry* const found = Find(&tables[0], gram);
    all.push_back(found != nullptr ? *found : Entry{gram, 0, 0, 0, 1});
  }
  all[format::kBegin].count = 0;
  const std::array<double, 3> unigram_discounts = Discounts(all);
  double total = 0;
  double kept = 0;
  for (const Entry& entry : all) {
    total += entry.count;
    kept += std::max(entry.count - Discount(unigram_discounts, entry.count), 0.0);
  }
  const double uniform = (1 - kept / total) / static_cast<double>(all.size() - 2);
  for (size_t g = format::kEnd; g < all.size(); ++g) {
    all[g].probability =
        std::max(all[g].count - Discount(unigram_discounts, all[g].count), 0.0) / total + uniform;
  }
  tables[0] = std::move(all);

  std::vector<std::array<double, 3>> discounts(tables.size());
  std::vector<std::vector<double>> totals(tables.size());
  for (size_t n = 2; n <= tables.size(); ++n) discounts[n - 1] = Discounts(tables[n - 1]);
  std::map<Gram, double> context_totals;
  for (size_t n = 2; n <= tables.size(); ++n) {
    totals[n - 1] = ContextTotals(tables[n - 2], tables[n - 1]);
    for (size_t c = 0; c < tables[n - 2].size(); ++c) {
      if (totals[n - 1][c] > 0) context_totals[tables[n - 2][c].gram] = totals[n - 1][c];
    }
  }
  Prune(options, &tables);
  for (size_t n = 2; n <= tables.size(); ++n) {
    Table& table = tables[n - 1];
    Table& contexts = tables[n - 2];
    // The mass that stays for shorter contexts.
    std::map<Gram, double> mass;
    for (const Entry& entry : table) {
      const double context_total = context_totals.at(Prefix(entry.gram));
      mass[Prefix(entry.gram)] +=
          std::max(entry.count - Discount(discounts[n - 1], entry.count), 0.0) / context_total;
    }
    for (Entry& context : contexts) {
      const auto found = mass.find(context.gram);
      context.backoff = found == mass.end() ? 1.0 : std::max(1.0 - found->second, 1e-6);
    }
    for (Entry& entry : table) {
      const double context_total = context_totals.at(Prefix(entry.gram));
      const Entry* const context = Find(&contexts, Prefix(entry.gram));
      const Entry* const shorter = Find(&contexts, Suffix(entry.gram));
      entry.probability =
          std::max(entry.count - Discount(discounts[n - 1], entry.count), 0.0) / context_total +
          context->backoff * shorter->probability;
    }
  }
  return Serialize(graphones, tables, tagger);
}

}  // namespace m2tts
