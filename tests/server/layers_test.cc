// The folders of server/ are layers, and one CMake target: here is what the link line cannot enforce.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace m2tts {
namespace {

namespace fs = std::filesystem;

// The lowest first. What stands beside the folders (config.h) is for all.
const std::vector<std::string> kLayers = {"base", "ops", "security", "voices", "synthesis", "jobs", "rpc"};

size_t LayerOf(const std::string& folder) {
  return static_cast<size_t>(std::find(kLayers.begin(), kLayers.end(), folder) - kLayers.begin());
}

TEST(LayersTest, AFolderIncludesNoHigherOne) {
  const fs::path server = fs::path(M2TTS_SOURCE_DIR) / "server";
  int includes = 0;
  for (const auto& folder : fs::directory_iterator(server)) {
    if (!folder.is_directory()) continue;
    const size_t layer = LayerOf(folder.path().filename());
    ASSERT_LT(layer, kLayers.size()) << folder.path() << " has no place among the layers";
    for (const auto& file : fs::directory_iterator(folder.path())) {
      std::ifstream lines(file.path());
      for (std::string line; std::getline(lines, line);) {
        const std::string begin = "#include \"server/";
        if (line.compare(0, begin.size(), begin) != 0) continue;
        const size_t slash = line.find('/', begin.size());
        if (slash == std::string::npos) continue;
        EXPECT_LE(LayerOf(line.substr(begin.size(), slash - begin.size())), layer)
            << file.path() << ": " << line;
        ++includes;
      }
    }
  }
  EXPECT_GT(includes, 100) << "the sources have not been found";
}

}  // namespace
}  // namespace m2tts
