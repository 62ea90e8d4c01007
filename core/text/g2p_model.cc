#include "core/text/g2p_model.h"

#include <zlib.h>

#include <algorithm>

#include "core/text/lexicon_format.h"

namespace m2tts {
namespace {

namespace format = g2p_format;
using lexicon_format::LoadU32;

constexpr size_t kBeam = 10;
// Hypotheses this much worse than the best (in natural-log units) are dropped.
constexpr float kBeamWidth = 9.0f;

uint16_t LoadU16(const unsigned char* p) {
  return static_cast<uint16_t>(p[0] | p[1] << 8);
}

float Cost(unsigned char stored) {
  return static_cast<float>(stored) * format::kQuantum;
}

bool IsStoredPhoneme(uint8_t byte) {
  const auto id = static_cast<PhonemeId>(byte & format::kIdMask);
  const auto stress = static_cast<Stress>(byte >> format::kStressShift);
  return id < kPhonemeCount && !IsSpecial(id) && IsVowel(id) == (stress != Stress::kNone);
}

}  // namespace

// A way to read the word up to some letter. nodes[k] is the entry of level k + 1 that the last
// k + 1 graphones are, valid for k < depth.
struct G2pModel::Hypothesis {
  float cost = 0;
  int depth = 0;
  std::array<uint32_t, format::kMaxOrder> nodes{};
  std::vector<uint16_t> path;
};

StatusOr<std::unique_ptr<const G2pModel>> G2pModel::Open(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  std::unique_ptr<G2pModel> model(new G2pModel());
  model->file_ = std::move(file);
  M2TTS_RETURN_IF_ERROR(model->Validate(model->file_->bytes(), path.string()));
  return std::unique_ptr<const G2pModel>(std::move(model));
}

StatusOr<std::unique_ptr<const G2pModel>> G2pModel::FromBytes(std::string_view bytes, std::string_view name) {
  std::unique_ptr<G2pModel> model(new G2pModel());
  M2TTS_RETURN_IF_ERROR(model->Validate(bytes, name));
  return std::unique_ptr<const G2pModel>(std::move(model));
}

Status G2pModel::Validate(std::string_view bytes, std::string_view name) {
  const auto bad = [&](std::string_view what) {
    return DataLoss("{}: {}; train it again with 'm2tts-trainer g2p train'", name, what);
  };
  if (bytes.size() < format::kHeaderSize || bytes.substr(0, format::kMagic.size()) != format::kMagic) {
    return bad("not a grapheme-to-phoneme model");
  }
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (LoadU32(data + 8) != format::kVersion) return bad("model format of another version");
  if (LoadU32(data + 12) != kPhonemeSetVersion) return bad("made for another phoneme set");
  const uint32_t order = LoadU32(data + 16);
  const uint32_t graphones = LoadU32(data + 20);
  if (order < 2 || order > format::kMaxOrder || graphones <= format::kFirstGraphone || graphones > 0xffff) {
    return bad("impossible size");
  }
  const std::string_view payload = bytes.substr(format::kHeaderSize);
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(payload.data()), static_cast<uInt>(payload.size()));
  if (static_cast<uint32_t>(crc) != LoadU32(data + 56)) return bad("checksum mismatch, or truncated");
  order_ = static_cast<int>(order);
  size_bytes_ = bytes.size();

  size_t at = format::kHeaderSize;
  const auto take = [&](uint64_t size) -> const unsigned char* {
    if (size > bytes.size() - at) return nullptr;
    const unsigned char* const p = data + at;
    at += static_cast<size_t>(size);
    return p;
  };
  const unsigned char* const table = take(uint64_t{graphones} * 3);
  if (table == nullptr) return bad("truncated");
  chunks_.resize(graphones);
  std::array<uint16_t, format::kLetterCount> counts{};
  for (uint32_t g = format::kFirstGraphone; g < graphones; ++g) {
    const unsigned char* const p = table + g * 3;
    if (p[0] >= format::kLetterCount || (g > format::kFirstGraphone && p[0] < p[-3]))
      return bad("damaged graphone");
    if ((p[1] != 0 && !IsStoredPhoneme(p[1])) || (p[2] != 0 && (p[1] == 0 || !IsStoredPhoneme(p[2])))) {
      return bad("damaged graphone");
    }
    chunks_[g] = {p[1], p[2]};
    ++counts[p[0]];
  }
  letter_begin_[0] = format::kFirstGraphone;
  for (size_t l = 0; l < format::kLetterCount; ++l) {
    if (counts[l] == 0) return bad("a letter without graphones");
    letter_begin_[l + 1] = static_cast<uint16_t>(letter_begin_[l] + counts[l]);
  }
  for (int k = 0; k < order_; ++k) {
    Level& level = levels_[static_cast<size_t>(k)];
    level.size = LoadU32(data + 24 + 4 * k);
    const bool last = k + 1 == order_;
    level.graphones = take(uint64_t{level.size} * 2);
    level.probabilities = take(level.size);
    if (!last) {
      level.backoffs = take(level.size);
      level.children = take((uint64_t{level.size} + 1) * 4);
    }
    if (level.graphones == nullptr || level.probabilities == nullptr ||
        (!last && (level.backoffs == nullptr || level.children == nullptr))) {
      return bad("truncated");
    }
    for (size_t i = 0; i < level.size; ++i) {
      if (LoadU16(level.graphones + 2 * i) >= graphones) return bad("damaged entry");
    }
  }
  const G2pTagger::Shape shape{LoadU32(data + 60), LoadU32(data + 64), graphones - format::kFirstGraphone};
  if (shape.hidden > 0) {
    if (shape.hidden > 1024 || shape.embedding == 0 || shape.embedding > 1024) return bad("impossible size");
    const unsigned char* const weights = take(G2pTagger::SizeBytes(shape));
    if (weights == nullptr) return bad("truncated");
    tagger_ = std::make_unique<G2pTagger>();
    if (!tagger_->Load(weights, shape)) return bad("damaged weights");
    ngram_weight_ = static_cast<float>(LoadU32(data + 68)) / 1000;
    tagger_weight_ = static_cast<float>(LoadU32(data + 72)) / 1000;
    if (!(ngram_weight_ <= 100) || !(tagger_weight_ <= 100)) return bad("impossible weights");
  }
  if (at != bytes.size()) return bad("followed by other data");
  // Level 1 holds every graphone in order, so that a guess always finds a way.
  if (levels_[0].size != graphones) return bad("damaged first level");
  for (size_t i = 0; i < levels_[0].size; ++i) {
    if (LoadU16(levels_[0].graphones + 2 * i) != i) return bad("damaged first level");
  }
  for (int k = 0; k + 1 < order_; ++k) {
    const Level& level = levels_[static_cast<size_t>(k)];
    uint32_t previous = 0;
    for (size_t i = 0; i <= level.size; ++i) {
      const uint32_t child = LoadU32(level.children + 4 * i);
      if (child < previous) return bad("damaged index");
      previous = child;
    }
    if (previous != levels_[static_cast<size_t>(k) + 1].size || LoadU32(level.children) != 0)
      return bad("damaged index");
  }
  return OkStatus();
}

// Adds `from` followed by each graphone of [first, last). Longer contexts are asked first; what
// they do not hold is taken from shorter ones at the price of their back-off.
void G2pModel::Extend(const Hypothesis& from, uint16_t first, uint16_t last,
                      const std::vector<float>* tagger_costs, std::vector<Hypothesis>* to,
                      float worst) const {
  // Entry of each graphone at each level, found on the way from long contexts to short ones.
  struct Found {
    float cost;
    std::array<uint32_t, format::kMaxOrder> nodes;
    int depth;
    bool priced;
  };
  thread_local std::vector<Found> found;
  found.assign(static_cast<size_t>(last - first), Found{0, {}, 0, false});
  float backoff = 0;
  for (int k = std::min(from.depth, order_ - 1); k >= 0; --k) {
    size_t begin = first;
    size_t end = last;
    const Level& level = levels_[static_cast<size_t>(k)];
    if (k > 0) {
      const Level& parents = levels_[static_cast<size_t>(k) - 1];
      const uint32_t parent = from.nodes[static_cast<size_t>(k) - 1];
      begin = LoadU32(parents.children + 4 * parent);
      end = LoadU32(parents.children + 4 * (parent + 1));
      // The first child that is not before `first`.
      size_t low = begin;
      size_t high = end;
      while (low < high) {
        const size_t middle = (low + high) / 2;
        if (LoadU16(level.graphones + 2 * middle) < first) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      begin = low;
    }
    for (size_t i = begin; i < end; ++i) {
      const uint16_t graphone = LoadU16(level.graphones + 2 * i);
      if (graphone >= last) break;
      Found& f = found[static_cast<size_t>(graphone - first)];
      if (!f.priced) {
        f.priced = true;
        f.cost = backoff + Cost(level.probabilities[i]);
        f.depth = k + 1;
      }
      f.nodes[static_cast<size_t>(k)] = static_cast<uint32_t>(i);
    }
    if (k > 0) {
      const uint32_t parent = from.nodes[static_cast<size_t>(k) - 1];
      backoff += Cost(levels_[static_cast<size_t>(k) - 1].backoffs[parent]);
    }
  }
  for (size_t g = 0; g < found.size(); ++g) {
    const Found& f = found[g];
    float cost = from.cost + ngram_weight_ * f.cost;
    if (tagger_costs != nullptr) cost += tagger_weight_ * (*tagger_costs)[g];
    if (!f.priced || cost > worst) continue;
    Hypothesis next;
    next.cost = cost;
    next.depth = std::min(f.depth, order_ - 1);
    next.nodes = f.nodes;
    next.path = from.path;
    next.path.push_back(static_cast<uint16_t>(first + g));
    to->push_back(std::move(next));
  }
}

Pronunciation G2pModel::Guess(std::string_view word) const {
  std::vector<Hypothesis> beam(1);
  beam[0].depth = 1;
  beam[0].nodes[0] = format::kBegin;
  std::vector<Hypothesis> next;
  const auto advance = [&](uint16_t first, uint16_t last, const std::vector<float>* tagger_costs) {
    next.clear();
    float best = 1e30f;
    for (const Hypothesis& hypothesis : beam) {
      const size_t before = next.size();
      Extend(hypothesis, first, last, tagger_costs, &next, best + kBeamWidth);
      for (size_t i = before; i < next.size(); ++i) best = std::min(best, next[i].cost);
    }
    const size_t keep = std::min(next.size(), kBeam);
    std::partial_sort(next.begin(), next.begin() + static_cast<ptrdiff_t>(keep), next.end(),
                      [](const Hypothesis& a, const Hypothesis& b) {
                        return a.cost != b.cost ? a.cost < b.cost : a.path < b.path;
                      });
    next.resize(keep);
    std::swap(beam, next);
  };
  std::vector<int> letters;
  bool any = false;
  for (const char c : word) {
    const int letter = format::LetterIndex(c);
    if (letter >= 0) letters.push_back(letter);
    any |= letter >= 0 && c != '\'';
  }
  if (!any) return {};
  std::vector<std::vector<float>> tagger_costs;
  if (tagger_ != nullptr) {
    std::vector<size_t> first;
    std::vector<size_t> last;
    for (const int letter : letters) {
      first.push_back(
          static_cast<size_t>(letter_begin_[static_cast<size_t>(letter)] - format::kFirstGraphone));
      last.push_back(
          static_cast<size_t>(letter_begin_[static_cast<size_t>(letter) + 1] - format::kFirstGraphone));
    }
    tagger_->Costs(letters, first, last, &tagger_costs);
  }
  for (size_t t = 0; t < letters.size(); ++t) {
    const auto letter = static_cast<size_t>(letters[t]);
    advance(letter_begin_[letter], letter_begin_[letter + 1],
            tagger_ != nullptr ? &tagger_costs[t] : nullptr);
  }
  advance(format::kEnd, format::kEnd + 1, nullptr);
  Pronunciation out;
  for (const uint16_t graphone : beam.front().path) {
    for (const uint8_t byte : chunks_[graphone]) {
      if (byte == 0) continue;
      out.push_back({static_cast<PhonemeId>(byte & format::kIdMask),
                     static_cast<Stress>(byte >> format::kStressShift)});
    }
  }
  return out;
}

}  // namespace m2tts
