#include "trainer/monitor/sample_files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

TEST(SampleFilesTest, NamesReadBackInOrder) {
  const TempFolder folder;
  for (const std::string& name :
       {SampleFileName("vocoder", 2000, "wave-1", ".wav"),
        SampleFileName("vocoder", 100000000, "wave-1", ".wav"),
        SampleFileName("vocoder", -1, "wave-1", ".wav"), SampleFileName("acoustic", 0, "mel", ".png"),
        SampleFileName("grow-1", 40, "speech-2", ".wav"), SampleFileName("grow-1", -1, "speech-2", ".wav"),
        std::string("grow-1-1234567-mel.png"), std::string("-00000001-mel.png"),
        std::string("grow-1-99999999999999999999-mel.png"), std::string("notes.txt"),
        std::string("vocoder.wav"), std::string("vocoder-12x-wave.wav"), std::string("vocoder--5-wave.wav"),
        std::string("-.png"), std::string(".tmp-1-2.png.123")}) {
    std::ofstream(folder.path() / name) << "x";
  }
  const auto files = ListSamples(folder.path());
  ASSERT_EQ(files.size(), 6u);
  EXPECT_EQ(files[0].stage, "acoustic");
  EXPECT_EQ(files[0].step, 0);
  EXPECT_EQ(files[0].name, "mel");
  for (const size_t i : {1, 2}) {
    EXPECT_EQ(files[i].stage, "grow-1");
    EXPECT_EQ(files[i].step, i == 1 ? -1 : 40);
    EXPECT_EQ(files[i].name, "speech-2");
  }
  EXPECT_EQ(files[3].step, -1);
  EXPECT_EQ(files[4].step, 2000);
  EXPECT_EQ(files[5].step, 100000000);
  EXPECT_EQ(files[5].name, "wave-1");
  EXPECT_TRUE(ListSamples(folder.path() / "nowhere").empty());
}

}  // namespace
}  // namespace m2tts
