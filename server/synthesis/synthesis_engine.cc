#include "server/synthesis/synthesis_engine.h"

#include <algorithm>
#include <utility>

#include "core/device/runtime.h"
#include "server/synthesis/cache_recorder.h"
#include "server/synthesis/cached_answer.h"

namespace m2tts {
namespace {

constexpr std::chrono::milliseconds kCloseDelay(1);

// Takes 0.1 ms of the thread of the call; the worst that 256 bytes can be, 40 words that no dictionary has,
// some 5 ms.
constexpr size_t kInlineTextBytes = 256;

// One first window. On the CPU a batch is no faster than its members one by one, of which each but the last
// has its audio sooner: first audio beside many others is early.
constexpr int kCpuBatchFrames = 24;
constexpr int kGpuBatchFrames = 2048;

// Windows that a control task may take as long as: loading a voice computes some, and reads its weights.
constexpr int kControlStalls = 10;

ExecutorOptions ExecutorFor(const ServerConfig::Device& device, int lanes) {
  ExecutorOptions options;
  options.lanes = lanes;
  options.threads_per_lane = device.threads;
  options.scheduler.max_batch = device.max_batch;
  const bool gpu = MayUseGpu(device.device);
  options.scheduler.max_batch_frames = device.max_batch_frames > 0 ? device.max_batch_frames
                                       : gpu                       ? kGpuBatchFrames
                                                                   : kCpuBatchFrames;
  // On the CPU there is nothing to win by waiting: a batch costs what its members cost.
  if (gpu) options.scheduler.close_delay = kCloseDelay;
  options.stall = std::chrono::milliseconds(static_cast<int64_t>(device.stall_seconds * 1000));
  options.control_stall = std::max(options.control_stall, kControlStalls * options.stall);
  return options;
}

int LanesFor(const ServerConfig::Device& device) {
  return device.lanes > 0 ? device.lanes : ComputeLanes(device.device, device.threads);
}

// Nothing refuses the request any more: its client pays for it.
void Charge(const SynthesisRequest& request) {
  if (request.client_ticket != nullptr) request.client_ticket->Admitted();
}

Admission::Demand DemandOf(const SynthesisRequest& request) {
  return {request.text.size(), request.speed, request.priority, request.deadline};
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
      lanes_(LanesFor(config.device)),
      admission_(WithLanes(config.limits.admission, lanes_),
                 [metrics](const char* reason) { metrics->RecordRejection(reason); }),
      cache_(static_cast<size_t>(config.limits.result_cache_bytes)),
      executor_(ExecutorFor(config.device, lanes_)),
      workers_(std::make_unique<WorkerPool>(config.worker_threads, 0)),
      analysts_(std::make_unique<WorkerPool>(1, config.limits.max_pending_analyses)) {
  executor_.OnBatch([this](const BatchOutcome& outcome) { OnBatch(outcome); });
  executor_.Start();
}

SynthesisEngine::~SynthesisEngine() {
  executor_.Stop();
  analysts_.reset();
  workers_.reset();
}

void SynthesisEngine::OnBatch(const BatchOutcome& outcome) {
  metrics_->batch_size.Observe(static_cast<double>(outcome.size));
  if (!outcome.computed && outcome.error.ok()) return;  // only ended jobs
  if (!outcome.error.ok()) metrics_->device_failures.Increment();
  const TimePoint now = std::chrono::steady_clock::now();
  if (recovery_.OnBatch(outcome.error, now, outcome.speaks)) executor_.CancelAll(recovery_.Check(now));
}

Status SynthesisEngine::Hold(Priority priority) const {
  if (Status device = recovery_.Check(std::chrono::steady_clock::now()); !device.ok()) {
    metrics_->RecordRejection("device");
    return device;
  }
  if (pressure_ == nullptr) return OkStatus();
  Status status =
      CheckPressure(*pressure_, priority, admission_.snapshot().requests, admission_.options().max_requests);
  if (!status.ok()) metrics_->RecordRejection("pressure");
  return status;
}

StatusOr<std::shared_ptr<RunningRequest>> SynthesisEngine::Prepare(SynthesisRequest request,
                                                                   AudioSink* sink) {
  std::unique_ptr<CacheRecorder> recorder;
  if (cache_.enabled()) {
    const std::string key = CacheKey(request);
    std::shared_ptr<const CachedResult> result = cache_.Find(key);
    (result != nullptr ? metrics_->cache_hits : metrics_->cache_misses).Increment();
    if (result != nullptr) return PrepareCached(std::move(request), std::move(result), sink);
    recorder = std::make_unique<CacheRecorder>(&cache_, key, sink);
    sink = recorder.get();
  }
  M2TTS_RETURN_IF_ERROR(Hold(request.priority));
  M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<Admission::Ticket> ticket,
                         admission_.Admit(DemandOf(request), std::chrono::steady_clock::now()));
  M2TTS_ASSIGN_OR_RETURN(std::shared_ptr<SynthesisJob> job,
                         SynthesisJob::Create(std::move(request), std::move(ticket), sink, JobEnvironment()));
  (void)recorder.release();  // deletes itself after OnDone
  Charge(job->request());
  return std::shared_ptr<RunningRequest>(std::move(job));
}

void SynthesisEngine::SetLimits(const ServerConfig::Limits& limits) {
  admission_.SetLimits(limits.admission.max_requests, limits.admission.max_live,
                       limits.admission.max_audio_seconds);
  limits_.Set(std::make_shared<ServerConfig::Limits>(limits));
}

SynthesisJob::Environment SynthesisEngine::JobEnvironment() {
  SynthesisJob::Environment environment;
  environment.frontend = frontend_.get();
  environment.post = [this](Task task) { workers_->Post(std::move(task)); };
  environment.wake_device = [this] { executor_.Wake(); };
  environment.now = [] { return std::chrono::steady_clock::now(); };
  environment.observer = this;
  environment.inline_text_bytes = kInlineTextBytes;
  environment.sentences_ahead = limits_.Get()->sentences_ahead;
  environment.buffer_seconds = limits_.Get()->stream_buffer_seconds;
  return environment;
}

StatusOr<SynthesisEngine::LiveRequest> SynthesisEngine::PrepareLive(SynthesisRequest request,
                                                                    AudioSink* sink) {
  M2TTS_RETURN_IF_ERROR(Hold(request.priority));
  M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<Admission::Ticket> ticket, admission_.AdmitLive(DemandOf(request)));
  SynthesisJob::Environment environment = JobEnvironment();
  LiveRequest live;
  live.text = std::make_shared<LiveText>(frontend_.get(), request.read, environment.sentences_ahead,
                                         environment.post, environment.wake_device);
  M2TTS_ASSIGN_OR_RETURN(live.job, SynthesisJob::Create(std::move(request), std::move(ticket), sink,
                                                        std::move(environment), live.text));
  Charge(live.job->request());
  return live;
}

StatusOr<std::shared_ptr<RunningRequest>> SynthesisEngine::PrepareCached(
    SynthesisRequest request, std::shared_ptr<const CachedResult> result, AudioSink* sink) {
  // It takes a place, but costs the device nothing.
  M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<Admission::Ticket> ticket,
                         admission_.Admit({}, std::chrono::steady_clock::now()));
  CachedAnswer::Environment environment;
  environment.post = [this](Task task) { workers_->Post(std::move(task)); };
  environment.now = [] { return std::chrono::steady_clock::now(); };
  environment.buffer_seconds = limits_.Get()->stream_buffer_seconds;
  Charge(request);
  return std::shared_ptr<RunningRequest>(std::make_shared<CachedAnswer>(
      std::move(request), std::move(result), std::move(ticket), sink, std::move(environment)));
}

void SynthesisEngine::Run(const std::shared_ptr<RunningRequest>& running) {
  running->Start();
  const auto job = std::dynamic_pointer_cast<SynthesisJob>(running);
  if (job == nullptr) return;
  if (!job->waits_for_voice()) return Submit(job);
  // Its call keeps it; one that has ended meanwhile is not kept by the voice it waited for.
  const std::weak_ptr<SynthesisJob> waiting = job;
  load_voice_(job->request().voice->name,
              [this, waiting](const StatusOr<std::shared_ptr<const Voice>>& voice) {
                const auto job = waiting.lock();
                if (job == nullptr) return;
                const Status status = voice.ok() ? job->SetVoice(*voice) : voice.status();
                if (status.ok()) {
                  Submit(job);
                } else {
                  job->Abandon(status);
                }
              });
}

void SynthesisEngine::Submit(const std::shared_ptr<SynthesisJob>& job) {
  executor_.Submit(job);
  // The device may have failed, and all requests been ended, just before.
  const Status device = recovery_.Check(std::chrono::steady_clock::now());
  if (!device.ok()) job->Cancel(device);
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

void SynthesisEngine::OnStopped(double seconds) {
  metrics_->cancel_to_stop_seconds.Observe(seconds);
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
