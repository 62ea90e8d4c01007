// m2tts.v1.Training with requests that are wrong or mean no good: each is refused by the name of its field,
// nothing is queued, and nothing is read that lies outside jobs.data_roots.
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <limits>

#include "tests/integration/job_daemon.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;
using grpc::StatusCode;
using testing::HasSubstr;

// The field that an error blames; empty when it has no such detail.
std::string FieldOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return "(unreadable)";
  for (const auto& detail : details.details()) {
    google::rpc::BadRequest bad_request;
    if (detail.UnpackTo(&bad_request) && bad_request.field_violations_size() > 0) {
      return bad_request.field_violations(0).field();
    }
  }
  return "";
}

// What is no id, of a job or a voice.
std::vector<std::string> BadIds() {
  return {"",
          ".",
          "..",
          "../x",
          "a/b",
          "/etc/passwd",
          ".hidden",
          "-dash",
          "a b",
          "a\n",
          "a\\b",
          std::string("a\0b", 3),
          "n\xc3\xa4me",
          "a;rm -rf",
          "%2e%2e",
          std::string(65, 'a'),
          std::string(1 << 20, 'a')};
}

std::string Shown(const std::string& text) {
  return "'" + text.substr(0, 40) + "', " + std::to_string(text.size()) + " bytes";
}

class TrainingHostileTest : public testing::Test {
 protected:
  // No job runs: what is queued by mistake stays to be seen.
  static void SetUpTestSuite() {
    jobs_ = new JobDaemon;
    jobs_->Prepare();
    const TempDir& dir = jobs_->dir();
    fs::create_directories(dir / "secret");
    fs::create_directories(dir / "data-secret");  // begins like the root
    std::ofstream(dir / "data/file") << "x";
    std::ofstream(dir / "secret/metadata.csv") << "a|hello|hello\n";
    fs::create_directory_symlink(dir / "secret", dir / "data/link");
    fs::create_symlink(dir / "secret/metadata.csv", dir / "data/link-to-file");
    fs::create_directory_symlink(dir / "data/loop", dir / "data/loop");
    fs::create_directories(dir / "data/inner");
    fs::create_directory_symlink(dir / "secret", dir / "data/inner/link");
    jobs_->StartDaemon(", max_running: 0");
  }
  static void TearDownTestSuite() {
    if (jobs_->ready()) {
      jobs_->daemon().process().Signal(SIGTERM);
      EXPECT_EQ(jobs_->daemon().process().Wait(), 0) << jobs_->daemon().process().Errors();
    }
    delete jobs_;
  }
  void SetUp() override { ASSERT_TRUE(jobs_->ready()); }
  // Whatever was asked, the daemon answers, and there is no job but those of the test.
  void TearDown() override {
    grpc::ClientContext context;
    v1::ListJobsResponse jobs;
    const grpc::Status status = training().ListJobs(&context, {}, &jobs);
    ASSERT_TRUE(status.ok()) << status.error_message();
    for (const v1::Job& job : jobs.jobs()) EXPECT_EQ(job.id(), "queued");
  }

  static v1::Training::Stub& training() { return jobs_->daemon().training(); }
  static v1::SubmitJobRequest Check() {
    v1::SubmitJobRequest request;
    request.set_job_id("good");
    request.mutable_spec()->set_kind(v1::JOB_KIND_CHECK);
    request.mutable_spec()->set_dataset("corpus");
    return request;
  }
  static v1::SubmitJobRequest Training() { return jobs_->Request("good", 4); }
  static v1::SubmitJobRequest Compression() {
    v1::SubmitJobRequest request;
    request.set_job_id("good");
    request.mutable_spec()->set_kind(v1::JOB_KIND_COMPRESS);
    request.mutable_spec()->set_base_voice("en_US-slt");
    return request;
  }
  static void ExpectRefused(const grpc::Status& status, const std::string& field, const std::string& what) {
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << what << ": " << status.error_message();
    EXPECT_EQ(FieldOf(status), field) << what << ": " << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr(field + ": ")) << what;
  }
  static void ExpectRefused(const v1::SubmitJobRequest& request, const std::string& field,
                            const std::string& what) {
    ExpectRefused(jobs_->Submit(request), field, what);
  }

  // Calls of methods whose request is `Message`, with `field` set.
  template <typename Message>
  using Method = std::function<grpc::Status(grpc::ClientContext*, const Message&)>;
  template <typename Message>
  static void ExpectJobIdChecked(const char* name, const Method<Message>& method) {
    for (const std::string& id : BadIds()) {
      grpc::ClientContext context;
      Message request;
      request.set_job_id(id);
      ExpectRefused(method(&context, request), "job_id", name + (" " + Shown(id)));
    }
    grpc::ClientContext context;
    Message request;
    request.set_job_id("nobody");
    const grpc::Status unknown = method(&context, request);
    EXPECT_EQ(unknown.error_code(), StatusCode::NOT_FOUND) << name;
    EXPECT_THAT(unknown.error_message(), HasSubstr("'nobody'")) << name;
  }
  // One that waits for ever, under the id "queued".
  static void Queue() {
    v1::SubmitJobRequest request = Check();
    request.set_job_id("queued");
    const grpc::Status status = jobs_->Submit(request);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  static JobDaemon* jobs_;
};
JobDaemon* TrainingHostileTest::jobs_ = nullptr;

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

TEST_F(TrainingHostileTest, DataSetsOutsideTheRoots) {
  const std::string secret = (jobs_->dir() / "secret").string();
  const std::string beside = (jobs_->dir() / "data-secret").string();
  for (const std::string& path : {secret,
                                  beside,
                                  std::string("/"),
                                  std::string("/etc"),
                                  std::string("/proc/self/cwd"),
                                  std::string("../secret"),
                                  std::string("corpus/../../secret"),
                                  std::string("link"),
                                  std::string("link/."),
                                  std::string("inner/link"),
                                  std::string("inner/../link"),
                                  std::string("link-to-file"),
                                  std::string("loop"),
                                  std::string("loop/corpus"),
                                  std::string("file"),
                                  std::string("nothing"),
                                  std::string("corpus\0/../..", 13),
                                  std::string("n\xc3\xa4"),
                                  std::string(300, 'x'),
                                  std::string(4096, 'x'),
                                  std::string(4096, '/'),
                                  std::string(1 << 20, 'x')}) {
    v1::SubmitJobRequest request = Check();
    request.mutable_spec()->set_dataset(path);
    ExpectRefused(request, "spec.dataset", Shown(path));
    request = Compression();
    request.mutable_spec()->set_evaluation_dataset(path);
    ExpectRefused(request, "spec.evaluation_dataset", Shown(path));
  }
  v1::SubmitJobRequest request = Check();
  request.mutable_spec()->clear_dataset();
  ExpectRefused(request, "spec.dataset", "none");
}

// An error must not tell what lies outside.
TEST_F(TrainingHostileTest, WhatIsOutsideIsNotToldFromWhatIsNot) {
  const auto complaint = [](const std::string& path) {
    v1::SubmitJobRequest request = Check();
    request.mutable_spec()->set_dataset(path);
    std::string message = jobs_->Submit(request).error_message();
    const size_t at = message.find(path);
    EXPECT_NE(at, std::string::npos) << message;
    return message.erase(at, path.size());
  };
  EXPECT_EQ(complaint("/etc"), complaint("/there-is-no-such-folder"));
  EXPECT_EQ(complaint("../secret"), complaint("../there-is-no-such-folder"));
}

TEST_F(TrainingHostileTest, PathsInConfigs) {
  for (const char* lines :
       {"init_from: /etc", "init_from: link", "init_from: ../secret", "init_from: job:../x",
        "vocoder: {predicted_by: /etc}", "data: {sources: [{root: link}]}",
        "data: {sources: [{root: corpus, align_by: ../secret}]}", "name: &n nothing\ninit_from: *n"}) {
    v1::SubmitJobRequest request = Training();
    request.mutable_spec()->set_config_yaml("licence: CC0\n" + std::string(lines) + "\n");
    ExpectRefused(request, "spec.config_yaml", lines);
  }
  v1::SubmitJobRequest request = Training();
  request.mutable_spec()->clear_dataset();
  request.mutable_spec()->set_config_yaml("licence: CC0\ndata: {root: link}\n");
  ExpectRefused(request, "spec.config_yaml", "data.root");
}

TEST_F(TrainingHostileTest, Configs) {
  for (const std::string& config :
       {std::string(), std::string("["), std::string("text"), std::string("- a"),
        std::string("licence: [CC0]"), std::string("model: {hidden: 32}"),
        std::string("licence: CC0\ndata: 7"), std::string("a: &a [*a]"), std::string(100000, '['),
        std::string(100000, '{'), std::string((1 << 20) + 1, '#'),
        "licence: CC0\n" + std::string(1 << 20, ' ') + "x: 1"}) {
    v1::SubmitJobRequest request = Training();
    request.mutable_spec()->set_config_yaml(config);
    ExpectRefused(request, "spec.config_yaml", Shown(config));
  }
  // What only the trainer knows, and complains about at length.
  std::string speakers = "a";
  for (int i = 0; i < 20000; ++i) speakers += ", speaker-" + std::to_string(i);
  v1::SubmitJobRequest request = Training();
  request.mutable_spec()->clear_dataset();
  request.mutable_spec()->set_config_yaml("licence: CC0\nspeakers: [" + speakers +
                                          "]\ndata: {sources: [{root: corpus, speaker: nobody}]}\n");
  ExpectRefused(request, "spec.config_yaml", "a speaker that is not among many");
}

TEST_F(TrainingHostileTest, NumbersOutsideTheirRanges) {
  struct Case {
    const char* field;
    const char* name;
    std::function<void(v1::SubmitJobRequest*)> change;
  };
  constexpr int kLeast = std::numeric_limits<int>::min(), kMost = std::numeric_limits<int>::max();
  const auto with_data = [](double limit) {
    return [limit](v1::SubmitJobRequest* r) {
      r->mutable_spec()->set_evaluation_dataset("corpus");
      r->mutable_spec()->set_publish_max_word_error_percent(limit);
    };
  };
  const std::vector<Case> cases = {
      {"priority", "too low", [](auto* r) { r->set_priority(-101); }},
      {"priority", "lowest", [](auto* r) { r->set_priority(kLeast); }},
      {"priority", "too high", [](auto* r) { r->set_priority(101); }},
      {"priority", "highest", [](auto* r) { r->set_priority(kMost); }},
      {"spec.kind", "unknown", [](auto* r) { r->mutable_spec()->set_kind(static_cast<v1::JobKind>(77)); }},
      {"spec.kind", "negative", [](auto* r) { r->mutable_spec()->set_kind(static_cast<v1::JobKind>(-1)); }},
      {"spec.dtype", "unknown", [](auto* r) { r->mutable_spec()->set_dtype("fp8"); }},
      {"spec.dtype", "half a character",
       [](auto* r) {
         std::string text = "x";
         for (int i = 0; i < 100; ++i) text += "\xc3\xa4";
         r->mutable_spec()->set_dtype(text);
       }},
      {"spec.stages", "unknown", [](auto* r) { r->mutable_spec()->add_stages("magic"); }},
      {"spec.stages", "a thousand",
       [](auto* r) {
         for (int i = 0; i < 1000; ++i) r->mutable_spec()->add_stages("aligner");
       }},
      {"spec.schedule.hours", "no hours",
       [](auto* r) { r->mutable_spec()->mutable_schedule()->set_hours("25:00-26:00"); }},
      {"spec.schedule.hours", "long",
       [](auto* r) { r->mutable_spec()->mutable_schedule()->set_hours(std::string(1 << 20, '-')); }},
      {"spec.retry.max_attempts", "negative",
       [](auto* r) { r->mutable_spec()->mutable_retry()->set_max_attempts(-1); }},
      {"spec.retry.max_attempts", "too many",
       [](auto* r) { r->mutable_spec()->mutable_retry()->set_max_attempts(101); }},
      {"spec.retry.backoff", "negative",
       [](auto* r) { r->mutable_spec()->mutable_retry()->mutable_backoff()->set_seconds(-1); }},
      {"spec.retry.backoff", "negative by a little",
       [](auto* r) { r->mutable_spec()->mutable_retry()->mutable_backoff()->set_nanos(-1); }},
      {"spec.retry.backoff", "too long",
       [](auto* r) { r->mutable_spec()->mutable_retry()->mutable_backoff()->set_seconds(3601); }},
      {"spec.evaluation_limit", "negative", [](auto* r) { r->mutable_spec()->set_evaluation_limit(-1); }},
      {"spec.publish_max_word_error_percent", "negative", with_data(-1.0)},
      {"spec.publish_max_word_error_percent", "too much", with_data(1000.5)},
      {"spec.publish_max_word_error_percent", "not a number", with_data(std::nan(""))},
      {"spec.publish_max_word_error_percent", "infinite", with_data(std::numeric_limits<double>::infinity())},
      {"spec.publish_max_word_error_percent", "without data",
       [](auto* r) { r->mutable_spec()->set_publish_max_word_error_percent(10.0); }},
  };
  for (const Case& bad : cases) {
    v1::SubmitJobRequest request = Compression();
    bad.change(&request);
    ExpectRefused(request, bad.field, std::string(bad.field) + " " + bad.name);
  }
  v1::SubmitJobRequest request = Check();
  request.mutable_spec()->set_publish(true);
  ExpectRefused(request, "spec.publish", "of a check");
}

TEST_F(TrainingHostileTest, Labels) {
  const auto with = [](const std::string& name, const std::string& value) {
    v1::SubmitJobRequest request = Check();
    (*request.mutable_labels())[name] = value;
    return request;
  };
  for (const std::string& name : BadIds()) ExpectRefused(with(name, "x"), "labels", Shown(name));
  std::string umlauts = "x";
  for (int i = 0; i < 1000; ++i) umlauts += "\xc3\xa4";
  ExpectRefused(with(umlauts, "x"), "labels", "a name that is cut within a character");
  ExpectRefused(with("name", std::string(257, 'x')), "labels", "a long value");
  ExpectRefused(with("name", std::string(1 << 20, 'x')), "labels", "a huge value");
  v1::SubmitJobRequest request = Check();
  for (int i = 0; i < 65; ++i) (*request.mutable_labels())["name" + std::to_string(i)] = "x";
  ExpectRefused(request, "labels", "65 of them");
}

TEST_F(TrainingHostileTest, TextThatIsNotUtf8) {
  v1::SubmitJobRequest request = Training();
  request.mutable_spec()->set_config_yaml("licence: \xff\xfe");
  const grpc::Status status = jobs_->Submit(request);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("UTF-8"));
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
