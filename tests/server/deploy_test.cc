// The files of deploy/docker fit each other and the daemon. Nothing is built here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "core/base/file.h"
#include "server/config.h"

namespace m2tts {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kDockerFolder = M2TTS_SOURCE_DIR "/deploy/docker/";
constexpr char kConfigInImage[] = "/etc/m2tts/m2ttsd.yaml";
constexpr char kVolume[] = "/var/lib/m2tts";

std::string DockerText(const std::string& name) {
  const auto text = ReadFile(kDockerFolder + name, size_t{1} << 20);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

TEST(DeployTest, TheImagesConfigurationServesAndRunsJobs) {
  const auto config = ServerConfig::Parse(DockerText("m2ttsd.yaml"), kConfigInImage);
  ASSERT_TRUE(config.ok()) << config.status();
  // What jobs make outlives the container.
  EXPECT_THAT(config->state_dir.string(), StartsWith(std::string(kVolume) + "/"));
  EXPECT_THAT(config->voices.folder.string(), StartsWith(std::string(kVolume) + "/"));
  EXPECT_THAT(config->jobs.data_roots, Contains(std::filesystem::path("/data")));
  EXPECT_GT(config->jobs.max_running, 0);
}

TEST(DeployTest, TheImageHasWhatItsConfigurationNames) {
  const std::string dockerfile = DockerText("Dockerfile");
  EXPECT_THAT(dockerfile, HasSubstr("--target m2ttsd m2tts m2tts-trainer"));
  EXPECT_THAT(dockerfile, HasSubstr("/opt/m2tts/bin/m2tts-trainer"));  // and its libraries
  EXPECT_THAT(dockerfile, HasSubstr(std::string("COPY deploy/docker/m2ttsd.yaml ") + kConfigInImage));
  EXPECT_THAT(dockerfile, HasSubstr(std::string("CMD [\"--config\", \"") + kConfigInImage + "\"]"));
  EXPECT_THAT(dockerfile, HasSubstr(std::string("VOLUME ") + kVolume));
}

TEST(DeployTest, ComposeKeepsTheStateAndGivesTheDrainItsTime) {
  const YAML::Node compose = YAML::Load(DockerText("compose.yaml"));
  const YAML::Node daemon = compose["services"]["m2ttsd"];
  ASSERT_TRUE(daemon.IsMap());
  EXPECT_THAT(daemon["volumes"].as<std::vector<std::string>>(), Contains(std::string("state:") + kVolume));
  EXPECT_TRUE(compose["volumes"]["state"].IsDefined());
  const auto config = ServerConfig::Parse(DockerText("m2ttsd.yaml"), kConfigInImage);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_GT(std::stod(daemon["stop_grace_period"].as<std::string>()),
            config->drain_seconds + config->jobs.stop_seconds);
  // Prometheus scrapes where the daemon listens.
  const YAML::Node scrape = YAML::Load(compose["configs"]["prometheus"]["content"].as<std::string>());
  const auto target = scrape["scrape_configs"][0]["static_configs"][0]["targets"][0].as<std::string>();
  EXPECT_EQ(target.substr(target.find(':')),
            config->metrics_listen.substr(config->metrics_listen.rfind(':')));
}

}  // namespace
}  // namespace m2tts
