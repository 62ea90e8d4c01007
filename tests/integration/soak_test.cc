// Flat memory, in short: the daemon's resident size after many mixed requests is near that after the first.
// `make soak` does it at length (tests/benchmarks/soak.py).
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/integration/daemon.h"
#include "tests/integration/process.h"

namespace m2tts {
namespace {

// All encodings, 10 % cancelled, 5 % invalid.
nlohmann::json Bench(const DaemonUnderTest& daemon, int requests, int seed) {
  Process process({M2TTS_BINARY_DIR "/client/m2tts", "--address", daemon.address(), "bench", "--json", "-c",
                   "6", "-n", std::to_string(requests), "--lengths", "1,5,10,20,30,40,60,80,120,400",
                   "--encodings", "all", "--cancel", "0.1", "--invalid", "0.05", "--load-seed",
                   std::to_string(seed)});
  const std::string out = process.ReadAll();
  EXPECT_EQ(process.Wait(), 0) << process.Errors();
  return nlohmann::json::parse(out);
}

TEST(SoakTest, ResidentSizeStaysFlat) {
  DaemonUnderTest daemon;
  ASSERT_TRUE(daemon.ready());
  const auto first = Bench(daemon, 100, 1);
  const auto last = Bench(daemon, 300, 2);
  for (const auto& result : {first, last}) {
    EXPECT_EQ(result["errors"], 0) << result.dump(2);
    EXPECT_EQ(result["refused"], 0);
    EXPECT_GT(result["cancelled"], 0);
    EXPECT_GT(result["invalid"], 0);
  }
  ASSERT_GT(first["rss_bytes"], 50'000'000);
  // Generous: caches of the allocator and of oneDNN still fill in the beginning.
  EXPECT_LT(last["rss_bytes"].get<double>(), 1.15 * first["rss_bytes"].get<double>());
  EXPECT_TRUE(daemon.WaitIdle());
}

}  // namespace
}  // namespace m2tts
