// Voices changed while the real daemon serves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
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
  // Whatever the precision of the bundles, all of which have about the size of a's.
  void StartWithRoomFor(int voices) {
    const auto bytes = std::filesystem::file_size(Folder() / "a" / "model.safetensors");
    Start("max_resident_bytes: " + std::to_string(bytes * (2 * voices + 1)));
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
  std::vector<std::string> Unloaded() {
    std::vector<std::string> names;
    for (const v1::Voice& voice : List()) {
      if (voice.unloaded()) names.push_back(voice.name());
    }
    return names;
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

TEST_F(VoicesTest, AreListedInPages) {
  CopyVoice(kSlt, Folder(), "c");
  Start();
  std::vector<std::string> names;
  v1::ListVoicesRequest request;
  request.set_page_size(2);
  for (const int expected : {2, 1}) {
    grpc::ClientContext context;
    v1::ListVoicesResponse page;
    ASSERT_TRUE(daemon_->synthesizer().ListVoices(&context, request, &page).ok());
    EXPECT_EQ(page.voices_size(), expected);
    for (const v1::Voice& voice : page.voices()) names.push_back(voice.name());
    EXPECT_EQ(page.next_page_token().empty(), expected == 1);
    request.set_page_token(page.next_page_token());
  }
  EXPECT_THAT(names, ElementsAre("a", "b", "c"));
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
  StartWithRoomFor(2);
  EXPECT_THAT(Unloaded(), ElementsAre("c")) << "a voice of 16 bits takes twice its size in memory";
  v1::LoadVoiceResponse response;
  ASSERT_TRUE(Load("c", &response).ok());
  EXPECT_THAT(response.unloaded(), ElementsAre("b"));
  EXPECT_THAT(Rescan().ShortDebugString(), IsEmpty());
  ASSERT_TRUE(Load("b", &response).ok());
  EXPECT_THAT(response.unloaded(), ElementsAre("c")) << "never the default voice";
}

TEST_F(VoicesTest, AVoiceThatMadeRoomIsLoadedOnceForAllWhoAskForIt) {
  CopyVoice(kMulti, Folder(), "c");
  StartWithRoomFor(2);
  ASSERT_THAT(Unloaded(), ElementsAre("c"));
  const std::string fixed = Audio("a");
  const double loads = daemon_->Metric("m2tts_voice_loads");
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([this, i, &fixed] {
      if (i % 2 == 0) {
        EXPECT_TRUE(SameAudio(Audio("a"), fixed)) << "others are served";
      }
      v1::SynthesizeRequest request = Request(kSentence);
      request.mutable_voice()->set_voice("c");
      const StreamResult result = Stream(&daemon_->synthesizer(), request);
      EXPECT_TRUE(result.status.ok()) << result.status.error_message();
      EXPECT_EQ(result.header.voice(), "c");
      EXPECT_GT(result.audio.size(), 10'000U);
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(daemon_->Metric("m2tts_voice_loads"), loads + 1.0);
  EXPECT_THAT(Unloaded(), ElementsAre("b"));
  EXPECT_EQ(daemon_->Metric("m2tts_voices"), 2.0);

  // A unary call, and a live one, too.
  Audio("b");
  EXPECT_THAT(Unloaded(), ElementsAre("c"));
  grpc::ClientContext context;
  const auto live = daemon_->synthesizer().SynthesizeLive(&context);
  v1::SynthesizeLiveRequest first;
  *first.mutable_config() = Request(kSentence);
  first.mutable_config()->mutable_voice()->set_voice("c");
  ASSERT_TRUE(live->Write(first) && live->WritesDone());
  v1::SynthesizeStreamResponse message;
  bool complete = false;
  while (live->Read(&message)) complete = message.has_summary();
  const grpc::Status status = live->Finish();
  EXPECT_TRUE(status.ok() && complete) << status.error_message();
}

TEST_F(VoicesTest, AVoiceThatCannotComeBackIsAClearError) {
  CopyVoice(kMulti, Folder(), "c");
  StartWithRoomFor(2);
  ASSERT_THAT(Unloaded(), ElementsAre("c"));
  FlipByteInTheMiddle(Folder() / "c" / "model.safetensors");
  v1::SynthesizeResponse response;
  for (int i = 0; i < 3; ++i) {
    const grpc::Status status = Speak("c", &response);
    EXPECT_EQ(status.error_code(), StatusCode::DATA_LOSS) << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr("'c' made room for others and cannot be loaded again"));
    EXPECT_THAT(status.error_message(), HasSubstr("c/model.safetensors"));
    EXPECT_THAT(status.error_message(), testing::Not(HasSubstr(Folder().string()))) << "not for everybody";
  }
  EXPECT_EQ(daemon_->Metric("m2tts_voice_load_failures"), 1.0) << "not tried again for every request";
  Audio("a");
  EXPECT_TRUE(Unload("c").ok());
  EXPECT_EQ(Speak("c", &response).error_code(), StatusCode::NOT_FOUND) << "unloaded by command";
}

TEST_F(VoicesTest, AVoiceThatCannotFitIsAClearError) {
  StartWithRoomFor(1);
  ASSERT_THAT(Unloaded(), ElementsAre("b"));
  const double loads = daemon_->Metric("m2tts_voice_loads");
  v1::SynthesizeResponse response;
  const grpc::Status status = Speak("b", &response);
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("voices.max_resident_bytes"));
  EXPECT_EQ(daemon_->Metric("m2tts_voice_loads"), loads) << "known before it is read";
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

}  // namespace
}  // namespace m2tts
