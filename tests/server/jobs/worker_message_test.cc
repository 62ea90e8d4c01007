// What the daemon makes of what a worker says. tests/fuzz/worker_message_fuzz.cc says more.
#include "server/jobs/worker_message.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace m2tts {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

TEST(WorkerMessageTest, MessagesComeWholeWhateverThePieces) {
  worker::v1::WorkerMessage said;
  said.mutable_event()->set_text("hello");
  const std::string bytes = Framed(said.SerializeAsString());
  FrameReader frames;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto none = NextWorkerMessage(&frames);
    ASSERT_TRUE(none.ok());
    EXPECT_FALSE(none->has_value());
    frames.Append({&bytes[i], 1});
  }
  const auto message = NextWorkerMessage(&frames);
  ASSERT_TRUE(message.ok());
  ASSERT_TRUE(message->has_value());
  EXPECT_EQ((*message)->event().text(), "hello");
}

TEST(WorkerMessageTest, WhatIsNoMessageIsDataLoss) {
  FrameReader frames;
  frames.Append(Framed("\x0a\x7f"));
  EXPECT_EQ(NextWorkerMessage(&frames).status().code(), StatusCode::kDataLoss);
  FrameReader endless;
  endless.Append("\xff\xff\xff\xff");
  EXPECT_EQ(NextWorkerMessage(&endless).status().code(), StatusCode::kDataLoss);
}

TEST(WorkerMessageTest, ProgressIsTakenOver) {
  worker::v1::Progress said;
  said.set_stage("acoustic");
  said.set_step(12);
  said.set_total_steps(400);
  said.set_frames_per_second(812.5);
  said.set_device_share(0.75);
  said.set_resident_bytes(1000);
  said.set_celsius(61.5);
  auto* loss = said.add_metrics();
  loss->set_name("loss");
  loss->set_value(1.5);
  v1::JobProgress progress;
  (*progress.mutable_metrics())["of an earlier stage"] = 1.0;
  progress.set_last_sample("run/samples/a.wav");
  ReadProgress(said, &progress);
  EXPECT_EQ(progress.stage(), "acoustic");
  EXPECT_EQ(progress.step(), 12);
  EXPECT_EQ(progress.total_steps(), 400);
  EXPECT_EQ(progress.loss(), 1.5);
  EXPECT_EQ(progress.metrics_size(), 1);
  EXPECT_EQ(progress.frames_per_second(), 812.5);
  EXPECT_EQ(progress.device_share(), 0.75);
  EXPECT_EQ(progress.resident_bytes(), 1000);
  EXPECT_EQ(progress.celsius(), 61.5);
  EXPECT_EQ(progress.last_sample(), "run/samples/a.wav");
  said.set_celsius(0.0);
  ReadProgress(said, &progress);
  EXPECT_FALSE(progress.has_celsius());
}

TEST(WorkerMessageTest, HostileProgressCanBeStored) {
  worker::v1::Progress said;
  said.set_stage("evil\033[2J" + std::string(1000, 'x'));
  said.set_step(-1);
  said.set_total_steps(std::numeric_limits<int64_t>::min());
  said.set_frames_per_second(kInfinite);
  said.set_device_share(std::nan(""));
  said.set_resident_bytes(-5);
  said.set_celsius(kInfinite);
  for (int i = 0; i < 10000; ++i) said.add_metrics()->set_name("m" + std::to_string(i));
  v1::JobProgress progress;
  ReadProgress(said, &progress);
  EXPECT_EQ(progress.stage().substr(0, 8), "evil?[2J");
  EXPECT_LE(progress.ByteSizeLong(), 32768u);
  EXPECT_EQ(progress.step(), 0);
  EXPECT_EQ(progress.total_steps(), 0);
  EXPECT_EQ(progress.frames_per_second(), 0.0);
  EXPECT_EQ(progress.device_share(), 0.0);
  EXPECT_EQ(progress.resident_bytes(), 0);
  EXPECT_FALSE(progress.has_celsius());
}

TEST(WorkerMessageTest, ExpectedSecondsAreATime) {
  worker::v1::LeaseRequest request;
  for (const auto& [said, taken] : std::vector<std::pair<double, double>>{
           {0.25, 0.25}, {-1.0, 0.0}, {1e300, 3600.0}, {kInfinite, 0.0}, {std::nan(""), 0.0}}) {
    request.set_expected_seconds(said);
    EXPECT_EQ(ExpectedSeconds(request), taken) << said;
  }
}

TEST(WorkerMessageTest, LastWords) {
  worker::v1::Done done;
  EXPECT_TRUE(ReadDone(done).ok());
  done.set_code(static_cast<int>(StatusCode::kNotFound));
  done.set_message("no corpus\n");
  EXPECT_EQ(ReadDone(done), Status(StatusCode::kNotFound, "no corpus?"));
  for (const int64_t odd : {int64_t{-1}, int64_t{17}, std::numeric_limits<int64_t>::max()}) {
    done.set_code(odd);
    EXPECT_EQ(ReadDone(done).code(), StatusCode::kUnknown) << odd;
  }
}

}  // namespace
}  // namespace m2tts
