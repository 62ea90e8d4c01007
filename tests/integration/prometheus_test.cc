// A real Prometheus server scrapes /metrics and is asked over its HTTP API.
#include <gtest/gtest.h>
#include <httplib.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/integration/daemon.h"

namespace m2tts {
namespace {

constexpr char kPrometheus[] = M2TTS_PROMETHEUS;

// The value of an instant query's first result; -1 when there is none.
double Query(httplib::Client* client, const std::string& expression) {
  const auto answer = client->Get("/api/v1/query?query=" + httplib::detail::encode_query_param(expression));
  if (!answer || answer->status != 200) return -1.0;
  const auto json = nlohmann::json::parse(answer->body, nullptr, false);
  if (json.is_discarded() || json["data"]["result"].empty()) return -1.0;
  return std::stod(json["data"]["result"][0]["value"][1].get<std::string>());
}

TEST(PrometheusTest, ScrapesTheDaemon) {
  ASSERT_TRUE(std::filesystem::exists(kPrometheus)) << "install the package 'prometheus'";
  DaemonUnderTest daemon;
  ASSERT_TRUE(daemon.ready());
  const StreamResult stream = Stream(&daemon.synthesizer(), Request("Prometheus counts this sentence."));
  ASSERT_TRUE(stream.status.ok());

  const TempDir dir;
  std::ofstream(dir / "prometheus.yml") << "global: {scrape_interval: 1s}\n"
                                           "scrape_configs:\n"
                                           "  - job_name: m2tts\n"
                                           "    static_configs: [{targets: ['"
                                        << daemon.http_address() << "']}]\n";
  const int port = FreePort();
  Process prometheus({kPrometheus, "--config.file=" + (dir / "prometheus.yml").string(),
                      "--storage.tsdb.path=" + (dir / "data").string(),
                      "--web.listen-address=127.0.0.1:" + std::to_string(port)});
  httplib::Client client("127.0.0.1", port);
  const std::string requests =
      "sum(m2tts_requests_total{job=\"m2tts\",method=\"SynthesizeStream\",code=\"OK\"})";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (Query(&client, requests) < 0.0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // another process: nothing to wait on
  }
  EXPECT_EQ(Query(&client, requests), 1.0) << prometheus.Errors();
  EXPECT_EQ(Query(&client, "up{job=\"m2tts\"}"), 1.0);
  EXPECT_GT(Query(&client, "m2tts_audio_seconds_total"), 1.0);
  EXPECT_EQ(Query(&client, "m2tts_first_audio_seconds_count"), 1.0);
  EXPECT_EQ(Query(&client, "count(m2tts_device_info)"), 1.0);
  EXPECT_GT(Query(&client, "histogram_quantile(0.5, m2tts_real_time_factor_bucket)"), 0.0);
  prometheus.Signal(SIGTERM);
  EXPECT_EQ(prometheus.Wait(), 0);
}

}  // namespace
}  // namespace m2tts
