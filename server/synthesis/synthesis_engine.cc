#include "server/synthesis/synthesis_engine.h"

#include <utility>

#include "core/device/runtime.h"

namespace m2tts {
namespace {

ExecutorOptions ExecutorFor(const ServerConfig::Device& device, int lanes) {
  ExecutorOptions options;
  options.lanes = lanes;
  options.threads_per_lane = device.threads;
  options.scheduler.max_batch = device.max_batch;
  options.scheduler.max_batch_frames = device.max_batch_frames;
  options.stall = std::chrono::milliseconds(static_cast<int64_t>(device.stall_seconds * 1000));
  return options;
}

int LanesFor(const ServerConfig::Device& device) {
  return device.lanes > 0 ? device.lanes : ComputeLanes(device.device, device.threads);
}

AdmissionOptions WithLanes(AdmissionOptions options, int lanes) {
  options.lanes = lanes;
  return options;
}

}  // namespace

SynthesisEngine::SynthesisEngine(const ServerConfig& config, std::unique_ptr<TextFrontend> frontend,
                                 Metrics* metrics)
    : limits_(std::make_shared<ServerConfig::Limits>(config.limits)),
      frontend_(std::move(frontend)),
      metrics_(metrics),
      admission_(WithLanes(config.limits.admission, LanesFor(config.device)),
                 [metrics](const char* reason) { metrics->RecordRejection(reason); }),
      executor_(ExecutorFor(config.device, LanesFor(config.device))),
      workers_(std::make_unique<WorkerPool>(config.worker_threads, config.limits.max_pending_analyses)) {
  executor_.OnBatch(
      [metrics](const DeviceExecutor::BatchReport& report) { metrics->batch_size.Observe(report.size); });
  executor_.Start();
}

SynthesisEngine::~SynthesisEngine() {
  executor_.Stop();
  workers_.reset();
}

StatusOr<std::shared_ptr<SynthesisJob>> SynthesisEngine::Prepare(SynthesisRequest request, Delivery delivery,
                                                                 AudioSink* sink,
                                                                 std::shared_ptr<SentenceSource> source) {
  if (pressure_ != nullptr) {
    const Status status = CheckPressure(*pressure_, request.priority, admission_.snapshot().requests,
                                        admission_.options().max_requests);
    if (!status.ok()) metrics_->RecordRejection("pressure");
    M2TTS_RETURN_IF_ERROR(status);
  }
  M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<Admission::Ticket> ticket,
                         admission_.Admit(request.text.size(), request.speed, request.deadline,
                                          std::chrono::steady_clock::now()));
  SynthesisJob::Environment environment;
  environment.frontend = frontend_.get();
  environment.post = [this](Task task) { workers_->Post(std::move(task)); };
  environment.wake_device = [this] { executor_.Wake(); };
  environment.now = [] { return std::chrono::steady_clock::now(); };
  environment.observer = this;
  const auto limits = limits_.Get();
  environment.sentences_ahead = limits->sentences_ahead;
  environment.buffer_seconds = delivery == Delivery::kStream ? limits->stream_buffer_seconds : 0.0;
  return SynthesisJob::Create(std::move(request), std::move(ticket), sink, std::move(environment),
                              std::move(source));
}

void SynthesisEngine::SetLimits(const ServerConfig::Limits& limits) {
  admission_.SetLimits(limits.admission.max_requests, limits.admission.max_audio_seconds);
  limits_.Set(std::make_shared<ServerConfig::Limits>(limits));
}

void SynthesisEngine::Run(const std::shared_ptr<SynthesisJob>& job) {
  job->Start();
  executor_.Submit(job);
}

void SynthesisEngine::OnWindow(double device_seconds, double audio_seconds) {
  admission_.RecordDevice(device_seconds, audio_seconds);
  metrics_->audio_seconds.Increment(audio_seconds);
}

void SynthesisEngine::OnFirstAudio(double queue_wait_seconds, double first_audio_seconds) {
  metrics_->queue_wait_seconds.Observe(queue_wait_seconds);
  metrics_->first_audio_seconds.Observe(first_audio_seconds);
}

void SynthesisEngine::OnOutOfMemory() {
  metrics_->out_of_memory.Increment();
}

void SynthesisEngine::OnJobEnd(const Status& status, const SynthesisReport& report) {
  metrics_->device_seconds.Increment(report.device_seconds);
  if (status.ok() && report.audio_seconds > 0.0) {
    metrics_->real_time_factor.Observe(report.device_seconds / report.audio_seconds);
  }
  if (status.code() == StatusCode::kCancelled || status.code() == StatusCode::kDeadlineExceeded) {
    metrics_->cancelled.Increment();
    metrics_->cancelled_audio_seconds.Increment(report.audio_seconds);
  }
}

}  // namespace m2tts
