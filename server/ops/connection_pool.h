// The threads of the HTTP server: one for each connection, so that who sends or reads slowly holds up nobody
// else. When a connection comes and there are as many already, one is cut: the oldest of the peer that has
// most, so that a flood pushes out its own. However many say nothing, or a byte now and then, a probe is
// answered beside them, and they do not use up the open files.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "core/base/mutex.h"

namespace m2tts {

class ConnectionPool {
 public:
  // `serve` is called on one of the threads with a connected socket, which is closed when it returns. It has
  // to return soon when the socket is shut down.
  ConnectionPool(size_t max_connections, std::function<void(int)> serve);
  ~ConnectionPool();

  // Takes the socket. `peer` is the same for connections that may come from one machine. Any thread.
  void Add(int socket, std::string peer);

  // Cuts all connections, also those that are still added, and returns when none is served. One thread at a
  // time.
  void Shutdown();

 private:
  struct Connection {
    int socket;
    std::string peer;
    bool is_served;
  };

  void Work();
  // Waits for a connection that is not served yet; -1 when there will be none.
  int Take();
  void Cut(const std::deque<Connection>::iterator& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CutOldestOfMost() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_connections_;
  const std::function<void(int)> serve_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Connection> connections_ ABSL_GUARDED_BY(mutex_);  // that are not cut, the oldest first
  std::vector<std::thread> threads_;
};

}  // namespace m2tts
