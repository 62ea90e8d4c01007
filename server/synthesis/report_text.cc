#include "server/synthesis/report_text.h"

#include <algorithm>

#include "server/synthesis/sentence_source.h"

namespace m2tts {

void AddWarnings(const std::vector<TextWarning>& from, std::vector<TextWarning>* to) {
  for (const TextWarning& warning : from) {
    if (to->size() < kMaxWarnings) to->push_back(warning);
  }
}

void NormalizedText::Add(const std::string& sentence, SynthesisReport* report) {
  if (ended_) return;
  std::string& all = report->normalized;
  ended_ = all.size() + sentence.size() > most_;
  if (!ended_) {
    if (!all.empty()) all += '\n';
    all += sentence;
    return;
  }
  TextWarning warning;
  warning.kind = TextWarning::Kind::kLongSentence;
  warning.message = "normalized_text ends here, as the answer is long";
  // Of a long answer there may be many: this one has its place.
  report->warnings.resize(std::min(report->warnings.size(), kMaxWarnings - 1));
  report->warnings.push_back(warning);
}

}  // namespace m2tts
