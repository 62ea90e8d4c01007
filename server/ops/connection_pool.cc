#include "server/ops/connection_pool.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

namespace m2tts {

ConnectionPool::ConnectionPool(size_t max_connections, std::function<void(int)> serve)
    : max_connections_(max_connections), serve_(std::move(serve)) {
  for (size_t i = 0; i < max_connections; ++i) threads_.emplace_back([this] { Work(); });
}

ConnectionPool::~ConnectionPool() {
  Shutdown();
}

void ConnectionPool::Add(int socket, std::string peer) {
  {
    MutexLock lock(&mutex_);
    connections_.push_back({socket, std::move(peer), false});
    if (stopping_ || connections_.size() > max_connections_) CutOldestOfMost();
  }
  changed_.NotifyOne();
}

void ConnectionPool::Shutdown() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    while (!connections_.empty()) Cut(connections_.begin());
  }
  changed_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void ConnectionPool::Cut(const std::deque<Connection>::iterator& connection) {
  shutdown(connection->socket, SHUT_RDWR);  // wakes the thread that waits for it
  if (!connection->is_served) close(connection->socket);
  connections_.erase(connection);
}

void ConnectionPool::CutOldestOfMost() {
  std::map<std::string, size_t> held;
  for (const Connection& one : connections_) ++held[one.peer];
  Cut(std::max_element(connections_.begin(), connections_.end(),
                       [&](const Connection& a, const Connection& b) {
                         return held[a.peer] < held[b.peer];  // the first of equals is taken
                       }));
}

void ConnectionPool::Work() {
  for (int socket = Take(); socket >= 0; socket = Take()) {
    serve_(socket);
    shutdown(socket, SHUT_RDWR);  // for the peer, whoever else may have inherited the file
    {
      MutexLock lock(&mutex_);
      const auto served = std::find_if(connections_.begin(), connections_.end(),
                                       [socket](const Connection& one) { return one.socket == socket; });
      if (served != connections_.end()) connections_.erase(served);
    }
    close(socket);  // after that another may have its number
  }
}

int ConnectionPool::Take() {
  MutexLock lock(&mutex_);
  while (!stopping_) {
    // The newest, should there be several: it is the last to be cut.
    const auto found = std::find_if(connections_.rbegin(), connections_.rend(),
                                    [](const Connection& one) { return !one.is_served; });
    if (found != connections_.rend()) {
      found->is_served = true;
      return found->socket;
    }
    changed_.Wait(&mutex_);
  }
  return -1;
}

}  // namespace m2tts
