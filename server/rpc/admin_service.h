// m2tts.v1.Admin. Called by gRPC's threads; holds no state of its own.
#pragma once

#include <functional>

#include "m2tts/v1/admin.grpc.pb.h"
#include "server/rpc/server_context.h"

namespace m2tts {

class AdminService final : public v1::Admin::CallbackService {
 public:
  // `context` must outlive the service.
  explicit AdminService(const ServerContext* context) : context_(context) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* call, const v1::GetStatusRequest* request,
                                      v1::ServerStatus* status) override;
  grpc::ServerUnaryReactor* LoadVoice(grpc::CallbackServerContext* call, const v1::LoadVoiceRequest* request,
                                      v1::LoadVoiceResponse* response) override;
  grpc::ServerUnaryReactor* UnloadVoice(grpc::CallbackServerContext* call,
                                        const v1::UnloadVoiceRequest* request,
                                        v1::UnloadVoiceResponse* response) override;
  grpc::ServerUnaryReactor* SetDefaultVoice(grpc::CallbackServerContext* call,
                                            const v1::SetDefaultVoiceRequest* request,
                                            v1::SetDefaultVoiceResponse* response) override;
  grpc::ServerUnaryReactor* RescanVoices(grpc::CallbackServerContext* call,
                                         const v1::RescanVoicesRequest* request,
                                         v1::RescanVoicesResponse* response) override;
  grpc::ServerUnaryReactor* Reload(grpc::CallbackServerContext* call, const v1::ReloadRequest* request,
                                   v1::ReloadResponse* response) override;
  grpc::ServerUnaryReactor* SetLogLevel(grpc::CallbackServerContext* call,
                                        const v1::SetLogLevelRequest* request,
                                        v1::SetLogLevelResponse* response) override;

 private:
  // For administrators, and what may wait for the device or the disk: `work` runs on the control thread.
  grpc::ServerUnaryReactor* Control(grpc::CallbackServerContext* call, const char* method,
                                    std::function<Status()> work) const;
  void FillStatus(v1::ServerStatus* status) const;

  const ServerContext* const context_;
};

}  // namespace m2tts
