#include "server/synthesis/synthesis_job.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/device/guard.h"
#include "core/device/runtime.h"
#include "core/synthesizer.h"
#include "server/base/status_details.h"
#include "server/synthesis/sentence_controls.h"
#include "server/synthesis/sentence_placement.h"
#include "server/synthesis/text_stage.h"

namespace m2tts {
namespace {

constexpr double kOutOfMemoryRetrySeconds = 1.0;
constexpr double kOtherVoiceRetrySeconds = 1.0;

void AddWarnings(const std::vector<TextWarning>& from, std::vector<TextWarning>* to) {
  for (const TextWarning& warning : from) {
    if (to->size() < kMaxWarnings) to->push_back(warning);
  }
}

}  // namespace

SynthesisJob::SynthesisJob(SynthesisRequest request, std::unique_ptr<Admission::Ticket> ticket,
                           AudioSink* sink, Environment environment)
    : request_(std::move(request)),
      sink_(sink),
      environment_(std::move(environment)),
      ticket_(std::move(ticket)),
      waits_for_voice_(request_.voice->synthesizer == nullptr) {}

SynthesisJob::~SynthesisJob() = default;

StatusOr<std::shared_ptr<SynthesisJob>> SynthesisJob::Create(SynthesisRequest request,
                                                             std::unique_ptr<Admission::Ticket> ticket,
                                                             AudioSink* sink, Environment environment,
                                                             std::shared_ptr<SentenceSource> source) {
  M2TTS_ASSIGN_OR_RETURN(
      std::unique_ptr<AudioPipeline> pipeline,
      AudioPipeline::Create(request.voice->sample_rate, request.sample_rate, request.encoding));
  std::shared_ptr<SynthesisJob> job(
      new SynthesisJob(std::move(request), std::move(ticket), sink, std::move(environment)));
  const Environment& env = job->environment_;
  job->text_ = std::move(source);
  if (job->text_ == nullptr) {
    job->text_ = std::make_shared<TextStage>(
        env.frontend, job->request_.text, job->request_.read,
        TextStage::Limits{static_cast<size_t>(env.sentences_ahead), env.inline_text_bytes}, env.post,
        env.wake_device);
  }
  job->text_->OnRead([weak = std::weak_ptr<SynthesisJob>(job)](const Sentence& sentence) {
    if (const auto reader = weak.lock()) reader->OnRead(sentence);
  });
  job->encode_ = std::make_shared<EncodeStage>(std::move(pipeline), job.get(), env.post);
  return job;
}

void SynthesisJob::Start() {
  text_->Start();
}

void SynthesisJob::Cancel(const Status& reason) {
  bool waits = false;
  {
    MutexLock lock(&mutex_);
    if (cancel_.ok()) {
      cancel_ = reason;
      cancelled_ = environment_.now();
    }
    waits = waits_for_voice_;
  }
  if (waits) return Finish(reason, {});  // no lane has it, that would
  environment_.wake_device();
}

bool SynthesisJob::waits_for_voice() const {
  MutexLock lock(&mutex_);
  return waits_for_voice_;
}

Status SynthesisJob::SetVoice(std::shared_ptr<const Voice> voice) {
  const Voice& known = *request_.voice;
  if (voice->sample_rate != known.sample_rate || voice->speakers != known.speakers) {
    return WithRetryDelay(
        Errorf(StatusCode::kUnavailable,
               "voice '{}' has become another one while it was loaded; send the request again", known.name),
        kOtherVoiceRetrySeconds);
  }
  request_.voice = std::move(voice);
  MutexLock lock(&mutex_);
  waits_for_voice_ = false;
  return OkStatus();
}

void SynthesisJob::OnDelivered(double seconds) {
  {
    MutexLock lock(&mutex_);
    AddBuffered(-seconds);
  }
  environment_.wake_device();
}

void SynthesisJob::LeavePlace() {
  MutexLock lock(&mutex_);
  ticket_.reset();
}

void SynthesisJob::OnRead(const Sentence& sentence) {
  MutexLock lock(&mutex_);
  if (!ended_) ticket_->Read(sentence.source.end, sentence.phonemes.size());
}

bool SynthesisJob::ReaderLags() const {
  return environment_.buffer_seconds > 0.0 && buffered_seconds_ >= environment_.buffer_seconds;
}

void SynthesisJob::AddBuffered(double seconds) {
  const bool lagged = ReaderLags();
  buffered_seconds_ += seconds;
  if (!ended_ && ReaderLags() != lagged) ticket_->Suspend(!lagged);
}

double SynthesisJob::SinceArrival() const {
  return std::chrono::duration<double>(environment_.now() - request_.arrival).count();
}

Status SynthesisJob::StopReason() const {
  if (request_.deadline.has_value() && environment_.now() >= *request_.deadline) {
    return Errorf(StatusCode::kDeadlineExceeded, "the deadline passed after {:.1f} s", SinceArrival());
  }
  {
    MutexLock lock(&mutex_);
    if (!cancel_.ok()) return cancel_;
  }
  return encode_->error();
}

void SynthesisJob::Extend(size_t text_bytes) {
  MutexLock lock(&mutex_);
  if (!ended_) ticket_->Extend(text_bytes);
}

void SynthesisJob::Interrupt() {
  {
    MutexLock lock(&mutex_);
    if (!ended_) ticket_->Drop();
  }
  environment_.wake_device();
}

void SynthesisJob::FollowInterrupts(uint64_t interrupts) {
  if (std::exchange(interrupts_, interrupts) != interrupts) DropAll();
}

void SynthesisJob::DropAll() {
  current_.reset();
  next_ = {};
  pause_seconds_ = 0.0;
  const double dropped = static_cast<double>(encode_->Drop()) / request_.voice->sample_rate;
  {
    MutexLock lock(&mutex_);
    AddBuffered(-dropped);
  }
  DeviceAudio audio;
  audio.events.push_back({LiveEvent::Kind::kInterrupted});
  Push(std::move(audio));
}

// The pause goes first: it pushes what resampler and encoder still hold back out to the listener.
void SynthesisJob::PushFlushes(int flushes) {
  DeviceAudio audio = Silence(std::exchange(pause_seconds_, 0.0));
  audio.events.assign(static_cast<size_t>(flushes), {LiveEvent::Kind::kFlushed});
  Push(std::move(audio));
}

void SynthesisJob::Abandon(const Status& reason) {
  Cancel(reason);
  Finish(reason, {});
}

Schedulable::Turn SynthesisJob::turn() const {
  if (!StopReason().ok()) return Turn::kStop;
  if (text_->interrupts() != interrupts_) return Turn::kLater;
  {
    MutexLock lock(&mutex_);
    if (ReaderLags()) return Turn::kWait;
  }
  if (current_ == nullptr && !text_->ready()) return text_->reading() ? Turn::kReading : Turn::kWait;
  return begun_ ? Turn::kLater : Turn::kFirst;
}

// Every sentence begins with the smallest window.
BatchKey SynthesisJob::batch_key() const {
  return {request_.voice->synthesizer.get(), current_ == nullptr ? 0 : current_->size_class()};
}

SynthesisJob::Step SynthesisJob::Prepare() {
  Status status = StopReason();
  if (status.ok()) FollowInterrupts(text_->interrupts());
  if (status.ok() && current_ == nullptr) {
    const NextSentence next = text_->Pop();
    FollowInterrupts(next.interrupts);
    if (next.flushes > 0) PushFlushes(next.flushes);
    if (!next.sentence.has_value()) {
      if (!text_->ended()) return Step::kNothing;
      End(NaturalEnd());
      return Step::kEnded;
    }
    status = Begin(*next.sentence);
  }
  if (status.ok()) return Step::kWindow;
  End(status);
  return Step::kEnded;
}

Status SynthesisJob::Begin(const Sentence& sentence) {
  if (!begun_) report_.queue_wait_seconds = SinceArrival();
  begun_ = true;
  const SynthesisControls controls = ControlsFor(request_, sentence.prosody);
  Synthesizer* const synthesizer = request_.voice->synthesizer.get();
  const TimePoint start = environment_.now();
  StatusOr<std::unique_ptr<SentenceSynthesis>> sentence_job = synthesizer->Begin(sentence, controls);
  if (!sentence_job.ok() && IsOutOfMemory(sentence_job.status())) {
    environment_.observer->OnOutOfMemory();
    ClearDeviceCaches();
    sentence_job = synthesizer->Begin(sentence, controls);
  }
  used_until_ = environment_.now();
  report_.device_seconds += std::chrono::duration<double>(used_until_ - start).count();
  if (!sentence_job.ok()) return AfterDeviceError(sentence_job.status());
  current_ = *std::move(sentence_job);
  current_phonemes_ = sentence.phonemes.size();

  if (sentence.pause_before) pause_seconds_ += *sentence.pause_before * request_.pause_scale;
  next_ = Silence(pause_seconds_);
  PlaceSentence(sentence, current_->phoneme_samples(), request_.timestamps, &next_);
  closing_break_ = sentence.pause_after.has_value();
  pause_seconds_ = PauseSecondsAfter(sentence, request_, controls.speed);
  if (!report_.normalized.empty()) report_.normalized += '\n';
  report_.normalized += sentence.normalized;
  AddWarnings(sentence.warnings, &report_.warnings);
  return OkStatus();
}

void SynthesisJob::Deliver(std::vector<float> samples, double device_seconds) {
  used_until_ = environment_.now();
  report_.device_seconds += device_seconds;
  if (current_->done()) LeaveSentence();
  DeviceAudio audio = std::exchange(next_, {});
  environment_.observer->OnWindow(device_seconds,
                                  static_cast<double>(samples.size()) / request_.voice->sample_rate);
  if (audio.samples.empty()) {
    audio.samples = std::move(samples);
  } else {
    audio.samples.insert(audio.samples.end(), samples.begin(), samples.end());
  }
  Push(std::move(audio));
}

void SynthesisJob::Fail(const Status& status, double device_seconds) {
  used_until_ = environment_.now();
  report_.device_seconds += device_seconds;
  End(AfterDeviceError(status));
}

void SynthesisJob::LeaveSentence() {
  if (current_ == nullptr) return;
  const StageSeconds seconds = current_->stage_seconds();
  report_.acoustic_seconds += seconds.acoustic;
  report_.vocoder_seconds += seconds.vocoder;
  current_.reset();
  MutexLock lock(&mutex_);
  if (!ended_) ticket_->Spoken(current_phonemes_);
}

DeviceAudio SynthesisJob::Silence(double seconds) const {
  DeviceAudio audio;
  audio.samples.assign(static_cast<size_t>(std::lround(seconds * request_.voice->sample_rate)), 0.0F);
  return audio;
}

void SynthesisJob::Push(DeviceAudio audio) {
  const double seconds = static_cast<double>(audio.samples.size()) / request_.voice->sample_rate;
  report_.audio_seconds += seconds;
  MutexLock lock(&mutex_);
  if (ended_) return;  // abandoned
  AddBuffered(seconds);
  encode_->Push(std::move(audio));
}

// When memory is short core has cleared caches and halved the window before it gave up: what is left is to
// let go of this request and to keep serving the others.
Status SynthesisJob::AfterDeviceError(const Status& status) {
  if (status.code() == StatusCode::kInternal) device_error_ = status;
  if (!IsOutOfMemory(status)) return status;
  environment_.observer->OnOutOfMemory();
  current_.reset();
  ClearDeviceCaches();
  return WithRetryDelay(Errorf(StatusCode::kResourceExhausted,
                               "the device is out of memory; retry in {:.0f} s or shorten the sentences",
                               kOutOfMemoryRetrySeconds),
                        kOutOfMemoryRetrySeconds);
}

Status SynthesisJob::NaturalEnd() {
  AddWarnings(text_->trailing_warnings(), &report_.warnings);
  const Status error = text_->error();
  if (!error.ok()) return FieldError("text", std::string(error.message()));
  if (begun_) {
    if (closing_break_ && pause_seconds_ > 0.0) Push(Silence(pause_seconds_));
    return OkStatus();
  }
  if (text_->may_be_empty()) return OkStatus();
  return FieldErrorf("text", "there is nothing in it to speak{}",
                     report_.warnings.empty() ? "" : ": " + report_.warnings.front().message);
}

void SynthesisJob::TellStop() const {
  TimePoint cancelled;
  {
    MutexLock lock(&mutex_);
    if (cancel_.ok() || !begun_) return;
    cancelled = cancelled_;
  }
  const double seconds = std::chrono::duration<double>(used_until_ - cancelled).count();
  environment_.observer->OnStopped(std::max(seconds, 0.0));
}

void SynthesisJob::End(const Status& status) {
  TellStop();
  text_->Stop();
  report_.text_seconds = text_->seconds();
  LeaveSentence();
  Finish(status, report_);
}

void SynthesisJob::Finish(const Status& status, SynthesisReport report) {
  {
    MutexLock lock(&mutex_);
    if (std::exchange(ended_, true)) return;
  }
  encode_->Finish(status, std::move(report), shared_from_this());
}

void SynthesisJob::OnChunk(EncodedChunk chunk) {
  if (first_audio_seconds_ == 0.0) {
    first_audio_seconds_ = SinceArrival();
    environment_.observer->OnFirstAudio(report_.queue_wait_seconds, first_audio_seconds_);
  }
  sink_->OnChunk(std::move(chunk));
}

void SynthesisJob::OnDone(const Status& status, const SynthesisReport& report) {
  SynthesisReport complete = report;
  complete.first_audio_seconds = first_audio_seconds_;
  complete.total_seconds = SinceArrival();
  if (status.ok()) ticket_->Completed(report.audio_seconds);
  ticket_->Suspend(true);  // what it had still to say
  environment_.observer->OnJobEnd(status, complete);
  sink_->OnDone(status, complete);
}

}  // namespace m2tts
