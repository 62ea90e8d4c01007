#include "trainer/phrasing/tag_counts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "core/text/phrasing/phrase_format.h"

namespace m2tts {
namespace {

namespace format = phrase_format;

constexpr double kRareWord = 10;          // endings are learned from words seen at most this often
constexpr double kSuffixWeight = 0.1;     // of the shorter ending
constexpr double kLeastSuffix = 3;        // times seen
constexpr double kLeastCandidate = 1e-3;  // probability of a tag for an ending
constexpr double kNeverSeen = 1e-7;       // probability of a tag after two that it never followed

// What tags count as where breaks are concerned, as in Taylor and Black (1998); others stand for themselves.
const std::map<std::string, std::string>& ClassNames() {
  static const std::map<std::string, std::string> kNames = {
      {"vb", "v"},  {"vbd", "v"}, {"vbg", "v"},  {"vbn", "v"}, {"vbp", "v"}, {"vbz", "v"}, {"nn", "n"},
      {"nns", "n"}, {"nnp", "n"}, {"nnps", "n"}, {"fw", "n"},  {"sym", "n"}, {"ls", "n"},  {"jj", "j"},
      {"jjr", "j"}, {"jjs", "j"}, {"rb", "r"},   {"rbr", "r"}, {"rbs", "r"}, {"rp", "r"},
  };
  return kNames;
}

uint8_t CostOf(double log_probability) {
  return static_cast<uint8_t>(std::clamp(std::lround(-log_probability / format::kCostStep), 0L, 255L));
}

// The candidates with their costs against the likeliest one.
std::vector<TagCandidate> Candidates(const std::vector<double>& scores) {
  const double best = *std::max_element(scores.begin(), scores.end());
  std::vector<TagCandidate> candidates;
  for (size_t tag = 0; tag < scores.size(); ++tag) {
    if (scores[tag] <= 0) continue;
    candidates.push_back({static_cast<uint8_t>(tag), CostOf(std::log(scores[tag] / best))});
  }
  return candidates;
}

Status NameTags(const std::vector<TaggedSentence>& sentences, TagTables* tables) {
  std::set<std::string> names = {std::string(kPauseTag)};
  for (const TaggedSentence& sentence : sentences) {
    for (const TaggedToken& token : sentence) names.insert(token.tag);
  }
  if (names.size() > format::kMaxTags) {
    return InvalidArgument("{} different tags; a phrasing model holds {}", names.size(), format::kMaxTags);
  }
  tables->names.assign(names.begin(), names.end());
  std::map<std::string, uint8_t> classes;
  for (const std::string& name : tables->names) {
    const auto group = ClassNames().find(name);
    const std::string& class_name = group == ClassNames().end() ? name : group->second;
    tables->classes.push_back(
        classes.emplace(class_name, static_cast<uint8_t>(classes.size())).first->second);
  }
  tables->class_count = static_cast<uint32_t>(classes.size());
  tables->pause_tag = static_cast<uint32_t>(
      std::lower_bound(tables->names.begin(), tables->names.end(), kPauseTag) - tables->names.begin());
  return OkStatus();
}

class Counter {
 public:
  explicit Counter(TagTables* tables)
      : tables_(*tables),
        tags_(tables->names.size()),
        one_(tags_ + 1),
        two_(one_.size() * one_.size()),
        three_(two_.size() * tags_) {}

  void Add(const TaggedSentence& sentence) {
    size_t a = tags_;
    size_t b = tags_;
    for (const TaggedToken& token : sentence) {
      const size_t c = TagOf(token.tag);
      ++one_[c];
      ++two_[Pair(b, c)];
      ++three_[Pair(a, b) * tags_ + c];
      if (!token.text.empty()) {
        std::vector<double>& counts = words_[token.text];
        counts.resize(tags_);
        ++counts[c];
      }
      a = b;
      b = c;
      ++tokens_;
    }
  }

  void Finish() {
    SumContexts();
    SetTransitions();
    SetWords();
    SetEndings();
  }

 private:
  size_t TagOf(const std::string& name) const {
    return static_cast<size_t>(std::lower_bound(tables_.names.begin(), tables_.names.end(), name) -
                               tables_.names.begin());
  }
  size_t Pair(size_t a, size_t b) const { return a * (tags_ + 1) + b; }

  void SumContexts() {
    after_one_.resize(tags_ + 1);
    after_two_.resize(two_.size());
    for (size_t b = 0; b <= tags_; ++b) {
      for (size_t c = 0; c < tags_; ++c) after_one_[b] += two_[Pair(b, c)];
    }
    for (size_t context = 0; context < two_.size(); ++context) {
      for (size_t c = 0; c < tags_; ++c) after_two_[context] += three_[context * tags_ + c];
    }
  }

  // For trigram, bigram and tag alone. Each trigram votes for the one that would have foretold it best, had
  // it been absent itself (Brants, figure 1).
  std::array<double, 3> InterpolationWeights() const {
    std::array<double, 3> weights{};
    const auto without = [](double count, double all) { return all > 1 ? (count - 1) / (all - 1) : 0.0; };
    for (size_t context = 0; context < two_.size(); ++context) {
      const size_t b = context % (tags_ + 1);
      for (size_t c = 0; c < tags_; ++c) {
        const double count = three_[context * tags_ + c];
        if (count == 0) continue;
        const std::array<double, 3> foretold = {without(count, after_two_[context]),
                                                without(two_[Pair(b, c)], after_one_[b]),
                                                without(one_[c], tokens_)};
        const auto best = std::max_element(foretold.begin(), foretold.end()) - foretold.begin();
        weights[static_cast<size_t>(best)] += count / tokens_;
      }
    }
    return weights;
  }

  void SetTransitions() {
    const std::array<double, 3> weights = InterpolationWeights();
    const auto share = [](double count, double all) { return all > 0 ? count / all : 0.0; };
    for (size_t context = 0; context < two_.size(); ++context) {
      const size_t b = context % (tags_ + 1);
      for (size_t c = 0; c < tags_; ++c) {
        const double probability = weights[0] * share(three_[context * tags_ + c], after_two_[context]) +
                                   weights[1] * share(two_[Pair(b, c)], after_one_[b]) +
                                   weights[2] * share(one_[c], tokens_);
        tables_.transitions.push_back(CostOf(std::log(std::max(probability, kNeverSeen))));
      }
    }
  }

  void SetWords() {
    for (const auto& [word, counts] : words_) {
      std::vector<double> scores = counts;
      for (size_t tag = 0; tag < tags_; ++tag) scores[tag] /= std::max(one_[tag], 1.0);
      tables_.entries[word] = Candidates(scores);
    }
  }

  void SetEndings() {
    std::map<std::string, std::vector<double>> endings;
    for (const auto& [word, counts] : words_) {
      double seen = 0;
      for (const double count : counts) seen += count;
      if (seen > kRareWord) continue;
      for (size_t length = 0; length <= std::min(format::kMaxSuffix, word.size()); ++length) {
        std::vector<double>& ending = endings[word.substr(word.size() - length)];
        ending.resize(tags_);
        for (size_t tag = 0; tag < tags_; ++tag) ending[tag] += counts[tag];
      }
    }
    if (endings.empty()) endings[""].assign(one_.begin(), one_.end() - 1);  // no word is rare
    std::map<std::string, std::vector<double>> smoothed;
    // In order of length, so that the shorter ending is there before the longer.
    for (size_t length = 0; length <= format::kMaxSuffix; ++length) {
      for (const auto& [ending, counts] : endings) {
        if (ending.size() == length) Smooth(ending, counts, &smoothed);
      }
    }
    for (const auto& [ending, probabilities] : smoothed) {
      std::vector<double> scores = probabilities;
      for (size_t tag = 0; tag < tags_; ++tag) {
        scores[tag] = probabilities[tag] < kLeastCandidate ? 0 : scores[tag] / std::max(one_[tag], 1.0);
      }
      tables_.entries["-" + ending] = Candidates(scores);
    }
  }

  void Smooth(const std::string& ending, std::vector<double> probabilities,
              std::map<std::string, std::vector<double>>* smoothed) const {
    double seen = 0;
    for (const double count : probabilities) seen += count;
    if (!ending.empty() && seen < kLeastSuffix) return;
    for (double& probability : probabilities) probability /= seen;
    if (!ending.empty()) {
      const std::vector<double>& shorter = smoothed->at(ending.substr(1));
      for (size_t tag = 0; tag < tags_; ++tag) {
        probabilities[tag] = (probabilities[tag] + kSuffixWeight * shorter[tag]) / (1 + kSuffixWeight);
      }
    }
    (*smoothed)[ending] = std::move(probabilities);
  }

  TagTables& tables_;
  const size_t tags_;
  double tokens_ = 0;
  std::vector<double> one_;  // [tag], one more for "nothing before"
  std::vector<double> two_;
  std::vector<double> three_;
  std::vector<double> after_one_;
  std::vector<double> after_two_;
  std::map<std::string, std::vector<double>> words_;
};

}  // namespace

StatusOr<TagTables> CountTags(const std::vector<TaggedSentence>& sentences) {
  if (sentences.empty()) return InvalidArgument("no sentences to learn from");
  TagTables tables;
  M2TTS_RETURN_IF_ERROR(NameTags(sentences, &tables));
  Counter counter(&tables);
  for (const TaggedSentence& sentence : sentences) counter.Add(sentence);
  counter.Finish();
  return tables;
}

}  // namespace m2tts
