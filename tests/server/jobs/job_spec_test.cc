#include "server/jobs/job_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "core/base/strict_yaml.h"
#include "google/rpc/error_details.pb.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class JobSpecTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root() / "corpus");
    fs::create_directories(folder_.path() / "secret");
    fs::create_directories(folder_.path() / "voices" / "base");
    std::ofstream(folder_.path() / "voices" / "base" / "voice.json") << "{}";
    environment_.state_dir = folder_.path() / "state";
    environment_.voices = folder_.path() / "voices";
    environment_.data_roots = {root()};
    spec_.set_config_yaml("licence: CC0\nmodel: {hidden: 32}\n");
    spec_.set_dataset("corpus");
  }
  fs::path root() const { return folder_.path() / "data"; }
  StatusOr<ResolvedSpec> Resolve(SpecTime time = SpecTime::kAtSubmit) {
    return ResolveSpec("job", spec_, environment_, time);
  }
  std::string Error() {
    const auto resolved = Resolve();
    EXPECT_EQ(resolved.status().code(), StatusCode::kInvalidArgument) << resolved.status();
    return std::string(resolved.status().message());
  }

  TempFolder folder_;
  JobEnvironment environment_;
  v1::JobSpec spec_;
};

TEST_F(JobSpecTest, TheConfigGetsResolvedPaths) {
  const auto resolved = Resolve();
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  const auto config = *ParseYaml(resolved->config_yaml, "test");
  EXPECT_EQ(config["data"]["root"].as<std::string>(), fs::canonical(root() / "corpus").string());
  EXPECT_EQ(config["data"]["cache"].as<std::string>(), environment_.features().string());
  EXPECT_EQ(config["name"].as<std::string>(), "job");
  EXPECT_EQ(config["model"]["hidden"].as<int>(), 32);
  EXPECT_EQ(resolved->dtype, "fp16");
}

TEST_F(JobSpecTest, WhatTheDaemonDecidesIsNotTheConfigs) {
  spec_.set_config_yaml("licence: CC0\nprotection: {sensors: /etc/passwd}\ndata: {cache: /tmp/x}\n");
  const auto resolved = Resolve();
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_EQ(resolved->config_yaml.find("passwd"), std::string::npos);
  EXPECT_EQ(resolved->config_yaml.find("/tmp/x\n"), std::string::npos);
}

TEST_F(JobSpecTest, PathsOutsideTheRootsAreRefusedInEveryPlace) {
  const std::string outside = (folder_.path() / "secret").string();
  spec_.set_dataset(outside);
  EXPECT_THAT(Error(), StartsWith("spec.dataset"));
  spec_.set_dataset("../secret");
  EXPECT_THAT(Error(), StartsWith("spec.dataset"));
  spec_.set_dataset("corpus/../../secret");
  EXPECT_THAT(Error(), StartsWith("spec.dataset"));
  fs::create_directory_symlink(outside, root() / "link");
  spec_.set_dataset("link");
  EXPECT_THAT(Error(), HasSubstr("not below"));
  spec_.set_dataset("corpus");
  for (const char* config :
       {"init_from: /etc", "vocoder: {predicted_by: ../../etc}", "data: {sources: [{root: /etc}]}",
        "data: {sources: [{root: corpus, align_by: /etc}]}"}) {
    spec_.set_config_yaml("licence: CC0\n" + std::string(config));
    EXPECT_THAT(Error(), StartsWith("spec.config_yaml")) << config;
    EXPECT_THAT(Error(), testing::Not(HasSubstr("licence")));
  }
  spec_.clear_dataset();
  spec_.set_config_yaml("licence: CC0\ndata: {root: /etc}");
  EXPECT_THAT(Error(), HasSubstr("data.root"));
  spec_.set_config_yaml("model: {hidden: 32}");
  EXPECT_THAT(Error(), HasSubstr("licence"));
}

TEST_F(JobSpecTest, AlignmentByLabelsIsNoPath) {
  const std::string config = "licence: CC0\ndata: {sources: [{root: corpus, align_by: labels}]}";
  spec_.set_config_yaml(config);
  spec_.clear_dataset();
  const auto expect_kept = [&] {
    const auto resolved = Resolve();
    ASSERT_TRUE(resolved.ok()) << resolved.status();
    const auto source = (*ParseYaml(resolved->config_yaml, "test"))["data"]["sources"][0];
    EXPECT_EQ(source["align_by"].as<std::string>(), "labels");
    EXPECT_EQ(source["root"].as<std::string>(), fs::canonical(root() / "corpus").string());
    EXPECT_TRUE(resolved->models.empty()) << "the worker need not read a voice";
  };
  expect_kept();
  // Whatever else has that name.
  fs::create_directories(root() / "labels");
  fs::create_directories(folder_.path() / "voices" / "labels");
  std::ofstream(folder_.path() / "voices" / "labels" / "voice.json") << "{}";
  expect_kept();
  // Other voices and paths are looked up as ever.
  spec_.set_config_yaml("licence: CC0\ndata: {sources: [{root: corpus, align_by: base}]}");
  const auto by_voice = Resolve();
  ASSERT_TRUE(by_voice.ok()) << by_voice.status();
  EXPECT_EQ(by_voice->models, (std::vector<fs::path>{environment_.voices / "base"}));
  spec_.set_config_yaml("licence: CC0\ndata: {sources: [{root: corpus, align_by: labels/../../secret}]}");
  EXPECT_THAT(Error(), HasSubstr("align_by"));
}

TEST_F(JobSpecTest, MissingFoldersAndRootsAreNamed) {
  spec_.set_dataset("nothing");
  EXPECT_THAT(Error(), HasSubstr("does not exist"));
  std::ofstream(root() / "file") << "x";
  spec_.set_dataset("file");
  EXPECT_THAT(Error(), HasSubstr("not a folder"));
  environment_.data_roots.clear();
  EXPECT_THAT(Error(), HasSubstr("jobs.data_roots"));
}

TEST_F(JobSpecTest, HostileConfigs) {
  for (const std::string& config : {std::string("["), std::string("just text"), std::string("- a\n- b"),
                                    std::string("data: 7"), std::string("\0\0", 2), std::string("a: &a [*a]"),
                                    std::string(100000, '['), std::string(2 << 20, 'x')}) {
    spec_.set_config_yaml(config);
    EXPECT_THAT(Error(), StartsWith("spec.config_yaml")) << config.substr(0, 32);
  }
  spec_.clear_config_yaml();
  EXPECT_THAT(Error(), StartsWith("spec.config_yaml"));
}

TEST_F(JobSpecTest, FieldsHaveRanges) {
  const auto with = [&](const std::function<void(v1::JobSpec*)>& change) {
    const v1::JobSpec before = spec_;
    change(&spec_);
    const std::string error = Error();
    spec_ = before;
    return error;
  };
  EXPECT_THAT(with([](auto* s) { s->set_voice_name("../x"); }), StartsWith("spec.voice_name"));
  EXPECT_THAT(with([](auto* s) { s->set_dtype("fp8"); }), StartsWith("spec.dtype"));
  EXPECT_THAT(with([](auto* s) { s->add_stages("magic"); }), StartsWith("spec.stages"));
  EXPECT_THAT(with([](auto* s) { s->set_after("job"); }), StartsWith("spec.after"));
  EXPECT_THAT(with([](auto* s) { s->mutable_schedule()->set_hours("late"); }),
              StartsWith("spec.schedule.hours"));
  EXPECT_THAT(with([](auto* s) { s->mutable_retry()->set_max_attempts(-1); }),
              StartsWith("spec.retry.max_attempts"));
  EXPECT_THAT(with([](auto* s) { s->set_publish_max_word_error_percent(10); }),
              StartsWith("spec.publish_max_word_error_percent"));
  EXPECT_THAT(with([](auto* s) { s->set_kind(v1::JOB_KIND_FINE_TUNE); }), StartsWith("spec.base_voice"));
  EXPECT_THAT(with([](auto* s) { s->set_kind(static_cast<v1::JobKind>(77)); }), StartsWith("spec.kind"));
  EXPECT_EQ(ResolveSpec("../x", spec_, environment_, SpecTime::kAtSubmit).status().code(),
            StatusCode::kInvalidArgument);
}

std::vector<std::string> FieldsOf(const Status& status) {
  google::rpc::BadRequest detail;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  EXPECT_TRUE(payload.has_value() && detail.ParseFromString(std::string(*payload))) << status;
  std::vector<std::string> fields;
  for (const auto& violation : detail.field_violations()) fields.push_back(violation.field());
  return fields;
}

TEST_F(JobSpecTest, IdAndKindDoNotHideTheRest) {
  spec_.set_kind(static_cast<v1::JobKind>(77));
  spec_.set_dtype("fp8");
  spec_.set_dataset("nothing");
  const auto resolved = ResolveSpec("../x", spec_, environment_, SpecTime::kAtSubmit);
  EXPECT_THAT(FieldsOf(resolved.status()), ElementsAre("job_id", "spec.kind", "spec.dtype", "spec.dataset"));
}

TEST_F(JobSpecTest, EveryPlaceOfAConfigThatIsWrongIsNamed) {
  spec_.clear_dataset();
  spec_.set_config_yaml(
      "init_from: /etc\nvocoder: {predicted_by: ../x}\n"
      "data: {sources: [{root: corpus}, {root: nothing, align_by: /etc}]}\n");
  for (const char* place : {"licence: ", "data.sources[1].root: ", "data.sources[1].align_by: ",
                            "init_from: ", "vocoder.predicted_by: "}) {
    EXPECT_THAT(Error(), HasSubstr("spec.config_yaml: " + std::string(place)));
  }
  EXPECT_THAT(FieldsOf(Resolve().status()), testing::Each("spec.config_yaml"));
  EXPECT_EQ(FieldsOf(Resolve().status()).size(), 5u);
}

TEST_F(JobSpecTest, EveryWrongStageIsNamedOnce) {
  for (int i = 0; i < 1000; ++i) spec_.add_stages("aligner");
  spec_.add_stages("magic");
  spec_.add_stages("more");
  EXPECT_THAT(FieldsOf(Resolve().status()), ElementsAre("spec.stages", "spec.stages", "spec.stages"));
  EXPECT_THAT(Error(), testing::AllOf(HasSubstr("'aligner' is there twice"), HasSubstr("'magic'"),
                                      HasSubstr("'more'")));
}

TEST_F(JobSpecTest, AConfigOfNoUseIsNoWayToFillTheDisk) {
  spec_.set_kind(v1::JOB_KIND_CHECK);
  EXPECT_TRUE(Resolve().ok());
  spec_.set_config_yaml(std::string((1 << 20) + 1, 'x'));
  EXPECT_THAT(Error(), StartsWith("spec.config_yaml: 1048577 bytes"));
}

TEST_F(JobSpecTest, EverythingThatIsWrongIsSaidAtOnce) {
  spec_.set_voice_name("../x");
  spec_.set_dtype("fp8");
  spec_.set_dataset("nothing");
  spec_.set_config_yaml("model: {hidden: 32}");
  spec_.mutable_retry()->set_max_attempts(-1);
  spec_.set_evaluation_limit(-1);
  const std::vector<std::string> fields = FieldsOf(Resolve().status());
  for (const std::string& field : fields) EXPECT_THAT(Error(), HasSubstr(field + ": "));
  EXPECT_THAT(fields, testing::UnorderedElementsAre("spec.voice_name", "spec.dtype", "spec.dataset",
                                                    "spec.config_yaml", "spec.retry.max_attempts",
                                                    "spec.evaluation_limit"));
}

TEST_F(JobSpecTest, AVoiceIsPublishedIntoAFolderThatTakesIt) {
  environment_.voices = folder_.path() / "nowhere";
  EXPECT_TRUE(Resolve().ok()) << "nothing is published";
  spec_.set_publish(true);
  EXPECT_THAT(Error(),
              StartsWith("spec.publish: the daemon cannot write to " + environment_.voices.string()));
  EXPECT_TRUE(Resolve(SpecTime::kAtStart).ok()) << "it may be there by the end";
}

TEST_F(JobSpecTest, JobsNeedRoomOnTheDisk) {
  fs::create_directories(environment_.state_dir);
  EXPECT_TRUE(environment_.HasRoom(1).ok());
  const Status full = environment_.HasRoom(int64_t{1} << 40);
  EXPECT_EQ(full.code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(full.message()), HasSubstr(environment_.state_dir.string()));
}

TEST_F(JobSpecTest, WhatHasNoEffectIsRefused) {
  spec_.add_stages("aligner");
  spec_.add_stages("aligner");
  EXPECT_THAT(Error(), StartsWith("spec.stages"));
  spec_.clear_stages();
  spec_.set_kind(v1::JOB_KIND_CHECK);
  EXPECT_TRUE(Resolve().ok());
  spec_.set_publish(true);
  EXPECT_THAT(Error(), StartsWith("spec.publish"));
  spec_.set_publish(false);
  spec_.set_evaluation_dataset("corpus");
  EXPECT_THAT(Error(), StartsWith("spec.evaluation_dataset"));
}

TEST_F(JobSpecTest, BackoffIsUpToAnHour) {
  auto* backoff = spec_.mutable_retry()->mutable_backoff();
  backoff->set_seconds(3600);
  EXPECT_TRUE(Resolve().ok());
  backoff->set_nanos(1);
  EXPECT_THAT(Error(), StartsWith("spec.retry.backoff"));
  backoff->set_seconds(1);
  backoff->set_nanos(-1);
  EXPECT_THAT(Error(), StartsWith("spec.retry.backoff"));
  backoff->set_seconds(-1);
  backoff->set_nanos(0);
  EXPECT_THAT(Error(), StartsWith("spec.retry.backoff"));
  backoff->set_seconds(std::numeric_limits<int64_t>::max());
  EXPECT_THAT(Error(), StartsWith("spec.retry.backoff"));
}

TEST_F(JobSpecTest, APublishedVoiceReplacesVoicesOnly) {
  std::ofstream(environment_.voices / "DEFAULT") << "base\n";
  spec_.set_voice_name("DEFAULT");
  EXPECT_TRUE(Resolve().ok());
  spec_.set_publish(true);
  EXPECT_THAT(Error(), StartsWith("spec.voice_name"));
  spec_.set_voice_name("base");
  EXPECT_TRUE(Resolve().ok());
}

// An alias is the node that it names: writing the one writes the other.
TEST_F(JobSpecTest, AliasesDoNotGetPastTheChecks) {
  fs::create_directories(root() / "runs");
  spec_.set_config_yaml("licence: CC0\nname: &n runs\ninit_from: *n\n");
  EXPECT_THAT(Error(), StartsWith("spec.config_yaml"));  // it is called "job" by then
  spec_.set_config_yaml("licence: CC0\nname: &n x\nvocoder: {predicted_by: *n}\n");
  EXPECT_THAT(Error(), StartsWith("spec.config_yaml"));
  spec_.clear_dataset();
  spec_.set_config_yaml("licence: CC0\ndata: {root: &r corpus, cache: *r}\n");
  EXPECT_THAT(Error(), HasSubstr("data.root"));
  spec_.set_config_yaml("licence: CC0\ndata: {sources: [{root: &r corpus}, {root: *r}]}\n");
  const auto resolved = Resolve();
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  const auto config = *ParseYaml(resolved->config_yaml, "test");
  for (const size_t i : {0, 1}) {
    EXPECT_EQ(config["data"]["sources"][i]["root"].as<std::string>(),
              fs::canonical(root() / "corpus").string());
  }
}

// A folder that was fine when the job was submitted, and is a way out when it starts.
TEST_F(JobSpecTest, PathsAreResolvedAgainAtTheStart) {
  ASSERT_TRUE(Resolve(SpecTime::kAtSubmit).ok());
  fs::remove(root() / "corpus");
  fs::create_directory_symlink(folder_.path() / "secret", root() / "corpus");
  const auto resolved = Resolve(SpecTime::kAtStart);
  EXPECT_EQ(resolved.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(resolved.status().message()), HasSubstr("not below"));
}

TEST_F(JobSpecTest, HostilePaths) {
  fs::create_directory_symlink(root() / "loop", root() / "loop");
  fs::create_directories(folder_.path() / "data-secret");
  const std::string beside = (folder_.path() / "data-secret").string();
  for (const std::string& path :
       {std::string("loop"), std::string("loop/x"), beside, std::string("../data-secret"), std::string("/"),
        std::string("/proc/self/root"), std::string("corpus/../../../../../../etc"), std::string("~root"),
        std::string("corpus\0/../..", 13), std::string(300, 'x'), std::string(4096, '/'),
        std::string(5000, 'x'), std::string(1 << 20, 'x')}) {
    spec_.set_dataset(path);
    EXPECT_THAT(Error(), StartsWith("spec.dataset")) << path.substr(0, 64);
    EXPECT_LT(Error().size(), size_t{1200});
    spec_.set_dataset("corpus");
    spec_.set_evaluation_dataset(path);
    EXPECT_THAT(Error(), StartsWith("spec.evaluation_dataset")) << path.substr(0, 64);
    spec_.clear_evaluation_dataset();
  }
}

TEST_F(JobSpecTest, BaseVoices) {
  spec_.set_kind(v1::JOB_KIND_FINE_TUNE);
  spec_.set_base_voice("nobody");
  EXPECT_THAT(Error(), HasSubstr("no voice 'nobody'"));
  spec_.set_base_voice("../voices/base");
  EXPECT_THAT(Error(), StartsWith("spec.base_voice"));
  spec_.set_base_voice("base");
  const auto resolved = Resolve();
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_THAT(resolved->config_yaml, HasSubstr((environment_.voices / "base").string()));
  spec_.set_base_voice("job:other");
  EXPECT_TRUE(Resolve().ok());  // it may yet make one
  EXPECT_FALSE(Resolve(SpecTime::kAtStart).ok());
  fs::create_directories(environment_.voice("other", "v"));
  std::ofstream(environment_.voice("other", "v") / "voice.json") << "{}";
  EXPECT_TRUE(Resolve(SpecTime::kAtStart).ok());
}

TEST_F(JobSpecTest, Phases) {
  EXPECT_THAT(PhasesOf(spec_), ElementsAre("train", "report", "export"));
  spec_.set_publish(true);
  spec_.set_evaluation_dataset("corpus");
  EXPECT_THAT(PhasesOf(spec_), ElementsAre("train", "report", "export", "evaluate", "publish"));
  spec_.set_kind(v1::JOB_KIND_CHECK);
  EXPECT_THAT(PhasesOf(spec_), ElementsAre("check"));
}

TEST_F(JobSpecTest, WordErrorsNeedARecognizer) {
  environment_.recognizer = "m2tts-no-such-recognizer";
  EXPECT_TRUE(Resolve().ok()) << "a training that nobody listens to";
  spec_.set_evaluation_dataset("corpus");
  EXPECT_TRUE(Resolve().ok()) << "acoustic distances alone";
  spec_.set_publish_max_word_error_percent(20);
  EXPECT_THAT(Error(), HasSubstr("spec.publish_max_word_error_percent: the daemon's machine has no "
                                 "'m2tts-no-such-recognizer'"));
  environment_.recognizer = "/bin/sh";
  EXPECT_TRUE(Resolve().ok());

  environment_.recognizer = "m2tts-no-such-recognizer";
  spec_ = {};
  spec_.set_kind(v1::JOB_KIND_EVALUATE);
  spec_.set_base_voice("base");
  spec_.set_dataset("corpus");
  EXPECT_THAT(Error(), HasSubstr("spec.kind: the daemon's machine has no"));
  EXPECT_TRUE(Resolve(SpecTime::kAtStart).ok()) << "it has been told when it was submitted";
}

TEST_F(JobSpecTest, VoicesDoNotLieAmongTheirVersions) {
  EXPECT_TRUE(environment_.CheckFolders().ok());
  for (const fs::path& voices :
       {environment_.state_dir / "voices", environment_.state_dir / "voices" / "live",
        environment_.state_dir / "jobs" / ".." / "voices"}) {
    environment_.voices = voices;
    EXPECT_THAT(std::string(environment_.CheckFolders().message()), HasSubstr("voices.folder")) << voices;
  }
  fs::create_directories(environment_.state_dir / "voices");
  fs::create_directory_symlink(environment_.state_dir / "voices", folder_.path() / "link");
  environment_.voices = folder_.path() / "link";
  EXPECT_FALSE(environment_.CheckFolders().ok());
  environment_.voices = environment_.state_dir / "voices-of-mine";
  EXPECT_TRUE(environment_.CheckFolders().ok());
}

}  // namespace
}  // namespace m2tts
