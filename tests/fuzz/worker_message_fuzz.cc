// What a daemon hears from a worker: any bytes, in pieces of any length. The first byte chooses the length.
//
// Holds: the pieces make no difference; every message is read, or refused as DATA_LOSS; what is made of it
// can be stored, and has sensible figures.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/jobs/eta_estimate.h"
#include "server/jobs/worker_message.h"
#include "tests/fuzz/frame_check.h"

namespace m2tts {
namespace {

// What all messages of a worker have left behind.
struct Heard {
  EtaEstimate eta;
  EtaEstimate::Time now;
  v1::JobProgress progress;
};

bool IsPrintable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

void CheckProgress(const worker::v1::Progress& said, Heard* heard) {
  heard->now += std::chrono::milliseconds(700);
  const double eta = heard->eta.Observe(said, heard->now);
  FUZZ_CHECK(eta >= 0.0 && eta <= 1e9);
  v1::JobProgress& progress = heard->progress;
  ReadProgress(said, &progress);
  FUZZ_CHECK(IsPrintable(progress.stage()) && progress.step() >= 0 && progress.total_steps() >= 0);
  FUZZ_CHECK(std::isfinite(progress.frames_per_second()) && std::isfinite(progress.device_share()));
  FUZZ_CHECK(progress.resident_bytes() >= 0 && std::isfinite(progress.celsius()));
  for (const auto& metric : progress.metrics()) FUZZ_CHECK(IsPrintable(metric.first));
  v1::JobProgress stored;
  FUZZ_CHECK(progress.ByteSizeLong() <= 32768 && stored.ParseFromString(progress.SerializeAsString()));
}

void CheckMessage(const worker::v1::WorkerMessage& message, Heard* heard) {
  if (message.has_progress()) CheckProgress(message.progress(), heard);
  if (message.has_lease_request()) {
    const double seconds = ExpectedSeconds(message.lease_request());
    FUZZ_CHECK(seconds >= 0.0 && seconds <= 3600.0);
  }
  if (message.has_done()) {
    const Status last = ReadDone(message.done());
    FUZZ_CHECK(last.raw_code() >= 0 && last.raw_code() <= static_cast<int>(StatusCode::kUnauthenticated));
    FUZZ_CHECK(IsPrintable(std::string(last.message())));
  }
}

// As the supervisor does: until there is no more, or something that is no message.
void Hear(std::string_view stream, Heard* heard) {
  FrameReader frames;
  frames.Append(stream);
  auto message = NextWorkerMessage(&frames);
  for (; message.ok() && message->has_value(); message = NextWorkerMessage(&frames)) {
    CheckMessage(**message, heard);
  }
  FUZZ_CHECK(message.ok() || message.status().code() == StatusCode::kDataLoss);
}

}  // namespace
}  // namespace m2tts

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace m2tts;
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  FUZZ_CHECK(FramesOf(stream, std::max<size_t>(1, stream.size())) == FramesOf(stream, 1 + data[0]));
  Heard heard;
  Hear(stream, &heard);
  // A message without its frame, so that the fuzzer need not find lengths.
  Hear(Framed(stream.substr(0, kMaxFrameBytes)), &heard);
  return 0;
}
