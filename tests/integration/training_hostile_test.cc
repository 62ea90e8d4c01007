// Ids, names, pages and places that are wrong, in every method of m2tts.v1.Training.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <limits>

#include "tests/integration/hostile_training.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;
using grpc::StatusCode;
using testing::HasSubstr;

TEST_F(TrainingHostileTest, IdsOfJobsToSubmit) {
  for (const std::string& id : BadIds()) {
    v1::SubmitJobRequest request = Check();
    request.set_job_id(id);
    ExpectRefused(request, "job_id", Shown(id));
  }
}

TEST_F(TrainingHostileTest, IdsOfJobsEverywhereElse) {
  ExpectJobIdChecked<v1::GetJobRequest>("GetJob", [](auto* context, const auto& request) {
    v1::Job job;
    return training().GetJob(context, request, &job);
  });
  ExpectJobIdChecked<v1::UpdateJobRequest>("UpdateJob", [](auto* context, const auto& request) {
    v1::Job job;
    return training().UpdateJob(context, request, &job);
  });
  ExpectJobIdChecked<v1::PauseJobRequest>("PauseJob", [](auto* context, const auto& request) {
    v1::Job job;
    return training().PauseJob(context, request, &job);
  });
  ExpectJobIdChecked<v1::ResumeJobRequest>("ResumeJob", [](auto* context, const auto& request) {
    v1::Job job;
    return training().ResumeJob(context, request, &job);
  });
  ExpectJobIdChecked<v1::CancelJobRequest>("CancelJob", [](auto* context, const auto& request) {
    v1::Job job;
    return training().CancelJob(context, request, &job);
  });
  ExpectJobIdChecked<v1::DeleteJobRequest>("DeleteJob", [](auto* context, const auto& request) {
    v1::DeleteJobResponse response;
    return training().DeleteJob(context, request, &response);
  });
  ExpectJobIdChecked<v1::ListArtifactsRequest>("ListArtifacts", [](auto* context, const auto& request) {
    v1::ListArtifactsResponse response;
    return training().ListArtifacts(context, request, &response);
  });
  ExpectJobIdChecked<v1::GetArtifactRequest>("GetArtifact", [](auto* context, const auto& request) {
    return training().GetArtifact(context, request)->Finish();
  });
  ExpectJobIdChecked<v1::WatchJobRequest>("WatchJob", [](auto* context, const auto& request) {
    return training().WatchJob(context, request)->Finish();
  });
  ExpectJobIdChecked<v1::PublishVoiceRequest>("PublishVoice", [](auto* context, const auto& request) {
    v1::PublishVoiceResponse response;
    return training().PublishVoice(context, request, &response);
  });
}

TEST_F(TrainingHostileTest, NamesOfVoices) {
  for (const std::string& name : BadIds()) {
    grpc::ClientContext rollback_context;
    v1::RollbackVoiceRequest rollback;
    rollback.set_voice_name(name);
    v1::RollbackVoiceResponse rolled;
    ExpectRefused(training().RollbackVoice(&rollback_context, rollback, &rolled), "voice_name", Shown(name));
    if (name.empty()) continue;  // elsewhere a default
    grpc::ClientContext publish_context;
    v1::PublishVoiceRequest publish;
    publish.set_job_id("nobody");
    publish.set_voice_name(name);
    v1::PublishVoiceResponse published;
    ExpectRefused(training().PublishVoice(&publish_context, publish, &published), "voice_name", Shown(name));
    v1::SubmitJobRequest request = Compression();
    request.mutable_spec()->set_voice_name(name);
    ExpectRefused(request, "spec.voice_name", Shown(name));
    request = Compression();
    request.mutable_spec()->set_base_voice(name);
    ExpectRefused(request, "spec.base_voice", Shown(name));
    request.mutable_spec()->set_base_voice("job:" + name);
    ExpectRefused(request, "spec.base_voice", "job:" + Shown(name));
    request = Check();
    request.mutable_spec()->set_after(name);
    ExpectRefused(request, "spec.after", Shown(name));
  }
}

TEST_F(TrainingHostileTest, JobsAndVoicesThatAreNotThere) {
  v1::SubmitJobRequest request = Check();
  request.mutable_spec()->set_after("nobody");
  ExpectRefused(request, "spec.after", "nobody");
  request.mutable_spec()->set_after(request.job_id());
  ExpectRefused(request, "spec.after", "itself");
  request = Compression();
  request.mutable_spec()->set_base_voice("nobody");
  ExpectRefused(request, "spec.base_voice", "nobody");
  request.mutable_spec()->set_base_voice("job:nobody");
  ExpectRefused(request, "spec.base_voice", "job:nobody");
  request.mutable_spec()->clear_base_voice();
  ExpectRefused(request, "spec.base_voice", "none");
}

TEST_F(TrainingHostileTest, ChangesOfAJob) {
  Queue();
  const auto update = [](const std::function<void(v1::UpdateJobRequest*)>& change) {
    grpc::ClientContext context;
    v1::UpdateJobRequest request;
    request.set_job_id("queued");
    change(&request);
    v1::Job job;
    return training().UpdateJob(&context, request, &job);
  };
  for (const int priority : {-101, 101, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
    ExpectRefused(update([priority](auto* r) { r->set_priority(priority); }), "priority",
                  std::to_string(priority));
  }
  const auto label = [](const std::string& name, const std::string& value, bool replace) {
    return [=](v1::UpdateJobRequest* r) {
      (*r->mutable_labels())[name] = value;
      r->set_replace_labels(replace);
    };
  };
  ExpectRefused(update(label("../x", "y", true)), "labels", "a name");
  ExpectRefused(update(label("x", std::string(1 << 20, 'y'), true)), "labels", "a value");
  ExpectRefused(update(label("x", "y", false)), "labels", "without replace_labels");
  EXPECT_EQ(jobs_->Get("queued").priority(), 0);
  EXPECT_TRUE(jobs_->Get("queued").labels().empty());
  EXPECT_TRUE(update(label("x", "y", true)).ok());
  EXPECT_EQ(jobs_->Get("queued").labels().at("x"), "y");
  EXPECT_TRUE(update([](auto* r) { r->set_priority(-100); }).ok());
  EXPECT_TRUE(update([](auto* r) { r->set_replace_labels(true); }).ok());
  EXPECT_TRUE(jobs_->Get("queued").labels().empty());
}

TEST_F(TrainingHostileTest, Pages) {
  const auto list = [](const std::function<void(v1::ListJobsRequest*)>& change) {
    grpc::ClientContext context;
    v1::ListJobsRequest request;
    change(&request);
    v1::ListJobsResponse response;
    return training().ListJobs(&context, request, &response);
  };
  for (const int size : {-1, 1001, std::numeric_limits<int>::max()}) {
    ExpectRefused(list([size](auto* r) { r->set_page_size(size); }), "page_size", std::to_string(size));
  }
  for (const std::string& token : {std::string("x"), std::string("-1"), std::string("0"), std::string("1x"),
                                   std::string("99999999999999999999"), std::string(1 << 20, '1')}) {
    ExpectRefused(list([&token](auto* r) { r->set_page_token(token); }), "page_token", Shown(token));
  }
  for (const int state : {-1, 7, 99}) {
    ExpectRefused(list([state](auto* r) { r->add_states(static_cast<v1::JobState>(state)); }), "states",
                  std::to_string(state));
  }
  EXPECT_TRUE(list([](auto* r) {
                for (int i = 0; i < 10000; ++i) r->add_states(v1::JOB_STATE_QUEUED);
              }).ok());
  Queue();
  grpc::ClientContext context;
  v1::ListArtifactsRequest artifacts;
  artifacts.set_job_id("queued");
  artifacts.set_page_size(-1);
  v1::ListArtifactsResponse response;
  ExpectRefused(training().ListArtifacts(&context, artifacts, &response), "page_size", "of artifacts");
}

TEST_F(TrainingHostileTest, NamesAndPlacesOfArtifacts) {
  Queue();
  fs::create_directories(jobs_->JobFile("queued", "run"));
  std::ofstream(jobs_->JobFile("queued", "check.json")) << "{}";
  fs::remove(jobs_->JobFile("queued", "link"));
  fs::create_symlink("/etc/passwd", jobs_->JobFile("queued", "link"));
  const auto get = [](const std::string& name, int64_t offset) {
    grpc::ClientContext context;
    v1::GetArtifactRequest request;
    request.set_job_id("queued");
    request.set_name(name);
    request.set_offset(offset);
    const auto reader = training().GetArtifact(&context, request);
    v1::ArtifactChunk chunk;
    while (reader->Read(&chunk)) EXPECT_EQ(chunk.data().find("root:"), std::string::npos);
    return reader->Finish();
  };
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("run"), std::string("link"),
        std::string("../../jobs.sqlite"), std::string("/etc/passwd"), std::string("run/../check.json"),
        std::string("check.json/"), std::string("check.json\0x", 12), std::string(1 << 20, 'x')}) {
    EXPECT_EQ(get(name, 0).error_code(), StatusCode::NOT_FOUND) << Shown(name);
  }
  EXPECT_TRUE(get("check.json", 0).ok());
  EXPECT_TRUE(get("check.json", 2).ok());
  ExpectRefused(get("check.json", -1), "offset", "negative");
  ExpectRefused(get("check.json", 3), "offset", "behind the end");
  ExpectRefused(get("check.json", std::numeric_limits<int64_t>::max()), "offset", "the last");
}

TEST_F(TrainingHostileTest, PlacesInTheEventsOfAJob) {
  Queue();
  grpc::ClientContext context;
  v1::WatchJobRequest request;
  request.set_job_id("queued");
  request.set_from_sequence(-1);
  ExpectRefused(training().WatchJob(&context, request)->Finish(), "from_sequence", "negative");
  // One after the last only waits, until it is cancelled.
  grpc::ClientContext waits;
  waits.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  request.set_from_sequence(std::numeric_limits<int64_t>::max());
  const auto reader = training().WatchJob(&waits, request);
  v1::JobEvent event;
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_EQ(reader->Finish().error_code(), StatusCode::DEADLINE_EXCEEDED);
}

}  // namespace
}  // namespace m2tts
