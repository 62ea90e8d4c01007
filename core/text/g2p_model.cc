#include "core/text/g2p_model.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/little_endian.h"
#include "core/base/sha256.h"

namespace m2tts {
namespace {

namespace format = g2p_format;

// Hypotheses that are kept for each letter: so many, and none this much worse (natural logarithm) than the
// best.
struct Beam {
  size_t size;
  float width;
};
constexpr Beam kBeam = {8, 5};
constexpr Beam kNgramBeam = {16, 9};  // the n-gram alone is of a mind later
// Graphones this much less likely than the best, to the tagger, are left out.
constexpr float kTaggerWidth = 5;

bool IsPhonemeByte(unsigned char byte) {
  const auto id = static_cast<PhonemeId>(byte & format::kIdMask);
  const auto stress = static_cast<Stress>(byte >> format::kStressShift);
  return id < kPhonemeCount && !IsSpecial(id) && IsVowel(id) == (stress != Stress::kNone);
}

// A partial reading. Its symbols are kept as a chain through the steps.
struct Hypothesis {
  G2pNgram::Context context;
  float score = 0;
  uint16_t symbol = 0;
  uint16_t previous = 0;  // index in the step before
};

struct Extension {
  float score;
  uint16_t from;
  uint16_t symbol;
};

void KeepBest(const Beam& beam, std::vector<Extension>* extensions) {
  const auto better = [](const Extension& a, const Extension& b) { return a.score > b.score; };
  const auto middle = extensions->begin() + static_cast<ptrdiff_t>(std::min(beam.size, extensions->size()));
  std::partial_sort(extensions->begin(), middle, extensions->end(), better);
  extensions->erase(middle, extensions->end());
  const float least = extensions->front().score - beam.width;
  while (extensions->back().score < least) extensions->pop_back();
}

// A finished reading.
struct Reading {
  std::vector<uint32_t> symbols;
  std::string sound;  // its phonemes
  float score = 0;
};

// Readings that differ only in which letter says what support each other: the index of the best one of the
// group with the highest probability together.
size_t BestSupported(const std::vector<Reading>& readings) {
  size_t best = 0;
  float best_support = -1;
  float best_score = 0;
  for (size_t r = 0; r < readings.size(); ++r) {
    float support = 0;
    for (const Reading& other : readings) {
      if (other.sound == readings[r].sound) support += std::exp(other.score - readings.front().score);
    }
    if (support > best_support || (support == best_support && readings[r].score > best_score)) {
      best_support = support;
      best_score = readings[r].score;
      best = r;
    }
  }
  return best;
}

// Below every log-probability.
constexpr float kImpossible = -1e30F;

bool HasPrimary(const format::Chunk& chunk) {
  return std::any_of(chunk.begin(), chunk.end(), [](uint8_t byte) {
    return static_cast<Stress>(byte >> format::kStressShift) == Stress::kPrimary;
  });
}

}  // namespace

StatusOr<std::unique_ptr<const G2pModel>> G2pModel::Open(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  std::unique_ptr<G2pModel> model(new G2pModel());
  model->file_ = std::move(file);
  M2TTS_RETURN_IF_ERROR(model->Validate(path));
  return std::unique_ptr<const G2pModel>(std::move(model));
}

Status G2pModel::Validate(const std::filesystem::path& path) {
  const std::string_view bytes = file_->bytes();
  const auto bad = [&](std::string_view what) {
    return DataLoss("{}: {}; make it again with m2tts-trainer g2p train", path.string(), what);
  };
  if (bytes.size() < format::kHeaderSize || bytes.substr(0, format::kMagic.size()) != format::kMagic) {
    return bad("not a G2P model");
  }
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (LoadU32(data + 8) != format::kVersion) return bad("G2P model of another format version");
  if (LoadU32(data + 12) != kPhonemeSetVersion) return bad("made for another phoneme set");
  if (Sha256Hex(bytes.substr(format::kHeaderSize)) != bytes.substr(format::kDigestOffset, 64)) {
    return bad("checksum mismatch: truncated or damaged");
  }
  const auto field = [&](size_t index) { return LoadU32(data + 16 + index * 4); };
  const uint32_t count = field(format::kGraphones);
  size_t at = format::kHeaderSize;
  if (count == 0 || count > 4096 || size_t{count} * 4 > bytes.size() - at)
    return bad("impossible graphone count");
  uint32_t previous = 0;
  for (uint32_t symbol = 0; symbol < count; ++symbol, at += 4) {
    const unsigned char* const p = data + at;
    const uint32_t key = uint32_t{p[0]} << 16 | uint32_t{p[1]} << 8 | p[2];
    if (p[0] >= format::kLetterCount || p[3] != 0 || (symbol > 0 && key <= previous) ||
        (p[1] != 0 && !IsPhonemeByte(p[1])) || (p[2] != 0 && (p[1] == 0 || !IsPhonemeByte(p[2])))) {
      return bad("damaged graphone");
    }
    previous = key;
    Extend(symbol, &ranges_[p[0]]);
    graphones_.push_back({p[0], {p[1], p[2]}});
  }
  plain_ = MergeStress(graphones_);
  for (uint32_t symbol = 0; symbol < plain_.graphones.size(); ++symbol) {
    Extend(symbol, &plain_ranges_[plain_.graphones[symbol].letter]);
  }
  size_t size = 0;
  StatusOr<G2pNgram> ngram =
      G2pNgram::Open(data + at, bytes.size() - at, field(format::kInnerNodes), field(format::kLeaves),
                     static_cast<int>(std::min<uint32_t>(field(format::kOrder), 255)),
                     static_cast<uint32_t>(plain_.graphones.size()) + 2, &size);
  if (!ngram.ok()) return bad(std::string(ngram.status().message()));
  ngram_ = *ngram;
  at += size;
  const G2pTagger::Shape shape{field(format::kTaggerWidth), field(format::kTaggerBlocks),
                               field(format::kTaggerRows), count};
  StatusOr<G2pTagger> tagger = G2pTagger::Open(data + at, bytes.size() - at, shape);
  if (!tagger.ok()) return bad(std::string(tagger.status().message()));
  tagger_ = *std::move(tagger);
  ngram_weight_ = static_cast<float>(field(format::kNgramWeight)) / 1000;
  tagger_weight_ = static_cast<float>(field(format::kTaggerWeight)) / 1000;
  return OkStatus();
}

void G2pModel::Extend(uint32_t symbol, Range* range) {
  if (range->last == 0) range->first = symbol;
  range->last = symbol + 1;
}

Pronunciation G2pModel::Read(std::string_view word, Parts parts) const {
  std::vector<uint8_t> letters;
  for (const char c : word) {
    const int letter = format::LetterIndex(c);
    if (letter >= 0 && ranges_[static_cast<size_t>(letter)].last > 0) {
      letters.push_back(static_cast<uint8_t>(letter));
    }
  }
  const TagScores tags = Tag(letters);
  Pronunciation out;
  for (const uint32_t symbol : ChooseStress(letters, Search(letters, tags, parts), tags)) {
    for (const uint8_t byte : graphones_[symbol].chunk) {
      if (byte == 0) break;
      out.push_back({static_cast<PhonemeId>(byte & format::kIdMask),
                     static_cast<Stress>(byte >> format::kStressShift)});
    }
  }
  return out;
}

G2pModel::TagScores G2pModel::Tag(const std::vector<uint8_t>& letters) const {
  TagScores tags(letters.size());
  const std::vector<float> states = tagger_.Encode(letters);
  for (size_t t = 0; t < letters.size(); ++t) {
    const Range range = ranges_[letters[t]];
    tagger_.Score(&states[t * tagger_.width()], range.first, range.last, &tags[t]);
  }
  return tags;
}

void G2pModel::SumOverStress(const std::vector<float>& tag, uint32_t first, uint32_t plain_first,
                             std::vector<float>* scores) const {
  for (size_t i = 0; i < tag.size(); ++i) {
    (*scores)[plain_.of[first + i] - plain_first] += std::exp(tag[i]);
  }
  for (float& score : *scores) score = std::log(std::max(score, 1e-20F));
}

std::vector<uint32_t> G2pModel::Search(const std::vector<uint8_t>& letters, const TagScores& tags,
                                       Parts parts) const {
  const float tagger_weight = parts == Parts::kBoth ? tagger_weight_ : parts == Parts::kTagger ? 1.0F : 0.0F;
  const float ngram_weight = parts == Parts::kBoth ? ngram_weight_ : parts == Parts::kNgram ? 1.0F : 0.0F;
  std::vector<std::vector<Hypothesis>> steps(letters.size() + 1);
  steps[0].push_back({ngram_.Begin(), 0, 0, 0});
  std::vector<float> scores;
  std::vector<Extension> extensions;
  for (size_t t = 0; t < letters.size(); ++t) {
    const Range range = plain_ranges_[letters[t]];
    scores.assign(range.last - range.first, 0.0F);
    if (tagger_weight > 0) SumOverStress(tags[t], ranges_[letters[t]].first, range.first, &scores);
    // What the tagger rules out is not worth the time of the n-gram.
    const float least = *std::max_element(scores.begin(), scores.end()) - kTaggerWidth;
    extensions.clear();
    for (uint32_t symbol = range.first; symbol < range.last; ++symbol) {
      const float tagger_score = scores[symbol - range.first];
      if (tagger_score < least) continue;
      for (size_t h = 0; h < steps[t].size(); ++h) {
        const Hypothesis& hypothesis = steps[t][h];
        float score = hypothesis.score + tagger_weight * tagger_score;
        if (ngram_weight > 0) score += ngram_weight * ngram_.LogProbability(hypothesis.context, symbol);
        extensions.push_back({score, static_cast<uint16_t>(h), static_cast<uint16_t>(symbol)});
      }
    }
    KeepBest(parts == Parts::kNgram ? kNgramBeam : kBeam, &extensions);
    for (const Extension& e : extensions) {
      steps[t + 1].push_back({ngram_.Advance(steps[t][e.from].context, e.symbol), e.score, e.symbol, e.from});
    }
  }

  const auto end = static_cast<uint32_t>(plain_.graphones.size() + 1);
  std::vector<Reading> readings;
  for (const Hypothesis& hypothesis : steps.back()) {
    Reading& reading = readings.emplace_back();
    reading.score = hypothesis.score + ngram_weight * ngram_.LogProbability(hypothesis.context, end);
    reading.symbols.resize(letters.size());
    const Hypothesis* at = &hypothesis;
    for (size_t t = letters.size(); t > 0; --t) {
      reading.symbols[t - 1] = at->symbol;
      at = &steps[t - 1][at->previous];
    }
    for (const uint32_t symbol : reading.symbols) {
      for (const uint8_t byte : plain_.graphones[symbol].chunk) {
        if (byte != 0) reading.sound.push_back(static_cast<char>(byte));
      }
    }
  }
  return std::move(readings[BestSupported(readings)].symbols);
}

std::vector<uint32_t> G2pModel::ChooseStress(const std::vector<uint8_t>& letters,
                                             const std::vector<uint32_t>& plain,
                                             const TagScores& tags) const {
  // For each letter the best graphone without and with primary stress; then the one letter where primary
  // stress costs least.
  std::vector<uint32_t> symbols(plain.size());
  size_t primary = plain.size();
  uint32_t primary_symbol = 0;
  float least_cost = 0;
  for (size_t t = 0; t < plain.size(); ++t) {
    const Range range = ranges_[letters[t]];
    float best[2] = {kImpossible, kImpossible};
    uint32_t choice[2] = {0, 0};
    for (uint32_t symbol = range.first; symbol < range.last; ++symbol) {
      if (plain_.of[symbol] != plain[t]) continue;
      const size_t stressed = HasPrimary(graphones_[symbol].chunk) ? 1 : 0;
      const float score = tags[t][symbol - range.first];
      if (score <= best[stressed]) continue;
      best[stressed] = score;
      choice[stressed] = symbol;
    }
    const bool only_stressed = best[0] == kImpossible;
    symbols[t] = choice[only_stressed ? 1 : 0];
    if (best[1] == kImpossible) continue;
    const float cost = only_stressed ? kImpossible : best[0] - best[1];
    if (primary == plain.size() || cost < least_cost) {
      primary = t;
      primary_symbol = choice[1];
      least_cost = cost;
    }
  }
  if (primary < plain.size()) symbols[primary] = primary_symbol;
  return symbols;
}

}  // namespace m2tts
