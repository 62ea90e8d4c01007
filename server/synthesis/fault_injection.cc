#include "server/synthesis/fault_injection.h"

#include <spdlog/spdlog.h>

#include <charconv>
#include <cstdlib>
#include <new>
#include <string_view>
#include <utility>

#include "core/device/guard.h"
#include "core/synthesizer.h"

namespace m2tts {
namespace {

class FaultySentence : public SentenceSynthesis {
 public:
  FaultySentence(std::unique_ptr<SentenceSynthesis> sentence, int period, int* windows)
      : sentence_(std::move(sentence)), period_(period), windows_(windows) {}

  int64_t total_samples() const override { return sentence_->total_samples(); }
  const std::vector<int64_t>& phoneme_samples() const override { return sentence_->phoneme_samples(); }
  bool done() const override { return sentence_->done(); }
  StatusOr<std::vector<float>> Next() override {
    if (++*windows_ % period_ != 0) return sentence_->Next();
    return Guard("fault injection", []() -> StatusOr<std::vector<float>> { throw std::bad_alloc(); });
  }

 private:
  const std::unique_ptr<SentenceSynthesis> sentence_;
  const int period_;
  int* const windows_;
};

class FaultySynthesizer : public Synthesizer {
 public:
  FaultySynthesizer(std::shared_ptr<Synthesizer> synthesizer, int period)
      : synthesizer_(std::move(synthesizer)), period_(period) {}

  const VoiceManifest& manifest() const override { return synthesizer_->manifest(); }
  const DeviceChoice& device() const override { return synthesizer_->device(); }
  int64_t bundle_bytes() const override { return synthesizer_->bundle_bytes(); }
  StatusOr<std::unique_ptr<SentenceSynthesis>> Begin(const Sentence& sentence,
                                                     const SynthesisControls& controls) override {
    M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<SentenceSynthesis> job, synthesizer_->Begin(sentence, controls));
    return std::unique_ptr<SentenceSynthesis>(
        std::make_unique<FaultySentence>(std::move(job), period_, &windows_));
  }

 private:
  const std::shared_ptr<Synthesizer> synthesizer_;
  const int period_;
  int windows_ = 0;
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
  spdlog::warn("fault injection: every {}. window runs out of device memory", period);
  return std::shared_ptr<Synthesizer>(std::make_shared<FaultySynthesizer>(std::move(synthesizer), period));
}

}  // namespace m2tts
