// Answers of methods whose time has not come.
#pragma once

#include <grpcpp/support/server_callback.h>

#include "server/rpc/call_tracker.h"

namespace m2tts {

inline grpc::Status NotYet(CallTracker* calls, const char* method, Role role,
                           grpc::CallbackServerContext* context, const char* instead) {
  CallScope call(calls, method, context, role);
  Status status = call.status();
  if (status.ok())
    status = Errorf(StatusCode::kUnimplemented, "{} is not implemented yet; {}", method, instead);
  return call.End(status);
}

inline grpc::ServerUnaryReactor* Unimplemented(CallTracker* calls, const char* method, Role role,
                                               grpc::CallbackServerContext* context, const char* instead) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(NotYet(calls, method, role, context, instead));
  return reactor;
}

// The same for a server stream.
template <typename Response>
class UnimplementedStream : public grpc::ServerWriteReactor<Response> {
 public:
  UnimplementedStream(CallTracker* calls, const char* method, Role role, grpc::CallbackServerContext* context,
                      const char* instead) {
    this->Finish(NotYet(calls, method, role, context, instead));
  }
  void OnDone() override { delete this; }
};

// The same for streams both ways.
template <typename Request, typename Response>
class UnimplementedDialogue : public grpc::ServerBidiReactor<Request, Response> {
 public:
  UnimplementedDialogue(CallTracker* calls, const char* method, Role role,
                        grpc::CallbackServerContext* context, const char* instead) {
    this->Finish(NotYet(calls, method, role, context, instead));
  }
  void OnDone() override { delete this; }
};

}  // namespace m2tts
