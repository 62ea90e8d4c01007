#include "trainer/phrasing/break_trainer.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <random>

namespace m2tts {
namespace {

// A weight, and the sum over all steps that its average is taken from.
struct Averaged {
  double value = 0;
  double weighted = 0;  // sum of changes, each times the step of the change
  void Change(double by, double step) {
    value += by;
    weighted += by * step;
  }
  double Average(double steps) const { return value - weighted / steps; }
};

class Perceptron {
 public:
  Perceptron(size_t classes, uint8_t pause_class)
      : classes_(classes),
        pause_class_(pause_class),
        weights_(2 * classes + classes * classes + classes * classes * classes) {}

  // Returns how many open places were decided wrongly.
  size_t Learn(const BreakExample& example) {
    std::vector<Juncture> junctures = example.junctures;
    for (size_t i = 0; i < junctures.size(); ++i) {
      for (const size_t feature : FeaturesAt(example.classes, i)) {
        junctures[i].score += static_cast<float>(weights_[feature].value);
      }
    }
    HistoryScores history;
    for (size_t b = 0; b < history.size(); ++b) {
      for (size_t h = 0; h < history[b].size(); ++h) history[b][h] = static_cast<float>(history_[b][h].value);
    }
    const std::vector<bool> found = FindBreaks(junctures, history);
    size_t wrong = 0;
    for (size_t i = 0; i < found.size(); ++i) wrong += found[i] != example.breaks[i] ? 1 : 0;
    if (wrong > 0) {
      Reward(example, example.breaks, 1);
      Reward(example, found, -1);
    }
    ++step_;
    return wrong;
  }

  BreakScores Scores() const {
    BreakScores scores;
    for (size_t a = 0; a < classes_; ++a) {
      for (size_t b = 0; b < classes_; ++b) {
        for (size_t c = 0; c < classes_; ++c) {
          double score = 0;
          for (const size_t feature : Features(a, b, c)) score += weights_[feature].Average(step_);
          scores.by_context.push_back(static_cast<float>(score));
        }
      }
    }
    for (size_t b = 0; b < history_.size(); ++b) {
      for (size_t h = 0; h < history_[b].size(); ++h) {
        scores.history[b][h] = static_cast<float>(history_[b][h].Average(step_));
      }
    }
    return scores;
  }

 private:
  // The token, the one after it, both, and these with the one before.
  std::array<size_t, 4> Features(size_t a, size_t b, size_t c) const {
    const size_t pair = b * classes_ + c;
    const size_t pairs = 2 * classes_;
    const size_t triples = pairs + classes_ * classes_;
    return {b, classes_ + c, pairs + pair, triples + a * classes_ * classes_ + pair};
  }

  std::array<size_t, 4> FeaturesAt(const std::vector<uint8_t>& classes, size_t i) const {
    return Features(i > 0 ? classes[i - 1] : pause_class_, classes[i],
                    i + 1 < classes.size() ? classes[i + 1] : pause_class_);
  }

  void Reward(const BreakExample& example, const std::vector<bool>& breaks, double by) {
    BreakHistory history = kBreakBefore;
    for (size_t i = 0; i < breaks.size(); ++i) {
      if (breaks[i] && example.junctures[i].given == Juncture::Given::kOpen) {
        for (const size_t feature : FeaturesAt(example.classes, i)) weights_[feature].Change(by, step_);
      }
      history_[breaks[i] ? 1 : 0][history].Change(by, step_);
      history = NextHistory(history, breaks[i]);
    }
  }

  const size_t classes_;
  const uint8_t pause_class_;
  double step_ = 1;
  std::vector<Averaged> weights_;
  std::array<std::array<Averaged, phrase_format::kHistories>, 2> history_{};
};

}  // namespace

BreakScores TrainBreaks(const std::vector<BreakExample>& examples, size_t class_count, uint8_t pause_class,
                        const BreakOptions& options,
                        const std::function<void(int epoch, double wrong)>& progress) {
  double open = 0;
  for (const BreakExample& example : examples) {
    for (const Juncture& juncture : example.junctures)
      open += juncture.given == Juncture::Given::kOpen ? 1 : 0;
  }
  Perceptron perceptron(class_count, pause_class);
  std::vector<size_t> order(examples.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::mt19937 random(options.seed);
  for (int epoch = 1; epoch <= options.epochs; ++epoch) {
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    double wrong = 0;
    for (const size_t i : order) wrong += static_cast<double>(perceptron.Learn(examples[i]));
    if (progress) progress(epoch, wrong / std::max(open, 1.0));
  }
  return perceptron.Scores();
}

}  // namespace m2tts
