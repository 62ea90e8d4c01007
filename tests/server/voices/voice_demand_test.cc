#include "server/voices/voice_demand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace m2tts {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

class VoiceDemandTest : public testing::Test {
 protected:
  VoiceDemandTest()
      : demand_(
            [this](const std::string& name) -> VoiceDemand::Result {
              loads_.push_back(name);
              if (while_loading_) while_loading_();
              if (!error_.ok()) return error_;
              auto voice = std::make_shared<Voice>();
              voice->name = name;
              return std::shared_ptr<const Voice>(std::move(voice));
            },
            [this](std::function<void()> task) { tasks_.push_back(std::move(task)); },
            [this] { return now_; }) {}

  void Ask(const std::string& name) {
    demand_.Get(name, [this](const VoiceDemand::Result& result) {
      answers_.push_back(result.ok() ? (*result)->name : std::string(result.status().message()));
    });
  }
  void RunAll() {
    while (!tasks_.empty()) {
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }

  std::chrono::steady_clock::time_point now_{1h};
  Status error_;
  std::function<void()> while_loading_;
  std::vector<std::string> loads_;
  std::vector<std::string> answers_;
  std::deque<std::function<void()>> tasks_;
  VoiceDemand demand_;
};

TEST_F(VoiceDemandTest, LoadsOnceForAllWhoWait) {
  Ask("a");
  Ask("a");
  Ask("b");
  EXPECT_TRUE(answers_.empty()) << "nobody is kept";
  while_loading_ = [this] {
    if (loads_.size() == 1) Ask("a");  // one more comes meanwhile
  };
  RunAll();
  EXPECT_THAT(loads_, ElementsAre("a", "b"));
  EXPECT_THAT(answers_, ElementsAre("a", "a", "a", "b"));
  Ask("a");
  RunAll();
  EXPECT_THAT(loads_, ElementsAre("a", "b", "a")) << "it has made room again since";
}

TEST_F(VoiceDemandTest, AnErrorIsForAllAndToldAgainForAWhile) {
  error_ = DataLoss("damaged");
  Ask("a");
  Ask("a");
  RunAll();
  Ask("a");
  EXPECT_THAT(answers_, ElementsAre("damaged", "damaged", "damaged"));
  EXPECT_THAT(loads_, ElementsAre("a"));
  now_ += 4s;
  Ask("a");
  EXPECT_EQ(answers_.size(), 4u);
  EXPECT_TRUE(tasks_.empty());
  error_ = OkStatus();
  now_ += 1s;
  Ask("a");
  RunAll();
  EXPECT_EQ(answers_.back(), "a") << "mended";
}

TEST_F(VoiceDemandTest, GivingUpTellsAllWhoWaitAndNobodyTwice) {
  Ask("a");
  Ask("b");
  demand_.GiveUp(Errorf(StatusCode::kUnavailable, "the device has failed"));
  EXPECT_THAT(answers_, ElementsAre("the device has failed", "the device has failed"));
  Ask("a");
  RunAll();
  EXPECT_THAT(loads_, ElementsAre("a", "b")) << "what has begun goes on";
  EXPECT_THAT(answers_, ElementsAre("the device has failed", "the device has failed", "a"));
}

}  // namespace
}  // namespace m2tts
