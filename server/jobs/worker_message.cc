#include "server/jobs/worker_message.h"

#include <algorithm>
#include <cmath>

#include "server/base/printable.h"

namespace m2tts {
namespace {

constexpr int kMaxMetrics = 256;
constexpr size_t kMaxNameBytes = 64;
constexpr double kMaxStepSeconds = 3600.0;

// 0 stands for what is unknown.
double FiniteOrZero(double value) {
  return std::isfinite(value) ? value : 0.0;
}

}  // namespace

StatusOr<std::optional<worker::v1::WorkerMessage>> NextWorkerMessage(FrameReader* frames) {
  M2TTS_ASSIGN_OR_RETURN(const auto frame, frames->Next());
  std::optional<worker::v1::WorkerMessage> message;
  if (!frame.has_value()) return message;
  message.emplace();
  if (!message->ParseFromString(*frame)) return DataLoss("{} bytes that are no message", frame->size());
  return message;
}

void ReadProgress(const worker::v1::Progress& from, v1::JobProgress* to) {
  to->set_stage(Printable(from.stage(), kMaxNameBytes));
  to->set_step(std::max<int64_t>(0, from.step()));
  to->set_total_steps(std::max<int64_t>(0, from.total_steps()));
  to->clear_metrics();
  for (int i = 0; i < std::min(kMaxMetrics, from.metrics_size()); ++i) {
    const auto& metric = from.metrics(i);
    if (metric.name() == "loss") to->set_loss(metric.value());
    (*to->mutable_metrics())[Printable(metric.name(), kMaxNameBytes)] = metric.value();
  }
  to->set_frames_per_second(FiniteOrZero(from.frames_per_second()));
  to->set_device_share(FiniteOrZero(from.device_share()));
  to->set_resident_bytes(std::max<int64_t>(0, from.resident_bytes()));
  if (from.celsius() > 0.0 && std::isfinite(from.celsius())) {
    to->set_celsius(from.celsius());
  } else {
    to->clear_celsius();
  }
}

double ExpectedSeconds(const worker::v1::LeaseRequest& request) {
  return std::min(kMaxStepSeconds, std::max(0.0, FiniteOrZero(request.expected_seconds())));
}

Status ReadDone(const worker::v1::Done& done) {
  const bool known = done.code() >= 0 && done.code() <= static_cast<int>(StatusCode::kUnauthenticated);
  return Status(known ? static_cast<StatusCode>(done.code()) : StatusCode::kUnknown,
                Printable(done.message()));
}

}  // namespace m2tts
