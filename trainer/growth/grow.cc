#include "trainer/growth/grow.h"

#include <cmath>

#include "core/device/guard.h"
#include "core/model/m2tts_model.h"
#include "trainer/config/train_config.h"

namespace m2tts {
namespace {

bool Ends(const std::string& name, const std::string& end) {
  return name.size() >= end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
}
bool Holds(const std::string& name, const std::string& part) {
  return name.find(part) != std::string::npos;
}

// The old channel of each new one: every old one `count` times in a row.
torch::Tensor Repeat(int64_t old_channels, int64_t count) {
  return torch::arange(old_channels).repeat_interleave(count);
}

// Of a convolution's input, which holds the channels of each tap in turn.
torch::Tensor OverTaps(const torch::Tensor& map, int64_t old_channels, int64_t taps) {
  std::vector<torch::Tensor> maps;
  for (int64_t tap = 0; tap < taps; ++tap) maps.push_back(map + tap * old_channels);
  return torch::cat(maps);
}

class Widening {
 public:
  Widening(const ModelConfig& from, const ModelConfig& to)
      : from_(from),
        hidden_(Repeat(from.hidden, to.hidden / from.hidden)),
        heads_(Repeat(from.heads, to.heads / from.heads)),
        ffn_(Repeat(from.hidden * from.ffn_multiplier,
                    to.hidden * to.ffn_multiplier / (from.hidden * from.ffn_multiplier))),
        predictor_(Repeat(from.predictor_hidden, to.predictor_hidden / from.predictor_hidden)) {
    const int64_t old_width = from.hidden / from.heads, width = to.hidden / to.heads;
    const auto dims = Repeat(old_width, width / old_width);
    inner_ = (heads_.unsqueeze(1) * old_width + dims.unsqueeze(0)).flatten();
    qkv_ = torch::cat({inner_, inner_ + from.hidden, inner_ + 2 * from.hidden});
    // Products of queries and keys are sums over more channels now, and divided by a larger root.
    const double query = std::sqrt(static_cast<double>(old_width) / static_cast<double>(width));
    qkv_scale_ = torch::cat({torch::full({to.hidden}, query), torch::ones({2 * to.hidden})});
  }

  // The wide tensor of the narrow `value` named `name`.
  torch::Tensor Of(const std::string& name, const torch::Tensor& value) const {
    if (Ends(name, "_stats")) return value.clone();
    if (Holds(name, "phonemes.") || Holds(name, "stress.") || Holds(name, "speakers.")) {
      return value.index_select(1, hidden_);
    }
    if (Ends(name, "attention.bias")) return value.index_select(0, heads_);
    if (Holds(name, "attention.qkv.")) {
      const auto rows = value.index_select(0, qkv_);
      return Ends(name, ".bias") ? rows * qkv_scale_ : Split(rows, hidden_) * qkv_scale_.unsqueeze(1);
    }
    if (Holds(name, "attention.out.")) return Layer(name, value, hidden_, inner_);
    if (Holds(name, "ffn_in."))
      return Layer(name, value, ffn_, OverTaps(hidden_, from_.hidden, from_.ffn_kernel));
    if (Holds(name, "ffn_out.")) return Layer(name, value, hidden_, ffn_);
    for (const char* predictor : {"durations.", "pitch.", "energy."}) {
      if (name.rfind(predictor, 0) == 0) return OfPredictor(name, value);
    }
    if (Holds(name, "decoder.out.")) {
      return Ends(name, ".bias") ? value.clone() : Split(value, hidden_);
    }
    // Norms, depthwise convolutions, and layers that bring positions or pitch in.
    return value.index_select(0, hidden_);
  }

 private:
  torch::Tensor OfPredictor(const std::string& name, const torch::Tensor& value) const {
    if (Holds(name, ".embed.")) return value.index_select(0, hidden_);
    if (Holds(name, ".norms.")) return value.index_select(0, predictor_);
    if (Holds(name, ".out.")) return Ends(name, ".bias") ? value.clone() : Split(value, predictor_);
    const bool first = Holds(name, ".convs.0.");
    return Layer(name, value, predictor_,
                 OverTaps(first ? hidden_ : predictor_, first ? from_.hidden : from_.predictor_hidden,
                          from_.predictor_kernel));
  }

  static torch::Tensor Layer(const std::string& name, const torch::Tensor& value, const torch::Tensor& rows,
                             const torch::Tensor& columns) {
    const auto repeated = value.index_select(0, rows);
    return Ends(name, ".bias") ? repeated : Split(repeated, columns);
  }

  // [O, old] to [O, new]: each weight in shares that sum to it, drawn for each row.
  static torch::Tensor Split(const torch::Tensor& value, const torch::Tensor& columns) {
    const auto drawn = torch::rand({value.size(0), columns.size(0)}) + 0.5;
    const auto sums = torch::zeros({value.size(0), value.size(1)}).index_add(1, columns, drawn);
    return value.index_select(1, columns) * drawn / sums.index_select(1, columns);
  }

  const ModelConfig from_;
  const torch::Tensor hidden_, heads_, ffn_, predictor_;
  torch::Tensor inner_, qkv_, qkv_scale_;
};

// Whether a tensor of a new block ends one of its residual branches.
bool EndsBranch(const std::string& name) {
  return Holds(name, ".depthwise.") || Holds(name, ".attention.out.") || Holds(name, ".ffn_out.");
}

}  // namespace

StatusOr<TensorMap> GrowAcoustic(const TensorMap& weights, const ModelConfig& from, const ModelConfig& to,
                                 const AudioConfig& audio, uint64_t seed) {
  M2TTS_RETURN_IF_ERROR(CheckGrowth(from, to));
  return Guard("growing the model", [&]() -> StatusOr<TensorMap> {
    torch::NoGradGuard no_grad;
    torch::manual_seed(seed);
    AcousticModel narrow(from, audio), wide(to, audio);
    M2TTS_RETURN_IF_ERROR(CopyTensors(weights, NamedTensors(*narrow, "")));
    const Widening widening(from, to);
    TensorMap grown;
    for (const auto& [name, fresh] : NamedTensors(*wide, "")) {
      const auto old = weights.find(name);
      torch::Tensor value = fresh.detach().clone();
      if (old != weights.end()) {
        value = widening.Of(name, old->second);
      } else if (EndsBranch(name)) {
        value.zero_();
      }
      if (value.sizes() != fresh.sizes()) {
        return Internal("{}: grew to {}, not to {}", name, ShapeText(value), ShapeText(fresh));
      }
      grown.emplace(name, value);
    }
    return grown;
  });
}

double GrowthOfMemory(const ModelConfig& from, const ModelConfig& to) {
  const auto values = [](const ModelConfig& config) {
    const double layers = config.encoder_layers + config.decoder_layers;
    return layers * config.hidden * (1.0 + config.ffn_multiplier);
  };
  return values(to) / values(from);
}

}  // namespace m2tts
