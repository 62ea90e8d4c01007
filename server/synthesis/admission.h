// Admission: decides at once whether a request may enter, so that overload is boring.
//
// Behaviour: the cost of a request is its predicted audio seconds, from the length of its text, and
// from its phonemes once they are known. It is refused
//   1. while draining:                     UNAVAILABLE + RetryInfo
//   2. with max_requests inside:           RESOURCE_EXHAUSTED + RetryInfo
//   3. over max_audio_seconds in total:    RESOURCE_EXHAUSTED + RetryInfo
//   4. when it would miss its deadline:    DEADLINE_EXCEEDED, + RetryInfo if it would not with an empty queue
// Refusing now is kinder than timing out later. The retry delay is the time that the device
// needs for the work that has to go first; while draining, a second, after which a load balancer knows. For 4
// only that counts which the scheduler would serve before: better classes, and earlier deadlines of the same.
//
// Requests take turns on the device, so that one counts at most request_audio_seconds: a
// book does not lock the others out; and one whose reader lags counts nothing, as the device does
// nothing for it. Both predictions are calibrated by what was measured, pauses left out, since these are what
// a client wishes; and they stay between a fourth and four times of what they began with, so that no client
// moves what others are told by more.
//
// Text of live answers is not refused but waits outside while there is no room: see Ticket::Room.
//
// Any thread may call. Tickets must not outlive their Admission.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "server/base/priority.h"
#include "server/synthesis/scheduler.h"

namespace m2tts {

struct AdmissionOptions {
  int lanes = 1;                      // that compute at a time
  int max_requests = 64;              // raising it costs memory, a few MB each
  int max_live = 256;                 // live answers; raising it costs memory, 0.1 MB each
  double max_audio_seconds = 1200.0;  // raising it makes the last in line wait longer
  double request_audio_seconds = 60.0;
  double initial_seconds_per_byte = 0.065;  // audio per byte of text at speed 1
  double initial_seconds_per_phoneme = 0.07;
  double initial_real_time_factor = 0.05;  // device seconds per second of audio
};

class Admission {
 public:
  // What a request asks for.
  struct Demand {
    size_t text_bytes = 0;
    double speed = 1.0;
    Priority priority = Priority::kNormal;
    std::optional<TimePoint> deadline = std::nullopt;
  };

  // What one admitted request still costs: text that is to be read, and phonemes that are to be spoken.
  // Released when destroyed. One call at a time.
  class Ticket {
   public:
    ~Ticket();
    // How many of so many bytes more of a live answer have room now; 0: none. All of them
    // while live answers take less than half of max_audio_seconds. Beyond that a piece (a few sentences) for
    // one that has nothing left to say, up to three quarters: nobody falls silent because others are far
    // ahead, and the rest of the queue is for other requests. What it waits for is always being worked for,
    // so there will be room.
    size_t Room(size_t text_bytes) const;
    // So many bytes of text more are to be spoken.
    void Extend(size_t text_bytes);
    // The text before byte `text_end` has been read, or waits for its client; so many phonemes more have come
    // of it.
    void Read(size_t text_end, size_t phonemes);
    // A sentence of so many phonemes has been spoken.
    void Spoken(size_t phonemes);
    // What has not been spoken never will be: an interrupt.
    void Drop();
    // Whether the device waits for the reader of this.
    void Suspend(bool suspended);
    // What it still costs, without the limit of a request; 0 while suspended.
    double audio_seconds() const;
    // The request ended well with so much speech, without pauses: calibrates the predictions.
    void Completed(double spoken_seconds);

   private:
    friend class Admission;
    Ticket(Admission* admission, const Demand& demand, bool live)
        : admission_(admission), live_(live), demand_(demand) {}

    Admission* const admission_;
    const bool live_;
    // Guarded by the mutex of admission_, as others look at them.
    Demand demand_;
    size_t read_bytes_ = 0;
    size_t phonemes_ = 0;  // of what was read
    size_t pending_ = 0;   // of these, still to be spoken
    bool suspended_ = false;
    bool dropped_ = false;
  };

  struct Snapshot {
    int requests = 0;
    int64_t admitted = 0;  // requests and texts of live answers, since the start
    double audio_seconds = 0.0;
    double real_time_factor = 0.0;  // 0 before the first measurement
  };

  // `on_reject` gets a short reason for a metric: draining, requests, audio, deadline.
  explicit Admission(const AdmissionOptions& options, std::function<void(const char*)> on_reject = {});

  StatusOr<std::unique_ptr<Ticket>> Admit(const Demand& demand, TimePoint now);

  // A live answer, whose text comes later: it takes none of max_requests, since most of the time it waits,
  // but one of max_live, and what it has to say counts once Extend tells of it (not by `demand`).
  StatusOr<std::unique_ptr<Ticket>> AdmitLive(const Demand& demand);

  // Audio seconds that a text will make.
  double Predict(size_t text_bytes, double speed) const;
  // The least that Predict can come to, whatever others have said before.
  double PredictLeast(size_t text_bytes, double speed) const;
  // Seconds that all lanes together need for so much audio.
  double DeviceSeconds(double audio_seconds) const;
  // Measured: `device_seconds` of computation made `audio_seconds`. One measurement counts as no more than
  // four times what was measured before.
  void RecordDevice(double device_seconds, double audio_seconds);
  // After this nothing is admitted.
  void Close();
  // What a request then gets.
  static Status Draining();

  Snapshot snapshot() const;
  AdmissionOptions options() const;
  // New limits for requests to come; those that are admitted stay.
  void SetLimits(int max_requests, int max_live, double max_audio_seconds);

 private:
  Status Refuse(const char* reason, Status status) const;
  // DEADLINE_EXCEEDED when `demand`, which makes `predicted` seconds of audio, would be late.
  Status CheckDeadline(const Demand& demand, double predicted, TimePoint now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // UNAVAILABLE after Close.
  Status CheckOpen() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::unique_ptr<Ticket> Issue(const Demand& demand, bool live) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  double Share(double audio_seconds) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What `ticket` and so many bytes more cost, suspended or not.
  double CostOf(const Ticket& ticket, size_t more_bytes = 0) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  double ShareOf(const Ticket& ticket) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Shares of all tickets, and of those alone that go before `demand`.
  double Waiting() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  double WaitingBefore(const Demand& demand) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  double RetrySeconds(double work_seconds) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::function<void(const char*)> on_reject_;
  mutable Mutex mutex_;
  AdmissionOptions options_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int requests_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t admitted_ ABSL_GUARDED_BY(mutex_) = 0;
  int live_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unordered_set<const Ticket*> tickets_ ABSL_GUARDED_BY(mutex_);
  double seconds_per_byte_ ABSL_GUARDED_BY(mutex_);
  double seconds_per_phoneme_ ABSL_GUARDED_BY(mutex_);
  double real_time_factor_ ABSL_GUARDED_BY(mutex_);
  bool measured_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace m2tts
