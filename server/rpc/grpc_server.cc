#include "server/rpc/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <utility>

#include "server/rpc/unix_socket.h"
#include "server/security/tls_credentials.h"

namespace m2tts {
namespace {

constexpr int kMaxMetadataBytes = 16 << 10;
// For what gRPC holds of all connections. It reads a message whole before it looks whether it is too large
// (gRPC issue 43012), so without a quota a client decides how much memory that takes.
constexpr size_t kMaxTransportBytes = 192 << 20;
constexpr int kMaxStreamsPerConnection = 2000;
constexpr int kHandshakeTimeoutMs = 10'000;
constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kMinPingMs = 10'000;

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

// What a client may cost before anybody has looked at its calls.
void AddLimits(grpc::ServerBuilder* builder) {
  grpc::ResourceQuota quota("m2ttsd");
  quota.Resize(kMaxTransportBytes);
  builder->SetResourceQuota(quota);
  // A second daemon on the same port would get half of the calls.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  // Pings find peers that went away without a word, on idle connections too.
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Clients may ping as well, at a civil pace.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinPingMs);
}

}  // namespace

StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerOptions& options,
                                                        const ServerContext* context) {
  std::unique_ptr<GrpcServer> server(new GrpcServer(context));
  grpc::EnableDefaultHealthCheckService(true);
  if (options.reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  if (!options.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
  AddLimits(&builder);
  std::vector<int> ports(options.addresses.size(), 0);
  for (size_t i = 0; i < options.addresses.size(); ++i) {
    const ListenAddress& address = options.addresses[i];
    if (address.IsUnix()) M2TTS_RETURN_IF_ERROR(ClearStaleSocket(address.path));
    const bool encrypted = options.tls != nullptr && !address.IsUnix();
    server->credentials_.push_back(encrypted ? MakeTlsCredentials(options.tls)
                                             : grpc::InsecureServerCredentials());
    builder.AddListeningPort(address.ToString(), server->credentials_.back(), &ports[i]);
  }
  builder.RegisterService(&server->synthesizer_);
  builder.RegisterService(&server->training_);
  builder.RegisterService(&server->admin_);
  {
    const ScopedUmask umask(SocketMode(options.unix_access));
    server->server_ = builder.BuildAndStart();
  }
  for (size_t i = 0; i < options.addresses.size(); ++i) {
    ListenAddress address = options.addresses[i];
    if (server->server_ == nullptr || ports[i] == 0) {
      // The first one that was not bound; the ones after it were not tried.
      if (ports[i] != 0) continue;
      return Errorf(
          StatusCode::kAlreadyExists,
          "cannot listen on {} for gRPC: {}; choose another with --listen (port 0 takes a free one)",
          address.ToString(),
          address.IsUnix() ? "its folder is missing or not writable"
                           : "the port is in use or the address is not this machine's");
    }
    if (!address.IsUnix()) address.port = ports[i];
    server->addresses_.push_back(std::move(address));
  }
  if (server->server_ == nullptr) return Internal("gRPC does not start");
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
