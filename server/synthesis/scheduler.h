// The scheduler and batcher: which sentences get the device next, and together.
//
// Behaviour: the unit of work is one window of audio of one sentence, a few milliseconds, so that
// nothing has to be interrupted: a new request, a cancellation or a deadline waits for one window at
// most. Of the jobs that can use the device now, the best is taken, by
//   1. class        interactive, normal, bulk; a job that waits is promoted by one class every
//                   `aging`, so that bulk work is slow but never stuck
//   2. first audio  a job that has made none yet, or has waited out all its promotions, goes before
//                   the others: everybody's first audio is early
//   3. deadline     of the RPC, the earliest first; no deadline is the latest. A job that has waited out all
//                   its promotions counts as having the earliest: deadlines do not hold it up for ever
//   4. fairness     the client that got the fewest audio seconds for its weight (start-time fair queueing,
//                   Goyal et al. 1996): one with a hundred requests gets as much as one with a single request
//   5. patience     the job that has waited longest
// 2 and 3 are privileges that a client loses while it is well ahead of its share: else a flood of
// new requests, or of deadlines, would leave the others nothing.
//
// 4 keeps an account for each client in each class of priority: what a client gets in one class says nothing
// about its share in another. Where promotion makes classes meet, they take turns first, each as often as its
// clients are many: a thousand books of one client get no more than one request of another. A book that waits
// takes no privileges from those whose own class it was promoted to, but loses its own to them.
//
// Then it is joined by others, in the same order, that fit its batch: the same voice and the same
// size class of window (see SentenceSynthesis::size_class), so that nobody waits for a longer one.
//
// A batch closes when
//   a. it has max_batch members
//   b. another member would take it over max_batch_frames
//   c. nothing else that fits is ready; unless that has been so for less than `close_delay` and a job that
//      has made no audio yet is still reading its text: then Next holds the batch back until
//      the delay is over
// Overflow: what does not fit stays where it is, and is first in line for the next batch by 5.
//
// Flow:
//   1. Add(job)           the job waits
//   2. Next(now)          picks a batch; its members are out, and are not picked again
//   3. (the caller computes)
//   4. Return(job, ...)   accounts for the audio; the job waits again, or is forgotten
//
// Pure logic: no threads, no clock, no model (a simulator drives it in virtual time). The caller
// serializes all calls.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/base/priority.h"

namespace m2tts {

using TimePoint = std::chrono::steady_clock::time_point;

// What may share a batch. size_class < 0: nothing.
struct BatchKey {
  const void* voice = nullptr;
  int size_class = 0;
  bool operator==(const BatchKey& other) const {
    return voice == other.voice && size_class == other.size_class && size_class >= 0;
  }
};

// A job as the scheduler sees it. Asked only between Add and Next, or Return and Next.
class Schedulable {
 public:
  enum class Turn : uint8_t {
    kWait,     // nothing to do until somebody else acts: more text comes, or the reader takes some
    kReading,  // nothing to do yet: its text is being read
    kStop,     // is to be ended: at once, whatever its class
    kFirst,    // has made no audio yet
    kLater,
  };
  virtual ~Schedulable() = default;
  virtual Turn turn() const = 0;
  virtual Priority priority() const = 0;
  virtual const std::string& client() const = 0;
  // Of its client: one of weight 2 gets twice the audio of one of weight 1, while both want it. Above 0.
  virtual double weight() const { return 1.0; }
  virtual std::optional<TimePoint> deadline() const = 0;
  virtual BatchKey batch_key() const = 0;
};

struct SchedulerOptions {
  int max_batch = 8;            // raising it makes others wait longer for the batch
  int max_batch_frames = 1024;  // of audio, full windows counted
  std::chrono::milliseconds close_delay{0};
  std::chrono::milliseconds aging{2000};  // of waiting, per class
};

class Scheduler {
 public:
  using JobPtr = std::shared_ptr<Schedulable>;

  explicit Scheduler(const SchedulerOptions& options) : options_(options) {}

  void Add(JobPtr job, TimePoint now);

  struct Batch {
    std::vector<JobPtr> jobs;             // empty: nothing can be done now
    std::optional<TimePoint> hold_until;  // a batch is held back until then (with no jobs)
    bool more = false;                    // others could use the device now, too
  };
  Batch Next(TimePoint now);

  // `audio_seconds` were made for it. `finished`: it is not seen again.
  void Return(const JobPtr& job, double audio_seconds, bool finished, TimePoint now);

  // For batches to come; at least 1.
  void set_max_batch(int max_batch) { options_.max_batch = max_batch; }

  // Every job, those that are out included.
  std::vector<JobPtr> jobs() const;
  size_t size() const { return entries_.size(); }
  // Of the jobs that wait.
  std::optional<TimePoint> earliest_deadline() const;

 private:
  static constexpr size_t kClasses = 3;  // of Priority
  // Of a client in a class, or of a class among others.
  struct Account {
    double served = 0.0;  // audio seconds over the weight, on the scale of a floor
    bool wants = false;   // has a job that can use the device; `wanted`: at the last look
    bool wanted = false;

    // Whoever comes back has no credit for having been away.
    void Start(double floor);
  };
  using Accounts = std::array<Account, kClasses>;  // by the class of the jobs
  struct Client {
    Accounts accounts;
    int jobs = 0;
  };
  // Where jobs of several classes meet.
  struct Level {
    Accounts classes;  // what their clients got here on average
    double floor = 0.0;
  };
  struct Entry {
    JobPtr job;
    Client* client = nullptr;
    TimePoint waiting_since;  // ready, and not served
    uint64_t last_served = 0;
    size_t own = 0;       // its class
    size_t standing = 0;  // and that after promotions: now, or when it was picked
    bool out = false;
    bool ready = false;

    Account& account() const { return client->accounts[own]; }
  };
  struct Rank;
  struct Rivals;
  struct Turned {
    const Entry* entry = nullptr;
    Schedulable::Turn turn = Schedulable::Turn::kWait;
  };

  bool Look(TimePoint now, std::vector<Turned>* turns);
  void ForgetWants();
  void NoteWants(const Entry& entry);
  void StartAccounts();
  void ForgetClients();
  bool IsSettled(const Client& client) const;
  int64_t Promotions(const Entry& entry, TimePoint now) const;
  static Rivals RivalsAmong(const std::vector<Turned>& turns);
  bool IsPrivileged(const Entry& entry, const Rivals& rivals) const;
  Rank RankOf(const Turned& turned, const Rivals& rivals, TimePoint now) const;

  SchedulerOptions options_;
  std::vector<Entry> entries_;  // by arrival
  std::map<std::string, Client> clients_;
  std::array<double, kClasses> floor_{};  // of the clients' accounts
  std::array<int, kClasses> wanting_{};   // clients with a job that can use the device, at the last look
  std::array<Level, kClasses> levels_;    // by standing
  uint64_t step_ = 0;
};

}  // namespace m2tts
