// How much one client may ask for, so that none takes the machine from the others.
//
// A client is Caller::name: a token's name, or an address. Three limits, each off at 0: requests at a
// time; characters per minute, as a bucket that holds one minute's worth and may go into debt by one
// request, so that a long text is served once and then waited for; and predicted seconds of audio over the
// client's requests that run. A refusal is RESOURCE_EXHAUSTED with the delay after which it would pass, as
// far as that is known. A request that is refused further in, for a full queue or a failed device, gets its
// characters back: whoever tries again does not pay twice. A live answer is not refused what comes later: it
// asks HasCredit, and waits.
//
// Any thread may call. Knows at most kMaxClients at a time; more of them share one account.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/base/mutex.h"
#include "core/base/status.h"

namespace m2tts {

struct ClientLimitOptions {
  int max_requests = 0;                // at a time
  int64_t characters_per_minute = 0;   // bytes of UTF-8
  double max_queue_audio_seconds = 0;  // a single request may be longer
};

class ClientLimits {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr size_t kMaxClients = 10'000;

  // `on_reject` gets a short reason for a metric: client_requests, client_characters, client_audio.
  explicit ClientLimits(const ClientLimitOptions& options, std::function<void(const char*)> on_reject = {});

  // One request of a client; it counts until Leave, or until it is destroyed, which must be before the limits
  // are. But for Admitted, any thread may call.
  class Ticket {
   public:
    // Unless the request was admitted, its characters are given back.
    ~Ticket() { Leave(); }
    void Admitted() { refund_ = 0.0; }
    // For live answers. Whether more may be said: the account is neither in debt nor full of audio.
    bool HasCredit(TimePoint now) const;
    // Characters that come later; into debt if need be.
    void Spend(size_t characters);
    // What is still to be made, in place of the prediction so far.
    void SetAudio(double seconds);
    // The request has ended, and its place is for the next; what is called after does nothing.
    void Leave();
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

   private:
    friend class ClientLimits;
    Ticket(ClientLimits* limits, std::string client, double audio_seconds, double characters)
        : limits_(limits), client_(std::move(client)), refund_(characters), audio_seconds_(audio_seconds) {}
    ClientLimits* const limits_;
    const std::string client_;
    double refund_;
    // Guarded by the mutex of limits_.
    double audio_seconds_;
    bool left_ = false;
  };
  // `device_seconds`: that a second of audio takes, for the delay of a refusal.
  StatusOr<std::unique_ptr<Ticket>> Enter(const std::string& client, size_t characters, double audio_seconds,
                                          TimePoint now, double device_seconds = 0.0);

  // For requests to come.
  void SetOptions(const ClientLimitOptions& options);
  size_t clients() const;

 private:
  struct Account {
    int requests = 0;
    double audio_seconds = 0.0;
    double characters = 0.0;  // left; negative: debt
    TimePoint filled;
  };

  void Fill(Account* account, TimePoint now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetIdle(TimePoint now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Status Refuse(const char* reason, const std::string& what, double seconds) const;

  const std::function<void(const char*)> on_reject_;
  mutable Mutex mutex_;
  ClientLimitOptions options_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Account> accounts_ ABSL_GUARDED_BY(mutex_);
  size_t forget_at_ ABSL_GUARDED_BY(mutex_) = 64;  // accounts
};

}  // namespace m2tts
