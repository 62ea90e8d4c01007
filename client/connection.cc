#include "client/connection.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <chrono>

#include "core/base/file.h"
#include "core/base/version.h"

namespace m2tts {
namespace {

constexpr int kMaxReplyBytes = 64 << 20;  // an analysis is many times longer than its text
constexpr int kReadAheadBytes = 1 << 20;
constexpr size_t kMaxTokenBytes = 8192;
constexpr size_t kMaxPemBytes = size_t{1} << 20;

Status ReadPem(const std::string& path, std::string* pem) {
  if (path.empty()) return OkStatus();
  M2TTS_ASSIGN_OR_RETURN(*pem, ReadFile(path, kMaxPemBytes));
  if (pem->find("-----BEGIN ") == std::string::npos) return InvalidArgument("{}: is not a PEM file", path);
  return OkStatus();
}

}  // namespace

std::shared_ptr<grpc::Channel> Connect(const ClientOptions& options, int number) {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix("m2tts/" + Version());
  arguments.SetMaxReceiveMessageSize(kMaxReplyBytes);
  // With HTTP/2's 64 KiB a chunk of some seconds waits for the network to say that its first half has come.
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kReadAheadBytes);
  // A proxy variable meant for the web would otherwise swallow calls to loopback.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt("m2tts.connection", number);
  if (!options.tls.on) {
    return grpc::CreateCustomChannel(options.address, grpc::InsecureChannelCredentials(), arguments);
  }
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = options.tls.ca;
  ssl.pem_cert_chain = options.tls.cert;
  ssl.pem_private_key = options.tls.key;
  return grpc::CreateCustomChannel(options.address, grpc::SslCredentials(ssl), arguments);
}

void PrepareCall(const ClientOptions& options, grpc::ClientContext* context) {
  if (options.timeout_s > 0) {
    const std::chrono::duration<double> timeout(options.timeout_s);
    context->set_deadline(std::chrono::system_clock::now() +
                          std::chrono::duration_cast<std::chrono::milliseconds>(timeout));
  }
  if (!options.token.empty()) context->AddMetadata("authorization", "Bearer " + options.token);
}

Status CheckToken(const std::string& token, const std::string& source) {
  if (token.empty()) return InvalidArgument("{}: there is no token in it", source);
  if (!std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; })) {
    return InvalidArgument("{}: a token is one word of ASCII", source);
  }
  return OkStatus();
}

Status LoadCredentials(const CredentialFiles& files, ClientOptions* options) {
  if (!files.token.empty()) {
    M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(files.token, kMaxTokenBytes));
    options->token = text.substr(0, text.find_first_of("\r\n"));
    M2TTS_RETURN_IF_ERROR(CheckToken(options->token, files.token));
  }
  if (files.tls_cert.empty() != files.tls_key.empty()) {
    return InvalidArgument("--tls-cert and --tls-key go together");
  }
  M2TTS_RETURN_IF_ERROR(ReadPem(files.tls_ca, &options->tls.ca));
  M2TTS_RETURN_IF_ERROR(ReadPem(files.tls_cert, &options->tls.cert));
  M2TTS_RETURN_IF_ERROR(ReadPem(files.tls_key, &options->tls.key));
  if (!files.tls_ca.empty() || !files.tls_cert.empty()) options->tls.on = true;
  return OkStatus();
}

bool SendsTokenInTheClear(const ClientOptions& options) {
  if (options.token.empty() || options.tls.on) return false;
  const std::string& address = options.address;
  for (const char* local : {"unix:", "127.", "localhost:", "[::1]:"}) {
    if (address.rfind(local, 0) == 0) return false;
  }
  return true;
}

}  // namespace m2tts
