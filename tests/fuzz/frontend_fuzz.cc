// Plain text of any bytes: folding, splitting, normalizing, pronouncing. The first byte chooses the style.
//
// Holds: letters and digits are said or warned about, output is linear in input, every promise of
// sentence.h.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/text/char_class.h"
#include "tests/fuzz/sentence_check.h"

namespace m2tts {
namespace {

// More normalized bytes than this for each byte of text would be no reading any more: "9" after "9" in
// a long number is a word, and so is a symbol.
constexpr size_t kMaxGrowth = 64;

void CheckText(const std::string& text, const ReadOptions& options) {
  const auto reader = FuzzedFrontend().Read(text, options);
  if (!reader.ok()) {
    FUZZ_CHECK(reader.status().code() == StatusCode::kInvalidArgument);
    return;
  }
  std::vector<bool> covered(text.size(), false);
  const auto cover = [&](TextRange range) {
    CheckRange(range, text.size());
    std::fill(covered.begin() + static_cast<ptrdiff_t>(range.begin),
              covered.begin() + static_cast<ptrdiff_t>(range.end), true);
  };
  size_t said = 0;
  while (const auto sentence = (*reader)->Next()) {
    CheckSentence(*sentence, text.size());
    said += sentence->normalized.size();
    for (const Word& word : sentence->words) cover(word.source);
    for (const TextWarning& warning : sentence->warnings) cover(warning.range);
  }
  for (const TextWarning& warning : (*reader)->trailing_warnings()) cover(warning.range);
  FUZZ_CHECK(said <= text.size() * kMaxGrowth + 64);
  for (size_t i = 0; i < text.size(); ++i) FUZZ_CHECK(covered[i] || !IsAlnumChar(text[i]));
}

}  // namespace
}  // namespace m2tts

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace m2tts;
  if (size == 0) return 0;
  ReadOptions options;
  options.style.say_and = (data[0] & 1) != 0;
  if ((data[0] & 2) != 0) options.style.date_order = TextStyle::DateOrder::kDayFirst;
  if ((data[0] & 4) != 0) options.style.digits = TextStyle::DigitStyle::kPairs;
  options.style.phrase_breaks = (data[0] & 16) != 0;
  options.inline_phonemes = (data[0] & 8) == 0;
  CheckText(std::string(reinterpret_cast<const char*>(data) + 1, size - 1), options);
  return 0;
}
