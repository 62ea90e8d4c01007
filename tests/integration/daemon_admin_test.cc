// Voices, settings and the log level changed while the real daemon serves; SIGHUP; systemd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <thread>

#include "tests/integration/daemon.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kSlt[] = "en_US-slt";
constexpr char kMulti[] = "en_US-multi";
constexpr char kSentence[] = "The old river stood beside the quiet mountain for many years.";

// A daemon with voices of its own: a (default) and b.
class VoicesTest : public testing::Test {
 protected:
  VoicesTest() {
    CopyVoice(kSlt, Folder(), "a");
    CopyVoice(kMulti, Folder(), "b");
  }
  void Start(const std::string& more = "") {
    daemon_ = std::make_unique<DaemonUnderTest>("voices: {folder: " + Folder().string() + ", default: a" +
                                                (more.empty() ? "" : ", " + more) + "}");
    ASSERT_TRUE(daemon_->ready());
  }
  std::filesystem::path Folder() const { return dir_ / "voices"; }

  grpc::Status Load(const std::string& name, v1::LoadVoiceResponse* response = nullptr) {
    grpc::ClientContext context;
    v1::LoadVoiceRequest request;
    request.set_name(name);
    v1::LoadVoiceResponse ignored;
    return daemon_->admin().LoadVoice(&context, request, response == nullptr ? &ignored : response);
  }
  grpc::Status Unload(const std::string& name) {
    grpc::ClientContext context;
    v1::UnloadVoiceRequest request;
    request.set_name(name);
    v1::UnloadVoiceResponse response;
    return daemon_->admin().UnloadVoice(&context, request, &response);
  }
  grpc::Status SetDefault(const std::string& name) {
    grpc::ClientContext context;
    v1::SetDefaultVoiceRequest request;
    request.set_name(name);
    v1::SetDefaultVoiceResponse response;
    return daemon_->admin().SetDefaultVoice(&context, request, &response);
  }
  v1::RescanVoicesResponse Rescan() {
    grpc::ClientContext context;
    v1::RescanVoicesResponse response;
    const grpc::Status status = daemon_->admin().RescanVoices(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  grpc::Status Speak(const std::string& voice, v1::SynthesizeResponse* response) {
    grpc::ClientContext context;
    v1::SynthesizeRequest request = Request(kSentence);
    request.mutable_voice()->set_voice(voice);
    return daemon_->synthesizer().Synthesize(&context, request, response);
  }
  std::string Audio(const std::string& voice) {
    v1::SynthesizeResponse response;
    const grpc::Status status = Speak(voice, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.audio();
  }
  std::vector<v1::Voice> List() {
    grpc::ClientContext context;
    v1::ListVoicesResponse response;
    EXPECT_TRUE(daemon_->synthesizer().ListVoices(&context, {}, &response).ok());
    return {response.voices().begin(), response.voices().end()};
  }

  const TempDir dir_;
  std::unique_ptr<DaemonUnderTest> daemon_;
};

// Near enough to be the same speech: windows of a busy device may be cut elsewhere.
bool SameAudio(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i + 1 < a.size(); i += 2) {
    const auto sample = [i](const std::string& pcm) {
      return static_cast<int16_t>(static_cast<unsigned char>(pcm[i]) | static_cast<unsigned char>(pcm[i + 1])
                                                                           << 8);
    };
    if (std::abs(sample(a) - sample(b)) > 64) return false;
  }
  return true;
}

TEST_F(VoicesTest, ListTellsWhatAVoiceIs) {
  Start();
  const std::vector<v1::Voice> voices = List();
  ASSERT_EQ(voices.size(), 2u);
  EXPECT_EQ(voices[0].name(), "a");
  EXPECT_TRUE(voices[0].is_default());
  EXPECT_THAT(voices[0].weights_sha256(), testing::MatchesRegex("[0-9a-f]{64}"));
  EXPECT_EQ(voices[0].device(), "cpu");
  EXPECT_GE(voices[0].resident_bytes(), voices[0].size_bytes());
  EXPECT_FALSE(voices[0].sample_text().empty());
  EXPECT_GT(voices[1].speakers_size(), 1);
}

TEST_F(VoicesTest, LoadUnloadAndDefault) {
  Start();
  EXPECT_EQ(Unload("a").error_code(), StatusCode::FAILED_PRECONDITION) << "the default voice";
  EXPECT_TRUE(Unload("b").ok());
  v1::SynthesizeResponse response;
  EXPECT_EQ(Speak("b", &response).error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(Unload("b").error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(SetDefault("b").error_code(), StatusCode::NOT_FOUND);
  EXPECT_TRUE(Load("b").ok());
  EXPECT_TRUE(SetDefault("b").ok());
  ASSERT_TRUE(Speak("", &response).ok());
  EXPECT_EQ(response.header().voice(), "b");
  EXPECT_TRUE(Unload("a").ok());
  EXPECT_EQ(daemon_->Metric("m2tts_voices"), 1.0);
}

TEST_F(VoicesTest, HostileNamesAreRefused) {
  Start();
  for (const std::string& name :
       {std::string(), std::string("../voices/a"), std::string("/etc"), std::string("."),
        std::string("a/../b"), std::string(1000, 'x'), std::string("a\nb")}) {
    EXPECT_EQ(Load(name).error_code(), StatusCode::INVALID_ARGUMENT) << name;
  }
  EXPECT_EQ(Load("nobody").error_code(), StatusCode::NOT_FOUND);
}

TEST_F(VoicesTest, ADamagedBundleIsRefusedAndTheOldOneStays) {
  Start();
  const std::string before = Audio("b");
  FlipByteInTheMiddle(Folder() / "b" / "model.safetensors");
  const grpc::Status status = Load("b");
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.error_message(), HasSubstr("model.safetensors"));
  EXPECT_EQ(Audio("b"), before);
  const v1::RescanVoicesResponse rescan = Rescan();
  ASSERT_EQ(rescan.failed_size(), 1);
  EXPECT_EQ(rescan.failed(0).name(), "b");
  EXPECT_EQ(Audio("b"), before);
  EXPECT_GE(daemon_->Metric("m2tts_voice_load_failures"), 2.0);
}

TEST_F(VoicesTest, RescanFindsWhatChanged) {
  Start();
  EXPECT_THAT(Rescan().ShortDebugString(), IsEmpty());
  CopyVoice(kMulti, Folder(), "c");
  EXPECT_THAT(Rescan().added(), ElementsAre("c"));
  const std::string before = Audio("b");
  CopyVoice(kSlt, Folder(), "b");
  EXPECT_THAT(Rescan().changed(), ElementsAre("b"));
  EXPECT_NE(Audio("b"), before);
  std::filesystem::remove_all(Folder() / "c");
  EXPECT_THAT(Rescan().removed(), ElementsAre("c"));
  EXPECT_TRUE(Unload("b").ok());
  EXPECT_THAT(Rescan().ShortDebugString(), IsEmpty()) << "what was unloaded stays so";
  std::filesystem::remove_all(Folder() / "a");
  EXPECT_EQ(Rescan().failed_size(), 1) << "the default voice stays loaded";
  Audio("a");
}

TEST_F(VoicesTest, TheLeastRecentlyUsedVoiceMakesRoom) {
  CopyVoice(kMulti, Folder(), "c");
  // Room for two of the three, whatever the bundles' precision.
  const auto bytes = std::filesystem::file_size(Folder() / "a" / "model.safetensors");
  Start("max_resident_bytes: " + std::to_string(bytes * 5));
  const size_t at_start = List().size();
  ASSERT_EQ(at_start, 2u) << "a voice of 16 bits takes twice its size in memory";
  v1::LoadVoiceResponse response;
  ASSERT_TRUE(Load("c", &response).ok());
  EXPECT_THAT(response.unloaded(), ElementsAre("b"));
  EXPECT_THAT(Rescan().ShortDebugString(), IsEmpty());
  ASSERT_TRUE(Load("b", &response).ok());
  EXPECT_THAT(response.unloaded(), ElementsAre("c")) << "never the default voice";
}

TEST_F(VoicesTest, SwappingUnderLoadDropsAndMixesNothing) {
  Start();
  // x is now the one voice, now the other.
  CopyVoice(kSlt, Folder(), "x");
  ASSERT_TRUE(Load("x").ok());
  const std::string first = Audio("x");
  CopyVoice(kMulti, Folder(), "x");
  ASSERT_TRUE(Load("x").ok());
  const std::string second = Audio("x");
  const std::string fixed = Audio("a");
  ASSERT_NE(first.size(), second.size());

  std::atomic<bool> stop{false};
  std::atomic<int> spoken{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&, i] {
      while (!stop) {
        const std::string voice = i == 0 ? "a" : "x";
        v1::SynthesizeResponse response;
        const grpc::Status status = Speak(voice, &response);
        EXPECT_TRUE(status.ok()) << status.error_message();
        if (voice == "a") {
          EXPECT_TRUE(SameAudio(response.audio(), fixed));
        } else {
          EXPECT_TRUE(SameAudio(response.audio(), first) || SameAudio(response.audio(), second));
        }
        ++spoken;
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    CopyVoice(i % 2 == 0 ? kSlt : kMulti, Folder(), "x");
    EXPECT_TRUE(Load("x").ok());
    EXPECT_TRUE(SetDefault(i % 2 == 0 ? "x" : "a").ok());
    EXPECT_TRUE(Unload("b").ok());
    EXPECT_TRUE(Load("b").ok());
  }
  stop = true;
  for (std::thread& client : clients) client.join();
  EXPECT_GT(spoken, 20);
}

TEST_F(VoicesTest, ARequestInFlightKeepsItsVoice) {
  Start();
  grpc::ClientContext context;
  v1::SynthesizeRequest request = Request(LongText(20));
  request.mutable_voice()->set_voice("b");
  const auto reader = daemon_->synthesizer().SynthesizeStream(&context, request);
  v1::SynthesizeStreamResponse message;
  ASSERT_TRUE(reader->Read(&message) && message.has_header());
  EXPECT_TRUE(Unload("b").ok());
  const StreamResult rest = ReadStream(reader.get());
  EXPECT_TRUE(rest.status.ok()) << rest.status.error_message();
  EXPECT_EQ(rest.order.back(), 's');
}

TEST_F(VoicesTest, LoadingAgainAndAgainCostsNoMemory) {
  Start();
  const auto cycle = [this] {
    EXPECT_TRUE(Load("b").ok());
    Audio("b");
    EXPECT_TRUE(Unload("b").ok());
  };
  const auto resident = [this] { return daemon_->Metric("m2tts_resident_memory_bytes"); };
  for (int i = 0; i < 20; ++i) cycle();
  // The allocator keeps more or less of what is free: compare the most of then with the least of now.
  double before = resident(), after = 1e18;
  for (int i = 0; i < 10; ++i) {
    cycle();
    before = std::max(before, resident());
  }
  for (int i = 0; i < 50; ++i) {
    cycle();
    if (i >= 40) after = std::min(after, resident());
  }
  EXPECT_LT(after, before * 1.05) << before;
}

TEST(LogTest, TheTextIsLoggedOnlyWhereThatIsWanted) {
  DaemonUnderTest daemon("log_text: true");
  ASSERT_TRUE(daemon.ready());
  EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Hello there.\n[info] A forged line.")).status.ok());
  EXPECT_THAT(daemon.process().Errors(), HasSubstr("says: Hello there. [info] A forged line.\n"));
}

class ReloadTest : public testing::Test {
 protected:
  grpc::Status Reload(v1::ReloadResponse* response) {
    grpc::ClientContext context;
    return daemon_.admin().Reload(&context, {}, response);
  }
  int MaxRequests() {
    grpc::ClientContext context;
    v1::ServerStatus status;
    EXPECT_TRUE(daemon_.admin().GetStatus(&context, {}, &status).ok());
    return status.queue().max_requests();
  }
  grpc::Status Speak(const std::string& text) {
    grpc::ClientContext context;
    v1::SynthesizeResponse response;
    return daemon_.synthesizer().Synthesize(&context, Request(text), &response);
  }

  DaemonUnderTest daemon_{"limits: {max_requests: 7, max_text_bytes: 10}"};
};

TEST_F(ReloadTest, TellsAndTakesWhatChanged) {
  ASSERT_TRUE(daemon_.ready());
  EXPECT_EQ(Speak("This is too long.").error_code(), StatusCode::INVALID_ARGUMENT);
  daemon_.WriteConfig("limits: {max_requests: 9, max_text_bytes: 100}\nworker_threads: 3");
  v1::ReloadResponse response;
  ASSERT_TRUE(Reload(&response).ok());
  EXPECT_THAT(response.changed(), ElementsAre("limits.max_requests", "limits.max_text_bytes"));
  EXPECT_THAT(response.needs_restart(), ElementsAre("worker_threads"));
  EXPECT_EQ(MaxRequests(), 9);
  EXPECT_TRUE(Speak("This is fine now.").ok());

  for (const char* bad :
       {"limits: {max_requests: -1}", "limits: {max_reqests: 1}", "limits: [", "listen: x"}) {
    daemon_.WriteConfig(bad);
    const grpc::Status status = Reload(&response);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << bad;
    EXPECT_THAT(status.error_message(), HasSubstr("m2ttsd.yaml")) << bad;
    EXPECT_EQ(MaxRequests(), 9);
  }
}

TEST_F(ReloadTest, SighupDoesTheSame) {
  ASSERT_TRUE(daemon_.ready());
  const auto becomes = [this](int requests) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (MaxRequests() != requests && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));  // another process: nothing to wait on
    }
    return MaxRequests() == requests;
  };
  daemon_.WriteConfig("limits: {max_requests: 11}");
  daemon_.process().Signal(SIGHUP);
  EXPECT_TRUE(becomes(11));
  daemon_.WriteConfig("limits: {max_requests: 0}");
  daemon_.process().Signal(SIGHUP);
  daemon_.WriteConfig("limits: {max_requests: 12}");
  daemon_.process().Signal(SIGHUP);
  EXPECT_TRUE(becomes(12)) << "it survives a bad configuration";
  EXPECT_TRUE(Speak("Hello.").ok());
}

TEST_F(ReloadTest, LogLevel) {
  ASSERT_TRUE(daemon_.ready());
  const auto set = [this](v1::LogLevel level, v1::SetLogLevelResponse* response) {
    grpc::ClientContext context;
    v1::SetLogLevelRequest request;
    request.set_level(level);
    return daemon_.admin().SetLogLevel(&context, request, response);
  };
  v1::SetLogLevelResponse response;
  EXPECT_TRUE(set(v1::LOG_LEVEL_ERROR, &response).ok());
  EXPECT_EQ(response.previous(), v1::LOG_LEVEL_INFO);
  EXPECT_EQ(set(v1::LOG_LEVEL_UNSPECIFIED, &response).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(set(static_cast<v1::LogLevel>(99), &response).error_code(), StatusCode::INVALID_ARGUMENT);
  const size_t length = daemon_.process().Errors().size();
  EXPECT_TRUE(Speak("Hello.").ok());
  EXPECT_EQ(daemon_.process().Errors().size(), length) << "nothing is logged of a call that went well";
  EXPECT_TRUE(set(v1::LOG_LEVEL_DEBUG, &response).ok());
  EXPECT_EQ(response.previous(), v1::LOG_LEVEL_ERROR);
}

TEST(SystemdTest, IsToldOfReadinessReloadAndTheEnd) {
  const TempDir dir;
  const std::string path = dir / "notify";
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const timeval patience = {20, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const auto receive = [fd](const std::string& wanted) {
    char buffer[256];
    for (ssize_t size = recv(fd, buffer, sizeof(buffer), 0); size > 0;
         size = recv(fd, buffer, sizeof(buffer), 0)) {
      if (std::string(buffer, static_cast<size_t>(size)).find(wanted) != std::string::npos) return true;
    }
    return false;
  };
  DaemonUnderTest daemon("", {{"NOTIFY_SOCKET", path}, {"WATCHDOG_USEC", "200000"}});
  ASSERT_TRUE(daemon.ready());
  EXPECT_TRUE(receive("READY=1"));
  EXPECT_TRUE(receive("WATCHDOG=1"));
  EXPECT_TRUE(receive("WATCHDOG=1"));
  daemon.process().Signal(SIGHUP);
  EXPECT_TRUE(receive("RELOADING=1"));
  EXPECT_TRUE(receive("READY=1"));
  daemon.process().Signal(SIGTERM);
  EXPECT_TRUE(receive("STOPPING=1"));
  EXPECT_EQ(daemon.process().Wait(), 0);
  close(fd);
}

}  // namespace
}  // namespace m2tts
