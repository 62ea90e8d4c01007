#include "server/voices/fault_injection.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <new>
#include <stdexcept>
#include <thread>
#include <utility>

#include "core/device/guard.h"
#include "core/synthesizer.h"

namespace m2tts {
namespace {

using Windows = std::vector<std::vector<float>>;

// A voice that is loaded again goes on where the one before was.
std::atomic<int64_t> g_batches{0};

// All of `text` is a number.
bool ReadCount(std::string_view text, int64_t* value) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && rest == text.data() + text.size() && *value > 0;
}

template <typename Error, typename... Args>
StatusOr<Windows> Throw(const Args&... args) {
  return Guard("fault injection", [&]() -> StatusOr<Windows> { throw Error(args...); });
}

class FaultySynthesizer : public Synthesizer {
 public:
  FaultySynthesizer(std::shared_ptr<Synthesizer> synthesizer, const Fault& fault)
      : synthesizer_(std::move(synthesizer)), fault_(fault) {}

  const VoiceManifest& manifest() const override { return synthesizer_->manifest(); }
  const DeviceChoice& device() const override { return synthesizer_->device(); }
  int64_t bundle_bytes() const override { return synthesizer_->bundle_bytes(); }
  StatusOr<std::unique_ptr<SentenceSynthesis>> Begin(const Sentence& sentence,
                                                     const SynthesisControls& controls) override {
    return synthesizer_->Begin(sentence, controls);
  }
  StatusOr<Windows> Next(const std::vector<SentenceSynthesis*>& sentences) override {
    const int64_t batch = ++g_batches;
    switch (fault_.kind) {
      case Fault::Kind::kOutOfMemory:
        if (batch % fault_.first == 0) return Throw<std::bad_alloc>();
        break;
      case Fault::Kind::kError:
        if (InRange(batch)) return Throw<std::runtime_error>("the device fails");
        break;
      case Fault::Kind::kNan:
        if (InRange(batch)) return ComputeNan(sentences);
        break;
      case Fault::Kind::kStall:
        if (batch == fault_.first) std::this_thread::sleep_for(std::chrono::seconds(fault_.second));
        break;
      case Fault::Kind::kNone:
        break;
    }
    return synthesizer_->Next(sentences);
  }

 private:
  bool InRange(int64_t batch) const { return batch >= fault_.first && batch <= fault_.second; }

  // As if the networks had made it: core takes the same look at that.
  StatusOr<Windows> ComputeNan(const std::vector<SentenceSynthesis*>& sentences) {
    M2TTS_ASSIGN_OR_RETURN(Windows windows, synthesizer_->Next(sentences));
    for (auto& window : windows) {
      std::fill(window.begin(), window.end(), std::numeric_limits<float>::quiet_NaN());
    }
    M2TTS_RETURN_IF_ERROR(CheckComputed(windows));
    return windows;
  }

  const std::shared_ptr<Synthesizer> synthesizer_;
  const Fault fault_;
};

}  // namespace

StatusOr<Fault> ParseFault(std::string_view text) {
  Fault fault;
  if (text.empty()) return fault;
  const size_t colon = std::min(text.find(':'), text.size());
  const std::string_view kind = text.substr(0, colon);
  const std::string_view numbers = colon < text.size() ? text.substr(colon + 1) : std::string_view();
  const size_t dash = std::min(numbers.find('-'), numbers.size());
  const bool first = ReadCount(numbers.substr(0, dash), &fault.first);
  const bool both = first && dash < numbers.size() && ReadCount(numbers.substr(dash + 1), &fault.second);
  if (kind == "device_oom" && first && dash == numbers.size()) {
    fault.kind = Fault::Kind::kOutOfMemory;
  } else if (kind == "device_error" && both && fault.first <= fault.second) {
    fault.kind = Fault::Kind::kError;
  } else if (kind == "device_nan" && both && fault.first <= fault.second) {
    fault.kind = Fault::Kind::kNan;
  } else if (kind == "device_stall" && both) {
    fault.kind = Fault::Kind::kStall;
  } else {
    return InvalidArgument(
        "M2TTS_FAULT_INJECTION: '{}' is not device_oom:N, device_error:FROM-TO, device_nan:FROM-TO or "
        "device_stall:N-SECONDS",
        text);
  }
  return fault;
}

StatusOr<std::shared_ptr<Synthesizer>> InjectFaults(std::shared_ptr<Synthesizer> synthesizer) {
  const char* const value = std::getenv("M2TTS_FAULT_INJECTION");
  M2TTS_ASSIGN_OR_RETURN(const Fault fault, ParseFault(value == nullptr ? "" : value));
  if (fault.kind == Fault::Kind::kNone) return synthesizer;
  spdlog::warn("fault injection: {}", value);
  return std::shared_ptr<Synthesizer>(std::make_shared<FaultySynthesizer>(std::move(synthesizer), fault));
}

}  // namespace m2tts
