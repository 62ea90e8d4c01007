// The scheduler in virtual time: thousands of clients, any number of devices, no threads and no model.
//
// Each request is a number of sentences; a sentence is windows of 24, 48, 96, 192 ... frames. A device
// takes `batch_overhead` and then `seconds_per_frame` for each frame of a batch. Readers play their
// audio as they get it, and a request that is `buffer` ahead of its reader waits. Seeded: the same
// scenario gives the same numbers.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "server/synthesis/scheduler.h"

namespace m2tts {

// Clients that behave alike.
struct SimulatedClients {
  std::string name;
  int clients = 1;
  double requests_per_second = 1.0;  // of each client, Poisson
  int sentences = 1;                 // of each request
  Priority priority = Priority::kNormal;
  double deadline = 0.0;  // seconds from arrival; 0: none
  std::string client{};   // one name for all of them; empty: each has its own
};

struct Scenario {
  std::string name;
  std::vector<SimulatedClients> groups;
  int devices = 1;
  double seconds = 60.0;
  int max_requests = 64;  // admitted at a time
  int max_batch = 1;
  double batch_overhead = 0.0005;
  double seconds_per_frame = 0.01 * 256 / 22050;  // a real-time factor of 0.01
  double buffer = 10.0;
  uint64_t seed = 1;
};

struct GroupResult {
  std::string name;
  int arrived = 0, refused = 0, finished = 0, missed = 0;  // missed: its deadline
  std::vector<double> first_audio;                         // seconds, sorted
  std::map<std::string, double> audio;                     // by client
  double longest_wait = 0.0;  // between two windows of a request that was not ahead of its reader

  double Quantile(double q) const {
    return first_audio.empty()
               ? 0.0
               : first_audio[static_cast<size_t>(q * static_cast<double>(first_audio.size() - 1))];
  }
  double audio_seconds() const {
    double sum = 0.0;
    for (const auto& entry : audio) sum += entry.second;
    return sum;
  }
};

struct SimulationResult {
  std::vector<GroupResult> groups;
  double busy = 0.0;  // share of the devices' time
  double mean_batch = 0.0;
  // Jain's index of what the clients of a group got (1 = all the same).
  static double Fairness(const GroupResult& group) {
    double sum = 0.0, squares = 0.0;
    for (const auto& entry : group.audio) {
      sum += entry.second;
      squares += entry.second * entry.second;
    }
    return squares > 0.0 ? sum * sum / (static_cast<double>(group.audio.size()) * squares) : 1.0;
  }
};

class Simulation {
 public:
  explicit Simulation(const Scenario& scenario)
      : scenario_(scenario), scheduler_(OptionsFor(scenario)), random_(scenario.seed) {
    for (size_t g = 0; g < scenario.groups.size(); ++g) {
      result_.groups.emplace_back();
      result_.groups.back().name = scenario.groups[g].name;
      for (int c = 0; c < scenario.groups[g].clients; ++c) {
        const SimulatedClients& group = scenario.groups[g];
        const std::string client = group.client.empty() ? group.name + std::to_string(c) : group.client;
        result_.groups.back().audio[client] = 0.0;
        ScheduleArrival(g, client, 0.0);
      }
    }
    free_devices_ = scenario.devices;
  }

  SimulationResult Run() {
    while (!events_.empty() && events_.top().time <= scenario_.seconds) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.time;
      if (event.kind == Event::kArrival) Arrive(event);
      if (event.kind == Event::kBatchDone) Finish(event);
      Dispatch();
    }
    for (GroupResult& group : result_.groups) std::sort(group.first_audio.begin(), group.first_audio.end());
    result_.busy = busy_seconds_ / scenario_.seconds / scenario_.devices;
    result_.mean_batch = batches_ > 0 ? static_cast<double>(members_) / batches_ : 0.0;
    return result_;
  }

 private:
  struct Job : Schedulable {
    const Simulation* simulation = nullptr;
    size_t group = 0;
    std::string owner;
    double arrival = 0.0, due = 0.0, first = -1.0, made = 0.0, last = 0.0;
    int sentences = 0;
    int frames_left = 0, window = 24;  // of the sentence

    // Seconds until its reader has less than `buffer` left to play.
    double Ahead(double now) const {
      return first < 0.0 ? 0.0 : made - (now - first) - simulation->scenario_.buffer;
    }
    bool Expired(double now) const { return due > 0.0 && now >= due; }
    Turn turn() const override {
      if (Expired(simulation->now_)) return Turn::kStop;
      if (Ahead(simulation->now_) > 1e-9) return Turn::kWait;
      return first < 0.0 ? Turn::kFirst : Turn::kLater;
    }
    Priority priority() const override { return simulation->scenario_.groups[group].priority; }
    const std::string& client() const override { return owner; }
    std::optional<TimePoint> deadline() const override {
      return due > 0.0 ? std::optional<TimePoint>(Time(due)) : std::nullopt;
    }
    BatchKey batch_key() const override { return {nullptr, std::min(window, 192)}; }
  };
  struct Event {
    enum Kind { kArrival, kBatchDone, kWake };
    double time = 0.0;
    Kind kind = kWake;
    uint64_t number = 0;  // equal times: in order of scheduling
    size_t group = 0;
    std::string client;
    std::vector<Scheduler::JobPtr> batch;
    bool operator<(const Event& other) const {
      return time != other.time ? time > other.time : number > other.number;
    }
  };

  static SchedulerOptions OptionsFor(const Scenario& scenario) {
    SchedulerOptions options;
    options.max_batch = scenario.max_batch;
    options.max_batch_frames = 1 << 20;
    return options;
  }
  static TimePoint Time(double seconds) {
    return TimePoint(
        std::chrono::duration_cast<TimePoint::duration>(std::chrono::duration<double>(seconds + 1000.0)));
  }
  void Push(Event event) {
    event.number = ++event_number_;
    events_.push(std::move(event));
  }
  void ScheduleArrival(size_t group, const std::string& client, double after) {
    std::exponential_distribution<double> gap(scenario_.groups[group].requests_per_second);
    Event event;
    event.kind = Event::kArrival;
    event.time = after + gap(random_);
    event.group = group;
    event.client = client;
    Push(std::move(event));
  }
  int NextSentence() { return std::uniform_int_distribution<int>(120, 400)(random_); }

  void Arrive(const Event& event) {
    ScheduleArrival(event.group, event.client, now_);
    GroupResult& group = result_.groups[event.group];
    ++group.arrived;
    if (static_cast<int>(scheduler_.size()) >= scenario_.max_requests) {
      ++group.refused;
      return;
    }
    const SimulatedClients& clients = scenario_.groups[event.group];
    auto job = std::make_shared<Job>();
    job->simulation = this;
    job->group = event.group;
    job->owner = event.client;
    job->arrival = job->last = now_;
    job->due = clients.deadline > 0.0 ? now_ + clients.deadline : 0.0;
    job->sentences = clients.sentences;
    job->frames_left = NextSentence();
    scheduler_.Add(job, Time(now_));
  }

  void Dispatch() {
    while (free_devices_ > 0) {
      Scheduler::Batch batch = scheduler_.Next(Time(now_));
      if (batch.jobs.empty()) break;
      --free_devices_;
      double frames = 0.0;
      for (const auto& pointer : batch.jobs) {
        const auto job = std::static_pointer_cast<Job>(pointer);
        if (!job->Expired(now_)) frames += std::min(job->window, job->frames_left);
      }
      Event done;
      done.kind = Event::kBatchDone;
      const double seconds =
          frames > 0.0 ? scenario_.batch_overhead + frames * scenario_.seconds_per_frame : 0.0;
      busy_seconds_ += seconds;
      ++batches_;
      members_ += static_cast<int64_t>(batch.jobs.size());
      done.time = now_ + seconds;
      done.batch = std::move(batch.jobs);
      Push(std::move(done));
    }
  }

  void Finish(const Event& event) {
    ++free_devices_;
    for (const auto& pointer : event.batch) {
      const auto job = std::static_pointer_cast<Job>(pointer);
      GroupResult& group = result_.groups[job->group];
      if (job->Expired(now_)) {
        ++group.missed;
        scheduler_.Return(pointer, 0.0, true, Time(now_));
        continue;
      }
      const int frames = std::min(job->window, job->frames_left);
      const double audio = frames * 256.0 / 22050.0;
      group.longest_wait = std::max(group.longest_wait, now_ - job->last);
      if (job->first < 0.0) {
        job->first = now_;
        group.first_audio.push_back(now_ - job->arrival);
      }
      job->made += audio;
      group.audio[job->owner] += audio;
      job->frames_left -= frames;
      job->window = std::min(job->window * 2, 192);
      if (job->frames_left == 0 && --job->sentences > 0) {
        job->frames_left = NextSentence();
        job->window = 24;
      }
      const bool finished = job->sentences == 0;
      if (finished) ++group.finished;
      const double ahead = std::max(0.0, job->Ahead(now_));
      job->last = now_ + ahead;
      scheduler_.Return(pointer, audio, finished, Time(now_));
      if (!finished && ahead > 0.0) {
        Event wake;
        wake.time = now_ + ahead + 1e-6;
        Push(std::move(wake));
      }
    }
  }

  const Scenario scenario_;
  Scheduler scheduler_;
  std::mt19937_64 random_;
  std::priority_queue<Event> events_;
  uint64_t event_number_ = 0;
  double now_ = 0.0;
  int free_devices_ = 0;
  double busy_seconds_ = 0.0;
  int64_t batches_ = 0, members_ = 0;
  SimulationResult result_;
};

}  // namespace m2tts
