// A request that has been admitted, as its reactor sees it: speaking, or read from the cache.
#pragma once

#include "core/base/status.h"
#include "server/synthesis/synthesis_request.h"

namespace m2tts {

// Any thread may call these. The sink of the request hears OnDone exactly once, whatever happens.
class RunningRequest {
 public:
  virtual ~RunningRequest() = default;
  // Begins; once.
  virtual void Start() = 0;
  // Ends it with `reason` soon. The first call counts.
  virtual void Cancel(const Status& reason) = 0;
  // The reader took `seconds` of audio.
  virtual void OnDelivered(double seconds) = 0;
  // After its end: nothing of what it said waits for the reader any more, and its place is for others, in the
  // queue and among the requests of its client.
  virtual void LeavePlace() = 0;
  virtual const SynthesisRequest& request() const = 0;
};

}  // namespace m2tts
