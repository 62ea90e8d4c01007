// Everything between the services and the model: admission, text and encoding workers, and
// the device executor, put together.
//
// Start may be called by any thread. The daemon owns the engine; it outlives all jobs.
#pragma once

#include <memory>

#include "core/text/frontend.h"
#include "server/base/snapshot.h"
#include "server/config.h"
#include "server/ops/metrics.h"
#include "server/synthesis/admission.h"
#include "server/synthesis/device_executor.h"
#include "server/synthesis/device_recovery.h"
#include "server/synthesis/live_text.h"
#include "server/synthesis/result_cache.h"
#include "server/synthesis/running_request.h"
#include "server/synthesis/serving_pressure.h"
#include "server/synthesis/worker_pool.h"

namespace m2tts {

class SynthesisEngine : public JobObserver {
 public:
  SynthesisEngine(const ServerConfig& config, std::unique_ptr<TextFrontend> frontend, Metrics* metrics);
  ~SynthesisEngine() override;

  // Admits a request, or says why not. The sink must live until its OnDone. The job does
  // nothing before Run(job), so that the caller can store it first.
  StatusOr<std::shared_ptr<RunningRequest>> Prepare(SynthesisRequest request, AudioSink* sink);
  struct LiveRequest {
    std::shared_ptr<SynthesisJob> job;
    std::shared_ptr<LiveText> text;
  };
  // The same for text that arrives in pieces; that of `request` is not read.
  StatusOr<LiveRequest> PrepareLive(SynthesisRequest request, AudioSink* sink);
  // A request whose voice is only known waits for it here, with its place and its text.
  void Run(const std::shared_ptr<RunningRequest>& running);

  // Brings a known voice into memory and tells, from any thread. Before the first request.
  using VoiceReady = std::function<void(const StatusOr<std::shared_ptr<const Voice>>&)>;
  using VoiceLoader = std::function<void(const std::string& name, VoiceReady ready)>;
  void set_voice_loader(VoiceLoader loader) { load_voice_ = std::move(loader); }

  // What the governor asks for; must outlive the engine. Before the first request.
  void set_pressure(const AtomicServingPressure* pressure) { pressure_ = pressure; }

  // New limits for requests to come. Any thread.
  void SetLimits(const ServerConfig::Limits& limits);

  DeviceExecutor& executor() { return executor_; }
  DeviceRecovery& recovery() { return recovery_; }
  // For AnalyzeText alone: on the pool of the requests it would make audio late.
  WorkerPool& analysts() { return *analysts_; }
  Admission& admission() { return admission_; }
  const TextFrontend& frontend() const { return *frontend_; }
  const ResultCache& cache() const { return cache_; }

 private:
  StatusOr<std::shared_ptr<RunningRequest>> PrepareCached(SynthesisRequest request,
                                                          std::shared_ptr<const CachedResult> result,
                                                          AudioSink* sink);
  SynthesisJob::Environment JobEnvironment();
  // UNAVAILABLE while the device has failed, RESOURCE_EXHAUSTED while the governor asks to hold back.
  Status Hold(Priority priority) const;
  void OnBatch(const BatchOutcome& outcome);
  void Submit(const std::shared_ptr<SynthesisJob>& job);
  void OnWindow(double device_seconds, double audio_seconds) override;
  void OnFirstAudio(double queue_wait_seconds, double first_audio_seconds) override;
  void OnOutOfMemory() override;
  void OnStopped(double seconds) override;
  void OnJobEnd(const Status& status, const SynthesisReport& report) override;

  Snapshot<ServerConfig::Limits> limits_;
  const AtomicServingPressure* pressure_ = nullptr;  // may be absent
  VoiceLoader load_voice_;
  const std::unique_ptr<TextFrontend> frontend_;
  Metrics* const metrics_;
  const int lanes_;
  Admission admission_;
  ResultCache cache_;
  DeviceRecovery recovery_;
  DeviceExecutor executor_;
  std::unique_ptr<WorkerPool> workers_, analysts_;  // tasks wake the executor: destroyed first
};

}  // namespace m2tts
