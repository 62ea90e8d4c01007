// The files of deploy/ fit each other and the daemon. Nothing is built here.
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

const std::string kDeployFolder = M2TTS_SOURCE_DIR "/deploy/";
constexpr char kConfigInImage[] = "/etc/m2tts/m2ttsd.yaml";
constexpr char kVolume[] = "/var/lib/m2tts";

std::string DeployText(const std::string& name) {
  const auto text = ReadFile(kDeployFolder + name, size_t{1} << 20);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

std::string DockerText(const std::string& name) {
  return DeployText("docker/" + name);
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

TEST(DeployTest, TheImageIsHealthyByHttpAndCountsWordErrors) {
  const std::string dockerfile = DockerText("Dockerfile");
  const size_t check = dockerfile.find("HEALTHCHECK");
  ASSERT_NE(check, std::string::npos);
  const auto config = ServerConfig::Parse(DockerText("m2ttsd.yaml"), kConfigInImage);
  ASSERT_TRUE(config.ok()) << config.status();
  const std::string port = config->metrics_listen.substr(config->metrics_listen.rfind(':') + 1);
  EXPECT_THAT(dockerfile.substr(check), HasSubstr("/dev/tcp/127.0.0.1/" + port));
  EXPECT_THAT(dockerfile.substr(check), HasSubstr("GET /readyz"));
  EXPECT_THAT(dockerfile, HasSubstr("pocketsphinx pocketsphinx-en-us"));
}

TEST(DeployTest, TheUnitKeepsVersionsApartFromTheFolderOfVoices) {
  // docs/operations.md puts the voices into /var/lib/m2tts/voices; STATE_DIR/voices has published versions.
  EXPECT_THAT(DeployText("m2ttsd.service"), HasSubstr("--state-dir /var/lib/m2tts/state\n"));
}

TEST(DeployTest, KubernetesStartsAPodAgainThatDoesNotServe) {
  for (const YAML::Node& document : YAML::LoadAll(DeployText("kubernetes/m2ttsd.yaml"))) {
    if (document["kind"].as<std::string>() != "Deployment") continue;
    const YAML::Node probe = document["spec"]["template"]["spec"]["containers"][0]["livenessProbe"];
    EXPECT_EQ(probe["httpGet"]["path"].as<std::string>(), "/readyz");
    EXPECT_GE(probe["periodSeconds"].as<int>() * probe["failureThreshold"].as<int>(), 300)
        << "a device may recover, and a drain takes its time";
    return;
  }
  FAIL() << "no Deployment";
}

TEST(DeployTest, EnvoyCarriesSynthesisAlone) {
  const YAML::Node envoy = YAML::Load(DeployText("envoy/envoy.yaml"))["static_resources"];
  const YAML::Node manager = envoy["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"];
  EXPECT_EQ(manager["stream_idle_timeout"].as<std::string>(), "0s") << "else quiet streams are cut";
  const YAML::Node routes = manager["route_config"]["virtual_hosts"][0]["routes"];
  ASSERT_EQ(routes.size(), 1u);
  EXPECT_EQ(routes[0]["match"]["prefix"].as<std::string>(), "/m2tts.v1.Synthesizer/");
  EXPECT_TRUE(envoy["clusters"][0]["transport_socket"].IsDefined()) << "the daemons want TLS";
}

}  // namespace
}  // namespace m2tts
