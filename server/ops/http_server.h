// The HTTP port: /metrics (Prometheus text format), /healthz (the process lives), /readyz
// (200 while requests are served, else 503).
//
// Its threads are its own, and what clients may make it hold is bounded: a connection has one request of 16
// KiB and 5 s for it, and of 32 connections the oldest makes room for the next. Made and destroyed by the
// daemon.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/status.h"
#include "server/base/listen_address.h"
#include "server/ops/server_state.h"

namespace m2tts {

class HttpServer {
 public:
  // Binds and serves at once. `metrics` renders /metrics. ALREADY_EXISTS when the port is
  // taken. `state` must outlive the server.
  static StatusOr<std::unique_ptr<HttpServer>> Start(const ListenAddress& address,
                                                     const AtomicServerState* state,
                                                     std::function<std::string()> metrics);
  ~HttpServer();

  // With the port that was really taken.
  const ListenAddress& address() const { return address_; }

 private:
  HttpServer();
  struct Impl;
  std::unique_ptr<Impl> impl_;
  ListenAddress address_;
};

}  // namespace m2tts
