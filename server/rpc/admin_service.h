// m2tts.v1.Admin. Called by gRPC's threads; holds no state of its own. All methods are raw (raw_answer.h).
#pragma once

#include "m2tts/v1/admin.grpc.pb.h"
#include "server/rpc/raw_answer.h"
#include "server/rpc/server_context.h"

namespace m2tts {

using AdminMethods = v1::Admin::WithRawCallbackMethod_GetStatus<v1::Admin::WithRawCallbackMethod_LoadVoice<
    v1::Admin::WithRawCallbackMethod_UnloadVoice<v1::Admin::WithRawCallbackMethod_SetDefaultVoice<
        v1::Admin::WithRawCallbackMethod_RescanVoices<v1::Admin::WithRawCallbackMethod_Reload<
            v1::Admin::WithRawCallbackMethod_SetLogLevel<v1::Admin::Service>>>>>>>;

class AdminService final : public AdminMethods {
 public:
  // `context` must outlive the service.
  explicit AdminService(const ServerContext* context) : context_(context) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* LoadVoice(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* UnloadVoice(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* SetDefaultVoice(grpc::CallbackServerContext* call,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RescanVoices(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Reload(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* SetLogLevel(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;

 private:
  // For administrators, and what may wait for the device or the disk: `work` runs on the control thread.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Control(const char* method, const RawCall& call,
                                    std::function<Status(const Request&, Response*)> work) const;
  void FillStatus(v1::ServerStatus* status) const;

  const ServerContext* const context_;
};

}  // namespace m2tts
