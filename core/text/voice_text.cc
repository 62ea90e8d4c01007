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

StatusOr<ReadOptions> ReadVoiceText(const std::filesystem::path& folder) {
  constexpr size_t kMaxBytes = size_t{64} << 20;
  ReadOptions options;
  const auto style = folder / "text.yaml", words = folder / "lexicon.txt";
  if (std::filesystem::exists(style)) {
    M2TTS_ASSIGN_OR_RETURN(const YAML::Node root, LoadYamlFile(style));
    StrictYaml yaml(root, "");
    ReadTextStyle(&yaml, &options.style);
    M2TTS_RETURN_IF_ERROR(Annotate(yaml.Finish(), style.string()));
  }
  if (std::filesystem::exists(words)) {
    M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(words, kMaxBytes));
    M2TTS_ASSIGN_OR_RETURN(auto lexicon, UserLexicon::Parse(text, words.string()));
    options.user.push_back(std::move(lexicon));
  }
  return options;
}

}  // namespace m2tts
