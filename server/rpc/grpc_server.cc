#include "server/rpc/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>

#include <algorithm>

namespace m2tts {
namespace {

// The reflection library adds itself to every server of a program that links it.
class WithoutReflection : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    const std::string name = grpc::reflection::ProtoServerReflectionPlugin().name();
    plugins->erase(std::remove_if(plugins->begin(), plugins->end(),
                                  [&name](const auto& plugin) { return plugin->name() == name; }),
                   plugins->end());
  }
};

}  // namespace

StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const ListenAddress& address, bool reflection,
                                                        const ServerContext* context) {
  std::unique_ptr<GrpcServer> server(new GrpcServer(context));
  grpc::EnableDefaultHealthCheckService(true);
  if (reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  if (!reflection) builder.SetOption(std::make_unique<WithoutReflection>());
  // A second daemon on the same port would get half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  int port = 0;
  builder.AddListeningPort(address.ToString(), grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&server->synthesizer_);
  builder.RegisterService(&server->training_);
  builder.RegisterService(&server->admin_);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || port == 0) {
    return Errorf(
        StatusCode::kAlreadyExists,
        "cannot listen on {} for gRPC: the port is in use or the address is not this machine's; choose "
        "another with --listen (port 0 takes a free one)",
        address.ToString());
  }
  server->address_ = {address.host, port};
  server->SetServing(false);
  return server;
}

void GrpcServer::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* const health = server_->GetHealthCheckService();
  for (const char* service : {"", "m2tts.v1.Synthesizer", "m2tts.v1.Admin"}) {
    health->SetServingStatus(service, serving);
  }
  health->SetServingStatus("m2tts.v1.Training", serving && runs_jobs_);
}

void GrpcServer::Shutdown(std::chrono::system_clock::time_point deadline) {
  server_->Shutdown(deadline);
  server_->Wait();
}

}  // namespace m2tts
