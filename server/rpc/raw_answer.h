// Unary methods that are registered raw (raw_message.h): who calls is checked first, then the request is
// parsed, then comes the method's own work, and last its answer is written.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <spdlog/spdlog.h>

#include <functional>
#include <utility>

#include "server/base/status_details.h"
#include "server/rpc/call_tracker.h"
#include "server/rpc/raw_message.h"
#include "server/synthesis/worker_pool.h"

namespace m2tts {

// What gRPC hands to a raw method; the response lives until the call has ended.
struct RawCall {
  grpc::CallbackServerContext* context;
  const grpc::ByteBuffer* request;
  grpc::ByteBuffer* response;
};

// Answers on gRPC's thread: `work(const Request&, Response*)` returns a Status and takes no time.
template <typename Request, typename Response, typename Work>
grpc::ServerUnaryReactor* AnswerNow(CallTracker* calls, const char* method, Role role, const RawCall& call,
                                    const Work& work) {
  CallScope scope(calls, method, call.context, role);
  const auto answer = [&]() -> Status {
    M2TTS_RETURN_IF_ERROR(scope.status());
    M2TTS_ASSIGN_OR_RETURN(const auto request, ParseMessage<Request>(*call.request));
    Response response;
    M2TTS_RETURN_IF_ERROR(work(request, &response));
    return SerializeMessage(response, call.response);
  };
  grpc::ServerUnaryReactor* const reactor = call.context->DefaultReactor();
  reactor->Finish(scope.End(answer()));
  return reactor;
}

// Answers from a pool, since it takes longer than a thread of gRPC may be held. Deletes itself.
template <typename Request, typename Response>
class PooledAnswer : public grpc::ServerUnaryReactor {
 public:
  // On gRPC's thread: where to work, or what is wrong with the request.
  using Check = std::function<StatusOr<WorkerPool*>(const Request&)>;
  // On the pool's.
  using Work = std::function<Status(const Request&, Response*)>;

  PooledAnswer(CallTracker* calls, const char* method, Role role, const RawCall& call, const Check& check,
               Work work)
      : call_(calls, method, call.context, role), raw_response_(call.response), work_(std::move(work)) {
    const Status status = Begin(*call.request, check);
    if (!status.ok()) Finish(call_.End(status));  // else this may be gone by now
  }

 private:
  Status Begin(const grpc::ByteBuffer& bytes, const Check& check) {
    constexpr double kPoolRetrySeconds = 2.0;
    M2TTS_RETURN_IF_ERROR(call_.status());
    M2TTS_ASSIGN_OR_RETURN(request_, ParseMessage<Request>(bytes));
    M2TTS_ASSIGN_OR_RETURN(WorkerPool* const pool, check(request_));
    if (pool->TryPost([this] { Finish(call_.End(Run())); })) return OkStatus();
    return WithRetryDelay(Errorf(StatusCode::kResourceExhausted,
                                 "too many calls of this kind wait; retry in {:.0f} s", kPoolRetrySeconds),
                          kPoolRetrySeconds);
  }
  Status Run() {
    spdlog::debug("{} begins for {}", call_.caller().request_id, call_.caller().name);
    Response response;
    M2TTS_RETURN_IF_ERROR(work_(request_, &response));
    return SerializeMessage(response, raw_response_);
  }
  void OnDone() override { delete this; }

  CallScope call_;
  grpc::ByteBuffer* const raw_response_;
  const Work work_;
  Request request_;
};

}  // namespace m2tts
