// A connection to the HTTP port, as httplib reads and writes it, with bounds that httplib lacks: it reads a
// line whole, however long, before it looks at the length, and its time-outs begin anew with every byte.
#pragma once

#include <httplib.h>

#include <array>
#include <chrono>
#include <string>

namespace m2tts {

// What httplib asks of a stream, but not of ours, whose reads and writes wait by themselves. The versions of
// httplib differ in which of these they have.
class WaitingStream : public httplib::Stream {
 public:
  // NOLINTBEGIN(modernize-use-override)
  virtual bool is_writable() const { return true; }
  virtual bool wait_readable() const { return true; }
  virtual bool wait_writable() const { return true; }
  virtual time_t duration() const { return 0; }
  // NOLINTEND(modernize-use-override)
};

// Used by one thread.
class BoundedStream : public WaitingStream {
 public:
  // A request, all of it: 30 times what Prometheus or a probe sends.
  static constexpr size_t kMaxBytes = 16 << 10;
  // From the start to the last byte of the answer. A client that is waited for longer is given up.
  static constexpr std::chrono::seconds kMaxTime{5};

  // `socket` stays the caller's, and open.
  explicit BoundedStream(int socket) : socket_(socket) {}

  // At least one byte; 0 at the end of what the client sends, -1 when it fails or is out of bounds.
  ssize_t read(char* to, size_t size) override;
  // At least one byte; -1 when it fails or is out of time.
  ssize_t write(const char* from, size_t size) override;

  bool is_readable() const override;
  socket_t socket() const override { return socket_; }
  // No handler of ours looks at who asks.
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}

 private:
  using Clock = std::chrono::steady_clock;

  // False when the client lets us wait too long for it.
  bool WaitFor(short event) const;
  // Repeats `call`, which does not wait, until it need not.
  template <typename Call>
  ssize_t WhenReady(short event, const Call& call) const;

  const int socket_;
  const Clock::time_point start_ = Clock::now();
  std::array<char, kMaxBytes> bytes_;  // never emptied: when it is full, the client has sent too much
  size_t begin_ = 0, end_ = 0;         // of what was received and is still to be read
};

}  // namespace m2tts
