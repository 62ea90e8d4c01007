// What the synthesis engine is doing, for jobs.
#pragma once

#include <functional>
#include <utility>

#include "server/jobs/serving_activity.h"
#include "server/synthesis/device_executor.h"

namespace m2tts {

class EngineActivity : public ServingActivity {
 public:
  // `executor` must outlive it. `arrivals` counts what came to be spoken so far.
  EngineActivity(const DeviceExecutor* executor, std::function<int64_t()> arrivals)
      : executor_(executor), arrivals_(std::move(arrivals)) {}

  // A request that waits for its slow reader leaves the device to others.
  bool Busy() override { return executor_->busy(); }
  double ArrivalsPerSecond() override { return rate_.Update(arrivals_(), std::chrono::steady_clock::now()); }

 private:
  const DeviceExecutor* const executor_;
  const std::function<int64_t()> arrivals_;
  ArrivalRate rate_;
};

}  // namespace m2tts
