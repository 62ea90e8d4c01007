// Specs of jobs that are wrong or reach for what lies outside jobs.data_roots.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "tests/integration/hostile_training.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;

class SubmitHostileTest : public TrainingHostileTest {};

TEST_F(SubmitHostileTest, DataSetsOutsideTheRoots) {
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
TEST_F(SubmitHostileTest, WhatIsOutsideIsNotToldFromWhatIsNot) {
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

TEST_F(SubmitHostileTest, PathsInConfigs) {
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

TEST_F(SubmitHostileTest, Configs) {
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

TEST_F(SubmitHostileTest, NumbersOutsideTheirRanges) {
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

// All at once and each as long as can be: the answer still arrives, with every field.
TEST_F(SubmitHostileTest, EverythingIsWrong) {
  const std::string path(4096, 'x'), umlauts = [] {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "\xc3\xa4";
    return text;
  }();
  for (const std::string& text : {path, umlauts}) {
    v1::SubmitJobRequest request = Training();
    v1::JobSpec& spec = *request.mutable_spec();
    request.set_job_id(text);
    request.set_priority(1000);
    (*request.mutable_labels())[text] = text;
    spec.set_kind(static_cast<v1::JobKind>(77));
    spec.set_voice_name(text);
    spec.set_dtype(text);
    spec.add_stages(text);
    spec.set_after(text);
    spec.set_base_voice(text);
    spec.set_dataset(text);
    spec.set_evaluation_dataset(text);
    spec.set_evaluation_limit(-1);
    spec.set_publish_max_word_error_percent(-1.0);
    spec.mutable_schedule()->set_hours(text);
    spec.mutable_retry()->set_max_attempts(-1);
    spec.mutable_retry()->mutable_backoff()->set_seconds(-1);
    const grpc::Status status = jobs_->Submit(request);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << status.error_message();
    EXPECT_THAT(FieldsOf(status),
                testing::IsSupersetOf({"job_id", "priority", "labels", "spec.kind", "spec.voice_name",
                                       "spec.dtype", "spec.stages", "spec.after", "spec.base_voice",
                                       "spec.dataset", "spec.evaluation_dataset", "spec.evaluation_limit",
                                       "spec.publish_max_word_error_percent", "spec.schedule.hours",
                                       "spec.retry.max_attempts", "spec.retry.backoff"}));
  }
}

TEST_F(SubmitHostileTest, Labels) {
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

TEST_F(SubmitHostileTest, TextThatIsNotUtf8) {
  v1::SubmitJobRequest request = Training();
  request.mutable_spec()->set_config_yaml("licence: \xff\xfe");
  const grpc::Status status = jobs_->Submit(request);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("UTF-8"));
}

}  // namespace
}  // namespace m2tts
