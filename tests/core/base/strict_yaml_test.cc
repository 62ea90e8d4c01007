#include "core/base/strict_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/base/yaml_values.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

struct Options {
  int hidden = 1;
  int64_t steps = 2;
  double rate = 0.5;
  bool pitch = false;
  std::string name = "none";
  std::string kind = "a";
  std::vector<int> kernels = {3};
  std::vector<std::string> speakers;
};

Status ReadOptions(const std::string& text, Options* options) {
  M2TTS_ASSIGN_OR_RETURN(const YAML::Node node, ParseYaml(text, "test.yaml"));
  StrictYaml yaml(node, "");
  yaml.Require("hidden");
  yaml.Optional("hidden", &options->hidden, {8, 512});
  yaml.Optional("steps", &options->steps, {0, 1e15});
  yaml.Optional("rate", &options->rate, {0, 1});
  yaml.Optional("pitch", &options->pitch);
  yaml.Optional("name", &options->name);
  yaml.Optional("kind", &options->kind, {"a", "b"});
  yaml.Optional("kernels", &options->kernels, {1, 9});
  yaml.Optional("speakers", &options->speakers);
  return yaml.Finish();
}

std::string ErrorOf(const std::string& text) {
  Options options;
  const Status status = ReadOptions(text, &options);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << text;
  return std::string(status.message());
}

TEST(StrictYaml, ReadsEveryType) {
  Options options;
  ASSERT_EQ(ReadOptions("hidden: 64\nsteps: 5000000000\nrate: 1e-3\npitch: true\nname: '5'\nkind: b\n"
                        "kernels: [3, 7]\nspeakers: [x, y]\n",
                        &options),
            OkStatus());
  EXPECT_EQ(options.hidden, 64);
  EXPECT_EQ(options.steps, 5000000000);
  EXPECT_DOUBLE_EQ(options.rate, 1e-3);
  EXPECT_TRUE(options.pitch);
  EXPECT_EQ(options.name, "5");
  EXPECT_EQ(options.kind, "b");
  EXPECT_THAT(options.kernels, ::testing::ElementsAre(3, 7));
  EXPECT_THAT(options.speakers, ::testing::ElementsAre("x", "y"));
}

TEST(StrictYaml, ReadsJsonAndKeepsDefaults) {
  Options options;
  ASSERT_EQ(ReadOptions("{\"hidden\": 64, \"name\": \"x\"}", &options), OkStatus());
  EXPECT_EQ(options.hidden, 64);
  EXPECT_EQ(options.name, "x");
  EXPECT_EQ(options.kind, "a");
}

TEST(YamlValues, NotesWhatIsReadDefaultsIncluded) {
  Options options;
  const YamlValues outer;
  {
    const YamlValues values;
    ASSERT_EQ(ReadOptions("{hidden: 64, rate: 1e-3, kernels: [3, 7]}", &options), OkStatus());
    EXPECT_EQ(values.values().at("hidden"), "64");
    EXPECT_EQ(values.values().at("rate"), "0.001");
    EXPECT_EQ(values.values().at("kernels"), "[3, 7]");
    EXPECT_EQ(values.values().at("kind"), "a") << "which the text leaves to its default";
  }
  EXPECT_TRUE(outer.values().empty()) << "the innermost notes";
  ASSERT_EQ(ReadOptions("{hidden: 32}", &options), OkStatus());
  EXPECT_EQ(outer.values().at("hidden"), "32");
}

TEST(StrictYaml, UnknownKeyHasLineAndSuggestion) {
  EXPECT_EQ(ErrorOf("hidden: 64\n\nhiden: 3\n"), "line 3: unknown key 'hiden' (did you mean 'hidden'?)");
  EXPECT_EQ(ErrorOf("hidden: 64\nzebra_crossing: 3\n"), "line 2: unknown key 'zebra_crossing'");
  EXPECT_THAT(ErrorOf("hidden: 64\n" + std::string(500, 'x') + ": 3\n"), HasSubstr("unknown key 'xxx"));
}

TEST(StrictYaml, ErrorsNameKeyLineAndValue) {
  EXPECT_EQ(ErrorOf("hidden: 4\n"), "line 1: hidden: 4 is outside [8, 512]");
  EXPECT_EQ(ErrorOf("rate: 2\nhidden: 64\n"), "line 1: rate: 2 is outside [0, 1]");
  EXPECT_EQ(ErrorOf("hidden: many\n"), "line 1: hidden: expected an integer, found 'many'");
  EXPECT_THAT(ErrorOf("hidden: 64.5\n"), HasSubstr("expected an integer"));
  EXPECT_THAT(ErrorOf("hidden: '64'\n"), HasSubstr("expected an integer"));
  EXPECT_THAT(ErrorOf("hidden: 99999999999\n"), HasSubstr("expected an integer"));
  EXPECT_THAT(ErrorOf("hidden: [1]\n"), HasSubstr("found a list"));
  EXPECT_THAT(ErrorOf("hidden: 64\npitch: 3\n"), HasSubstr("pitch: expected true or false"));
  EXPECT_THAT(ErrorOf("hidden: 64\nrate: .nan\n"), HasSubstr("outside"));
  EXPECT_THAT(ErrorOf("hidden: 64\nname: [a]\n"), HasSubstr("expected a string"));
  EXPECT_THAT(ErrorOf("hidden: 64\nname:\n"), HasSubstr("expected a string, found nothing"));
  EXPECT_EQ(ErrorOf("hidden: 64\nkind: c\n"), "line 2: kind: 'c' is not one of a, b");
  EXPECT_THAT(ErrorOf("hidden: 64\nkernels: [3, 11]\n"), HasSubstr("11 is outside"));
  EXPECT_THAT(ErrorOf("hidden: 64\nkernels: 3\n"), HasSubstr("a list of integers"));
  EXPECT_THAT(ErrorOf("hidden: 64\nkernels: [a]\n"), HasSubstr("a list of integers"));
}

TEST(StrictYaml, MissingAndDoubleKeys) {
  EXPECT_THAT(ErrorOf("rate: 0.5\n"), HasSubstr("hidden: missing"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("hidden: missing"));
  EXPECT_THAT(ErrorOf("hidden: 64\nhidden: 65\n"), HasSubstr("line 2: key 'hidden' is given twice"));
}

TEST(StrictYaml, OtherShapesThanAMapping) {
  EXPECT_EQ(ErrorOf("[1, 2]"), "line 1: the document must be a mapping, not a list");
  EXPECT_EQ(ErrorOf("word"), "line 1: the document must be a mapping, not 'word'");
  EXPECT_THAT(ErrorOf("hidden: 64\n? [a, b]\n: 3\n"), HasSubstr("a key must be a word"));
}

TEST(StrictYaml, ChildrenHaveDottedNames) {
  const auto node = ParseYaml("model:\n  hidden: 3\n", "t");
  ASSERT_TRUE(node.ok());
  StrictYaml yaml(*node, "");
  StrictYaml model(yaml.Child("model"), yaml.ChildPath("model"));
  int hidden = 0;
  model.Optional("hidden", &hidden, {8, 512});
  yaml.Merge(model.Finish());
  EXPECT_EQ(yaml.Finish(), InvalidArgument("line 2: model.hidden: 3 is outside [8, 512]"));
}

TEST(StrictYaml, AbsentChildIsEmptyAndAWrongOneAnError) {
  const auto node = ParseYaml("model: 3\n", "t");
  StrictYaml yaml(*node, "");
  StrictYaml absent(yaml.Child("absent"), "absent");
  EXPECT_EQ(absent.Finish(), OkStatus());
  yaml.Child("model");
  EXPECT_EQ(yaml.Finish(), InvalidArgument("line 1: model: expected a mapping, found '3'"));
}

TEST(StrictYaml, ListsOfMappings) {
  const auto count = [](const std::string& text) -> StatusOr<size_t> {
    M2TTS_ASSIGN_OR_RETURN(const YAML::Node node, ParseYaml(text, "t"));
    StrictYaml yaml(node, "");
    const size_t size = yaml.Children("parts").size();
    M2TTS_RETURN_IF_ERROR(yaml.Finish());
    return size;
  };
  EXPECT_EQ(count("parts: [{a: 1}, {b: 2}]").value_or(99), 2u);
  EXPECT_EQ(count("parts: []").value_or(99), 0u);
  EXPECT_EQ(count("parts:\n").value_or(99), 0u);
  EXPECT_EQ(count("{}").value_or(99), 0u);
  EXPECT_EQ(count("parts: 3").status(),
            InvalidArgument("line 1: parts: expected a list of mappings, found '3'"));
  EXPECT_EQ(count("\nparts: [{a: 1}, 2]").status(),
            InvalidArgument("line 2: parts: expected mappings in the list, found '2'"));
}

TEST(ParseYaml, SyntaxErrorsNameThePlace) {
  const auto node = ParseYaml("a: 1\nb: [1, 2\nc: 3\n", "my.yaml");
  EXPECT_EQ(node.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(node.status().message()), ::testing::StartsWith("my.yaml: line "));
}

TEST(ParseYaml, HostileTextIsAnErrorOrAValueButNeverACrash) {
  const std::vector<std::string> texts = {std::string(20000, '['),
                                          std::string("\0\1\2", 3),
                                          "\xff\xfe\xfa",
                                          "*a",
                                          "a: *b",
                                          "%YAML 9.9\n---\n",
                                          "\"\\ud83d\"",
                                          "!!binary |",
                                          "a: &a [*a]"};
  for (const std::string& text : texts) {
    const auto node = ParseYaml(text, "hostile");
    Status status = node.status();
    if (node.ok()) {
      StrictYaml yaml(*node, "");
      status = yaml.Finish();  // knows no keys
    }
    EXPECT_TRUE(status.ok() || status.code() == StatusCode::kInvalidArgument) << text.substr(0, 20) << status;
  }
  for (const char* text : {"*a", "a: *b"}) {
    EXPECT_EQ(ParseYaml(text, "hostile").status().code(), StatusCode::kInvalidArgument) << text;
  }
}

TEST(LoadYamlFile, MissingFile) {
  EXPECT_EQ(LoadYamlFile("/nonexistent.yaml").status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace m2tts
