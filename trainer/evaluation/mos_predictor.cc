#include "trainer/evaluation/mos_predictor.h"

#include <torch/script.h>

#include <cmath>

#include "core/audio/codec.h"

namespace m2tts {
namespace {

// What LibTorch says in many lines, in one: without its stack; of a module that has failed inside, the cause,
// which stands last.
std::string Reason(const std::exception& error) {
  const auto* own = dynamic_cast<const c10::Error*>(&error);
  std::string text = own != nullptr ? own->what_without_backtrace() : error.what();
  text.erase(text.find_last_not_of(" \n") + 1);
  const bool inside = text.rfind("The following operation failed", 0) == 0;
  return inside ? text.substr(text.rfind('\n') + 1) : text.substr(0, text.find('\n'));
}

class ScriptPredictor : public MosPredictor {
 public:
  ScriptPredictor(const torch::jit::Module& module, std::string file)
      : module_(module), file_(std::move(file)) {}

  StatusOr<double> Predict(const std::vector<float>& wave, int sample_rate) override {
    M2TTS_ASSIGN_OR_RETURN(const std::vector<float> samples, ToMono({sample_rate, 1, wave}, kMosRate));
    try {
      torch::NoGradGuard no_grad;
      const auto score = module_.forward({torch::tensor(samples).unsqueeze(0)}).toTensor();
      const double value = score.to(torch::kFloat64).mean().item<double>();
      if (std::isfinite(value)) return value;
      return Internal("{}: the score is not a finite number", file_);
    } catch (const std::exception& error) {
      return Internal("{}: {}", file_, Reason(error));
    }
  }

 private:
  torch::jit::Module module_;
  const std::string file_;
};

}  // namespace

StatusOr<std::unique_ptr<MosPredictor>> MosPredictor::Load(const std::filesystem::path& file) {
  try {
    auto module = torch::jit::load(file.string());
    module.eval();
    return std::unique_ptr<MosPredictor>(new ScriptPredictor(module, file.string()));
  } catch (const std::exception& error) {
    return InvalidArgument("{}: not a TorchScript module: {}", file.string(), Reason(error));
  }
}

}  // namespace m2tts
