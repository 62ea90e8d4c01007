// Each kind of job with the real trainer: a training, a fine-tuning of its voice, a compression of that, an
// evaluation, and two publications behind the gate of word errors, with the real recognizer; then versions of
// a voice, forward and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/integration/job_daemon.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;
using grpc::StatusCode;
using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

nlohmann::json ReadJson(const fs::path& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  auto json = nlohmann::json::parse(text, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << path << ": " << text;
  return json;
}

class JobKindsTest : public testing::Test {
 protected:
  // One chain of jobs for all cases: "first", "tuned", "small", "judged", "gated", "allowed".
  static void SetUpTestSuite() {
    jobs_ = new JobDaemon;
    jobs_->Prepare();
    jobs_->WriteSpeech();
    jobs_->StartDaemon();
    if (!jobs_->ready()) return;
    Submit(jobs_->Request("first", 8));
    auto tuned = jobs_->Request("tuned", 8);
    tuned.mutable_spec()->set_kind(v1::JOB_KIND_FINE_TUNE);
    tuned.mutable_spec()->set_base_voice("job:first");
    tuned.mutable_spec()->set_after("first");
    Submit(tuned);
    auto small = Compression("small", "job:tuned");
    small.mutable_spec()->set_after("tuned");
    Submit(small);
    v1::SubmitJobRequest judged;
    judged.set_job_id("judged");
    judged.mutable_spec()->set_kind(v1::JOB_KIND_EVALUATE);
    judged.mutable_spec()->set_base_voice("job:small");
    judged.mutable_spec()->set_dataset("speech");
    judged.mutable_spec()->set_after("small");
    Submit(judged);
    // What was trained for a second is babble; the shipped voice is understood.
    auto gated = Gated("gated", "job:tuned");
    gated.mutable_spec()->set_after("judged");
    Submit(gated);
    Submit(Gated("allowed", "en_US-slt"));
    for (const char* id : {"first", "tuned", "small", "judged", "gated", "allowed"}) {
      (void)jobs_->WaitForEnd(id);
    }
  }
  static void TearDownTestSuite() {
    if (jobs_->ready()) jobs_->daemon().Stop();
    delete jobs_;
  }
  void SetUp() override { ASSERT_TRUE(jobs_->ready()); }

  static void Submit(const v1::SubmitJobRequest& request) {
    const grpc::Status status = jobs_->Submit(request);
    EXPECT_TRUE(status.ok()) << request.job_id() << ": " << status.error_message();
  }
  static v1::SubmitJobRequest Compression(const std::string& id, const std::string& base) {
    v1::SubmitJobRequest request;
    request.set_job_id(id);
    request.mutable_spec()->set_kind(v1::JOB_KIND_COMPRESS);
    request.mutable_spec()->set_base_voice(base);
    request.mutable_spec()->set_dtype("int8");
    return request;
  }
  // Published unless more than a fifth of the words are wrong.
  static v1::SubmitJobRequest Gated(const std::string& id, const std::string& base) {
    v1::SubmitJobRequest request = Compression(id, base);
    request.mutable_spec()->set_evaluation_dataset("speech");
    request.mutable_spec()->set_publish(true);
    request.mutable_spec()->set_publish_max_word_error_percent(20.0);
    return request;
  }

  // An artifact of a job.
  static std::string Download(const std::string& id, const std::string& name) {
    grpc::ClientContext context;
    v1::GetArtifactRequest request;
    request.set_job_id(id);
    request.set_name(name);
    const auto reader = jobs_->daemon().training().GetArtifact(&context, request);
    std::string content;
    for (v1::ArtifactChunk chunk; reader->Read(&chunk);) content += chunk.data();
    const grpc::Status status = reader->Finish();
    EXPECT_TRUE(status.ok()) << id << " " << name << ": " << status.error_message();
    return content;
  }

  static StreamResult Say(const std::string& voice) {
    v1::SynthesizeRequest request = Request("Seven hello.");
    request.mutable_voice()->set_voice(voice);
    return Stream(&jobs_->daemon().synthesizer(), request);
  }
  static std::string Audio(const std::string& voice) {
    const StreamResult result = Say(voice);
    EXPECT_TRUE(result.status.ok()) << result.status.error_message();
    EXPECT_GT(result.audio.size(), 1000u);
    return result.audio;
  }
  // Of ListVoices; a default one when there is none.
  static v1::Voice Listed(const std::string& name) {
    grpc::ClientContext context;
    v1::ListVoicesResponse voices;
    EXPECT_TRUE(jobs_->daemon().synthesizer().ListVoices(&context, {}, &voices).ok());
    for (const v1::Voice& voice : voices.voices()) {
      if (voice.name() == name) return voice;
    }
    return {};
  }
  // The job that has made the voice in use.
  static std::string JobOf(const std::string& name) {
    const auto provenance = nlohmann::json::parse(Listed(name).provenance_json(), nullptr, false);
    return provenance.is_object() ? provenance.value("job", "") : "";
  }
  static grpc::Status Publish(const std::string& job, const std::string& voice,
                              v1::PublishVoiceResponse* response, bool make_default = false) {
    grpc::ClientContext context;
    v1::PublishVoiceRequest request;
    request.set_job_id(job);
    request.set_voice_name(voice);
    request.set_make_default(make_default);
    return jobs_->daemon().training().PublishVoice(&context, request, response);
  }
  static grpc::Status Rollback(const std::string& voice, v1::RollbackVoiceResponse* response) {
    grpc::ClientContext context;
    v1::RollbackVoiceRequest request;
    request.set_voice_name(voice);
    return jobs_->daemon().training().RollbackVoice(&context, request, response);
  }
  static int Cli(std::vector<std::string> arguments, std::string* errors) {
    arguments.insert(arguments.begin(), {CliPath(), "--address", jobs_->daemon().address()});
    Process process(arguments);
    (void)process.ReadAll();
    const int code = process.Wait(60);
    *errors = process.Errors();
    return code;
  }

  static JobDaemon* jobs_;
};
JobDaemon* JobKindsTest::jobs_ = nullptr;

TEST_F(JobKindsTest, TheChainSucceeds) {
  for (const char* id : {"first", "tuned", "small", "judged", "allowed"}) {
    const v1::Job job = jobs_->Get(id);
    EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED) << id << ": " << job.message();
    EXPECT_EQ(job.attempt(), 1) << id;
  }
}

TEST_F(JobKindsTest, FineTuningStartsFromTheVoiceOfTheOtherJob) {
  const std::string base = jobs_->JobFile("first", "voice/first").string();
  const auto log = jobs_->LogOf("tuned");
  EXPECT_THAT(log, Contains(HasSubstr("acoustic: starts from " + base)));
  EXPECT_THAT(log, Contains(HasSubstr("vocoder: starts from " + base)));
  EXPECT_THAT(jobs_->LogOf("first"), Not(Contains(HasSubstr("starts from"))));
  EXPECT_EQ(jobs_->LossCurve("tuned").size(), 8u + 8u + 6u);
  EXPECT_NE(jobs_->LossCurve("tuned"), jobs_->LossCurve("first"));
  EXPECT_EQ(ReadJson(jobs_->JobFile("tuned", "voice/tuned/voice.json"))["name"], "tuned");
}

TEST_F(JobKindsTest, CompressionMakesTheSameVoiceSmaller) {
  const fs::path before = jobs_->JobFile("tuned", "voice/tuned"),
                 after = jobs_->JobFile("small", "voice/small");
  EXPECT_LT(fs::file_size(after / "model.safetensors"), fs::file_size(before / "model.safetensors") * 3 / 4);
  const auto was = ReadJson(before / "voice.json"), is = ReadJson(after / "voice.json");
  EXPECT_EQ(was["weights"]["dtype"], "fp16");
  EXPECT_EQ(is["weights"]["dtype"], "int8");
  EXPECT_EQ(is["model"], was["model"]);
}

TEST_F(JobKindsTest, ATrainingLeavesItsReport) {
  for (const char* id : {"first", "tuned"}) {
    const std::string page = Download(id, "run/report.html");
    EXPECT_THAT(page, AllOf(HasSubstr("<html"), HasSubstr("acoustic"), HasSubstr("</html>"))) << id;
    EXPECT_THAT(page, Not(AnyOf(HasSubstr("src=\"http"), HasSubstr("<script"))))
        << id << " needs nothing else";
  }
}

TEST_F(JobKindsTest, AnEvaluationIsAnArtifactWithItsFigures) {
  const std::string text = Download("judged", "evaluation.json");
  const auto json = nlohmann::json::parse(text, nullptr, false);
  ASSERT_TRUE(json.is_object()) << text;
  EXPECT_EQ(json["name"], "small");
  EXPECT_EQ(json["sentence_count"], 1);
  EXPECT_GT(json["wer"].get<double>(), 0.2) << "of babble";
  EXPECT_GT(json["mcd_db"].get<double>(), 0.0);
  EXPECT_EQ(json["sentences"].size(), 1u);
  EXPECT_EQ(jobs_->Get("judged").published_voice(), "");
}

TEST_F(JobKindsTest, TooManyWordErrorsKeepAVoiceFromBeingPublished) {
  const v1::Job gated = jobs_->Get("gated");
  EXPECT_EQ(gated.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(gated.message(),
              MatchesRegex("not published: [0-9]+\\.[0-9] % of the words are wrong, more than 20 %"));
  EXPECT_EQ(gated.published_voice(), "");
  EXPECT_EQ(Say("gated").status.error_code(), StatusCode::NOT_FOUND);
  EXPECT_FALSE(fs::exists(jobs_->dir() / "voices/gated"));
  std::string errors;
  EXPECT_EQ(Cli({"train", "watch", "gated"}, &errors), 1);
  EXPECT_THAT(errors, HasSubstr("FAILED: " + gated.message()));
}

TEST_F(JobKindsTest, FewEnoughWordErrorsPublishIt) {
  EXPECT_EQ(jobs_->Get("allowed").published_voice(), "allowed");
  EXPECT_THAT(jobs_->Get("allowed").message(), EndsWith("version 1"));
  EXPECT_EQ(JobOf("allowed"), "allowed");
  Audio("allowed");
  std::string errors;
  EXPECT_EQ(Cli({"train", "watch", "allowed"}, &errors), 0) << errors;
}

// The gate is for machines; a person who has listened may decide otherwise.
TEST_F(JobKindsTest, APersonMayPublishWhatTheGateHeldBack) {
  v1::PublishVoiceResponse published;
  const grpc::Status status = Publish("gated", "by-hand", &published);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(published.voice_name(), "by-hand");
  EXPECT_EQ(published.version(), 1);
  EXPECT_EQ(JobOf("by-hand"), "gated");
  EXPECT_EQ(jobs_->Get("gated").published_voice(), "by-hand");
  EXPECT_EQ(jobs_->Get("gated").state(), v1::JOB_STATE_FAILED);
}

TEST_F(JobKindsTest, VersionsOfAVoiceGoForwardAndBackAndAreHeard) {
  v1::PublishVoiceResponse published;
  ASSERT_TRUE(Publish("first", "pair", &published).ok());
  EXPECT_EQ(published.version(), 1);
  const std::string one = Audio("pair");
  EXPECT_EQ(JobOf("pair"), "first");

  v1::RollbackVoiceResponse rolled;
  grpc::Status status = Rollback("pair", &rolled);
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("is the first"));

  ASSERT_TRUE(Publish("tuned", "pair", &published).ok());
  EXPECT_EQ(published.version(), 2);
  const std::string two = Audio("pair");
  EXPECT_TRUE(two != one);
  EXPECT_EQ(JobOf("pair"), "tuned");

  ASSERT_TRUE(Rollback("pair", &rolled).ok());
  EXPECT_EQ(rolled.version(), 1);
  EXPECT_TRUE(Audio("pair") == one);
  EXPECT_EQ(JobOf("pair"), "first");
  EXPECT_EQ(Rollback("pair", &rolled).error_code(), StatusCode::FAILED_PRECONDITION);

  // What is in use, and what is not, is known after a power cut.
  jobs_->KillDaemon();
  jobs_->StartDaemon();
  ASSERT_TRUE(jobs_->ready());
  EXPECT_TRUE(Audio("pair") == one);
  ASSERT_TRUE(Publish("small", "pair", &published).ok());
  EXPECT_EQ(published.version(), 3);
  ASSERT_TRUE(Rollback("pair", &rolled).ok());
  EXPECT_EQ(rolled.version(), 2);
  EXPECT_TRUE(Audio("pair") == two);
}

TEST_F(JobKindsTest, AShippedVoiceComesBack) {
  const std::string shipped = Audio("en_US-slt");
  v1::PublishVoiceResponse published;
  ASSERT_TRUE(Publish("first", "en_US-slt", &published).ok());
  EXPECT_EQ(published.version(), 2) << "the shipped one is the first";
  EXPECT_TRUE(Audio("en_US-slt") != shipped);
  v1::RollbackVoiceResponse rolled;
  ASSERT_TRUE(Rollback("en_US-slt", &rolled).ok());
  EXPECT_EQ(rolled.version(), 1);
  EXPECT_TRUE(Audio("en_US-slt") == shipped);
  EXPECT_EQ(JobOf("en_US-slt"), "");
}

TEST_F(JobKindsTest, ThereIsNothingToRollBackToForVoicesOfNobody) {
  v1::RollbackVoiceResponse rolled;
  EXPECT_EQ(Rollback("nobody", &rolled).error_code(), StatusCode::NOT_FOUND);
}

TEST_F(JobKindsTest, APublishedVoiceCanBecomeTheDefault) {
  v1::PublishVoiceResponse published;
  ASSERT_TRUE(Publish("first", "preferred", &published, true).ok());
  EXPECT_TRUE(Listed("preferred").is_default());
  EXPECT_TRUE(Audio("") == Audio("preferred"));
}

TEST_F(JobKindsTest, JobsThatMadeNoVoiceHaveNoneToPublish) {
  v1::PublishVoiceResponse published;
  const grpc::Status status = Publish("judged", "x", &published);
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("has made no voice"));
}

}  // namespace
}  // namespace m2tts
