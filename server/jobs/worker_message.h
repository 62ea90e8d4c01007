// What a worker says, read from the bytes of its socket (proto/m2tts/worker/v1/lease.proto). It may say
// anything: figures that are none, text that is no text. What comes out of here can be stored, shown and
// reckoned with. Stateless; any thread.
#pragma once

#include <optional>

#include "core/base/frames.h"
#include "core/base/status.h"
#include "m2tts/v1/training.pb.h"
#include "m2tts/worker/v1/lease.pb.h"

namespace m2tts {

// The next whole message, or nullopt until more bytes come. DATA_LOSS for what is no message; nothing
// sensible comes after that.
StatusOr<std::optional<worker::v1::WorkerMessage>> NextWorkerMessage(FrameReader* frames);

// Replaces all of `to` that a worker tells about a stage, but the time left (eta_estimate.h).
void ReadProgress(const worker::v1::Progress& from, v1::JobProgress* to);

// Of the micro-step that a lease is asked for, at most an hour; 0 = unknown.
double ExpectedSeconds(const worker::v1::LeaseRequest& request);

// The worker's own last word.
Status ReadDone(const worker::v1::Done& done);

}  // namespace m2tts
