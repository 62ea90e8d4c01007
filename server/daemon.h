// The daemon's life: load, warm up, serve, drain.
#pragma once

#include "core/base/status.h"
#include "server/command_line.h"

namespace m2tts {

// Serves until SIGTERM or SIGINT (see signals.h), then drains and returns OK: new
// requests are refused, running ones get config.drain_seconds to finish, what is left is cut.
// A second signal cuts at once. Prints where it listens on standard output when ready:
//   http listening on 127.0.0.1:9551
//   grpc listening on 127.0.0.1:50551
// SIGHUP reloads (reloader.h). systemd is told where it asks (service_notifier.h).
Status RunDaemon(const CommandLine& command_line);

}  // namespace m2tts
