#include "tests/client/fake_server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include "client/wav_header.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace m2tts::testing {
namespace {

template <typename Detail>
grpc::Status ErrorWithDetail(grpc::StatusCode code, const std::string& message, const Detail& detail) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  status.add_details()->PackFrom(detail);
  return grpc::Status(code, message, status.SerializeAsString());
}

}  // namespace

FakeServer::FakeServer() {
  on_stream = [](grpc::ServerContext*, Writer* writer) {
    for (const auto& part : GoodStream()) writer->Write(part);
    return grpc::Status::OK;
  };
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(static_cast<v1::Synthesizer::Service*>(this));
  builder.RegisterService(static_cast<v1::Admin::Service*>(this));
  server_ = builder.BuildAndStart();
  address_ = "127.0.0.1:" + std::to_string(port);
}

FakeServer::~FakeServer() {
  server_->Shutdown();
}

v1::SynthesizeRequest FakeServer::last_request() {
  MutexLock lock(&mutex_);
  return last_request_;
}

v1::AnalyzeTextRequest FakeServer::last_analysis() {
  MutexLock lock(&mutex_);
  return last_analysis_;
}

grpc::Status FakeServer::SynthesizeStream(grpc::ServerContext* context, const v1::SynthesizeRequest* request,
                                          Writer* writer) {
  {
    MutexLock lock(&mutex_);
    last_request_ = *request;
  }
  // A client that gave up early may set the next one while this one still writes.
  const auto handler = on_stream;
  return handler(context, writer);
}

grpc::Status FakeServer::SynthesizeLive(grpc::ServerContext* context, Live* live) {
  if (on_live == nullptr) return {grpc::StatusCode::RESOURCE_EXHAUSTED, "no live answers here"};
  return on_live(context, live);
}

grpc::Status FakeServer::ListVoices(grpc::ServerContext*, const v1::ListVoicesRequest* request,
                                    v1::ListVoicesResponse* response) {
  const size_t page = request->page_token().empty() ? 0 : std::stoul(request->page_token());
  if (page < voice_pages.size()) *response = voice_pages[page];
  return error;
}

grpc::Status FakeServer::AnalyzeText(grpc::ServerContext*, const v1::AnalyzeTextRequest* request,
                                     v1::AnalyzeTextResponse* response) {
  MutexLock lock(&mutex_);
  last_analysis_ = *request;
  *response = analysis;
  return error;
}

grpc::Status FakeServer::GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest*,
                                   v1::ServerStatus* response) {
  *response = status;
  return Record(context, "GetStatus");
}

grpc::Status FakeServer::LoadVoice(grpc::ServerContext* context, const v1::LoadVoiceRequest* request,
                                   v1::LoadVoiceResponse* response) {
  *response = load_voice;
  return Record(context, "LoadVoice " + request->name());
}

grpc::Status FakeServer::UnloadVoice(grpc::ServerContext* context, const v1::UnloadVoiceRequest* request,
                                     v1::UnloadVoiceResponse*) {
  return Record(context, "UnloadVoice " + request->name());
}

grpc::Status FakeServer::SetDefaultVoice(grpc::ServerContext* context,
                                         const v1::SetDefaultVoiceRequest* request,
                                         v1::SetDefaultVoiceResponse*) {
  return Record(context, "SetDefaultVoice " + request->name());
}

grpc::Status FakeServer::RescanVoices(grpc::ServerContext* context, const v1::RescanVoicesRequest*,
                                      v1::RescanVoicesResponse* response) {
  *response = rescan;
  return Record(context, "RescanVoices");
}

grpc::Status FakeServer::Reload(grpc::ServerContext* context, const v1::ReloadRequest*,
                                v1::ReloadResponse* response) {
  *response = reload;
  return Record(context, "Reload");
}

grpc::Status FakeServer::SetLogLevel(grpc::ServerContext* context, const v1::SetLogLevelRequest* request,
                                     v1::SetLogLevelResponse* response) {
  response->set_previous(v1::LOG_LEVEL_INFO);
  return Record(context, "SetLogLevel " + v1::LogLevel_Name(request->level()));
}

grpc::Status FakeServer::Record(grpc::ServerContext* context, const std::string& what) {
  const auto authorization = context->client_metadata().find("authorization");
  MutexLock lock(&mutex_);
  last_admin_ = what;
  last_authorization_ = authorization == context->client_metadata().end()
                            ? ""
                            : std::string(authorization->second.data(), authorization->second.size());
  return error;
}

std::string FakeServer::last_admin() {
  MutexLock lock(&mutex_);
  return last_admin_;
}

std::string FakeServer::last_authorization() {
  MutexLock lock(&mutex_);
  return last_authorization_;
}

std::string StreamingWavHeader() {
  return "RIFF" + LittleEndian32(0xFFFFFFFF) + "WAVEfmt " + LittleEndian32(16) + std::string("\1\0\1\0", 4) +
         LittleEndian32(8000) + LittleEndian32(16000) + std::string("\2\0\x10\0", 4) + "data" +
         LittleEndian32(0xFFFFFFFF);
}

std::vector<v1::SynthesizeStreamResponse> GoodStream() {
  std::vector<v1::SynthesizeStreamResponse> parts(4);
  auto* header = parts[0].mutable_header();
  header->set_encoding(v1::AUDIO_ENCODING_WAV);
  header->set_sample_rate_hertz(8000);
  header->set_channel_count(1);
  header->set_voice("test");

  auto* first = parts[1].mutable_chunk();
  first->set_audio(StreamingWavHeader() + "abcd");
  first->set_sample_count(2);
  auto* hello = first->add_words();
  hello->set_text("hello");
  hello->set_sample_count(2);

  auto* second = parts[2].mutable_chunk();
  second->set_audio("efgh");
  second->set_first_sample(2);
  second->set_sample_count(2);
  auto* world = second->add_words();
  world->set_text("world");
  world->set_first_sample(2);
  world->set_sample_count(2);

  auto* summary = parts[3].mutable_summary();
  summary->set_total_samples(4);
  summary->set_normalized_text("hello world");
  summary->mutable_timings()->mutable_first_audio()->set_nanos(20'000'000);
  return parts;
}

grpc::Status ErrorWithFieldViolation(const std::string& field, const std::string& description) {
  google::rpc::BadRequest detail;
  auto* violation = detail.add_field_violations();
  violation->set_field(field);
  violation->set_description(description);
  return ErrorWithDetail(grpc::StatusCode::INVALID_ARGUMENT, field + ": " + description, detail);
}

grpc::Status ErrorWithRequestId(grpc::StatusCode code, const std::string& request_id) {
  google::rpc::RequestInfo detail;
  detail.set_request_id(request_id);
  return ErrorWithDetail(code, "it went wrong", detail);
}

grpc::Status ErrorWithRetryDelay(int milliseconds) {
  google::rpc::RetryInfo detail;
  detail.mutable_retry_delay()->set_seconds(milliseconds / 1000);
  detail.mutable_retry_delay()->set_nanos(milliseconds % 1000 * 1'000'000);
  return ErrorWithDetail(grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full", detail);
}

}  // namespace m2tts::testing
