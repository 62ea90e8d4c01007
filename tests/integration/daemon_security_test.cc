// Tokens, request ids and limits of clients, over the real daemon's ports.
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <thread>

#include "core/base/sha256.h"
#include "tests/integration/daemon.h"
#include "tests/integration/generic_call.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;

constexpr char kReader[] = "token-of-the-reader";
constexpr char kTrainer[] = "token-of-the-trainer";
constexpr char kAdmin[] = "token-of-the-admin";

std::string WriteTokens(const TempDir& dir) {
  std::ofstream(dir / "tokens") << "reader:synthesize:" << Sha256Hex(kReader)
                                << "\ntrainer:train:" << Sha256Hex(kTrainer)
                                << "\nboss:admin:" << Sha256Hex(kAdmin) << "\n";
  return dir / "tokens";
}

void AddToken(grpc::ClientContext* context, const std::string& token) {
  if (!token.empty()) context->AddMetadata("authorization", "Bearer " + token);
}

std::string Trailer(const grpc::ClientContext& context, const char* key) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(key);
  return found == trailers.end() ? "" : std::string(found->second.data(), found->second.size());
}

// Calls any method with an empty request, whatever its kind.
grpc::Status CallAnything(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                          const std::string& token, std::string* request_id) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  AddToken(&context, token);
  const grpc::Status status = CallWith(&stub, &context, method, "");
  *request_id = Trailer(context, "x-request-id");
  return status;
}

class TokenTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = new TempDir;
    daemon_ = new DaemonUnderTest("auth: {tokens: " + WriteTokens(*dir_) + "}\nlog_level: debug");
  }
  static void TearDownTestSuite() {
    delete daemon_;
    delete dir_;
  }
  static grpc::Status Speak(const std::string& token, const std::string& text = "Hello.") {
    grpc::ClientContext context;
    AddToken(&context, token);
    v1::SynthesizeResponse response;
    return daemon_->synthesizer().Synthesize(&context, Request(text), &response);
  }
  static grpc::Status Reload(const std::string& token, v1::ReloadResponse* told = nullptr) {
    grpc::ClientContext context;
    AddToken(&context, token);
    v1::ReloadResponse response;
    return daemon_->admin().Reload(&context, {}, told == nullptr ? &response : told);
  }

  static TempDir* dir_;
  static DaemonUnderTest* daemon_;
};
TempDir* TokenTest::dir_ = nullptr;
DaemonUnderTest* TokenTest::daemon_ = nullptr;

TEST_F(TokenTest, EveryMethodOfOursAsks) {
  ASSERT_TRUE(daemon_->ready());
  int methods = 0;
  for (const google::protobuf::FileDescriptor* file :
       {v1::SynthesizeRequest::descriptor()->file(), v1::GetJobRequest::descriptor()->file(),
        v1::ReloadRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const std::string method =
            "/" + file->service(s)->full_name() + "/" + file->service(s)->method(m)->name();
        std::string id;
        for (const char* token : {"", "wrong-token-of-nobody"}) {
          const grpc::Status status = CallAnything(daemon_->NewChannel(), method, token, &id);
          EXPECT_EQ(status.error_code(), StatusCode::UNAUTHENTICATED) << method << status.error_message();
          EXPECT_NE(id, "") << method;
        }
        // What no role of the trainer's allows.
        const bool for_all =
            method.find("GetStatus") != std::string::npos || method.find("ListVoices") != std::string::npos;
        if (file->service(s)->name() != "Training" && !for_all) {
          EXPECT_EQ(CallAnything(daemon_->NewChannel(), method, kTrainer, &id).error_code(),
                    StatusCode::PERMISSION_DENIED)
              << method;
        } else {
          const StatusCode code = CallAnything(daemon_->NewChannel(), method, kTrainer, &id).error_code();
          EXPECT_NE(code, StatusCode::PERMISSION_DENIED) << method;
          EXPECT_NE(code, StatusCode::UNAUTHENTICATED) << method;
        }
        ++methods;
      }
    }
  }
  EXPECT_GE(methods, 20);
}

TEST_F(TokenTest, RolesOpenTheirMethodsAndNoOthers) {
  EXPECT_TRUE(Speak(kReader).ok());
  EXPECT_EQ(Speak(kAdmin).error_code(), StatusCode::PERMISSION_DENIED) << "roles do not include each other";
  EXPECT_EQ(Reload(kReader).error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(Reload(kAdmin).ok());
  EXPECT_THAT(Speak(kAdmin).error_message(), HasSubstr("'boss' lacks the role 'synthesize'"));
}

TEST_F(TokenTest, NewTokensCountAfterAReload) {
  EXPECT_EQ(Speak("token-of-the-new-one").error_code(), StatusCode::UNAUTHENTICATED);
  std::ofstream(*dir_ / "tokens", std::ios::app)
      << "new:synthesize:" << Sha256Hex("token-of-the-new-one") << "\n";
  EXPECT_TRUE(Reload(kAdmin).ok());
  EXPECT_TRUE(Speak("token-of-the-new-one").ok());
  std::ofstream(*dir_ / "tokens", std::ios::app) << "junk\n";
  v1::ReloadResponse told;
  EXPECT_TRUE(Reload(kAdmin, &told).ok());
  ASSERT_EQ(told.failed_size(), 1);
  EXPECT_EQ(told.failed(0).what(), "auth.tokens");
  EXPECT_THAT(told.failed(0).error(), HasSubstr("tokens:5: expected NAME:ROLE"));
  EXPECT_TRUE(Speak("token-of-the-new-one").ok()) << "a bad file changes nothing";
  WriteTokens(*dir_);
  EXPECT_TRUE(Reload(kAdmin).ok());
  EXPECT_EQ(Speak("token-of-the-new-one").error_code(), StatusCode::UNAUTHENTICATED);
}

TEST_F(TokenTest, RequestIdIsInTrailerErrorAndLogAndTextIsNot) {
  grpc::ClientContext context;
  AddToken(&context, kReader);
  context.AddMetadata("x-request-id", "trace-7.a_b");
  v1::SynthesizeRequest request = Request("Xylophones whisper confidentially.");
  request.mutable_controls()->set_speed(100);
  v1::SynthesizeResponse response;
  const grpc::Status status = daemon_->synthesizer().Synthesize(&context, request, &response);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Trailer(context, "x-request-id"), "trace-7.a_b");
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  google::rpc::RequestInfo info;
  bool found = false;
  for (const auto& detail : details.details()) found = found || detail.UnpackTo(&info);
  EXPECT_TRUE(found);
  EXPECT_EQ(info.request_id(), "trace-7.a_b");
  EXPECT_TRUE(Speak(kReader, "Xylophones whisper confidentially.").ok());
  const std::string log = daemon_->process().Errors();
  EXPECT_THAT(log, HasSubstr("trace-7.a_b Synthesize INVALID_ARGUMENT"));
  EXPECT_THAT(log, HasSubstr("client reader"));
  for (const char* secret : {"Xylophones", "xylophones", kReader, kAdmin}) {
    EXPECT_EQ(log.find(secret), std::string::npos) << secret;
  }
}

TEST_F(TokenTest, ABadRequestIdIsReplaced) {
  for (const std::string& bad : {std::string(65, 'x'), std::string("a b"), std::string("<script>")}) {
    grpc::ClientContext context;
    AddToken(&context, kReader);
    context.AddMetadata("x-request-id", bad);
    v1::SynthesizeResponse response;
    EXPECT_TRUE(daemon_->synthesizer().Synthesize(&context, Request("Hello."), &response).ok());
    EXPECT_EQ(Trailer(context, "x-request-id").size(), 16u);
  }
}

TEST(ClientLimitTest, OneClientDoesNotTakeThePlaceOfAnother) {
  const TempDir dir;
  std::ofstream(dir / "tokens") << "a:synthesize:" << Sha256Hex("token-a-0123456789")
                                << "\nb:synthesize:" << Sha256Hex("token-b-0123456789") << "\n";
  DaemonUnderTest daemon("auth: {tokens: " + (dir / "tokens").string() +
                         "}\nclients: {max_requests: 1}\nlimits: {stream_buffer_seconds: 1}");
  ASSERT_TRUE(daemon.ready());
  grpc::ClientContext occupying;
  AddToken(&occupying, "token-a-0123456789");
  const auto reader = daemon.synthesizer().SynthesizeStream(&occupying, Request(LongText(1000)));
  v1::SynthesizeStreamResponse message;
  ASSERT_TRUE(reader->Read(&message));

  grpc::ClientContext second;
  AddToken(&second, "token-a-0123456789");
  v1::SynthesizeResponse response;
  const grpc::Status refused = daemon.synthesizer().Synthesize(&second, Request("Hello."), &response);
  EXPECT_EQ(refused.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("limit of this client: 1 requests at a time"));
  EXPECT_EQ(Trailer(second, "grpc-retry-pushback-ms"), "1000");
  grpc::ClientContext reading;
  AddToken(&reading, "token-a-0123456789");
  v1::AnalyzeTextRequest text;
  text.set_text("Hello.");
  v1::AnalyzeTextResponse analysis;
  EXPECT_EQ(daemon.synthesizer().AnalyzeText(&reading, text, &analysis).error_code(),
            StatusCode::RESOURCE_EXHAUSTED);
  grpc::ClientContext other;
  AddToken(&other, "token-b-0123456789");
  EXPECT_TRUE(daemon.synthesizer().Synthesize(&other, Request("Hello."), &response).ok());
  EXPECT_EQ(daemon.Metric("m2tts_rejections_total{reason=\"client_requests\"}"), 2.0);
  occupying.TryCancel();
  reader->Finish();
}

// Whoever has read the end of an answer may send the next request.
TEST(ClientLimitTest, OneRequestAfterTheOtherKeepsALimitOfOne) {
  DaemonUnderTest daemon("clients: {max_requests: 1}");
  ASSERT_TRUE(daemon.ready());
  v1::Synthesizer::Stub& stub = daemon.synthesizer();
  v1::SynthesizeResponse response;
  v1::AnalyzeTextRequest text;
  text.set_text("Hi.");
  v1::AnalyzeTextResponse analysis;
  v1::SynthesizeLiveRequest config;
  config.mutable_config()->set_text("Hi.");
  for (int i = 0; i < 100; ++i) {
    grpc::ClientContext whole, analyzed, talking, too_long;
    EXPECT_TRUE(stub.Synthesize(&whole, Request("Hi."), &response).ok());
    EXPECT_TRUE(Stream(&stub, Request("Hi.")).status.ok());
    EXPECT_TRUE(stub.AnalyzeText(&analyzed, text, &analysis).ok());
    const auto live = stub.SynthesizeLive(&talking);
    live->WriteLast(config, {});
    v1::SynthesizeStreamResponse part;
    while (live->Read(&part)) {
    }
    EXPECT_TRUE(live->Finish().ok());
    // Refused by its length, before it is a job.
    EXPECT_EQ(stub.Synthesize(&too_long, Request(LongText(1500)), &response).error_code(),
              StatusCode::INVALID_ARGUMENT);
  }
}

// A hot machine refuses bulk requests: that is what a capped role's are, whatever they say.
TEST(RolePriorityTest, ARoleCapsWhatItMayAskFor) {
  const TempDir dir;
  std::ofstream(dir / "tokens") << "a:synthesize:" << Sha256Hex("token-a-0123456789")
                                << "\nb:synthesize-bulk:" << Sha256Hex("token-b-0123456789") << "\n";
  std::ofstream(dir / "sensors.yaml") << "thermal: {celsius: 101}\n";
  DaemonUnderTest daemon("auth: {tokens: " + (dir / "tokens").string() +
                         "}\ngovernor: {sensors: " + (dir / "sensors.yaml").string() +
                         ", sample_seconds: 0.1, policy: {critical: [no_leases, clear_caches, "
                         "shrink_batches, tighten_admission, refuse_bulk]}}");
  ASSERT_TRUE(daemon.ready());
  v1::SynthesizeRequest request = Request("Hello.");
  request.set_priority(v1::PRIORITY_INTERACTIVE);
  const auto say = [&](const std::string& token) {
    grpc::ClientContext context;
    AddToken(&context, token);
    v1::SynthesizeResponse response;
    return daemon.synthesizer().Synthesize(&context, request, &response);
  };
  grpc::Status capped = say("token-b-0123456789");
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (capped.ok() && std::chrono::steady_clock::now() < limit) capped = say("token-b-0123456789");
  EXPECT_EQ(capped.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(capped.error_message(), HasSubstr("takes no bulk requests"));
  EXPECT_TRUE(say("token-a-0123456789").ok());
}

TEST(ReflectionTest, IsOffWhereOthersCouldAskUnlessTheConfigurationSaysOtherwise) {
  const auto code = [](const std::string& config, const std::string& address) {
    DaemonUnderTest daemon(config, {}, {"--listen", address});
    EXPECT_TRUE(daemon.ready());
    std::string request_id;
    return CallAnything(daemon.NewChannel(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                        "", &request_id)
        .error_code();
  };
  EXPECT_NE(code("", "127.0.0.1:0"), StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(code("reflection: \"off\"", "127.0.0.1:0"), StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(code("insecure_public: true", "0.0.0.0:0"), StatusCode::UNIMPLEMENTED);
  EXPECT_NE(code("insecure_public: true\nreflection: \"on\"", "0.0.0.0:0"), StatusCode::UNIMPLEMENTED);
}

TEST(HashTokenCommandTest, MakesALineThatTheDaemonTakes) {
  const TempDir dir;
  Process generate({DaemonPath(), "hash-token", "reader", "--generate", dir / "reader.token"});
  const std::string line = generate.ReadAll();
  EXPECT_EQ(generate.Wait(), 0) << generate.Errors();
  EXPECT_THAT(line, testing::MatchesRegex("reader:synthesize:[0-9a-f]{64}\n"));
  std::ofstream(dir / "tokens") << line;
  DaemonUnderTest daemon("auth: {tokens: " + (dir / "tokens").string() + "}");
  ASSERT_TRUE(daemon.ready());
  Process say({M2TTS_BINARY_DIR "/client/m2tts", "say", "Hello.", "-o", dir / "hello.wav", "--address",
               daemon.address(), "--token-file", dir / "reader.token"});
  EXPECT_EQ(say.Wait(), 0) << say.Errors();
  EXPECT_GT(std::filesystem::file_size(dir / "hello.wav"), 10'000u);

  Process bad({DaemonPath(), "hash-token", "reader", "--roles", "king", "--generate", dir / "other.token"});
  EXPECT_EQ(bad.Wait(), 2);
  EXPECT_THAT(bad.Errors(), HasSubstr("'king' is not a role"));
}

TEST(ConfigCheckTest, MissingTokensAndCertificatesAreNoStart) {
  const TempDir dir;
  const auto errors_of = [&dir](const std::string& config) {
    std::ofstream(dir / "m2ttsd.yaml") << config;
    Process process({DaemonPath(), "--config", dir / "m2ttsd.yaml", "--listen", "127.0.0.1:0",
                     "--metrics-listen", "off"});
    EXPECT_EQ(process.Wait(), 1) << config;
    Process check({DaemonPath(), "--config", dir / "m2ttsd.yaml", "--validate-config"});
    EXPECT_EQ(check.Wait(), 2) << config;
    EXPECT_NE(process.Errors().find(check.Errors()), std::string::npos) << check.Errors();
    return process.Errors();
  };
  EXPECT_THAT(errors_of("auth: {tokens: none}"), HasSubstr("auth.tokens"));
  EXPECT_THAT(errors_of("tls: {certificate: none.pem, key: none.key}"), HasSubstr("none.pem"));
  std::ofstream(dir / "tokens") << "bob:synthesize:plain-text\n";
  EXPECT_THAT(errors_of("auth: {tokens: tokens}"), HasSubstr("tokens:1: the third field"));
}

}  // namespace
}  // namespace m2tts
