// One admitted request from text to encoded audio.
//
//   text (pool) -> sentences -> Prepare, Deliver (device) -> windows -> encode stage (pool) -> sink
//
// A lane of the device executor takes the job when turn() says so: Prepare begins a sentence if one
// is due, the lane computes a window of sentence(), and Deliver passes it on. Both sides are
// bounded: text stays a few sentences ahead, and a job whose reader lags by more than
// buffer_seconds waits for its own reader only.
//
// A request whose voice has to be loaded first is read, and holds its place, meanwhile: SetVoice.
//
// Cancel, Abandon and OnDelivered may be called by any thread; the rest by one lane at a time. The
// sink hears OnDone exactly once, whatever happens, after which it may be gone.
#pragma once

#include <memory>

#include "core/base/mutex.h"
#include "server/synthesis/admission.h"
#include "server/synthesis/audio_sink.h"
#include "server/synthesis/encode_stage.h"
#include "server/synthesis/report_text.h"
#include "server/synthesis/running_request.h"
#include "server/synthesis/scheduler.h"
#include "server/synthesis/sentence_source.h"
#include "server/synthesis/synthesis_request.h"

namespace m2tts {

class SentenceSynthesis;

// Hears what jobs do, for metrics. Called by the device thread or the pool.
class JobObserver {
 public:
  virtual ~JobObserver() = default;
  virtual void OnWindow(double device_seconds, double audio_seconds) = 0;
  virtual void OnFirstAudio(double queue_wait_seconds, double first_audio_seconds) = 0;
  virtual void OnOutOfMemory() = 0;
  // A job that had begun was cancelled, and the device left it `seconds` later; 0: it was not at it.
  virtual void OnStopped(double seconds) = 0;
  virtual void OnJobEnd(const Status& status, const SynthesisReport& report) = 0;
};

class SynthesisJob : public RunningRequest,
                     public Schedulable,
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
    size_t inline_text_bytes = 0;  // a text of so many is read by Start
    double buffer_seconds = 0.0;   // audio ahead of the reader; 0 = no limit
  };

  // The sink must live until its OnDone. `source` gives the sentences; nullptr: those of request.text.
  static StatusOr<std::shared_ptr<SynthesisJob>> Create(SynthesisRequest request,
                                                        std::unique_ptr<Admission::Ticket> ticket,
                                                        AudioSink* sink, Environment environment,
                                                        std::shared_ptr<SentenceSource> source = nullptr);
  ~SynthesisJob() override;

  // Lets the text be read. Before the executor has the job.
  void Start() override;
  // Ends the job with `reason` before the next window. The first call counts.
  void Cancel(const Status& reason) override;
  // The reader took `seconds` of audio.
  void OnDelivered(double seconds) override;
  void LeavePlace() override;

  // The voice of the request is only known yet: the job may go to the executor after SetVoice, and not
  // before.
  bool waits_for_voice() const;
  // The same voice, loaded. UNAVAILABLE when it has become another meanwhile, if only by its weights: the
  // request was checked against what it was, and its answer may be kept under that name.
  Status SetVoice(std::shared_ptr<const Voice> voice);

  // How many of so many bytes more may be said now: see Admission::Ticket::Room. For live answers.
  size_t Room(size_t text_bytes) const;
  // So many more bytes of text are to be spoken. For live answers.
  void Extend(size_t text_bytes);
  // After the text was interrupted: what has not been encoded is dropped, and the job goes on with what its
  // source gives next. For live answers.
  void Interrupt();
  // Ends the job with `reason` although a lane is stuck in it; what that lane still makes is thrown
  // away.
  void Abandon(const Status& reason);

  // See Schedulable.
  Turn turn() const override;
  Priority priority() const override { return request_.priority; }
  const std::string& client() const override { return request_.client; }
  double weight() const override { return request_.weight; }
  std::optional<TimePoint> deadline() const override { return request_.deadline; }
  BatchKey batch_key() const override;

  enum class Step : uint8_t { kNothing, kWindow, kEnded };
  // Before a window: kWindow, and sentence() is to be spoken; or the job has nothing to do, or it
  // has ended.
  Step Prepare();
  // After Prepare gave kWindow.
  SentenceSynthesis* sentence() const { return current_.get(); }
  // The next window of sentence(), and the time on the device that it took. True: that was the last of the
  // job.
  bool Deliver(std::vector<float> samples, double device_seconds);
  // The window could not be made, alone: ends the job. An error of the device becomes UNAVAILABLE with a
  // retry delay, unless the device fails with this request only: INTERNAL.
  void Fail(const Status& status, double device_seconds);
  // Why the device ended the job, if it did: not for lack of memory, and not for what was asked.
  const Status& device_error() const { return device_error_; }
  // Whether it spoke the golden sentence after that.
  bool device_speaks() const { return device_speaks_; }

  const SynthesisRequest& request() const override { return request_; }

 private:
  SynthesisJob(SynthesisRequest request, std::unique_ptr<Admission::Ticket> ticket, AudioSink* sink,
               Environment environment, bool live);

  // From the encode stage.
  void OnChunk(EncodedChunk chunk) override;
  void OnDone(const Status& status, const SynthesisReport& report) override;

  void OnRead(size_t text_end, size_t phonemes);
  // Changes what the job still costs, unless it has ended.
  template <typename Change>
  void Account(const Change& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What a live answer has still to say counts for its client, too; that of others does as long as they run.
  void TellClient() const;
  double Seconds(const DeviceAudio& audio) const;
  bool ReaderLags() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddBuffered(double seconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FollowInterrupts(uint64_t interrupts);
  void DropAll();
  void PushFlushes(int flushes);
  Status StopReason() const;
  Status Begin(const Sentence& sentence);
  // Pushes a pause, a second at a time, since a message to the client holds what is pushed at once. Returns
  // the last part, for what comes next.
  DeviceAudio BeginPause(double seconds);
  // What a lane that was stuck makes in the end is not measured.
  bool WasAbandoned() const;
  void LeaveSentence();
  void TellStop() const;
  void Push(DeviceAudio audio);
  Status NaturalEnd();
  void End(const Status& status);
  void Finish(const Status& status, SynthesisReport report);
  Status AfterDeviceError(const Status& status);
  double SinceArrival() const;

  SynthesisRequest request_;  // constant, but for the voice before the executor has the job
  AudioSink* const sink_;
  const Environment environment_;
  const bool live_;
  std::shared_ptr<SentenceSource> text_;
  std::shared_ptr<EncodeStage> encode_;

  // The lane that has the job.
  std::unique_ptr<SentenceSynthesis> current_;
  size_t current_phonemes_ = 0;
  double current_speed_ = 1.0;
  uint64_t interrupts_ = 0;     // of the text, that it has followed
  DeviceAudio next_;            // pause and words that go with the next window
  double pause_seconds_ = 0.0;  // after the sentence before
  bool closing_break_ = false;  // the text asked for that pause, even at its end
  bool begun_ = false;          // has used the device
  TimePoint used_until_;        // when it last had
  Status device_error_;
  bool device_speaks_ = false;
  SynthesisReport report_;
  NormalizedText normalized_;
  // Its place. Used with mutex_ while the job has not ended, then by the encode stage; none after LeavePlace.
  std::unique_ptr<Admission::Ticket> ticket_;

  double first_audio_seconds_ = 0.0;  // encode stage

  mutable Mutex mutex_;
  bool waits_for_voice_ ABSL_GUARDED_BY(mutex_) = false;
  Status cancel_ ABSL_GUARDED_BY(mutex_);
  TimePoint cancelled_ ABSL_GUARDED_BY(mutex_);            // when
  double buffered_seconds_ ABSL_GUARDED_BY(mutex_) = 0.0;  // made and not delivered, events counted
  bool due_first_ ABSL_GUARDED_BY(mutex_) = true;  // the listener has nothing to hear before what comes
  bool heard_since_drop_ ABSL_GUARDED_BY(mutex_) =
      true;                                     // the reader took something after the last interrupt
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;  // nothing more may go to the encode stage
};

}  // namespace m2tts
