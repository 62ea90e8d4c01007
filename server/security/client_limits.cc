#include "server/security/client_limits.h"

#include <algorithm>
#include <utility>

#include "server/base/status_details.h"

namespace m2tts {
namespace {

constexpr char kTheOthers[] = "(others)";
constexpr double kSecondsPerMinute = 60.0;
constexpr double kMinClientRetrySeconds = 0.1;
// Nobody knows when a client's own requests end: that is up to their readers.
constexpr double kOwnRequestsRetrySeconds = 1.0;

}  // namespace

ClientLimits::ClientLimits(const ClientLimitOptions& options, std::function<void(const char*)> on_reject)
    : on_reject_(std::move(on_reject)), options_(options) {}

Status ClientLimits::Refuse(const char* reason, const std::string& what, double seconds) const {
  if (on_reject_) on_reject_(reason);
  return WithRetryDelay(
      Errorf(StatusCode::kResourceExhausted, "limit of this client: {}; retry in {:.1f} s", what, seconds),
      seconds);
}

void ClientLimits::Fill(Account* account, TimePoint now) const {
  const double capacity = static_cast<double>(options_.characters_per_minute);
  const double seconds = std::chrono::duration<double>(now - account->filled).count();
  account->characters = std::min(capacity, account->characters + capacity * seconds / kSecondsPerMinute);
  account->filled = now;
}

void ClientLimits::ForgetIdle(TimePoint now) {
  if (accounts_.size() < forget_at_) return;
  for (auto it = accounts_.begin(); it != accounts_.end();) {
    Fill(&it->second, now);
    const bool full = it->second.characters >= static_cast<double>(options_.characters_per_minute);
    it = full && it->second.requests == 0 ? accounts_.erase(it) : std::next(it);
  }
  // Twice as many as are left: the work stays small beside the number of calls.
  forget_at_ = std::max<size_t>(64, 2 * accounts_.size());
}

StatusOr<std::unique_ptr<ClientLimits::Ticket>> ClientLimits::Enter(const std::string& client,
                                                                    size_t characters, double audio_seconds,
                                                                    TimePoint now, double device_seconds) {
  MutexLock lock(&mutex_);
  ForgetIdle(now);
  const bool known = accounts_.count(client) > 0;
  const std::string name = known || accounts_.size() < kMaxClients ? client : kTheOthers;
  const auto [found, is_new] = accounts_.try_emplace(name);
  Account& account = found->second;
  if (is_new) {
    account.characters = static_cast<double>(options_.characters_per_minute);
    account.filled = now;
  }
  Fill(&account, now);
  if (options_.max_requests > 0 && account.requests >= options_.max_requests) {
    return Refuse("client_requests", fmt::format("{} requests at a time", options_.max_requests),
                  kOwnRequestsRetrySeconds);
  }
  const double excess = account.audio_seconds + audio_seconds - options_.max_queue_audio_seconds;
  if (options_.max_queue_audio_seconds > 0 && account.requests > 0 && excess > 0) {
    return Refuse("client_audio",
                  fmt::format("{:.0f} s of audio in its requests that run", options_.max_queue_audio_seconds),
                  std::max(kOwnRequestsRetrySeconds, excess * device_seconds));
  }
  double spent = 0.0;
  if (options_.characters_per_minute > 0) {
    if (account.characters <= 0.0) {
      const double per_second = static_cast<double>(options_.characters_per_minute) / kSecondsPerMinute;
      return Refuse("client_characters",
                    fmt::format("{} characters per minute", options_.characters_per_minute),
                    std::max(kMinClientRetrySeconds, (1.0 - account.characters) / per_second));
    }
    spent = static_cast<double>(characters);
    account.characters -= spent;
  }
  ++account.requests;
  account.audio_seconds += audio_seconds;
  return std::unique_ptr<Ticket>(new Ticket(this, name, audio_seconds, spent));
}

void ClientLimits::Ticket::Leave() {
  MutexLock lock(&limits_->mutex_);
  if (std::exchange(left_, true)) return;
  const auto found = limits_->accounts_.find(client_);  // there: it has a request
  --found->second.requests;
  found->second.audio_seconds -= audio_seconds_;
  if (found->second.requests == 0) found->second.audio_seconds = 0.0;  // no rest of rounding
  found->second.characters += refund_;  // no more than a minute's worth: Fill sees to that
}

bool ClientLimits::Ticket::HasCredit(TimePoint now) const {
  MutexLock lock(&limits_->mutex_);
  if (left_) return true;
  Account& account = limits_->accounts_.at(client_);
  limits_->Fill(&account, now);
  if (limits_->options_.characters_per_minute > 0 && account.characters <= 0.0) return false;
  const double most = limits_->options_.max_queue_audio_seconds;
  return most <= 0 || account.audio_seconds < most;
}

void ClientLimits::Ticket::SetAudio(double seconds) {
  MutexLock lock(&limits_->mutex_);
  if (left_) return;
  limits_->accounts_.at(client_).audio_seconds += seconds - std::exchange(audio_seconds_, seconds);
}

void ClientLimits::Ticket::Spend(size_t characters) {
  MutexLock lock(&limits_->mutex_);
  if (left_ || limits_->options_.characters_per_minute == 0) return;
  limits_->accounts_.at(client_).characters -= static_cast<double>(characters);
}

void ClientLimits::SetOptions(const ClientLimitOptions& options) {
  MutexLock lock(&mutex_);
  options_ = options;
}

size_t ClientLimits::clients() const {
  MutexLock lock(&mutex_);
  return accounts_.size();
}

}  // namespace m2tts
