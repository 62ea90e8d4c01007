#include "trainer/monitor/run_report.h"

#include <gtest/gtest.h>

#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"
#include "tests/trainer/monitor/markup_check.h"
#include "trainer/monitor/sample_files.h"

namespace m2tts {
namespace {

constexpr char kLog[] =
    R"({"time": 1700000000, "event": "run", "name": "my <voice>", "hardware": "2 cores", "config": "seed: 1 # <&>\n"}
{"time": 1700000600, "event": "step", "stage": "acoustic", "step": 20, "loss": 2.5}
{"time": 1700000700, "event": "step", "stage": "acoustic", "step": 40, "loss": 1.5}
{"time": 1700003600, "event": "validation", "stage": "acoustic", "step": 40, "loss": 1.75}
half a li
)";

class RunReportTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(WriteFileAtomic(folder_.path() / name, content).ok());
  }
  static int Count(const std::string& text, const std::string& what) {
    int count = 0;
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
    return count;
  }
  TempFolder folder_;
};

TEST_F(RunReportTest, HoldsEverythingInOneFile) {
  Write("log.jsonl", kLog);
  Write("acoustic/step-00000040.safetensors", std::string(2500000, 'x'));
  for (const int64_t step : {0, 20, 40}) {
    Write("samples/" + SampleFileName("acoustic", step, "mel", ".png"), "picture" + std::to_string(step));
    Write("samples/" + SampleFileName("acoustic", step, "speech", ".wav"), "wave" + std::to_string(step));
  }
  Write("samples/" + SampleFileName("acoustic", -1, "speech", ".wav"), "natural");
  const auto report = MakeRunReport(folder_.path());
  ASSERT_TRUE(report.ok()) << report.status();
  const std::string& html = report->html;
  EXPECT_EQ(MarkupErrors(html), "");
  EXPECT_NE(html.find("<h1>my &lt;voice&gt;</h1>"), std::string::npos);
  EXPECT_NE(html.find("1 h 00 min"), std::string::npos);
  EXPECT_NE(html.find("2 cores"), std::string::npos);
  EXPECT_NE(html.find("seed: 1 # &lt;&amp;&gt;"), std::string::npos);
  EXPECT_EQ(Count(html, "<svg"), 1);
  EXPECT_NE(html.find("validation 1.75"), std::string::npos);
  EXPECT_NE(html.find("acoustic/step-00000040.safetensors</td><td class='number'>2.5 MB"), std::string::npos);
  // The first and the latest, not those between: base64 of picture0, picture40, natural.
  EXPECT_EQ(Count(html, "data:image/png;base64,"), 2);
  EXPECT_NE(html.find("cGljdHVyZTA="), std::string::npos);
  EXPECT_NE(html.find("cGljdHVyZTQw"), std::string::npos);
  EXPECT_EQ(Count(html, "data:audio/wav;base64,"), 3);
  EXPECT_NE(html.find("bmF0dXJhbA=="), std::string::npos);
  EXPECT_NE(html.find("speech, recording"), std::string::npos);
  // Nothing is fetched, and both colour schemes have colours.
  EXPECT_EQ(html.find("http"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_NE(html.find("prefers-color-scheme: dark"), std::string::npos);
  ASSERT_EQ(report->warnings.size(), 1u);
  EXPECT_EQ(report->warnings[0], "log.jsonl:5: not JSON; passed over");
  EXPECT_NE(html.find(report->warnings[0]), std::string::npos);
}

TEST_F(RunReportTest, ShowsTheSamplesOfPhasesOfGrowth) {
  Write("log.jsonl",
        std::string(kLog) + R"({"time": 1700003700, "event": "step", "stage": "grow-1", "step": 20, "loss": 2}
)");
  Write("samples/" + SampleFileName("grow-1", 20, "mel", ".png"), "picture20");
  const auto report = MakeRunReport(folder_.path());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(Count(report->html, "data:image/png;base64,"), 1);
  EXPECT_NE(report->html.find("mel, step 20"), std::string::npos);
}

TEST_F(RunReportTest, KeepsToItsSize) {
  Write("log.jsonl", kLog);
  Write("samples/" + SampleFileName("acoustic", 1, "a", ".wav"), std::string(6000, 'a'));
  Write("samples/" + SampleFileName("acoustic", 2, "a", ".wav"), std::string(6000, 'b'));
  RunReportOptions options;
  options.max_media_bytes = 10000;
  const auto report = MakeRunReport(folder_.path(), options);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(Count(report->html, "data:audio"), 1);
  EXPECT_NE(report->html.find("YmJi"), std::string::npos);  // the newest
  EXPECT_NE(report->html.find("1 pictures and sounds are left out"), std::string::npos);
  EXPECT_NE(report->html.find("not embedded: samples/acoustic-00000001-a.wav"), std::string::npos);
}

TEST_F(RunReportTest, AnEmptyLogIsAPageAndNoLogIsAnError) {
  Write("log.jsonl", "");
  const auto report = MakeRunReport(folder_.path());
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(MarkupErrors(report->html), "");
  EXPECT_TRUE(absl::IsNotFound(MakeRunReport(folder_.path() / "nowhere").status()));
}

}  // namespace
}  // namespace m2tts
