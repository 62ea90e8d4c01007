// One admitted request from text to encoded audio.
//
//   text stage (pool) -> sentences -> RunStep (device) -> windows -> encode stage (pool) -> sink
//
// The device executor calls RunStep when turn() says so; each call makes one window of audio
// or ends the job. Both sides are bounded: the text stage stays a few sentences ahead, and a
// job whose reader lags by more than buffer_seconds waits for its own reader only.
//
// Cancel and OnDelivered may be called by any thread; turn and RunStep only by the device
// thread. The sink hears OnDone exactly once, whatever happens, after which it may be gone.
#pragma once

#include <memory>

#include "core/base/mutex.h"
#include "server/synthesis/admission.h"
#include "server/synthesis/audio_sink.h"
#include "server/synthesis/encode_stage.h"
#include "server/synthesis/running_request.h"
#include "server/synthesis/synthesis_request.h"
#include "server/synthesis/text_stage.h"

namespace m2tts {

class SentenceSynthesis;

// Hears what jobs do, for metrics. Called by the device thread or the pool.
class JobObserver {
 public:
  virtual ~JobObserver() = default;
  virtual void OnWindow(double device_seconds, double audio_seconds) = 0;
  virtual void OnFirstAudio(double queue_wait_seconds, double first_audio_seconds) = 0;
  virtual void OnOutOfMemory() = 0;
  virtual void OnJobEnd(const Status& status, const SynthesisReport& report) = 0;
};

class SynthesisJob : public RunningRequest,
                     public AudioSink,
                     public std::enable_shared_from_this<SynthesisJob> {
 public:
  struct Environment {
    const TextFrontend* frontend = nullptr;
    PostTask post;
    std::function<void()> wake_device;
    std::function<TimePoint()> now;
    JobObserver* observer = nullptr;
    int sentences_ahead = 2;
    double buffer_seconds = 0.0;  // audio ahead of the reader; 0 = no limit
  };

  // The sink must live until its OnDone.
  static StatusOr<std::shared_ptr<SynthesisJob>> Create(SynthesisRequest request,
                                                        std::unique_ptr<Admission::Ticket> ticket,
                                                        AudioSink* sink, Environment environment);
  ~SynthesisJob() override;

  // Lets the text stage begin.
  void Start() override;
  // Ends the job with `reason` before the next window. The first call counts.
  void Cancel(const Status& reason) override;
  // The reader took `seconds` of audio.
  void OnDelivered(double seconds) override;

  enum class Turn : uint8_t {
    kWait,   // nothing to do: no text, or the reader lags
    kFirst,  // has made no audio yet, or is to be stopped: goes first
    kLater,
  };
  Turn turn() const;
  // Makes one window. True when the device is done with this job.
  bool RunStep();

  const SynthesisRequest& request() const override { return request_; }

 private:
  SynthesisJob(SynthesisRequest request, std::unique_ptr<Admission::Ticket> ticket, AudioSink* sink,
               Environment environment);

  // From the encode stage.
  void OnChunk(EncodedChunk chunk) override;
  void OnDone(const Status& status, const SynthesisReport& report) override;

  Status StopReason() const;
  Status Begin(const Sentence& sentence);
  Status MakeWindow();
  DeviceAudio Silence(double seconds) const;
  void Deliver(DeviceAudio audio);
  Status NaturalEnd();
  void End(const Status& status);
  Status AfterOutOfMemory(const Status& status);
  double SinceArrival() const;

  const SynthesisRequest request_;
  AudioSink* const sink_;
  const Environment environment_;
  std::shared_ptr<TextStage> text_;
  std::shared_ptr<EncodeStage> encode_;

  // Device thread.
  std::unique_ptr<SentenceSynthesis> current_;
  DeviceAudio next_;            // pause and words that go with the next window
  double pause_seconds_ = 0.0;  // after the sentence before
  bool closing_break_ = false;  // the text asked for that pause, even at its end
  bool begun_ = false;          // has used the device
  SynthesisReport report_;
  std::unique_ptr<Admission::Ticket> ticket_;  // until End; then the encode stage's

  double first_audio_seconds_ = 0.0;  // encode stage

  mutable Mutex mutex_;
  Status cancel_ ABSL_GUARDED_BY(mutex_);
  double buffered_seconds_ ABSL_GUARDED_BY(mutex_) = 0.0;  // made and not delivered
};

}  // namespace m2tts
