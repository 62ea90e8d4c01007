// What a service tells systemd (sd_notify(3), without its library): datagrams to $NOTIFY_SOCKET.
//
// Says nothing where nobody asks: without the variable every call does nothing. Main thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace m2tts {

class ServiceNotifier {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and removes them from the environment, so that child
  // processes do not speak in our name.
  static ServiceNotifier FromEnvironment();
  // `socket`: a path, or "@name" for Linux's abstract sockets; empty: silent.
  explicit ServiceNotifier(std::string socket, std::optional<std::chrono::milliseconds> watchdog = {});

  void Ready(const std::string& status) const;  // READY=1
  void Reloading() const;                       // RELOADING=1; Ready() ends it
  void Stopping() const;                        // STOPPING=1
  void Alive() const;                           // WATCHDOG=1
  // How often Alive() has to be called: half of what systemd waits. Nullopt: never.
  std::optional<std::chrono::milliseconds> alive_every() const { return alive_every_; }

 private:
  void Send(const std::string& message) const;

  std::string socket_;
  std::optional<std::chrono::milliseconds> alive_every_;
};

}  // namespace m2tts
