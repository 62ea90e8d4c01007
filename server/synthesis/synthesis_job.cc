#include "server/synthesis/synthesis_job.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/device/guard.h"
#include "core/device/runtime.h"
#include "core/synthesizer.h"
#include "server/base/status_details.h"
#include "server/synthesis/device_recovery.h"
#include "server/synthesis/sentence_controls.h"
#include "server/synthesis/sentence_placement.h"
#include "server/synthesis/text_stage.h"

namespace m2tts {
namespace {

constexpr double kOutOfMemoryRetrySeconds = 1.0;
constexpr double kOtherVoiceRetrySeconds = 1.0;
constexpr double kDeviceRetrySeconds = 1.0;  // by then it works again, or says that it does not
constexpr double kNoFilesRetrySeconds = 1.0;

// Of a live answer: its reader has had all, but for what resampler and encoder hold back until more comes.
constexpr double kDrySeconds = 0.25;

// A live answer may last for days.
constexpr size_t kMaxLiveNormalized = 65'536;

// An encoder may lack an open file now, and get one when others have ended.
Status WithRetryIfExhausted(const Status& status) {
  if (status.code() != StatusCode::kResourceExhausted) return status;
  return WithRetryDelay(status, kNoFilesRetrySeconds);
}

}  // namespace

SynthesisJob::SynthesisJob(SynthesisRequest request, std::unique_ptr<Admission::Ticket> ticket,
                           AudioSink* sink, Environment environment, bool live)
    : request_(std::move(request)),
      sink_(sink),
      environment_(std::move(environment)),
      live_(live),
      normalized_(live ? kMaxLiveNormalized : std::numeric_limits<size_t>::max()),
      ticket_(std::move(ticket)),
      waits_for_voice_(request_.voice->synthesizer == nullptr) {}

SynthesisJob::~SynthesisJob() = default;

StatusOr<std::shared_ptr<SynthesisJob>> SynthesisJob::Create(SynthesisRequest request,
                                                             std::unique_ptr<Admission::Ticket> ticket,
                                                             AudioSink* sink, Environment environment,
                                                             std::shared_ptr<SentenceSource> source) {
  auto pipeline = AudioPipeline::Create(request.voice->sample_rate, request.sample_rate, request.encoding);
  if (!pipeline.ok()) return WithRetryIfExhausted(pipeline.status());
  std::shared_ptr<SynthesisJob> job(new SynthesisJob(std::move(request), std::move(ticket), sink,
                                                     std::move(environment), source != nullptr));
  const Environment& env = job->environment_;
  job->text_ = std::move(source);
  if (job->text_ == nullptr) {
    job->text_ = std::make_shared<TextStage>(
        env.frontend, job->request_.text, job->request_.read,
        TextStage::Limits{static_cast<size_t>(env.sentences_ahead), env.inline_text_bytes}, env.post,
        env.wake_device);
  }
  job->text_->OnRead([weak = std::weak_ptr<SynthesisJob>(job)](size_t text_end, size_t phonemes) {
    if (const auto reader = weak.lock()) reader->OnRead(text_end, phonemes);
  });
  job->encode_ = std::make_shared<EncodeStage>(*std::move(pipeline), job.get(), env.post, env.wake_device);
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
  if (voice->sample_rate != known.sample_rate || voice->speakers != known.speakers ||
      voice->sha256 != known.sha256) {
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
  bool waited = false;
  {
    MutexLock lock(&mutex_);
    waited = ReaderLags();
    heard_since_drop_ = true;
    AddBuffered(-seconds);
  }
  if (waited) environment_.wake_device();
}

void SynthesisJob::LeavePlace() {
  MutexLock lock(&mutex_);
  ticket_.reset();
  if (request_.client_ticket != nullptr) request_.client_ticket->Leave();
}

template <typename Change>
void SynthesisJob::Account(const Change& change) {
  if (ended_) return;
  change(ticket_.get());
  TellClient();
}

void SynthesisJob::TellClient() const {
  if (live_ && request_.client_ticket != nullptr) request_.client_ticket->SetAudio(ticket_->audio_seconds());
}

void SynthesisJob::OnRead(size_t text_end, size_t phonemes) {
  MutexLock lock(&mutex_);
  Account([=](Admission::Ticket* ticket) { ticket->Read(text_end, phonemes); });
}

bool SynthesisJob::ReaderLags() const {
  return environment_.buffer_seconds > 0.0 && buffered_seconds_ >= environment_.buffer_seconds;
}

void SynthesisJob::AddBuffered(double seconds) {
  const bool lagged = ReaderLags();
  buffered_seconds_ += seconds;
  if (ReaderLags() != lagged) Account([=](Admission::Ticket* ticket) { ticket->Suspend(!lagged); });
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

size_t SynthesisJob::Room(size_t text_bytes) const {
  MutexLock lock(&mutex_);
  return ended_ ? text_bytes : ticket_->Room(text_bytes);
}

void SynthesisJob::Extend(size_t text_bytes) {
  MutexLock lock(&mutex_);
  // All was spoken and has been taken: this is waited for like the first sentence.
  if (!ended_ && ticket_->audio_seconds() == 0.0 && buffered_seconds_ < kDrySeconds) due_first_ = true;
  Account([=](Admission::Ticket* ticket) { ticket->Extend(text_bytes); });
}

void SynthesisJob::Interrupt() {
  {
    MutexLock lock(&mutex_);
    Account([](Admission::Ticket* ticket) { ticket->Drop(); });
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
  double dropped = 0.0;
  for (const DeviceAudio& audio : encode_->Drop()) dropped += Seconds(audio);
  {
    MutexLock lock(&mutex_);
    AddBuffered(-dropped);
    due_first_ = true;
    heard_since_drop_ = false;
  }
  DeviceAudio audio;
  audio.events.push_back({LiveEvent::Kind::kInterrupted});
  Push(std::move(audio));
}

// The pause goes first: it pushes what resampler and encoder still hold back out to the listener.
void SynthesisJob::PushFlushes(int flushes) {
  DeviceAudio audio = BeginPause(std::exchange(pause_seconds_, 0.0));
  audio.events.assign(static_cast<size_t>(flushes), {LiveEvent::Kind::kFlushed});
  Push(std::move(audio));
}

void SynthesisJob::Abandon(const Status& reason) {
  Cancel(reason);
  Finish(reason, {});
}

Schedulable::Turn SynthesisJob::turn() const {
  if (!StopReason().ok()) return Turn::kStop;
  const bool interrupted = text_->interrupts() != interrupts_;
  bool due_first = false;
  {
    MutexLock lock(&mutex_);
    // An interrupt does not wait for the reader; but a flood of them would make an event each.
    if (ReaderLags() && !(interrupted && heard_since_drop_)) return Turn::kWait;
    due_first = due_first_;
  }
  if (interrupted) return Turn::kFirst;
  if (current_ == nullptr && !text_->ready()) return text_->reading() ? Turn::kReading : Turn::kWait;
  return due_first ? Turn::kFirst : Turn::kLater;
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
  {
    MutexLock lock(&mutex_);
    due_first_ = false;
  }
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
  current_speed_ = controls.speed;

  if (sentence.pause_before) pause_seconds_ += *sentence.pause_before * request_.pause_scale;
  next_ = BeginPause(pause_seconds_);
  PlaceSentence(sentence, current_->phoneme_samples(), request_.timestamps, &next_);
  closing_break_ = sentence.pause_after.has_value();
  pause_seconds_ = PauseSecondsAfter(sentence, request_, controls.speed);
  normalized_.Add(sentence.normalized, &report_);
  AddWarnings(sentence.warnings, &report_.warnings);
  return OkStatus();
}

bool SynthesisJob::Deliver(std::vector<float> samples, double device_seconds) {
  used_until_ = environment_.now();
  report_.device_seconds += device_seconds;
  if (current_->done()) LeaveSentence();
  DeviceAudio audio = std::exchange(next_, {});
  const double seconds = static_cast<double>(samples.size()) / request_.voice->sample_rate;
  report_.spoken_seconds += seconds * current_speed_ / request_.speed;
  if (!WasAbandoned()) environment_.observer->OnWindow(device_seconds, seconds);
  if (audio.samples.empty()) {
    audio.samples = std::move(samples);
  } else {
    audio.samples.insert(audio.samples.end(), samples.begin(), samples.end());
  }
  Push(std::move(audio));
  // The listener need not wait for another turn to hear that this was all.
  if (live_ || current_ != nullptr || !text_->ended()) return false;
  const Status stop = StopReason();
  End(stop.ok() ? NaturalEnd() : stop);
  return true;
}

bool SynthesisJob::WasAbandoned() const {
  MutexLock lock(&mutex_);
  return ended_;
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
  Account([this](Admission::Ticket* ticket) { ticket->Spoken(current_phonemes_); });
}

DeviceAudio SynthesisJob::BeginPause(double seconds) {
  const auto silence = [](int64_t samples) {
    DeviceAudio audio;
    audio.samples.assign(static_cast<size_t>(samples), 0.0F);
    return audio;
  };
  const int64_t second = request_.voice->sample_rate;
  int64_t left = std::lround(seconds * static_cast<double>(second));
  for (; left > second; left -= second) Push(silence(second));
  return silence(left);
}

double SynthesisJob::Seconds(const DeviceAudio& audio) const {
  return static_cast<double>(audio.samples.size()) / request_.voice->sample_rate +
         static_cast<double>(audio.events.size()) * kLiveEventSeconds;
}

void SynthesisJob::Push(DeviceAudio audio) {
  report_.audio_seconds += static_cast<double>(audio.samples.size()) / request_.voice->sample_rate;
  MutexLock lock(&mutex_);
  if (ended_) return;  // abandoned
  AddBuffered(Seconds(audio));
  encode_->Push(std::move(audio));
}

// When memory is short core has cleared caches and halved the window before it gave up: what is left is to
// let go of this request and to keep serving the others.
Status SynthesisJob::AfterDeviceError(const Status& status) {
  if (status.code() == StatusCode::kInternal) {
    device_error_ = status;
    // What fails for a sentence that nobody asked for is not the fault of this request; what does not is not
    // the device's, which a client could have reloaded for everybody by one sentence, said again and again.
    device_speaks_ = SpeakGolden(request_.voice->synthesizer.get()).ok();
    if (device_speaks_) return status;
    return DeviceUnavailable(fmt::format("the device has failed: {}", std::string(status.message())),
                             kDeviceRetrySeconds);
  }
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
    if (closing_break_ && pause_seconds_ > 0.0) Push(BeginPause(pause_seconds_));
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
  // An event of a live answer may come before the device has begun.
  if (first_audio_seconds_ == 0.0 && chunk.sample_count > 0) {
    first_audio_seconds_ = SinceArrival();
    environment_.observer->OnFirstAudio(report_.queue_wait_seconds, first_audio_seconds_);
  }
  sink_->OnChunk(std::move(chunk));
}

void SynthesisJob::OnDone(const Status& status, const SynthesisReport& report) {
  SynthesisReport complete = report;
  complete.first_audio_seconds = first_audio_seconds_;
  complete.total_seconds = SinceArrival();
  if (status.ok()) ticket_->Completed(report.spoken_seconds);
  ticket_->Suspend(true);  // what it had still to say
  TellClient();
  environment_.observer->OnJobEnd(status, complete);
  sink_->OnDone(status, complete);
}

}  // namespace m2tts
