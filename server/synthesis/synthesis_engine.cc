#include "server/synthesis/synthesis_engine.h"

#include <utility>

namespace m2tts {

SynthesisEngine::SynthesisEngine(const ServerConfig& config, std::unique_ptr<TextFrontend> frontend,
                                 Metrics* metrics)
    : limits_(std::make_shared<ServerConfig::Limits>(config.limits)),
      frontend_(std::move(frontend)),
      metrics_(metrics),
      admission_(config.limits.admission,
                 [metrics](const char* reason) { metrics->RecordRejection(reason); }),
      workers_(std::make_unique<WorkerPool>(config.worker_threads, config.limits.max_pending_analyses)) {
  executor_.Start();
}

SynthesisEngine::~SynthesisEngine() {
  executor_.Stop();
  workers_.reset();
}

StatusOr<std::shared_ptr<SynthesisJob>> SynthesisEngine::Prepare(SynthesisRequest request, Delivery delivery,
                                                                 AudioSink* sink) {
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
  return SynthesisJob::Create(std::move(request), std::move(ticket), sink, std::move(environment));
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
