#include "server/ops/acceptor.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace m2tts {
namespace {

// Where shutting the socket down does not wake who waits for it, as on macOS, the end takes as long.
constexpr int kLookMs = 200;

// What is missing (files, memory) may be there again after that; without it an error that lasts takes a core.
constexpr auto kAfterError = std::chrono::milliseconds(10);

// Of the one connection, or of the moment: the next may be taken at once.
bool IsPassing(int error) {
  return error == EINTR || error == EAGAIN || error == EWOULDBLOCK || error == ECONNABORTED;
}

}  // namespace

Acceptor::Acceptor(int listening, std::function<void(int)> take, Accept accept_next)
    : listening_(listening), take_(std::move(take)), accept_next_(std::move(accept_next)) {
  // A connection may be gone between poll and accept, which would then wait for the next one.
  fcntl(listening_, F_SETFL, fcntl(listening_, F_GETFL) | O_NONBLOCK);
  thread_ = std::thread([this] { Work(); });
}

Acceptor::~Acceptor() {
  stopping_ = true;
  shutdown(listening_, SHUT_RDWR);
  thread_.join();
  close(listening_);
}

void Acceptor::Work() {
  while (!stopping_) {
    pollfd ready{listening_, POLLIN, 0};
    if (poll(&ready, 1, kLookMs) <= 0) continue;
    const int connection = accept_next_(listening_);
    if (connection >= 0) {
      fcntl(connection, F_SETFD, FD_CLOEXEC);
      take_(connection);
    } else if (!IsPassing(errno)) {
      std::this_thread::sleep_for(kAfterError);
    }
  }
}

}  // namespace m2tts
