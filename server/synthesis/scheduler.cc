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
  int64_t urgency = 0;  // class after aging
  bool later = false;   // its audio can wait for the first audio of others
  TimePoint deadline;
  double served = 0.0;
  TimePoint waiting_since;
  uint64_t last_served = 0;
  size_t entry = 0;

  auto Tie() const { return std::tie(urgency, later, deadline, served, waiting_since, last_served, entry); }
  bool operator<(const Rank& other) const { return Tie() < other.Tie(); }
};

void Scheduler::Add(JobPtr job, TimePoint now) {
  Client& client = clients_[job->client()];
  ++client.jobs;
  Entry entry;
  entry.client = &client;
  entry.waiting_since = now;
  entry.job = std::move(job);
  entries_.push_back(std::move(entry));
}

Scheduler::Rank Scheduler::RankOf(const Entry& entry, Schedulable::Turn turn, double least_served,
                                  TimePoint now) const {
  const int64_t priority = static_cast<int64_t>(entry.job->priority());
  const int64_t promotions = options_.aging.count() > 0 ? (now - entry.waiting_since) / options_.aging : 0;
  // Whoever is well ahead of its share has no privileges, or the rest would get nothing.
  const bool privileged = entry.client->served <= least_served + kCreditSeconds;
  Rank rank;
  rank.urgency = turn == Schedulable::Turn::kStop ? kStopFirst : std::max<int64_t>(priority - promotions, 0);
  rank.later = !privileged || (turn == Schedulable::Turn::kLater && promotions <= priority);
  rank.deadline = privileged ? entry.job->deadline().value_or(TimePoint::max()) : TimePoint::max();
  rank.served = entry.client->served;
  rank.waiting_since = entry.waiting_since;
  rank.last_served = entry.last_served;
  rank.entry = static_cast<size_t>(&entry - entries_.data());
  return rank;
}

// Asks every job for its turn. True when one that has made no audio yet will soon be ready.
bool Scheduler::Look(TimePoint now, std::vector<Turned>* turns) {
  bool more_to_come = false;
  for (auto& client : clients_) client.second.wants = false;
  for (Entry& entry : entries_) {
    if (entry.out) {
      entry.client->wants = true;
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
    entry.client->wants = true;
    turns->push_back({&entry, turn});
  }
  for (auto& client : clients_) {
    // No credit for having been away.
    if (client.second.wants && !client.second.wanted)
      client.second.served = std::max(client.second.served, floor_);
    client.second.wanted = client.second.wants;
  }
  return more_to_come;
}

Scheduler::Batch Scheduler::Next(TimePoint now) {
  std::vector<Turned> turns;
  const bool more_to_come = Look(now, &turns);
  if (turns.empty()) return {};
  double least_served = std::numeric_limits<double>::max();
  for (const Turned& turned : turns) least_served = std::min(least_served, turned.entry->client->served);
  std::vector<Rank> ready;
  for (const Turned& turned : turns) ready.push_back(RankOf(*turned.entry, turned.turn, least_served, now));

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
  floor_ = std::max(floor_, entries_[members[0]].client->served);
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
  entry->client->served += audio_seconds / job->weight();
  if (!finished) return;
  --entry->client->jobs;
  entries_.erase(entry);
  ForgetClients();
}

void Scheduler::ForgetClients() {
  if (clients_.size() <= entries_.size() + kMaxIdleClients / 2) return;
  const bool all = clients_.size() > entries_.size() + kMaxIdleClients;
  for (auto client = clients_.begin(); client != clients_.end();) {
    const bool idle = client->second.jobs == 0 && (all || client->second.served <= floor_);
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
