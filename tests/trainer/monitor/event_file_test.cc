#include "trainer/monitor/event_file.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"
#include "trainer/corpus/process.h"

namespace m2tts {
namespace {

using Json = nlohmann::json;

StatusOr<ProcessResult> Read(const std::filesystem::path& path) {
  return RunProcess({"python3", M2TTS_SOURCE_DIR "/tests/trainer/monitor/read_events.py", path.string()});
}

// The records as an independent reader sees them.
std::vector<Json> Events(const std::filesystem::path& path) {
  const auto result = Read(path);
  EXPECT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->ok()) << result->Describe();
  std::vector<Json> events;
  for (size_t begin = 0; begin < result->out.size();) {
    const size_t end = result->out.find('\n', begin);
    events.push_back(Json::parse(result->out.substr(begin, end - begin)));
    begin = end + 1;
  }
  return events;
}

double Now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

TEST(EventFileTest, AnIndependentReaderSeesWhatWasWritten) {
  const TempFolder folder;
  const double before = Now();
  const auto file = EventFile::Create(folder.path() / "new/acoustic");
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->SessionStart(40).ok());
  ASSERT_TRUE((*file)->Scalars(41, {{"train/loss", 0.5}, {"train/gradient_norm", 1e9}}).ok());
  ASSERT_TRUE((*file)->Scalars(int64_t{1} << 40, {{"validation/loss", std::nan("")}}).ok());
  ASSERT_TRUE((*file)->Image(42, "mel", 300, 2, std::string("P\0N\xff", 4)).ok());
  ASSERT_TRUE((*file)->Sound(43, "voice", 22050, 1000, "RIFF").ok());

  const auto events = Events((*file)->path());  // while it is open: all is flushed
  ASSERT_EQ(events.size(), 6u);
  EXPECT_EQ(events[0]["file_version"], "brain.Event:2");
  EXPECT_GE(events[0]["wall_time"].get<double>(), before);
  EXPECT_LE(events[5]["wall_time"].get<double>(), Now());
  EXPECT_EQ(events[1]["session"], 1);
  EXPECT_EQ(events[1]["step"], 40);
  EXPECT_EQ(events[2]["step"], 41);
  EXPECT_EQ(events[2]["values"], Json::parse(R"([{"tag": "train/loss", "simple_value": 0.5},
                            {"tag": "train/gradient_norm", "simple_value": 1e9}])"));
  EXPECT_EQ(events[3]["step"], int64_t{1} << 40);
  EXPECT_EQ(events[3]["values"][0]["simple_value"], "nan");
  EXPECT_EQ(events[4]["values"], Json::parse(R"([{"tag": "mel", "image":
      {"height": 2, "width": 300, "colorspace": 3, "bytes": "UABO/w=="}}])"));
  EXPECT_EQ(events[5]["values"], Json::parse(R"([{"tag": "voice", "audio":
      {"sample_rate": 22050.0, "num_channels": 1, "length_frames": 1000, "bytes": "UklGRg==",
       "content_type": "audio/wav"}}])"));
}

TEST(EventFileTest, TheReaderWouldNoticeAFlippedBit) {
  const TempFolder folder;
  const auto file = EventFile::Create(folder.path());
  ASSERT_TRUE(file.ok() && (*file)->Scalars(1, {{"train/loss", 0.5}}).ok());
  const std::string whole = *ReadFile((*file)->path());
  for (const size_t at : {size_t{0}, size_t{20}, whole.size() - 10}) {
    std::string damaged = whole;
    damaged[at] ^= 4;
    ASSERT_TRUE(WriteFileAtomic(folder.path() / "damaged", damaged).ok());
    EXPECT_FALSE(Read(folder.path() / "damaged")->ok()) << at;
  }
}

TEST(EventFileTest, EachCallMakesAFileOfItsOwn) {
  const TempFolder folder;
  const auto a = EventFile::Create(folder.path()), b = EventFile::Create(folder.path());
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_NE((*a)->path(), (*b)->path());
  EXPECT_EQ((*a)->path().filename().string().rfind("events.out.tfevents.", 0), 0u);
}

TEST(EventFileTest, AFullDiskLeavesNoHalfRecord) {
  const TempFolder folder;
  const auto file = EventFile::Create(folder.path());
  ASSERT_TRUE(file.ok() && (*file)->Scalars(1, {{"train/loss", 0.5}}).ok());
  const auto before = signal(SIGXFSZ, SIG_IGN);
  rlimit limit = {}, room = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  room = {static_cast<rlim_t>(std::filesystem::file_size((*file)->path()) + 10), limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &room), 0);
  const Status full = (*file)->Scalars(2, {{"train/loss", 0.25}});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  signal(SIGXFSZ, before);
  EXPECT_NE(full.message().find((*file)->path().string()), std::string::npos) << full;
  ASSERT_TRUE((*file)->Scalars(3, {{"train/loss", 0.125}}).ok());
  const auto events = Events((*file)->path());
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[2]["step"], 3);
}

TEST(EventFileTest, ErrorsNameTheFile) {
  const auto nowhere = EventFile::Create("/proc/nowhere");
  ASSERT_FALSE(nowhere.ok());
  EXPECT_NE(nowhere.status().message().find("/proc/nowhere"), std::string::npos);
}

}  // namespace
}  // namespace m2tts
