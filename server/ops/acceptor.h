// Takes in the connections of a listening socket. No error ends that but the end of the acceptor: a port that
// a library closes after an unusual one (memory, a network that is down) would stay closed until the daemon
// restarts.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <thread>

namespace m2tts {

class Acceptor {
 public:
  // As accept(2) with the listening socket.
  using Accept = std::function<int(int)>;
  static int AcceptNext(int listening) { return accept(listening, nullptr, nullptr); }

  // Closes `listening` in the end. `take` is called on a thread of the acceptor's own, with a connected
  // socket that is then the callee's.
  Acceptor(int listening, std::function<void(int)> take, Accept accept_next = AcceptNext);
  // When it returns, nothing more is taken.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

 private:
  void Work();

  const int listening_;
  const std::function<void(int)> take_;
  const Accept accept_next_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace m2tts
