#include "server/synthesis/device_executor.h"

#include <algorithm>
#include <utility>

#include "core/device/runtime.h"
#include "server/synthesis/batch_step.h"
#include "server/synthesis/device_recovery.h"

namespace m2tts {
namespace {

constexpr double kStallRetrySeconds = 5.0;

BatchOutcome OutcomeOf(const std::vector<StepResult>& results) {
  BatchOutcome outcome;
  outcome.size = results.size();
  outcome.speaks = true;
  for (const StepResult& result : results) {
    outcome.computed = outcome.computed || result.audio_seconds > 0.0;
    if (result.job->device_error().ok()) continue;
    outcome.error = result.job->device_error();
    outcome.speaks = outcome.speaks && result.job->device_speaks();
  }
  // What one sentence does to a device that speaks the others is the sentence's fault.
  if (outcome.computed) outcome.error = OkStatus();
  return outcome;
}

}  // namespace

DeviceExecutor::DeviceExecutor(const ExecutorOptions& options, std::function<TimePoint()> now)
    : options_(options),
      now_(std::move(now)),
      scheduler_(options.scheduler),
      lanes_(static_cast<size_t>(std::max(options.lanes, 1))) {}

DeviceExecutor::~DeviceExecutor() {
  Stop();
}

void DeviceExecutor::Start() {
  for (int lane = 0; lane < options_.lanes; ++lane) {
    threads_.emplace_back([this, lane] { Loop(lane); });
  }
}

void DeviceExecutor::Stop() {
  if (threads_.empty()) return;
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    WakeAll();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  EndAll();
}

void DeviceExecutor::Submit(const std::shared_ptr<SynthesisJob>& job) {
  MutexLock lock(&mutex_);
  scheduler_.Add(job, now_());
  WakeOne();
}

void DeviceExecutor::Wake() {
  MutexLock lock(&mutex_);
  WakeOne();
}

// A lane that is not idle will look at the jobs before it is.
void DeviceExecutor::WakeOne() {
  const auto lane = std::find_if(lanes_.begin(), lanes_.end(), [](const Lane& l) { return l.idle; });
  if (lane != lanes_.end()) WakeLane(&*lane);
}

void DeviceExecutor::WakeAll() {
  for (Lane& lane : lanes_) WakeLane(&lane);
}

void DeviceExecutor::WakeLane(Lane* lane) {
  lane->idle = false;
  lane->wake.NotifyOne();
}

Status DeviceExecutor::Run(std::function<Status()> task) {
  const auto done = std::make_shared<std::promise<Status>>();
  {
    MutexLock lock(&mutex_);
    control_.push_back({std::move(task), done});
    WakeLane(&lanes_[0]);
  }
  return done->get_future().get();
}

std::optional<DeviceExecutor::ControlTask> DeviceExecutor::TakeControlTask() {
  if (control_.empty()) return std::nullopt;
  ControlTask control = std::move(control_.front());
  control_.pop_front();
  Lane& mine = lanes_[0];
  mine.since = now_();
  mine.busy = mine.control = true;
  WakeOne();  // for a job that lane 0 had, or was woken for
  return control;
}

void DeviceExecutor::RunControlTask(const ControlTask& control) {
  Status status = control.task();
  {
    MutexLock lock(&mutex_);
    Release(&lanes_[0]);
  }
  control.done->set_value(std::move(status));  // whoever waits is the only one who has it then
}

void DeviceExecutor::Release(Lane* lane) {
  lane->batch.clear();
  lane->busy = lane->control = lane->stalled = false;
}

Scheduler::Batch DeviceExecutor::TakeBatch(int lane) {
  const TimePoint now = now_();
  Scheduler::Batch batch = scheduler_.Next(now);
  Lane& mine = lanes_[static_cast<size_t>(lane)];
  mine.batch = batch.jobs;
  mine.since = now;
  mine.busy = !batch.jobs.empty();
  if (batch.more) WakeOne();
  return batch;
}

void DeviceExecutor::Compute(int lane, const std::vector<Scheduler::JobPtr>& batch) {
  std::vector<std::shared_ptr<SynthesisJob>> jobs;
  for (const Scheduler::JobPtr& job : batch) jobs.push_back(std::static_pointer_cast<SynthesisJob>(job));
  const std::vector<StepResult> results = ComputeBatch(jobs, now_);
  {
    MutexLock lock(&mutex_);
    for (const StepResult& result : results) {
      scheduler_.Return(result.job, result.audio_seconds, result.finished, now_());
    }
    Release(&lanes_[static_cast<size_t>(lane)]);
  }
  if (on_batch_) on_batch_(OutcomeOf(results));
}

bool DeviceExecutor::RunOne() {
  std::optional<ControlTask> control;
  Scheduler::Batch batch;
  {
    MutexLock lock(&mutex_);
    control = TakeControlTask();
    if (!control) batch = TakeBatch(0);
  }
  if (control) {
    RunControlTask(*control);
    return true;
  }
  if (batch.jobs.empty()) return false;
  Compute(0, batch.jobs);
  return true;
}

void DeviceExecutor::WaitForWork(Lane* lane, std::optional<TimePoint> until) {
  const std::optional<TimePoint> deadline = scheduler_.earliest_deadline();
  if (deadline && (!until || *deadline < *until)) until = deadline;
  lane->idle = true;
  if (until) {
    lane->wake.WaitUntil(&mutex_, *until);
  } else {
    lane->wake.Wait(&mutex_);
  }
  lane->idle = false;
}

void DeviceExecutor::Loop(int lane) {
  ConfigureCpuThreads(options_.threads_per_lane);
  while (true) {
    std::optional<ControlTask> control;
    Scheduler::Batch batch;
    {
      MutexLock lock(&mutex_);
      while (!stopping_) {
        if (lane == 0) control = TakeControlTask();
        if (control) break;
        batch = TakeBatch(lane);
        if (!batch.jobs.empty()) break;
        WaitForWork(&lanes_[static_cast<size_t>(lane)], batch.hold_until);
      }
      if (stopping_ && !control && batch.jobs.empty()) return;
    }
    if (control) {
      RunControlTask(*control);
      continue;
    }
    Compute(lane, batch.jobs);
  }
}

bool DeviceExecutor::CheckStalls() {
  std::vector<Scheduler::JobPtr> lost;
  size_t stalled = 0;
  {
    MutexLock lock(&mutex_);
    for (Lane& lane : lanes_) {
      const auto limit = lane.control ? options_.control_stall : options_.stall;
      if (!lane.busy || now_() - lane.since < limit) continue;
      ++stalled;
      if (!lane.stalled) lost.insert(lost.end(), lane.batch.begin(), lane.batch.end());
      lane.stalled = true;
    }
    if (stalled == lanes_.size()) lost = scheduler_.jobs();  // nobody else would even end them
  }
  for (const Scheduler::JobPtr& job : lost) {
    std::static_pointer_cast<SynthesisJob>(job)->Abandon(
        DeviceUnavailable("the device does not answer", kStallRetrySeconds));
  }
  return stalled > 0;
}

void DeviceExecutor::CancelAll(const Status& reason) {
  std::vector<Scheduler::JobPtr> jobs;
  {
    MutexLock lock(&mutex_);
    jobs = scheduler_.jobs();
  }
  for (const Scheduler::JobPtr& job : jobs) std::static_pointer_cast<SynthesisJob>(job)->Cancel(reason);
}

void DeviceExecutor::SetMaxBatch(int max_batch) {
  MutexLock lock(&mutex_);
  scheduler_.set_max_batch(std::clamp(max_batch, 1, options_.scheduler.max_batch));
}

bool DeviceExecutor::busy() const {
  MutexLock lock(&mutex_);
  if (std::any_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.busy; })) return true;
  const auto jobs = scheduler_.jobs();
  return std::any_of(jobs.begin(), jobs.end(), [](const auto& job) {
    const Schedulable::Turn turn = job->turn();
    return turn != Schedulable::Turn::kWait && turn != Schedulable::Turn::kReading;
  });
}

void DeviceExecutor::EndAll() {
  CancelAll(Errorf(StatusCode::kUnavailable, "the server is shutting down"));
  while (RunOne()) {
  }
}

}  // namespace m2tts
