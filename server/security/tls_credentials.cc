#include "server/security/tls_credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpcpp/version_info.h>

#include <string>
#include <utility>

namespace m2tts {
namespace {

// gRPC asks before every handshake (never from two threads at a time for one port), and keeps what it
// has when it gets no answer. Its C++ classes offer certificates that never change, or a watcher of files
// that takes a half-written one for none; hence the C interface.
class CertificateSource {
 public:
  explicit CertificateSource(std::shared_ptr<TlsFiles> files) : files_(std::move(files)) {}

  static grpc_ssl_certificate_config_reload_status Fetch(void* self,
                                                         grpc_ssl_server_certificate_config** config) {
    return static_cast<CertificateSource*>(self)->FetchInto(config);
  }

 private:
  grpc_ssl_certificate_config_reload_status FetchInto(grpc_ssl_server_certificate_config** config) {
    std::shared_ptr<const TlsMaterial> material = files_->Current();
    if (material == given_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair = {material->key.c_str(), material->certificate.c_str()};
    // gRPC insists on authorities here even where it asks no client for a certificate and so never uses them.
    const std::string& authorities =
        material->client_ca.empty() ? material->certificate : material->client_ca;
    *config = grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
    given_ = std::move(material);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const std::shared_ptr<TlsFiles> files_;
  std::shared_ptr<const TlsMaterial> given_;
};

grpc_server_credentials* MakeCredentials(CertificateSource* source, bool asks_clients) {
  return grpc_ssl_server_credentials_create_with_options(
      grpc_ssl_server_credentials_create_options_using_config_fetcher(
          asks_clients ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                       : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
          &CertificateSource::Fetch, source));
}

// The base's interface has changed: since 1.54 it holds the C object and binds the port itself.
#if GRPC_CPP_VERSION_MAJOR == 1 && GRPC_CPP_VERSION_MINOR < 54
class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  explicit ReloadingCredentials(std::shared_ptr<TlsFiles> files)
      : source_(files), credentials_(MakeCredentials(&source_, files->asks_clients())) {}
  ~ReloadingCredentials() override { grpc_server_credentials_release(credentials_); }
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  CertificateSource source_;
  grpc_server_credentials* const credentials_;
};
#else
struct OwnsSource {
  explicit OwnsSource(std::shared_ptr<TlsFiles> files) : source_(std::move(files)) {}
  CertificateSource source_;
};
class ReloadingCredentials final : private OwnsSource, public grpc::ServerCredentials {
 public:
  explicit ReloadingCredentials(std::shared_ptr<TlsFiles> files)
      : OwnsSource(files), grpc::ServerCredentials(MakeCredentials(&source_, files->asks_clients())) {}
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}
};
#endif

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(std::shared_ptr<TlsFiles> files) {
  return std::make_shared<ReloadingCredentials>(std::move(files));
}

}  // namespace m2tts
