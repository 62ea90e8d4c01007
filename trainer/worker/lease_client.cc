#include "trainer/worker/lease_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace m2tts {
namespace {

constexpr int kHeartbeatMs = 1000;
constexpr auto kWelcomeTimeout = std::chrono::seconds(30);
// The daemon keeps at most one progress a second; a few more cost nothing.
constexpr auto kProgressInterval = std::chrono::milliseconds(250);
constexpr double kSmoothing = 0.2;

double Seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

StatusOr<std::unique_ptr<LeaseClient>> LeaseClient::Connect(int socket, std::atomic<bool>* stop) {
  std::unique_ptr<LeaseClient> client(new LeaseClient(socket, stop));
  client->Send(EncodeHello(::getpid()));
  MutexLock lock(&client->mutex_);
  const auto deadline = Clock::now() + kWelcomeTimeout;
  while (!client->welcome_ && client->stop_reason_.empty()) {
    if (!client->changed_.WaitUntil(&client->mutex_, deadline)) {
      return Errorf(StatusCode::kUnavailable, "the daemon does not answer on file {}", socket);
    }
  }
  client->max_step_seconds_ = client->welcome_step_seconds_;
  if (!client->welcome_) return Errorf(StatusCode::kFailedPrecondition, "{}", client->stop_reason_);
  return client;
}

LeaseClient::LeaseClient(int socket, std::atomic<bool>* stop)
    : socket_(socket), stop_(stop), started_(Clock::now()), sensors_(HostSensors()), thread_([this] {
        Listen();
      }) {}

LeaseClient::~LeaseClient() {
  {
    MutexLock lock(&mutex_);
    closing_ = true;
  }
  ::shutdown(socket_, SHUT_RDWR);
  thread_.join();
  ::close(socket_);
}

void LeaseClient::Listen() {
  char bytes[4096];
  while (true) {
    pollfd entry = {socket_, POLLIN, 0};
    const int ready = ::poll(&entry, 1, kHeartbeatMs);
    if (ready < 0 && errno != EINTR) break;
    if (ready <= 0) {
      Send(EncodeHeartbeat());
      continue;
    }
    const ssize_t count = ::recv(socket_, bytes, sizeof(bytes), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    frames_.Append({bytes, static_cast<size_t>(count)});
    while (true) {
      auto frame = frames_.Next();
      if (frame.ok() && !frame->has_value()) break;
      const auto message = frame.ok() ? DecodeDaemonMessage(**frame) : frame.status();
      if (!message.ok()) return Stop(std::string(message.status().message()));
      Take(*message);
    }
  }
  Stop("the daemon is gone");
}

void LeaseClient::Take(const DaemonMessage& message) {
  if (message.kind == DaemonMessage::Kind::kStop) return Stop(message.reason);
  if (message.kind == DaemonMessage::Kind::kWelcome && message.number != kLeaseProtocol) {
    return Stop(fmt::format("the daemon speaks version {} of the lease protocol, not {}", message.number,
                            kLeaseProtocol));
  }
  MutexLock lock(&mutex_);
  if (message.kind == DaemonMessage::Kind::kWelcome) {
    welcome_ = true;
    welcome_step_seconds_ = message.max_step_seconds;
  }
  if (message.kind == DaemonMessage::Kind::kHold) hold_ = true;
  if (message.kind == DaemonMessage::Kind::kLeaseGrant) granted_ = std::max(granted_, message.number);
  changed_.NotifyAll();
}

void LeaseClient::Stop(const std::string& reason) {
  MutexLock lock(&mutex_);
  if (closing_) return;
  if (stop_reason_.empty()) stop_reason_ = reason.empty() ? "the daemon says so" : reason;
  *stop_ = true;
  changed_.NotifyAll();
}

std::string LeaseClient::stop_reason() {
  MutexLock lock(&mutex_);
  return stop_reason_;
}

Status LeaseClient::BeforeStep(const std::function<Status()>& save) {
  fresh_ = true;
  return Ask(save);
}

void LeaseClient::BeforePiece() {
  if (std::exchange(fresh_, false)) return;
  (void)Ask(nullptr);  // only `save` can fail
}

Status LeaseClient::Ask(const std::function<Status()>& save) {
  const auto asked_at = Clock::now();
  if (asked_ > 0) {
    const double seconds = Seconds(asked_at - granted_at_);
    piece_seconds_ += (piece_seconds_ == 0.0 ? 1.0 : kSmoothing) * (seconds - piece_seconds_);
  }
  const int64_t number = ++asked_;
  Send(EncodeLeaseRequest(number, piece_seconds_));
  bool save_now = false;
  {
    MutexLock lock(&mutex_);
    while (granted_ < number && !hold_ && !*stop_) changed_.Wait(&mutex_);
    save_now = granted_ < number && hold_ && !*stop_;
  }
  Status status;
  if (save_now) {
    if (save != nullptr) status = save();
    MutexLock lock(&mutex_);
    while (granted_ < number && !*stop_) changed_.Wait(&mutex_);
  }
  {
    MutexLock lock(&mutex_);
    hold_ = false;
  }
  granted_at_ = Clock::now();
  waited_seconds_ += Seconds(granted_at_ - asked_at);
  return status;
}

void LeaseClient::OnProgress(const Progress& progress) {
  const auto now = Clock::now();
  if (progress.stage != stage_) {
    stage_ = progress.stage;
    started_ = now;
    waited_seconds_ = 0.0;
    last_progress_ = {};
  }
  const double total = Seconds(now - started_);
  const double share = total > 0.0 ? std::max(0.0, 1.0 - waited_seconds_ / total) : 1.0;
  const bool due = progress.step == progress.total || now - last_progress_ >= kProgressInterval;
  if (due)
    machine_ = {sensors_->Memory().resident_bytes.value_or(0), sensors_->Thermal().celsius.value_or(0.0)};
  unsent_progress_ = EncodeProgress(progress, machine_.first, machine_.second, share);
  if (!due) return;
  last_progress_ = now;
  Send(std::exchange(unsent_progress_, ""));
}

void LeaseClient::OnMessage(const std::string& text) {
  Send(EncodeEvent(text, ""));
}

void LeaseClient::OnSample(const std::string& path) {
  Send(EncodeEvent("", path));
}

void LeaseClient::Done(const Status& status) {
  if (!unsent_progress_.empty()) Send(unsent_progress_);
  Send(EncodeDone(status));
}

void LeaseClient::Send(const std::string& message) {
  MutexLock lock(&send_mutex_);
  (void)SendAll(socket_, Framed(message));  // a daemon that is gone shows in Listen
}

}  // namespace m2tts
