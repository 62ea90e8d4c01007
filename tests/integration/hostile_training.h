// A fixture for requests to m2tts.v1.Training that are wrong or mean no good: each must be refused by the
// name of its field, nothing may be queued, and the daemon must go on answering.
#pragma once

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "tests/integration/job_daemon.h"

namespace m2tts {

// The fields that an error blames; none when it has no such detail.
inline std::vector<std::string> FieldsOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return {"(unreadable)"};
  std::vector<std::string> fields;
  for (const auto& detail : details.details()) {
    google::rpc::BadRequest bad_request;
    if (!detail.UnpackTo(&bad_request)) continue;
    for (const auto& violation : bad_request.field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

// The first of them.
inline std::string FieldOf(const grpc::Status& status) {
  const auto fields = FieldsOf(status);
  return fields.empty() ? "" : fields.front();
}

// What is no id, of a job or a voice.
inline std::vector<std::string> BadIds() {
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

inline std::string Shown(const std::string& text) {
  return "'" + text.substr(0, 40) + "', " + std::to_string(text.size()) + " bytes";
}

class TrainingHostileTest : public testing::Test {
 protected:
  // No job runs: what is queued by mistake stays to be seen.
  static void SetUpTestSuite() {
    jobs_ = new JobDaemon;
    jobs_->Prepare();
    namespace fs = std::filesystem;
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
    if (jobs_->ready()) jobs_->daemon().Stop();
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
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT)
        << what << ": " << status.error_message();
    EXPECT_EQ(FieldOf(status), field) << what << ": " << status.error_message();
    EXPECT_THAT(status.error_message(), testing::HasSubstr(field + ": ")) << what;
  }
  static void ExpectRefused(const v1::SubmitJobRequest& request, const std::string& field,
                            const std::string& what) {
    ExpectRefused(jobs_->Submit(request), field, what);
  }

  // A call of the method whose request is `Message`.
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
    EXPECT_EQ(unknown.error_code(), grpc::StatusCode::NOT_FOUND) << name;
    EXPECT_THAT(unknown.error_message(), testing::HasSubstr("'nobody'")) << name;
  }
  // One that waits for ever, under the id "queued".
  static void Queue() {
    v1::SubmitJobRequest request = Check();
    request.set_job_id("queued");
    const grpc::Status status = jobs_->Submit(request);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  static inline JobDaemon* jobs_ = nullptr;
};

}  // namespace m2tts
