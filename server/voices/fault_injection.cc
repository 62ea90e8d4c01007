#include "server/voices/fault_injection.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <new>
#include <string_view>
#include <utility>

#include "core/device/guard.h"
#include "core/synthesizer.h"

namespace m2tts {
namespace {

class FaultySynthesizer : public Synthesizer {
 public:
  FaultySynthesizer(std::shared_ptr<Synthesizer> synthesizer, int period)
      : synthesizer_(std::move(synthesizer)), period_(period) {}

  const VoiceManifest& manifest() const override { return synthesizer_->manifest(); }
  const DeviceChoice& device() const override { return synthesizer_->device(); }
  int64_t bundle_bytes() const override { return synthesizer_->bundle_bytes(); }
  StatusOr<std::unique_ptr<SentenceSynthesis>> Begin(const Sentence& sentence,
                                                     const SynthesisControls& controls) override {
    return synthesizer_->Begin(sentence, controls);
  }
  StatusOr<std::vector<std::vector<float>>> Next(const std::vector<SentenceSynthesis*>& sentences) override {
    if (++windows_ % period_ != 0) return synthesizer_->Next(sentences);
    return Guard("fault injection",
                 []() -> StatusOr<std::vector<std::vector<float>>> { throw std::bad_alloc(); });
  }

 private:
  const std::shared_ptr<Synthesizer> synthesizer_;
  const int period_;
  std::atomic<int> windows_{0};
};

}  // namespace

StatusOr<std::shared_ptr<Synthesizer>> InjectFaults(std::shared_ptr<Synthesizer> synthesizer) {
  const char* const value = std::getenv("M2TTS_FAULT_INJECTION");
  const std::string_view text = value == nullptr ? "" : value;
  if (text.empty()) return synthesizer;
  constexpr std::string_view kOutOfMemory = "device_oom:";
  int period = 0;
  if (text.substr(0, kOutOfMemory.size()) == kOutOfMemory) {
    std::from_chars(text.data() + kOutOfMemory.size(), text.data() + text.size(), period);
  }
  if (period <= 0) {
    return InvalidArgument("M2TTS_FAULT_INJECTION: '{}' is not device_oom:N with N > 0", text);
  }
  spdlog::warn("fault injection: every {}. batch runs out of device memory", period);
  return std::shared_ptr<Synthesizer>(std::make_shared<FaultySynthesizer>(std::move(synthesizer), period));
}

}  // namespace m2tts
