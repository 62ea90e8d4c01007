#include "server/synthesis/scheduler.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace m2tts {
namespace {

constexpr int64_t kStopFirst = std::numeric_limits<int64_t>::min();

// Audio seconds, for its weight, by which a client may be ahead of the one that got least before its requests
// lose their privileges.
constexpr double kCreditSeconds = 3.0;

// Clients without a job that are remembered for having had more than their share.
constexpr size_t kMaxIdleClients = 1024;

}  // namespace

struct Scheduler::Rank {
  int64_t urgency = 0;  // class after promotions
  bool later = false;   // its audio can wait for the first audio of others
  TimePoint deadline;
  double class_served = 0.0;
  double served = 0.0;
  TimePoint waiting_since;
  uint64_t last_served = 0;
  size_t entry = 0;

  auto Tie() const {
    return std::tie(urgency, later, deadline, class_served, served, waiting_since, last_served, entry);
  }
  bool operator<(const Rank& other) const { return Tie() < other.Tie(); }
};

// What the jobs that are ready are held against.
struct Scheduler::Rivals {
  std::array<double, kClasses> least_served;  // by class: of the client that got least
  TimePoint earliest_deadline = TimePoint::max();
};

void Scheduler::Account::Start(double floor) {
  if (wants && !wanted) served = std::max(served, floor);
  wanted = wants;
}

void Scheduler::Add(JobPtr job, TimePoint now) {
  Client& client = clients_[job->client()];
  ++client.jobs;
  Entry entry;
  entry.client = &client;
  entry.waiting_since = now;
  entry.job = std::move(job);
  entries_.push_back(std::move(entry));
}

int64_t Scheduler::Promotions(const Entry& entry, TimePoint now) const {
  return options_.aging.count() > 0 ? (now - entry.waiting_since) / options_.aging : 0;
}

Scheduler::Rivals Scheduler::RivalsAmong(const std::vector<Turned>& turns) {
  Rivals rivals;
  rivals.least_served.fill(std::numeric_limits<double>::max());
  for (const Turned& turned : turns) {
    const Entry& entry = *turned.entry;
    double& least = rivals.least_served[entry.own];
    least = std::min(least, entry.account().served);
    const auto deadline = entry.job->deadline();
    if (deadline) rivals.earliest_deadline = std::min(rivals.earliest_deadline, *deadline);
  }
  return rivals;
}

// Whoever is well ahead of its share has no privileges, or the rest would get nothing.
bool Scheduler::IsPrivileged(const Entry& entry, const Rivals& rivals) const {
  const Accounts& classes = levels_[entry.standing].classes;
  const Account& native = classes[entry.standing];
  const bool class_ahead = native.wants && classes[entry.own].served > native.served + kCreditSeconds;
  return !class_ahead && entry.account().served <= rivals.least_served[entry.own] + kCreditSeconds;
}

Scheduler::Rank Scheduler::RankOf(const Turned& turned, const Rivals& rivals, TimePoint now) const {
  const Entry& entry = *turned.entry;
  const bool waited_out = Promotions(entry, now) > static_cast<int64_t>(entry.own);
  const bool privileged = IsPrivileged(entry, rivals);
  Rank rank;
  rank.urgency = turned.turn == Schedulable::Turn::kStop ? kStopFirst : static_cast<int64_t>(entry.standing);
  rank.later = !privileged || (turned.turn == Schedulable::Turn::kLater && !waited_out);
  rank.deadline = TimePoint::max();
  if (privileged && waited_out) rank.deadline = rivals.earliest_deadline;
  if (privileged && !waited_out) rank.deadline = entry.job->deadline().value_or(TimePoint::max());
  rank.class_served = levels_[entry.standing].classes[entry.own].served;
  rank.served = entry.account().served;
  rank.waiting_since = entry.waiting_since;
  rank.last_served = entry.last_served;
  rank.entry = static_cast<size_t>(&entry - entries_.data());
  return rank;
}

// Asks every job for its turn. True when one that has made no audio yet will soon be ready.
bool Scheduler::Look(TimePoint now, std::vector<Turned>* turns) {
  bool more_to_come = false;
  ForgetWants();
  for (Entry& entry : entries_) {
    if (entry.out) {
      NoteWants(entry);
      continue;
    }
    const Schedulable::Turn turn = entry.job->turn();
    if (turn == Schedulable::Turn::kWait || turn == Schedulable::Turn::kReading) {
      entry.ready = false;
      more_to_come = more_to_come || (turn == Schedulable::Turn::kReading && entry.last_served == 0);
      continue;
    }
    if (!entry.ready) entry.waiting_since = now;
    entry.ready = true;
    entry.own = static_cast<size_t>(entry.job->priority());
    entry.standing =
        static_cast<size_t>(std::max<int64_t>(static_cast<int64_t>(entry.own) - Promotions(entry, now), 0));
    NoteWants(entry);
    turns->push_back({&entry, turn});
  }
  StartAccounts();
  return more_to_come;
}

void Scheduler::ForgetWants() {
  for (auto& client : clients_) {
    for (Account& account : client.second.accounts) account.wants = false;
  }
  for (Level& level : levels_) {
    for (Account& account : level.classes) account.wants = false;
  }
}

void Scheduler::NoteWants(const Entry& entry) {
  entry.account().wants = true;
  levels_[entry.standing].classes[entry.own].wants = true;
}

void Scheduler::StartAccounts() {
  wanting_.fill(0);
  for (auto& client : clients_) {
    for (size_t i = 0; i < kClasses; ++i) {
      Account& account = client.second.accounts[i];
      account.Start(floor_[i]);
      if (account.wants) ++wanting_[i];
    }
  }
  for (Level& level : levels_) {
    for (Account& account : level.classes) account.Start(level.floor);
  }
}

Scheduler::Batch Scheduler::Next(TimePoint now) {
  std::vector<Turned> turns;
  const bool more_to_come = Look(now, &turns);
  if (turns.empty()) return {};
  const Rivals rivals = RivalsAmong(turns);
  std::vector<Rank> ready;
  for (const Turned& turned : turns) ready.push_back(RankOf(turned, rivals, now));

  const auto best = std::min_element(ready.begin(), ready.end());
  std::iter_swap(ready.begin(), best);
  const BatchKey key = entries_[ready[0].entry].job->batch_key();
  std::vector<size_t> members = {ready[0].entry};
  const bool alone = ready[0].urgency == kStopFirst || key.size_class < 0 || options_.max_batch == 1;
  const int64_t fitting =
      key.size_class > 0 ? options_.max_batch_frames / key.size_class : options_.max_batch;
  const auto limit = static_cast<size_t>(std::clamp<int64_t>(fitting, 1, options_.max_batch));
  if (!alone) {
    std::sort(ready.begin() + 1, ready.end());
    for (size_t i = 1; i < ready.size() && members.size() < limit; ++i) {
      if (ready[i].urgency != kStopFirst && entries_[ready[i].entry].job->batch_key() == key) {
        members.push_back(ready[i].entry);
      }
    }
    const TimePoint close = entries_[members[0]].waiting_since + options_.close_delay;
    if (members.size() < limit && more_to_come && now < close) return {{}, close};
  }

  Batch batch;
  batch.more = members.size() < ready.size();
  const Entry& first = entries_[members[0]];
  floor_[first.own] = std::max(floor_[first.own], first.account().served);
  Level& level = levels_[first.standing];
  level.floor = std::max(level.floor, level.classes[first.own].served);
  for (const size_t member : members) {
    Entry& entry = entries_[member];
    entry.out = true;
    entry.last_served = ++step_;
    batch.jobs.push_back(entry.job);
  }
  return batch;
}

void Scheduler::Return(const JobPtr& job, double audio_seconds, bool finished, TimePoint now) {
  const auto entry =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& other) { return other.job == job; });
  if (entry == entries_.end()) return;
  entry->out = false;
  entry->ready = true;  // unless its turn says otherwise, it waits from now on
  entry->waiting_since = now;
  const double share = audio_seconds / job->weight();
  entry->account().served += share;
  levels_[entry->standing].classes[entry->own].served += share / std::max(wanting_[entry->own], 1);
  if (!finished) return;
  --entry->client->jobs;
  entries_.erase(entry);
  ForgetClients();
}

// It would start no lower if it were new.
bool Scheduler::IsSettled(const Client& client) const {
  for (size_t i = 0; i < kClasses; ++i) {
    if (client.accounts[i].served > floor_[i]) return false;
  }
  return true;
}

void Scheduler::ForgetClients() {
  if (clients_.size() <= entries_.size() + kMaxIdleClients / 2) return;
  const bool all = clients_.size() > entries_.size() + kMaxIdleClients;
  for (auto client = clients_.begin(); client != clients_.end();) {
    const bool idle = client->second.jobs == 0 && (all || IsSettled(client->second));
    client = idle ? clients_.erase(client) : std::next(client);
  }
}

std::vector<Scheduler::JobPtr> Scheduler::jobs() const {
  std::vector<JobPtr> jobs;
  for (const Entry& entry : entries_) jobs.push_back(entry.job);
  return jobs;
}

std::optional<TimePoint> Scheduler::earliest_deadline() const {
  std::optional<TimePoint> earliest;
  for (const Entry& entry : entries_) {
    const auto deadline = entry.job->deadline();
    if (!entry.out && deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
  }
  return earliest;
}

}  // namespace m2tts
