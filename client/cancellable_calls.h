// The calls of a client object, one at a time, which another thread can end.
#pragma once

#include <grpcpp/client_context.h>

#include <utility>

#include "absl/base/thread_annotations.h"
#include "client/connection.h"
#include "core/base/mutex.h"

namespace m2tts {

// Belongs to a client; any thread may call Cancel.
class CancellableCalls {
 public:
  // Ends the call in progress, and any later one, with CANCELLED.
  void Cancel() ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(&mutex_);
    cancelled_ = true;
    if (current_ != nullptr) current_->TryCancel();
  }
  bool cancelled() ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(&mutex_);
    return cancelled_;
  }

 private:
  friend class CancellableCall;

  Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* current_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

// The context of one call, with the deadline and token of `options`; while it lives and is attached,
// CancellableCalls::Cancel reaches it.
class CancellableCall {
 public:
  CancellableCall(CancellableCalls* calls, const ClientOptions& options) : calls_(calls) {
    PrepareCall(options, &context_);
    MutexLock lock(&calls->mutex_);
    calls->current_ = &context_;
    if (calls->cancelled_) context_.TryCancel();
  }
  ~CancellableCall() { Detach(); }
  CancellableCall(const CancellableCall&) = delete;
  CancellableCall& operator=(const CancellableCall&) = delete;

  // Out of the reach of the client, which may go away before this.
  void Detach() {
    CancellableCalls* const calls = std::exchange(calls_, nullptr);
    if (calls == nullptr) return;
    MutexLock lock(&calls->mutex_);
    calls->current_ = nullptr;
  }

  grpc::ClientContext* context() { return &context_; }

 private:
  CancellableCalls* calls_;
  grpc::ClientContext context_;
};

}  // namespace m2tts
