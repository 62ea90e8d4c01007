// m2tts train against a server in this process that keeps what it was asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "client/json.h"
#include "tests/client/cli_runner.h"
#include "tests/client/fake_training.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;
using testing::RunM2tts;
using ::testing::StartsWith;

// Keeps what it was asked for.
class Recorder : public testing::FakeTraining {
 public:
  testing::CliResult Train(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--address", address(), "train"});
    return RunM2tts(arguments);
  }

  // Set before the first call.
  bool repeats_pages = false;
  std::string last_sample;
  std::vector<v1::ArtifactChunk> chunks;

  v1::SubmitJobRequest submitted() {
    MutexLock lock(&mutex_);
    return submitted_;
  }
  v1::UpdateJobRequest updated() {
    MutexLock lock(&mutex_);
    return updated_;
  }
  v1::PublishVoiceRequest published() {
    MutexLock lock(&mutex_);
    return published_;
  }
  // The job or the voice of the last DeleteJob or RollbackVoice.
  std::string named() {
    MutexLock lock(&mutex_);
    return named_;
  }
  std::vector<int> page_sizes() {
    MutexLock lock(&mutex_);
    return page_sizes_;
  }

  grpc::Status SubmitJob(grpc::ServerContext*, const v1::SubmitJobRequest* request, v1::Job* job) override {
    MutexLock lock(&mutex_);
    submitted_ = *request;
    job->set_id(request->job_id());
    return grpc::Status::OK;
  }
  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest* request, v1::Job* job) override {
    job->set_id(request->job_id());
    job->mutable_progress()->set_last_sample(last_sample);
    return grpc::Status::OK;
  }
  grpc::Status UpdateJob(grpc::ServerContext*, const v1::UpdateJobRequest* request, v1::Job* job) override {
    MutexLock lock(&mutex_);
    updated_ = *request;
    job->set_id(request->job_id());
    job->set_state(v1::JOB_STATE_QUEUED);
    return grpc::Status::OK;
  }
  grpc::Status DeleteJob(grpc::ServerContext*, const v1::DeleteJobRequest* request,
                         v1::DeleteJobResponse*) override {
    MutexLock lock(&mutex_);
    named_ = request->job_id();
    return grpc::Status::OK;
  }
  grpc::Status PublishVoice(grpc::ServerContext*, const v1::PublishVoiceRequest* request,
                            v1::PublishVoiceResponse* response) override {
    MutexLock lock(&mutex_);
    published_ = *request;
    response->set_voice_name("anna");
    response->set_version(3);
    return grpc::Status::OK;
  }
  grpc::Status RollbackVoice(grpc::ServerContext*, const v1::RollbackVoiceRequest* request,
                             v1::RollbackVoiceResponse* response) override {
    MutexLock lock(&mutex_);
    named_ = request->voice_name();
    response->set_version(2);
    return grpc::Status::OK;
  }
  // Pages without end.
  grpc::Status ListJobs(grpc::ServerContext*, const v1::ListJobsRequest* request,
                        v1::ListJobsResponse* response) override {
    MutexLock lock(&mutex_);
    page_sizes_.push_back(request->page_size());
    for (int i = 0; i < request->page_size() && !repeats_pages; ++i) response->add_jobs()->set_id("a");
    response->set_next_page_token(repeats_pages ? "again" : request->page_token() + "x");
    return grpc::Status::OK;
  }
  grpc::Status ListArtifacts(grpc::ServerContext*, const v1::ListArtifactsRequest* request,
                             v1::ListArtifactsResponse* response) override {
    auto* artifact = response->add_artifacts();
    artifact->set_name(request->page_token().empty() ? "run/log.jsonl" : "run/report.html");
    artifact->set_size_bytes(12);
    artifact->set_sha256("0123456789abcdef");
    if (repeats_pages || request->page_token().empty()) response->set_next_page_token("again");
    return grpc::Status::OK;
  }
  grpc::Status GetArtifact(grpc::ServerContext*, const v1::GetArtifactRequest*,
                           grpc::ServerWriter<v1::ArtifactChunk>* writer) override {
    for (const auto& chunk : chunks) writer->Write(chunk);
    return grpc::Status::OK;
  }

 private:
  Mutex mutex_;
  v1::SubmitJobRequest submitted_ ABSL_GUARDED_BY(mutex_);
  v1::UpdateJobRequest updated_ ABSL_GUARDED_BY(mutex_);
  v1::PublishVoiceRequest published_ ABSL_GUARDED_BY(mutex_);
  std::string named_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> page_sizes_ ABSL_GUARDED_BY(mutex_);
};

v1::ArtifactChunk Chunk(int64_t offset, const std::string& data) {
  v1::ArtifactChunk chunk;
  chunk.set_offset(offset);
  chunk.set_data(data);
  return chunk;
}

TEST(TrainSubmitTest, EveryOptionReachesTheServer) {
  const testing::TempDir dir;
  testing::WriteAll(dir / "voice.yaml", "licence: CC0\n");
  Recorder server;
  const auto result = server.Train({"submit",     dir / "voice.yaml",
                                    "--id",       "night",
                                    "--kind",     "Fine-Tune",
                                    "--dataset",  "no-such-corpus",
                                    "--voice",    "anna",
                                    "--base",     "job:first",
                                    "--stages",   "acoustic,vocoder",
                                    "--dtype",    "int8",
                                    "--publish",  "--evaluate-on",
                                    "no-such",    "--evaluate-limit",
                                    "20",         "--max-wer",
                                    "7.5",        "--after",
                                    "checked",    "--hours",
                                    "22:00-6:00", "--on-mains",
                                    "--priority", "-5",
                                    "--attempts", "7",
                                    "--backoff",  "2.5",
                                    "--label",    "who=me",
                                    "--label",    "sum=1+1=2",
                                    "--detach"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(result.out, "night\n");
  const v1::SubmitJobRequest request = server.submitted();
  EXPECT_EQ(request.job_id(), "night");
  EXPECT_EQ(request.priority(), -5);
  EXPECT_EQ(request.labels_size(), 2);
  EXPECT_EQ(request.labels().at("who"), "me");
  EXPECT_EQ(request.labels().at("sum"), "1+1=2") << "a value may have one more =";
  const v1::JobSpec& spec = request.spec();
  EXPECT_EQ(spec.kind(), v1::JOB_KIND_FINE_TUNE);
  EXPECT_EQ(spec.config_yaml(), "licence: CC0\n");
  EXPECT_EQ(spec.dataset(), "no-such-corpus") << "below a folder of the daemon";
  EXPECT_EQ(spec.voice_name(), "anna");
  EXPECT_EQ(spec.base_voice(), "job:first");
  ASSERT_EQ(spec.stages_size(), 2);
  EXPECT_EQ(spec.stages(0), "acoustic");
  EXPECT_EQ(spec.stages(1), "vocoder");
  EXPECT_EQ(spec.dtype(), "int8");
  EXPECT_TRUE(spec.publish());
  EXPECT_EQ(spec.evaluation_dataset(), "no-such");
  EXPECT_EQ(spec.evaluation_limit(), 20);
  EXPECT_EQ(spec.publish_max_word_error_percent(), 7.5);
  EXPECT_EQ(spec.after(), "checked");
  EXPECT_EQ(spec.schedule().hours(), "22:00-6:00");
  EXPECT_TRUE(spec.schedule().on_mains_power());
  EXPECT_EQ(spec.retry().max_attempts(), 7);
  EXPECT_EQ(spec.retry().backoff().seconds(), 2);
  EXPECT_EQ(spec.retry().backoff().nanos(), 500'000'000);
}

TEST(TrainSubmitTest, WhatIsNotSaidIsLeftToTheServer) {
  const testing::TempDir dir;
  testing::WriteAll(dir / "voice.yaml", "licence: CC0\n");
  Recorder server;
  EXPECT_EQ(server.Train({"submit", dir / "voice.yaml", "--dataset", ".", "--detach"}).code, kExitOk);
  const v1::SubmitJobRequest request = server.submitted();
  EXPECT_EQ(request.spec().kind(), v1::JOB_KIND_TRAIN);
  EXPECT_THAT(request.job_id(), StartsWith("train-"));
  EXPECT_TRUE(std::filesystem::path(request.spec().dataset()).is_absolute())
      << "what exists here is meant, and the daemon works elsewhere";
  EXPECT_FALSE(request.spec().has_schedule());
  EXPECT_FALSE(request.spec().has_retry());
  EXPECT_EQ(request.spec().dtype(), "");
}

TEST(TrainSubmitTest, TheKindFollowsFromTheBaseUnlessItIsSaid) {
  Recorder server;
  EXPECT_EQ(server.Train({"submit", "--base", "slt", "--dataset", "x", "--detach"}).code, kExitOk);
  EXPECT_EQ(server.submitted().spec().kind(), v1::JOB_KIND_FINE_TUNE);
  EXPECT_THAT(server.submitted().job_id(), StartsWith("fine-tune-"));
  const auto result = server.Train({"submit", "--kind", "evaluate", "--base", "slt", "--detach", "--json"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(server.submitted().spec().kind(), v1::JOB_KIND_EVALUATE);
  EXPECT_EQ(Json::parse(result.out)["id"], server.submitted().job_id());
}

TEST(TrainChangeTest, UpdatePublishRollbackAndDelete) {
  Recorder server;
  EXPECT_EQ(server.Train({"update", "a", "--priority", "-7"}).out, "a  QUEUED\n");
  EXPECT_EQ(server.updated().job_id(), "a");
  EXPECT_TRUE(server.updated().has_priority());
  EXPECT_EQ(server.updated().priority(), -7);
  EXPECT_FALSE(server.updated().replace_labels());
  EXPECT_EQ(server.Train({"update", "a"}).code, kExitUsage);

  EXPECT_EQ(server.Train({"publish", "a", "--voice", "anna", "--default"}).out, "anna version 3\n");
  EXPECT_EQ(server.published().job_id(), "a");
  EXPECT_EQ(server.published().voice_name(), "anna");
  EXPECT_TRUE(server.published().make_default());

  EXPECT_EQ(server.Train({"rollback", "anna"}).out, "anna version 2\n");
  EXPECT_EQ(server.named(), "anna");
  const Json rolled = Json::parse(server.Train({"rollback", "bob", "--json"}).out);
  EXPECT_EQ(rolled["voice_name"], "bob");
  EXPECT_EQ(rolled["version"], 2);

  const auto deleted = server.Train({"delete", "old"});
  EXPECT_EQ(deleted.code, kExitOk) << deleted.err;
  EXPECT_EQ(deleted.out + deleted.err, "");
  EXPECT_EQ(server.named(), "old");
  EXPECT_EQ(Json::parse(server.Train({"delete", "old", "--json"}).out)["deleted"], true);
}

TEST(TrainPagesTest, AsksForNoMoreThanItShows) {
  Recorder server;
  const auto result = server.Train({"list", "--limit", "250"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 250);
  EXPECT_EQ(server.page_sizes(), (std::vector<int>{200, 50}));
}

TEST(TrainPagesTest, ArtifactsOfAllPagesAreListed) {
  Recorder server;
  const auto result = server.Train({"artifacts", "a"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(result.out,
            "          12  0123456789ab  run/log.jsonl\n          12  0123456789ab  run/report.html\n");
}

TEST(TrainPagesTest, AServerThatRepeatsAPageIsNotAskedForEver) {
  Recorder server;
  server.repeats_pages = true;
  const auto jobs = server.Train({"list"});
  EXPECT_EQ(jobs.code, kExitInternal);
  EXPECT_THAT(jobs.err, HasSubstr("repeats page 'again' of its jobs"));
  const auto artifacts = server.Train({"artifacts", "a"});
  EXPECT_EQ(artifacts.code, kExitInternal);
  EXPECT_THAT(artifacts.err, HasSubstr("repeats page 'again' of the artifacts"));
}

TEST(TrainArtifactTest, AFileIsThereWhenItIsWhole) {
  const testing::TempDir dir;
  Recorder server;
  server.chunks = {Chunk(0, "abc"), Chunk(3, "de")};
  const auto result = server.Train({"artifacts", "a", "big.bin", "-o", dir / "big.bin"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(testing::ReadAll(dir / "big.bin"), "abcde");
}

TEST(TrainArtifactTest, MissingBytesLeaveNoFile) {
  const testing::TempDir dir;
  Recorder server;
  server.chunks = {Chunk(0, "abc"), Chunk(5, "fg")};
  const auto result = server.Train({"artifacts", "a", "big.bin", "-o", dir / "big.bin"});
  EXPECT_EQ(result.code, kExitInternal);
  EXPECT_THAT(result.err, HasSubstr("bytes are missing: expected 3, got 5"));
  EXPECT_EQ(dir.file_count(), 0u);
}

TEST(TrainListenTest, WithoutAudioItSaysWhenThereWillBe) {
  Recorder server;
  const auto result = server.Train({"listen", "a", "-o", "-"});
  EXPECT_EQ(result.code, kExitRefused);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("job a has made no audio yet; samples_every of a stage says when"));
}

TEST(TrainListenTest, TheNewestAudioCanGoIntoAPipe) {
  Recorder server;
  server.last_sample = "run/samples/step_10.wav";
  server.chunks = {Chunk(0, "RIFF")};
  const auto result = server.Train({"listen", "a", "-o", "-"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(result.out, "RIFF");
  EXPECT_EQ(result.err, "run/samples/step_10.wav\n");
}

}  // namespace
}  // namespace m2tts
