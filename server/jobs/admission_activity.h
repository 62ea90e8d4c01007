// What admission knows about synthesis, for jobs.
#pragma once

#include "server/jobs/serving_activity.h"
#include "server/synthesis/admission.h"

namespace m2tts {

class AdmissionActivity : public ServingActivity {
 public:
  // `admission` must outlive it. `arrivals` counts the requests that have come so far.
  AdmissionActivity(const Admission* admission, std::function<int64_t()> arrivals)
      : admission_(admission), arrivals_(std::move(arrivals)) {}

  bool Busy() override { return admission_->snapshot().requests > 0; }
  double ArrivalsPerSecond() override { return rate_.Update(arrivals_(), std::chrono::steady_clock::now()); }

 private:
  const Admission* const admission_;
  const std::function<int64_t()> arrivals_;
  ArrivalRate rate_;
};

}  // namespace m2tts
