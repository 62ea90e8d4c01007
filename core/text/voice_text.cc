#include "core/text/voice_text.h"

#include "core/base/file.h"

namespace m2tts {

void ReadTextStyle(StrictYaml* yaml, TextStyle* style) {
  yaml->Optional("say_and", &style->say_and);
  std::string order = style->date_order == TextStyle::DateOrder::kDayFirst ? "day_first" : "month_first";
  yaml->Optional("date_order", &order, {"month_first", "day_first"});
  style->date_order =
      order == "day_first" ? TextStyle::DateOrder::kDayFirst : TextStyle::DateOrder::kMonthFirst;
  std::string digits = style->digits == TextStyle::DigitStyle::kPairs ? "pairs" : "one_by_one";
  yaml->Optional("digits", &digits, {"one_by_one", "pairs"});
  style->digits = digits == "pairs" ? TextStyle::DigitStyle::kPairs : TextStyle::DigitStyle::kOneByOne;
}

Status ReadVoiceStyle(const std::filesystem::path& folder, TextStyle* style) {
  const std::filesystem::path file = folder / "text.yaml";
  if (!Exists(file)) return OkStatus();
  M2TTS_ASSIGN_OR_RETURN(const YAML::Node root, LoadYamlFile(file));
  StrictYaml yaml(root, "");
  ReadTextStyle(&yaml, style);
  yaml.Optional("phrase_breaks", &style->phrase_breaks);
  return Annotate(yaml.Finish(), file.string());
}

StatusOr<ReadOptions> ReadVoiceText(const std::filesystem::path& folder, bool phrase_breaks) {
  constexpr size_t kMaxBytes = size_t{64} << 20;
  ReadOptions options;
  options.style.phrase_breaks = phrase_breaks;
  M2TTS_RETURN_IF_ERROR(ReadVoiceStyle(folder, &options.style));
  const std::filesystem::path words = folder / "lexicon.txt";
  if (Exists(words)) {
    M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(words, kMaxBytes));
    M2TTS_ASSIGN_OR_RETURN(auto lexicon, UserLexicon::Parse(text, words.string()));
    options.user.push_back(std::move(lexicon));
  }
  return options;
}

}  // namespace m2tts
