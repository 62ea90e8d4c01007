#include "trainer/phrasing/tagged_text.h"

#include "core/text/phrasing/phrase_format.h"

namespace m2tts {
namespace {

// Calls `use` for each part of `text` between separators.
template <typename Use>
Status ForEachPart(std::string_view text, char separator, const Use& use) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    M2TTS_RETURN_IF_ERROR(use(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return OkStatus();
}

Status AddToken(std::string_view token, TaggedSentence* sentence) {
  if (token.empty()) return OkStatus();
  if (token == "|" || token == ",") {
    if (sentence->empty()) return InvalidArgument("'{}' before the first word", token);
    if (sentence->back().break_after) return InvalidArgument("'{}' after another pause", token);
    if (token == ",") sentence->push_back({"", std::string(kPauseTag), false});
    sentence->back().break_after = true;
    return OkStatus();
  }
  const size_t slash = token.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == token.size()) {
    return InvalidArgument("'{}' is no word/tag", token);
  }
  const std::string_view tag = token.substr(slash + 1);
  if (tag.size() > phrase_format::kTagNameSize || tag == kPauseTag) {
    return InvalidArgument("'{}': a tag of a word has at most {} letters and is not '{}'", token,
                           phrase_format::kTagNameSize, kPauseTag);
  }
  const std::string_view word = token.substr(0, slash);
  if (word.size() > 255 || word.front() == '-') {
    return InvalidArgument("'{}': a word has at most 255 bytes and does not begin with '-'", token);
  }
  sentence->push_back({std::string(word), std::string(tag), false});
  return OkStatus();
}

}  // namespace

StatusOr<std::vector<TaggedSentence>> ParseTaggedText(std::string_view text, const std::string& source) {
  std::vector<TaggedSentence> sentences;
  int line_number = 0;
  M2TTS_RETURN_IF_ERROR(ForEachPart(text, '\n', [&](std::string_view line) -> Status {
    ++line_number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty() && line.front() == '#') return OkStatus();
    TaggedSentence sentence;
    const Status status =
        ForEachPart(line, ' ', [&](std::string_view token) { return AddToken(token, &sentence); });
    if (!status.ok()) return Annotate(status, fmt::format("{}:{}", source, line_number));
    if (sentence.empty()) return OkStatus();
    if (!sentence.back().text.empty()) {
      sentence.back().break_after = false;  // the end is the pause
      sentence.push_back({"", std::string(kPauseTag), true});
    }
    sentences.push_back(std::move(sentence));
    return OkStatus();
  }));
  return sentences;
}

std::vector<std::string_view> TokensOf(const TaggedSentence& sentence) {
  std::vector<std::string_view> tokens;
  tokens.reserve(sentence.size());
  for (const TaggedToken& token : sentence) tokens.emplace_back(token.text);
  return tokens;
}

}  // namespace m2tts
