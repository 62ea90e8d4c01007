// m2tts.v1.Admin. Called by gRPC's threads; holds no state of its own.
#pragma once

#include "m2tts/v1/admin.grpc.pb.h"
#include "server/rpc/server_context.h"

namespace m2tts {

class AdminService final : public v1::Admin::CallbackService {
 public:
  // `context` must outlive the service.
  explicit AdminService(const ServerContext* context) : context_(context) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* call, const v1::GetStatusRequest* request,
                                      v1::ServerStatus* status) override;

  // Not implemented yet.
  grpc::ServerUnaryReactor* LoadVoice(grpc::CallbackServerContext* call, const v1::LoadVoiceRequest*,
                                      v1::LoadVoiceResponse*) override;
  grpc::ServerUnaryReactor* UnloadVoice(grpc::CallbackServerContext* call, const v1::UnloadVoiceRequest*,
                                        v1::UnloadVoiceResponse*) override;
  grpc::ServerUnaryReactor* SetDefaultVoice(grpc::CallbackServerContext* call,
                                            const v1::SetDefaultVoiceRequest*,
                                            v1::SetDefaultVoiceResponse*) override;
  grpc::ServerUnaryReactor* RescanVoices(grpc::CallbackServerContext* call, const v1::RescanVoicesRequest*,
                                         v1::RescanVoicesResponse*) override;
  grpc::ServerUnaryReactor* Reload(grpc::CallbackServerContext* call, const v1::ReloadRequest*,
                                   v1::ReloadResponse*) override;
  grpc::ServerUnaryReactor* SetLogLevel(grpc::CallbackServerContext* call, const v1::SetLogLevelRequest*,
                                        v1::SetLogLevelResponse*) override;

 private:
  void FillStatus(v1::ServerStatus* status) const;

  const ServerContext* const context_;
};

}  // namespace m2tts
