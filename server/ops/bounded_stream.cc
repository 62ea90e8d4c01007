#include "server/ops/bounded_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace m2tts {

ssize_t BoundedStream::read(char* to, size_t size) {
  if (begin_ == end_) {
    if (end_ == bytes_.size()) return -1;
    const ssize_t received = WhenReady(
        POLLIN, [this] { return recv(socket_, &bytes_[end_], bytes_.size() - end_, MSG_DONTWAIT); });
    if (received <= 0) return received;
    end_ += static_cast<size_t>(received);
  }
  size = std::min(size, end_ - begin_);
  std::memcpy(to, &bytes_[begin_], size);
  begin_ += size;
  return static_cast<ssize_t>(size);
}

ssize_t BoundedStream::write(const char* from, size_t size) {
  // To one who has hung up it is an error and no signal: httplib has the process ignore SIGPIPE.
  return WhenReady(POLLOUT, [&] { return send(socket_, from, size, MSG_DONTWAIT); });
}

bool BoundedStream::is_readable() const {
  pollfd ready{socket_, POLLIN, 0};
  return begin_ < end_ || poll(&ready, 1, 0) > 0;
}

bool BoundedStream::WaitFor(short event) const {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(start_ + kMaxTime - Clock::now());
    if (left.count() <= 0) return false;
    pollfd ready{socket_, event, 0};
    const int count = poll(&ready, 1, static_cast<int>(left.count()));
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) return false;
  }
}

template <typename Call>
ssize_t BoundedStream::WhenReady(short event, const Call& call) const {
  while (true) {
    const ssize_t count = call();
    if (count >= 0 || (errno != EAGAIN && errno != EINTR)) return count;
    if (!WaitFor(event)) return -1;
  }
}

}  // namespace m2tts
