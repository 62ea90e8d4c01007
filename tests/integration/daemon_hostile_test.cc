// Clients that are broken or mean no good: the daemon serves the others, leaks nothing and does not crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/resource.h>

#include <random>
#include <thread>

#include "tests/integration/daemon.h"
#include "tests/integration/generic_call.h"
#include "tests/integration/raw_socket.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;

constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
// An empty SETTINGS frame.
const std::string kSettings("\0\0\0\4\0\0\0\0\0", 9);

// The most that a process has ever held in RAM, in bytes.
double PeakResident(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stod(line.substr(6)) * 1024;
  }
  ADD_FAILURE() << "no peak of process " << pid;
  return 0.0;
}

class HostileTest : public testing::Test {
 protected:
  static constexpr double kSpareBytes = 40e6;

  static void SetUpTestSuite() {
    // As little as a system may give; the daemon asks for more, and so do we, for our ends of the
    // connections.
    rlimit files{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = 256;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
    daemon_ = new DaemonUnderTest("limits: {stream_buffer_seconds: 1}");
    files.rlim_cur = files.rlim_max;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
    if (!daemon_->ready()) return;
    Serve();
  }
  static void TearDownTestSuite() {
    if (daemon_->ready()) {
      daemon_->Stop();
    }
    delete daemon_;
  }
  void SetUp() override {
    ASSERT_TRUE(daemon_->ready());
    files_ = OpenFiles();
    resident_ = Resident();
  }
  // After each attack: the daemon is idle, serves, and soon holds neither files nor memory more than before.
  void TearDown() override {
    ASSERT_TRUE(daemon_->WaitIdle(30.0));
    Serve();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    const double resident_limit = kMemoryIsOurs ? resident_ + kSpareBytes : 1e18;
    while ((OpenFiles() > files_ + 8 || Resident() > resident_limit) &&
           std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // another process: nothing to wait on
    }
    EXPECT_LE(OpenFiles(), files_ + 8);
    EXPECT_LE(Resident(), resident_limit);
  }
  static double Resident() { return daemon_->Metric("m2tts_resident_memory_bytes"); }
  static void Serve() {
    const StreamResult result = Stream(&daemon_->synthesizer(), Request("You are not alone."));
    EXPECT_TRUE(result.status.ok()) << result.status.error_message();
  }
  static int OpenFiles() {
    std::error_code error;
    int files = 0;
    const std::string folder = "/proc/" + std::to_string(daemon_->process().pid()) + "/fd";
    for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
      ++files;
    }
    return files;
  }

  static DaemonUnderTest* daemon_;
  int files_ = 0;
  double resident_ = 0.0;
};
DaemonUnderTest* HostileTest::daemon_ = nullptr;

TEST_F(HostileTest, RandomBytes) {
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    const RawSocket socket(daemon_->address());
    std::string bytes = i % 3 == 0 ? "" : std::string(kPreface);
    if (i % 3 == 2) bytes += kSettings;
    for (int n = static_cast<int>(random() % 2000); n > 0; --n) bytes += static_cast<char>(random());
    socket.Send(bytes);
  }
  const RawSocket http(daemon_->address());
  http.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
}

TEST_F(HostileTest, AThousandConnectionsThatSaySlowlyOrNothing) {
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 1000; ++i) {
    sockets.emplace_back(daemon_->address());
    if (i % 3 == 1) sockets.back().Send(std::string(kPreface).substr(0, 5));
    if (i % 3 == 2) sockets.back().Send(kPreface + kSettings);
  }
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (OpenFiles() <= 1000 && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  EXPECT_GT(OpenFiles(), 1000) << "they are not let in";
  for (int round = 0; round < 10; ++round) {
    for (size_t i = 1; i < sockets.size(); i += 3) sockets[i].Send(std::string(1, kPreface[5 + round]));
    Serve();
  }
}

// They hold the threads of the HTTP port until others come, for which the oldest are cut.
TEST_F(HostileTest, ProbesAreAnsweredBesideSilentConnections) {
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 500; ++i) sockets.emplace_back(daemon_->http_address());
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(daemon_->HttpGet("/readyz"), "ready\n");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4))
        << "500 time-outs are minutes";
  }
}

TEST_F(HostileTest, HalfClosedAndResetConnections) {
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 150; ++i) {
    RawSocket socket(daemon_->address());
    socket.Send(kPreface + kSettings);
    if (i % 2 == 0) {
      socket.CloseHalf();
      sockets.push_back(std::move(socket));
    } else {
      socket.Reset();
    }
  }
  Serve();
}

TEST_F(HostileTest, AFloodOfCancels) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 100; ++i) {
        grpc::ClientContext context;
        const auto reader = daemon_->synthesizer().SynthesizeStream(&context, Request(LongText(50)));
        v1::SynthesizeStreamResponse message;
        if (i % 2 == 0) reader->Read(&message);
        context.TryCancel();
        while (reader->Read(&message)) {
        }
        const StatusCode code = reader->Finish().error_code();
        EXPECT_TRUE(code == StatusCode::CANCELLED || code == StatusCode::RESOURCE_EXHAUSTED) << code;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(HostileTest, DeadlinesOfAMillisecond) {
  for (int i = 0; i < 200; ++i) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(1));
    v1::SynthesizeResponse response;
    const grpc::Status status =
        daemon_->synthesizer().Synthesize(&context, Request("In no time at all."), &response);
    EXPECT_TRUE(status.ok() || status.error_code() == StatusCode::DEADLINE_EXCEEDED)
        << status.error_message();
  }
}

// Half an hour of silence, for a few letters: it is made as fast as it is encoded, and not faster.
TEST_F(HostileTest, LongPausesOfAnAnswerInOneMessage) {
  v1::SynthesizeRequest request;
  for (int i = 0; i < 60; ++i) request.mutable_text()->append("A.\n\n");
  request.mutable_audio_format()->set_encoding(v1::AUDIO_ENCODING_OGG_OPUS);
  request.mutable_audio_format()->set_sample_rate_hertz(8000);
  request.mutable_controls()->set_paragraph_pause_seconds(30.0);
  const double before = PeakResident(daemon_->process().pid());
  grpc::ClientContext context;
  v1::SynthesizeResponse response;
  const grpc::Status status = daemon_->synthesizer().Synthesize(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_GT(static_cast<double>(response.summary().total_samples()) / 8000.0, 59 * 30.0);
  EXPECT_LT(PeakResident(daemon_->process().pid()) - before, kMemoryIsOurs ? 60e6 : 1e18);
}

TEST_F(HostileTest, MessagesThatAreTooLarge) {
  for (const size_t bytes : {size_t{5} << 20, size_t{64} << 20}) {
    v1::SynthesizeResponse response;
    grpc::ClientContext context;
    const grpc::Status status =
        daemon_->synthesizer().Synthesize(&context, Request(std::string(bytes, 'a')), &response);
    EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  }
}

// gRPC reads a message to its end before it refuses it: what it may hold of one is bounded.
TEST_F(HostileTest, AMessageLargerThanWhatTransportsMayHold) {
  constexpr double kTransports = 192 << 20, kSlack = 64e6;
  grpc::ClientContext context;
  v1::SynthesizeResponse response;
  const grpc::Status status =
      v1::Synthesizer::NewStub(daemon_->NewChannel())
          ->Synthesize(&context, Request(std::string(size_t{400} << 20, 'a')), &response);
  EXPECT_FALSE(status.ok());
  if (!kMemoryIsOurs) return;
  EXPECT_LT(PeakResident(daemon_->process().pid()), resident_ + kTransports + kSlack);
}

TEST_F(HostileTest, HeadersThatAreTooLarge) {
  const auto call = [](const std::function<void(grpc::ClientContext*)>& add) {
    grpc::ClientContext context;
    add(&context);
    v1::SynthesizeResponse response;
    return v1::Synthesizer::NewStub(daemon_->NewChannel())
        ->Synthesize(&context, Request("Hello."), &response);
  };
  EXPECT_FALSE(call([](auto* context) { context->AddMetadata("x-bomb", std::string(1 << 20, 'x')); }).ok());
  EXPECT_FALSE(call([](auto* context) {
                 for (int i = 0; i < 2000; ++i) {
                   context->AddMetadata("x-bomb-" + std::to_string(i), std::string(100, 'x'));
                 }
               }).ok());
  EXPECT_TRUE(call([](auto* context) { context->AddMetadata("x-small", std::string(1000, 'x')); }).ok());
}

// Every method of ours, by its path and the type of its requests.
std::vector<std::pair<std::string, const google::protobuf::Descriptor*>> Methods() {
  std::vector<std::pair<std::string, const google::protobuf::Descriptor*>> methods;
  for (const google::protobuf::FileDescriptor* file :
       {v1::SynthesizeRequest::descriptor()->file(), v1::GetJobRequest::descriptor()->file(),
        v1::ReloadRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const google::protobuf::MethodDescriptor* const method = file->service(s)->method(m);
        methods.emplace_back("/" + file->service(s)->full_name() + "/" + method->name(),
                             method->input_type());
      }
    }
  }
  return methods;
}

std::string Varint(size_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

// A message whose first string, at any depth, is not UTF-8; "" when it has none.
std::string WithoutUtf8(const google::protobuf::Descriptor* type, int depth = 0) {
  constexpr int kMaxDepth = 4, kLengthDelimited = 2;
  for (int i = 0; i < type->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* const field = type->field(i);
    std::string value;
    if (field->type() == google::protobuf::FieldDescriptor::TYPE_STRING) {
      value = "a\xff\xfe";
    } else if (field->type() == google::protobuf::FieldDescriptor::TYPE_MESSAGE && depth < kMaxDepth) {
      value = WithoutUtf8(field->message_type(), depth + 1);
    }
    if (value.empty()) continue;
    const auto tag = static_cast<size_t>(field->number() << 3 | kLengthDelimited);
    return Varint(tag) + Varint(value.size()) + value;
  }
  return "";
}

// Random bytes, and a good request with bytes flipped, to every method.
TEST_F(HostileTest, MalformedProtobufs) {
  std::mt19937 random(2);
  grpc::GenericStub stub(daemon_->NewChannel());
  const std::string good = Request("Flip me.").SerializeAsString();
  int calls = 0;
  for (const auto& method : Methods()) {
    for (int i = 0; i < 30; ++i) {
      std::string bytes;
      if (i % 2 == 0) {
        bytes = good;
        for (int flips = 1 + static_cast<int>(random() % 4); flips > 0; --flips) {
          bytes[random() % bytes.size()] ^= static_cast<char>(1U << random() % 8);
        }
      } else {
        for (int n = static_cast<int>(random() % 300); n > 0; --n) bytes += static_cast<char>(random());
      }
      grpc::ClientContext context;
      const grpc::Status status = CallWith(&stub, &context, method.first, bytes);
      EXPECT_NE(status.error_code(), StatusCode::INTERNAL) << method.first << status.error_message();
      EXPECT_NE(status.error_code(), StatusCode::UNAVAILABLE) << method.first << status.error_message();
      EXPECT_NE(status.error_code(), StatusCode::UNIMPLEMENTED) << method.first << status.error_message();
      EXPECT_NE(status.error_code(), StatusCode::DEADLINE_EXCEEDED) << method.first << status.error_message();
      ++calls;
    }
  }
  EXPECT_GE(calls, 600);
}

TEST_F(HostileTest, WhatDoesNotParseIsAnInvalidArgumentInEveryMethod) {
  grpc::GenericStub stub(daemon_->NewChannel());
  int with_text = 0;
  for (const auto& [method, type] : Methods()) {
    const std::string text = WithoutUtf8(type);
    with_text += text.empty() ? 0 : 1;
    // A length that lies, a number that does not end, a group without its end, text.
    for (const std::string& bytes :
         {std::string("\x0a\x7f"), std::string(11, '\xff'), std::string("\x0b"), text}) {
      if (bytes.empty()) continue;
      grpc::ClientContext context;
      const grpc::Status status = CallWith(&stub, &context, method, bytes);
      EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT)
          << method << ": " << status.error_message();
      EXPECT_THAT(status.error_message(), testing::HasSubstr(type->full_name())) << method;
      EXPECT_THAT(status.error_message(), testing::HasSubstr("UTF-8")) << method;
    }
  }
  EXPECT_GE(with_text, 20) << "of 25 methods";
}

// The limit is the hard one of the system here: nothing is left to ask for.
TEST(OpenFilesTest, ADaemonThatTakesNoMoreConnectionsSaysSo) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer opens pipes to look at memory, and calls what it cannot look at invalid";
#endif
  rlimit before{}, few{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  DaemonUnderTest daemon;
  ASSERT_TRUE(daemon.ready());
  ASSERT_TRUE(Stream(&daemon.synthesizer(), Request("Before.")).status.ok());
  few = before;
  few.rlim_cur = few.rlim_max = 100;
  ASSERT_EQ(prlimit(daemon.process().pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 100; ++i) sockets.emplace_back(daemon.address());
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  v1::ServerStatus status;
  while (status.state() != v1::SERVER_STATE_DEAF && std::chrono::steady_clock::now() < limit) {
    grpc::ClientContext context;
    ASSERT_TRUE(daemon.admin().GetStatus(&context, {}, &status).ok());
  }
  EXPECT_EQ(status.state(), v1::SERVER_STATE_DEAF);
  EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Those that are inside are served.")).status.ok());
  sockets.clear();
  const httplib::Result ready = httplib::Client("127.0.0.1", daemon.http_port()).Get("/readyz");
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->status, 503);
  EXPECT_THAT(ready->body, HasSubstr("restart"));
  daemon.Stop();
}

}  // namespace
}  // namespace m2tts
