#include "client/bench/load_plan.h"

#include <cmath>

namespace m2tts {

std::string TextOfLength(const std::vector<std::string>& texts, size_t first, int characters) {
  const auto limit = static_cast<size_t>(std::max(1, characters));
  std::string text = texts[first % texts.size()];
  for (size_t i = first + 1; text.size() < limit; ++i) text += " " + texts[i % texts.size()];
  if (text.size() <= limit) return text;
  const size_t blank = text.rfind(' ', limit);
  return blank == std::string::npos || blank == 0 ? text.substr(0, text.find(' ')) : text.substr(0, blank);
}

double LoadPlan::Uniform() {
  return static_cast<double>(random_() >> 11) * 0x1p-53;
}

std::string LoadPlan::NextText() {
  const size_t first = next_text_++;
  if (options_.lengths.empty()) return options_.texts[first % options_.texts.size()];
  const int length = options_.lengths[random_() % options_.lengths.size()];
  return TextOfLength(options_.texts, random_() % options_.texts.size(), length);
}

void LoadPlan::MakeInvalid(v1::SynthesizeRequest* request) {
  switch (random_() % 5) {
    case 0:
      return request->clear_text();
    case 1:
      return request->mutable_controls()->set_speed(99.0);
    case 2:
      return request->mutable_audio_format()->set_sample_rate_hertz(1);
    case 3:
      request->mutable_text_options()->set_ssml(true);
      return request->set_text("<speak>no end");
    default:
      return request->mutable_voice()->set_voice("no such voice");
  }
}

PlannedRequest LoadPlan::Next() {
  PlannedRequest planned;
  if (options_.rate > 0.0) {
    clock_ += -std::log(1.0 - Uniform()) / options_.rate;
    planned.scheduled = clock_;
  }
  planned.request = options_.request;
  planned.request.set_text(NextText());
  if (!options_.encodings.empty()) {
    planned.request.mutable_audio_format()->set_encoding(
        options_.encodings[random_() % options_.encodings.size()]);
  }
  const double fate = Uniform();
  if (fate < options_.invalid_share) {
    planned.invalid = true;
    MakeInvalid(&planned.request);
  } else if (fate < options_.invalid_share + options_.cancel_share) {
    planned.cancel_after = static_cast<int>(random_() % 4);
  }
  return planned;
}

}  // namespace m2tts
