// A voice that is not intelligible enough is not published.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/jobs/supervisor_fixture.h"

namespace m2tts {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class JobGateTest : public SupervisorTest {
 protected:
  // Published as "v" unless more than `percent` of the words are wrong; 0: whatever they are.
  static v1::JobSpec Gated(double percent) {
    v1::JobSpec spec = Compression();
    spec.set_voice_name("v");
    spec.set_evaluation_dataset("corpus");
    spec.set_publish(true);
    spec.set_publish_max_word_error_percent(percent);
    return spec;
  }
  // The evaluation says `json`.
  void Evaluates(const std::string& json) {
    Act(MakesVoice() + "[ \"$1\" = eval ] && echo '" + json + "'\nexit 0");
  }
  v1::Job Run(const std::string& id, const v1::JobSpec& spec) {
    Submit(id, spec);
    return WaitForEnd(id);
  }
  bool Published() const { return std::filesystem::exists(environment_.voices / "v"); }
};

TEST_F(JobGateTest, MoreErrorsThanAllowedKeepTheVoiceFromBeingPublished) {
  Evaluates(R"({"wer": 0.255, "mcd_db": 2.0})");
  Start();
  const v1::Job job = Run("a", Gated(25));
  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(job.message(), "not published: 25.5 % of the words are wrong, more than 25 %");
  EXPECT_EQ(job.published_voice(), "");
  EXPECT_THAT(live_, IsEmpty());
  EXPECT_FALSE(Published());
  EXPECT_TRUE(board_->store().Publications("v")->empty());
  EXPECT_EQ(job.attempt(), 1) << "it is not tried again";
  EXPECT_TRUE(std::filesystem::exists(environment_.voice("a", "v") / "voice.json"))
      << "a person may publish it";
}

TEST_F(JobGateTest, AsManyErrorsAsAllowedAreAllowed) {
  Evaluates(R"({"wer": 0.25})");
  Start();
  const v1::Job job = Run("a", Gated(25));
  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(job.message(), "published as 'v', version 1");
  EXPECT_EQ(job.published_voice(), "v");
  EXPECT_THAT(live_, ElementsAre("v"));
  EXPECT_TRUE(Published());
}

TEST_F(JobGateTest, AVoiceThatFailsLeavesTheOneInUse) {
  Evaluates(R"({"wer": 0.1})");
  Start();
  ASSERT_EQ(Run("good", Gated(25)).state(), v1::JOB_STATE_SUCCEEDED);
  Evaluates(R"({"wer": 0.9})");
  EXPECT_EQ(Run("bad", Gated(25)).state(), v1::JOB_STATE_FAILED);
  const auto versions = board_->store().Publications("v");
  ASSERT_TRUE(versions.ok()) << versions.status();
  ASSERT_EQ(versions->size(), 1u);
  EXPECT_EQ(versions->front().job_id, "good");
  EXPECT_TRUE(versions->front().active);
}

TEST_F(JobGateTest, WithoutALimitNobodyListens) {
  Evaluates(R"({"mcd_db": 2.0})");
  Start();
  EXPECT_EQ(Run("a", Gated(0)).state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_THAT(Calls(), Contains(HasSubstr("--no-wer")));
  EXPECT_EQ(Run("b", Gated(1000)).state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(Calls().back(), Not(HasSubstr("--no-wer")));
}

// An evaluation that says nothing is no permission.
TEST_F(JobGateTest, WithoutAWordErrorRateNothingIsPublished) {
  Start();
  int number = 0;
  for (const char* json : {"", "{}", "[]", "{\"wer\": null}", "{\"wer\": \"0.1\"}", "{\"wer\": 0.1", "0.1",
                           "{\"wer\": 1e999}"}) {
    Evaluates(json);
    const v1::Job job = Run(fmt::format("a-{}", ++number), Gated(25));
    EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED) << json;
    EXPECT_THAT(job.message(), HasSubstr("holds no word error rate")) << json;
  }
  EXPECT_FALSE(Published());
}

TEST_F(JobGateTest, AnEvaluationThatFailsIsTheJobsFailure) {
  Act(MakesVoice() + "[ \"$1\" = eval ] || exit 0\necho 'm2tts-trainer: no recognizer' >&2; exit 1");
  Start();
  const v1::Job job = Run("a", Gated(25));
  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(job.message(), "config: no recognizer");
  EXPECT_FALSE(Published());
}

TEST_F(JobGateTest, TheEvaluationOfAnEarlierAttemptDoesNotCount) {
  std::filesystem::create_directories(environment_.job("a"));
  std::ofstream(environment_.job("a") / "evaluation.json") << R"({"wer": 0.0})";
  Evaluates(R"({"wer": 0.9})");
  Start();
  EXPECT_EQ(Run("a", Gated(25)).state(), v1::JOB_STATE_FAILED);
}

// The folder of voices may hold other things than voices; they stay.
TEST_F(JobGateTest, APlaceThatWasTakenMeanwhileIsNotOverwritten) {
  Evaluates(R"({"wer": 0.0})");
  Submit("a", Gated(25));
  std::ofstream(environment_.voices / "v") << "no voice";
  Start();
  const v1::Job job = WaitForEnd("a");
  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(job.message(), HasSubstr("not published: 'v' in the folder of voices is no voice"));
  EXPECT_TRUE(std::filesystem::is_regular_file(environment_.voices / "v"));
}

// Killed after the version was written, and before the job's end was: the last phase runs again.
TEST_F(JobGateTest, AJobPublishesOnceWhateverItsDaemonLivesThrough) {
  Act(MakesVoice() + "exit 0");
  Start();
  Submit("a", Gated(0));
  ASSERT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
  Close();
  Open();
  Submit("b", Gated(0));
  ASSERT_TRUE(board_->Edit("b", [](JobRecord* record) { record->phase = "evaluate"; }).ok());
  std::filesystem::create_directories(environment_.voice("b", "v").parent_path());
  std::filesystem::copy(environment_.voice("a", "v"), environment_.voice("b", "v"));
  ASSERT_TRUE(publisher_->Publish("b", environment_.voice("b", "v"), "v", false).ok());
  Start();
  EXPECT_EQ(WaitForEnd("b").message(), "published as 'v', version 2");
  EXPECT_EQ(board_->store().Publications("v")->size(), 2u);
}

// The id of a job that was deleted may be used again.
TEST_F(JobGateTest, WhatAnEarlierJobOfThatIdHasPublishedDoesNotCount) {
  Act(MakesVoice() + "exit 0");
  Start();
  Submit("a", Gated(0));
  ASSERT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
  ASSERT_TRUE(board_->Delete("a").ok());
  SetTime(1e11);
  Submit("a", Gated(0));
  EXPECT_EQ(WaitForEnd("a").message(), "published as 'v', version 2");
}

}  // namespace
}  // namespace m2tts
