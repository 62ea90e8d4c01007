#include "server/ops/http_server.h"

#include <httplib.h>

#include <thread>
#include <utility>

#include "server/ops/newest_first_pool.h"

namespace m2tts {
namespace {

// One is held by each client that sends or reads slowly, for as long as that takes.
constexpr int kHttpThreads = 8;
constexpr time_t kTimeoutSeconds = 1;

const char* Readiness(ServerState state) {
  switch (state) {
    case ServerState::kStarting:
      return "starting\n";
    case ServerState::kServing:
      return "ready\n";
    case ServerState::kDraining:
      return "draining\n";
    case ServerState::kStuck:
      return "the device does not answer\n";
    case ServerState::kRecovering:
      return "the device has failed and is being recovered\n";
    case ServerState::kDeaf:
      return "there were no open files left; restart the daemon\n";
  }
  return "unknown\n";
}

}  // namespace

struct HttpServer::Impl {
  httplib::Server server;
  std::thread thread;
};

HttpServer::HttpServer() : impl_(std::make_unique<Impl>()) {}

StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const ListenAddress& address,
                                                        const AtomicServerState* state,
                                                        std::function<std::string()> metrics) {
  std::unique_ptr<HttpServer> http(new HttpServer());
  httplib::Server& server = http->impl_->server;
  // httplib's default shares the port with another process (SO_REUSEPORT): not wanted.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  server.new_task_queue = [] { return new NewestFirstPool(kHttpThreads); };
  server.set_read_timeout(kTimeoutSeconds);
  server.set_write_timeout(kTimeoutSeconds);
  server.set_payload_max_length(4096);
  server.set_keep_alive_max_count(1);  // a connection that is kept holds a thread
  server.set_keep_alive_timeout(kTimeoutSeconds);

  server.Get("/metrics",
             [metrics = std::move(metrics)](const httplib::Request&, httplib::Response& response) {
               response.set_content(metrics(), "text/plain; version=0.0.4");
             });
  server.Get("/healthz", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("ok\n", "text/plain");
  });
  server.Get("/readyz", [state](const httplib::Request&, httplib::Response& response) {
    const ServerState now = *state;
    response.status = now == ServerState::kServing ? 200 : 503;
    response.set_content(Readiness(now), "text/plain");
  });

  http->address_ = address;
  if (address.port == 0) {
    http->address_.port = server.bind_to_any_port(address.host);
  } else if (!server.bind_to_port(address.host, address.port)) {
    http->address_.port = -1;
  }
  if (http->address_.port <= 0) {
    return Errorf(StatusCode::kAlreadyExists,
                  "cannot listen on {} for HTTP: the port is in use or the address is not this machine's; "
                  "choose another with --metrics-listen (port 0 takes a free one)",
                  address.ToString());
  }
  http->impl_->thread = std::thread([&server] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();  // stop() before that would be lost
  return http;
}

HttpServer::~HttpServer() {
  impl_->server.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace m2tts
