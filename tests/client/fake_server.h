// A real gRPC server on a free port, in this process, that answers as a test says. It is the peer of
// the client's unit tests; end_to_end_test.cc uses the real m2ttsd.
#pragma once

#include <grpcpp/server.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/mutex.h"
#include "m2tts/v1/admin.grpc.pb.h"
#include "m2tts/v1/synthesizer.grpc.pb.h"

namespace m2tts::testing {

class FakeServer : public v1::Synthesizer::Service, public v1::Admin::Service {
 public:
  using Writer = grpc::ServerWriter<v1::SynthesizeStreamResponse>;

  FakeServer();
  ~FakeServer() override;

  const std::string& address() const { return address_; }

  // Set before the first call. The default stream is GoodStream().
  std::function<grpc::Status(grpc::ServerContext*, Writer*)> on_stream;
  // Of SynthesizeLive; absent: RESOURCE_EXHAUSTED.
  using Live = grpc::ServerReaderWriter<v1::SynthesizeStreamResponse, v1::SynthesizeLiveRequest>;
  std::function<grpc::Status(grpc::ServerContext*, Live*)> on_live;
  std::vector<v1::ListVoicesResponse> voice_pages;
  v1::AnalyzeTextResponse analysis;
  v1::ServerStatus status;
  grpc::Status error;  // of the unary calls

  v1::LoadVoiceResponse load_voice;
  v1::RescanVoicesResponse rescan;
  v1::ReloadResponse reload;

  v1::SynthesizeRequest last_request();
  // "LoadVoice en_US-slt": the last call of Admin that changes something.
  std::string last_admin();
  // The metadata `authorization` of the last unary call.
  std::string last_authorization();
  v1::AnalyzeTextRequest last_analysis();

  grpc::Status SynthesizeStream(grpc::ServerContext* context, const v1::SynthesizeRequest* request,
                                Writer* writer) override;
  grpc::Status SynthesizeLive(grpc::ServerContext* context, Live* live) override;
  grpc::Status ListVoices(grpc::ServerContext* context, const v1::ListVoicesRequest* request,
                          v1::ListVoicesResponse* response) override;
  grpc::Status AnalyzeText(grpc::ServerContext* context, const v1::AnalyzeTextRequest* request,
                           v1::AnalyzeTextResponse* response) override;
  grpc::Status GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest* request,
                         v1::ServerStatus* response) override;

  grpc::Status LoadVoice(grpc::ServerContext* context, const v1::LoadVoiceRequest* request,
                         v1::LoadVoiceResponse* response) override;
  grpc::Status UnloadVoice(grpc::ServerContext* context, const v1::UnloadVoiceRequest* request,
                           v1::UnloadVoiceResponse* response) override;
  grpc::Status SetDefaultVoice(grpc::ServerContext* context, const v1::SetDefaultVoiceRequest* request,
                               v1::SetDefaultVoiceResponse* response) override;
  grpc::Status RescanVoices(grpc::ServerContext* context, const v1::RescanVoicesRequest* request,
                            v1::RescanVoicesResponse* response) override;
  grpc::Status Reload(grpc::ServerContext* context, const v1::ReloadRequest* request,
                      v1::ReloadResponse* response) override;
  grpc::Status SetLogLevel(grpc::ServerContext* context, const v1::SetLogLevelRequest* request,
                           v1::SetLogLevelResponse* response) override;

 private:
  grpc::Status Record(grpc::ServerContext* context, const std::string& what);

  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  Mutex mutex_;
  v1::SynthesizeRequest last_request_ ABSL_GUARDED_BY(mutex_);
  std::string last_admin_ ABSL_GUARDED_BY(mutex_);
  std::string last_authorization_ ABSL_GUARDED_BY(mutex_);
  v1::AnalyzeTextRequest last_analysis_ ABSL_GUARDED_BY(mutex_);
};

// A streaming WAV header (lengths 0xFFFFFFFF) at 8000 Hz.
std::string StreamingWavHeader();

// Header, two chunks of two samples ("hello" in the first, "world" in the second), summary.
std::vector<v1::SynthesizeStreamResponse> GoodStream();

// An error with google.rpc details, as m2ttsd sends them.
grpc::Status ErrorWithFieldViolation(const std::string& field, const std::string& description);
grpc::Status ErrorWithRetryDelay(int milliseconds);
grpc::Status ErrorWithRequestId(grpc::StatusCode code, const std::string& request_id);

}  // namespace m2tts::testing
