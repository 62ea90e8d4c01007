// The gRPC port: our services, health, reflection.
//
// Made, told and shut down by the daemon's main thread.
#pragma once

#include <grpcpp/server.h>

#include <chrono>
#include <memory>

#include "core/base/status.h"
#include "server/rpc/admin_service.h"
#include "server/rpc/listen_address.h"
#include "server/rpc/synthesizer_service.h"
#include "server/rpc/training_service.h"

namespace m2tts {

class GrpcServer {
 public:
  // Binds and serves at once; health says NOT_SERVING until SetServing. ALREADY_EXISTS when
  // the port is taken. `context` must outlive the server.
  static StatusOr<std::unique_ptr<GrpcServer>> Start(const ListenAddress& address, bool reflection,
                                                     const ServerContext* context);

  void SetServing(bool serving);
  // Refuses new calls, waits until `deadline` for those that run, then cancels them.
  void Shutdown(std::chrono::system_clock::time_point deadline);

  // With the port that was really taken.
  const ListenAddress& address() const { return address_; }

 private:
  explicit GrpcServer(const ServerContext* context)
      : runs_jobs_(context->jobs != nullptr), synthesizer_(context), training_(context), admin_(context) {}

  const bool runs_jobs_;

  SynthesizerService synthesizer_;
  TrainingService training_;
  AdminService admin_;
  ListenAddress address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace m2tts
