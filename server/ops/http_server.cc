#include "server/ops/http_server.h"

#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>
#include <utility>

#include "server/ops/acceptor.h"
#include "server/ops/bounded_stream.h"
#include "server/ops/connection_pool.h"

namespace m2tts {
namespace {

// Far more than probes and scrapers need, so that it takes floods from many machines to push one out.
constexpr size_t kMaxConnections = 32;

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

// Whose connection this is: the address, of IPv6 the half that is a network's.
std::string PeerOf(int connection) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getpeername(connection, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  const auto bytes = [](const void* first, size_t count) {
    return std::string(static_cast<const char*>(first), count);
  };
  if (address.ss_family == AF_INET) return bytes(&reinterpret_cast<sockaddr_in*>(&address)->sin_addr, 4);
  if (address.ss_family != AF_INET6) return "";
  const in6_addr& six = reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr;
  return IN6_IS_ADDR_V4MAPPED(&six) ? bytes(&six.s6_addr[12], 4) : bytes(&six, 8);
}

}  // namespace

// httplib's routes and its reading of requests, with connections of our own: one request for each, since one
// that is kept holds a thread, within the bounds of BoundedStream and of ConnectionPool. (Not in the
// namespace without a name, since Impl is not either.)
class BoundedHttpServer : public httplib::Server {
 public:
  BoundedHttpServer() : pool_(kMaxConnections, [this](int socket) { Serve(socket); }) {
    // Bodies are not even read: one that is packed may be a million times as large as what was sent.
    set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
      if (request.method == "GET" || request.method == "HEAD") return HandlerResponse::Unhandled;
      response.status = 404;
      return HandlerResponse::Handled;
    });
  }

  // After the port is bound. httplib lets 5 connections wait to be accepted, and whoever comes while they do
  // has to try again after a second, which is too late for a probe.
  void Listen() {
    const int socket = svr_sock_;
    svr_sock_ = INVALID_SOCKET;
    ::listen(socket, SOMAXCONN);
    acceptor_.emplace(socket, [this](int connection) { pool_.Add(connection, PeerOf(connection)); });
  }

 private:
  using Setup = std::function<void(httplib::Request&)>;

  void Serve(int socket) {
    BoundedStream stream(socket);
    // A header has room for thousands of ranges, and the answer would hold the whole page for each.
    Process(&BoundedHttpServer::process_request, &stream,
            [](httplib::Request& request) { request.ranges.clear(); });
  }

  // The parameters of process_request differ between versions of httplib, too.
  template <typename... More>
  void Process(bool (httplib::Server::*process)(httplib::Stream&, bool, bool&, const Setup&, More...),
               httplib::Stream* stream, const Setup& setup) {
    bool closed = false;
    (this->*process)(*stream, true, closed, setup, More{}...);
  }
  template <typename... More>
  void Process(bool (httplib::Server::*process)(httplib::Stream&, const std::string&, int, const std::string&,
                                                int, bool, bool&, const Setup&, More...),
               httplib::Stream* stream, const Setup& setup) {
    bool closed = false;
    (this->*process)(*stream, "", -1, "", -1, true, closed, setup, More{}...);
  }

  ConnectionPool pool_;
  std::optional<Acceptor> acceptor_;  // gone before the pool is
};

struct HttpServer::Impl {
  BoundedHttpServer server;
};

HttpServer::HttpServer() : impl_(std::make_unique<Impl>()) {}

StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const ListenAddress& address,
                                                        const AtomicServerState* state,
                                                        std::function<std::string()> metrics) {
  std::unique_ptr<HttpServer> http(new HttpServer());
  BoundedHttpServer& server = http->impl_->server;
  // httplib's default shares the port with another process (SO_REUSEPORT): not wanted.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });

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
  server.Listen();
  return http;
}

HttpServer::~HttpServer() = default;

}  // namespace m2tts
