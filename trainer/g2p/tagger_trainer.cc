#include "trainer/g2p/tagger_trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/text/g2p_features.h"
#include "trainer/g2p/matrix.h"

namespace m2tts {
namespace {

namespace features = g2p_features;

class Random {  // splitmix64
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  float Uniform() { return static_cast<float>(Next() >> 40) * 0x1p-24F; }  // [0, 1)
  size_t Below(size_t n) { return static_cast<size_t>(Next() % n); }

 private:
  uint64_t state_;
};

// Parameters with their gradient and the moments of Adam.
struct Parameters {
  std::vector<float> value, gradient, first, second;
  void Resize(size_t n) {
    for (std::vector<float>* v : {&value, &gradient, &first, &second}) v->assign(n, 0.0F);
  }
  void Init(Random* random, float bound) {
    for (float& v : value) v = (random->Uniform() * 2 - 1) * bound;
  }
  void Step(float rate, float correction1, float correction2) {
    constexpr float kBeta1 = 0.9F;
    constexpr float kBeta2 = 0.98F;
    for (size_t i = 0; i < value.size(); ++i) {
      const float g = gradient[i];
      first[i] = kBeta1 * first[i] + (1 - kBeta1) * g;
      second[i] = kBeta2 * second[i] + (1 - kBeta2) * g * g;
      value[i] -= rate * (first[i] * correction1) / (std::sqrt(second[i] * correction2) + 1e-8F);
      gradient[i] = 0;
    }
  }
};

class Trainer {
 public:
  Trainer(const GraphoneCorpus& corpus, const TaggerOptions& options)
      : corpus_(corpus),
        options_(options),
        d_(options.width),
        gap_(static_cast<size_t>(*std::max_element(options.dilations.begin(), options.dilations.end()))),
        random_(options.seed) {
    for (uint32_t symbol = 0; symbol < corpus.graphones.size(); ++symbol) {
      std::array<uint32_t, 2>& range = ranges_[corpus.graphones[symbol].letter];
      if (range[1] == 0) range[0] = symbol;
      range[1] = symbol + 1;
    }
    const size_t blocks = options.dilations.size();
    rows_.Resize((features::kLetterRows + options.hashed_rows) * d_);
    convolution_.Resize(blocks * 3 * d_ * d_);
    bias_.Resize(blocks * d_);
    output_.Resize(corpus.graphones.size() * d_);
    output_bias_.Resize(corpus.graphones.size());
    rows_.Init(&random_, 0.25F);
    // The hashed strings start from nothing: what is never seen in training must not disturb.
    std::fill(rows_.value.begin() + static_cast<ptrdiff_t>(features::kLetterRows * d_), rows_.value.end(),
              0.0F);
    convolution_.Init(&random_, 0.7F / std::sqrt(static_cast<float>(3 * d_)));
    output_.Init(&random_, 1.0F / std::sqrt(static_cast<float>(d_)));
    activations_.resize(blocks + 1);
  }

  TaggerWeights Train(const std::function<void(int, double)>& progress) {
    std::vector<size_t> order(corpus_.words.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const size_t batches = (order.size() + options_.batch_words - 1) / options_.batch_words;
    const double steps = static_cast<double>(batches) * options_.epochs;
    int64_t step = 0;
    for (int epoch = 1; epoch <= options_.epochs; ++epoch) {
      for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_.Below(i)]);
      double loss = 0;
      size_t letters = 0;
      for (size_t from = 0; from < order.size(); from += options_.batch_words) {
        const size_t to = std::min(from + options_.batch_words, order.size());
        LayOut(order.data() + from, order.data() + to);
        Forward();
        loss += Backward();
        letters += places_.size();
        Update(++step, steps);
      }
      if (progress) progress(epoch, loss / static_cast<double>(letters));
    }
    return {d_,          options_.dilations, options_.hashed_rows, rows_.value, convolution_.value,
            bias_.value, output_.value,      output_bias_.value};
  }

 private:
  struct Place {
    size_t row;  // in the batch
    uint16_t symbol;
    std::array<uint32_t, features::kRowsSeen> rows;
    std::array<bool, features::kRowsSeen> used;
  };

  // The words of a batch stand in one long column with gaps, so that a convolution is three matrix products.
  void LayOut(const size_t* begin, const size_t* end) {
    places_.clear();
    size_t row = gap_;
    std::vector<uint8_t> letters;
    for (const size_t* w = begin; w != end; ++w) {
      const std::vector<uint16_t>& word = corpus_.words[*w];
      letters.clear();
      for (const uint16_t symbol : word) letters.push_back(corpus_.graphones[symbol].letter);
      for (size_t i = 0; i < word.size(); ++i, ++row) {
        Place place{
            row, word[i], features::RowsAt(letters.data(), letters.size(), i, options_.hashed_rows), {}};
        for (size_t f = 0; f < features::kRowsSeen; ++f) {
          place.used[f] = f < features::kLettersSeen || random_.Uniform() >= options_.feature_dropout;
        }
        places_.push_back(place);
      }
      row += gap_;
    }
    height_ = row;
    word_rows_.assign(height_, false);
    for (const Place& place : places_) word_rows_[place.row] = true;
  }

  void ClearGaps(std::vector<float>* x) const {
    for (size_t row = 0; row < height_; ++row) {
      if (!word_rows_[row]) std::fill_n(x->begin() + static_cast<ptrdiff_t>(row * d_), d_, 0.0F);
    }
  }

  float FeatureScale(size_t f) const {
    return f < features::kLettersSeen ? 1.0F : 1.0F / (1.0F - options_.feature_dropout);
  }

  void Forward() {
    state_.assign(height_ * d_, 0.0F);
    for (const Place& place : places_) {
      float* const x = &state_[place.row * d_];
      for (size_t f = 0; f < features::kRowsSeen; ++f) {
        if (!place.used[f]) continue;
        const float* const row = &rows_.value[size_t{place.rows[f]} * d_];
        const float scale = FeatureScale(f);
        for (size_t i = 0; i < d_; ++i) x[i] += scale * row[i];
      }
    }
    for (size_t block = 0; block <= options_.dilations.size(); ++block) {
      std::vector<float>& active = activations_[block];
      active.resize(height_ * d_);
      Rectify(&active);
      if (block == options_.dilations.size()) break;
      const auto dilation = static_cast<size_t>(options_.dilations[block]);
      for (size_t row = gap_; row < height_ - gap_; ++row) {
        for (size_t i = 0; i < d_; ++i) state_[row * d_ + i] += bias_.value[block * d_ + i];
      }
      for (size_t tap = 0; tap < 3; ++tap) {
        MultiplyAdd(&active[(gap_ + tap * dilation - dilation) * d_],
                    &convolution_.value[(block * 3 + tap) * d_ * d_], &state_[gap_ * d_], height_ - 2 * gap_,
                    d_, d_);
      }
      ClearGaps(&state_);
    }
  }

  // Rectified, with some values dropped and the others scaled up for them; zero means no gradient.
  void Rectify(std::vector<float>* active) {
    const auto limit = static_cast<uint64_t>(options_.dropout * 65536);
    const float scale = 1 / (1 - options_.dropout);
    for (size_t i = 0; i < active->size(); i += 4) {
      uint64_t random = random_.Next();
      for (size_t k = i; k < i + 4; ++k, random >>= 16) {
        (*active)[k] = state_[k] > 0 && (random & 0xffff) >= limit ? state_[k] * scale : 0.0F;
      }
    }
  }

  // The loss and the gradients; returns the sum of the loss over the letters.
  double Backward() {
    const size_t blocks = options_.dilations.size();
    const std::vector<float>& last = activations_[blocks];
    gradient_.assign(height_ * d_, 0.0F);
    const float scale = 1.0F / static_cast<float>(places_.size());
    double loss = 0;
    const float kept = 1 / (1 - options_.dropout);
    std::vector<float> p;
    for (const Place& place : places_) {
      const float* const h = &last[place.row * d_];
      const auto [first, end] = ranges_[corpus_.graphones[place.symbol].letter];
      p.resize(end - first);
      float top = -1e30F;
      for (uint32_t s = first; s < end; ++s) {
        const float* const u = &output_.value[s * d_];
        float logit = output_bias_.value[s];
        for (size_t i = 0; i < d_; ++i) logit += u[i] * h[i];
        p[s - first] = logit;
        top = std::max(top, logit);
      }
      float sum = 0;
      for (float& v : p) sum += (v = std::exp(v - top));
      float* const g = &gradient_[place.row * d_];
      for (uint32_t s = first; s < end; ++s) {
        const float probability = p[s - first] / sum;
        const float delta = (probability - (s == place.symbol ? 1.0F : 0.0F)) * scale;
        if (s == place.symbol) loss -= std::log(std::max(probability, 1e-20F));
        const float* const u = &output_.value[s * d_];
        float* const gu = &output_.gradient[s * d_];
        for (size_t i = 0; i < d_; ++i) {
          g[i] += delta * u[i];
          gu[i] += delta * h[i];
        }
        output_bias_.gradient[s] += delta;
      }
      for (size_t i = 0; i < d_; ++i) g[i] = h[i] > 0 ? g[i] * kept : 0.0F;
    }
    for (size_t block = blocks; block-- > 0;) BackwardBlock(block);
    for (const Place& place : places_) {
      const float* const g = &gradient_[place.row * d_];
      for (size_t f = 0; f < features::kRowsSeen; ++f) {
        if (!place.used[f]) continue;
        float* const row = &rows_.gradient[size_t{place.rows[f]} * d_];
        const float factor = FeatureScale(f);
        for (size_t i = 0; i < d_; ++i) row[i] += factor * g[i];
      }
    }
    return loss;
  }

  // gradient_ holds the gradient of the block's output and receives that of its input.
  void BackwardBlock(size_t block) {
    const auto dilation = static_cast<size_t>(options_.dilations[block]);
    const std::vector<float>& active = activations_[block];
    for (size_t row = gap_; row < height_ - gap_; ++row) {
      for (size_t i = 0; i < d_; ++i) bias_.gradient[block * d_ + i] += gradient_[row * d_ + i];
    }
    const float kept = 1 / (1 - options_.dropout);
    inner_.assign(height_ * d_, 0.0F);
    transposed_.resize(d_ * d_);
    const size_t rows = height_ - 2 * gap_;
    for (size_t tap = 0; tap < 3; ++tap) {
      const size_t from = (gap_ + tap * dilation - dilation) * d_;
      const size_t weights = (block * 3 + tap) * d_ * d_;
      TransposedMultiplyAdd(&active[from], &gradient_[gap_ * d_], &convolution_.gradient[weights], rows, d_,
                            d_);
      for (size_t i = 0; i < d_; ++i) {
        for (size_t o = 0; o < d_; ++o) transposed_[o * d_ + i] = convolution_.value[weights + i * d_ + o];
      }
      MultiplyAdd(&gradient_[gap_ * d_], transposed_.data(), &inner_[from], rows, d_, d_);
    }
    for (size_t i = 0; i < inner_.size(); ++i) gradient_[i] += active[i] > 0 ? inner_[i] * kept : 0.0F;
    ClearGaps(&gradient_);
  }

  // Adam; the rate rises over the first 3 % of the steps and falls to zero along a half cosine.
  void Update(int64_t step, double steps) {
    const double part = static_cast<double>(step) / steps;
    const double rate =
        options_.learning_rate * std::min(part / 0.03, 1.0) * 0.5 * (1 + std::cos(M_PI * part));
    const auto correction1 = static_cast<float>(1 / (1 - std::pow(0.9, static_cast<double>(step))));
    const auto correction2 = static_cast<float>(1 / (1 - std::pow(0.98, static_cast<double>(step))));
    for (Parameters* p : {&rows_, &convolution_, &bias_, &output_, &output_bias_}) {
      p->Step(static_cast<float>(rate), correction1, correction2);
    }
  }

  const GraphoneCorpus& corpus_;
  const TaggerOptions& options_;
  const size_t d_;
  const size_t gap_;
  Random random_;
  std::array<std::array<uint32_t, 2>, g2p_format::kLetterCount> ranges_{};
  Parameters rows_, convolution_, bias_, output_, output_bias_;

  // The batch at hand.
  std::vector<Place> places_;
  size_t height_ = 0;
  std::vector<bool> word_rows_;
  std::vector<float> state_, gradient_, inner_, transposed_;
  std::vector<std::vector<float>> activations_;  // input of each block and of the output, rectified
};

}  // namespace

TaggerWeights TrainTagger(const GraphoneCorpus& corpus, const TaggerOptions& options,
                          const std::function<void(int epoch, double loss)>& progress) {
  return Trainer(corpus, options).Train(progress);
}

}  // namespace m2tts
