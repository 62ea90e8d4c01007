#include "core/text/markup/inline_phonemes.h"

#include <algorithm>

#include "core/text/char_class.h"

namespace m2tts {
namespace {

// Longer stretches between brackets are no words.
constexpr size_t kMaxBodyBytes = 512;

// Whether somebody meant phonemes: a symbol of ours, or a letter of IPA's own.
bool LooksLikePhonemes(std::string_view body) {
  if (body.find("ˈ") != std::string_view::npos || body.find("ə") != std::string_view::npos) return true;
  size_t known = 0;
  size_t all = 0;
  while (!(body = Trim(body)).empty()) {
    const size_t end = std::min(body.find(' '), body.size());
    const std::string_view symbol = body.substr(0, end);
    // Single letters may be anything.
    known += symbol.size() > 1 && ParseArpabetSymbol(symbol).ok() ? 1 : 0;
    ++all;
    body.remove_prefix(end);
  }
  return all > 1 && known * 2 >= all;
}

}  // namespace

StatusOr<std::vector<Pronunciation>> ParsePhonemeWords(std::string_view text,
                                                       StatusOr<Pronunciation> (*parse)(std::string_view)) {
  std::vector<Pronunciation> words;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('|', begin), text.size());
    M2TTS_ASSIGN_OR_RETURN(Pronunciation word, parse(Trim(text.substr(begin, end - begin))));
    words.push_back(std::move(word));
    begin = end + 1;
  }
  return words;
}

std::optional<MarkedText> FindInlinePhonemes(std::string_view text) {
  if (text.find("[[") == std::string_view::npos) return std::nullopt;
  MarkedText marked;
  bool found = false;
  size_t done = 0;
  for (size_t open = text.find("[["); open != std::string_view::npos; open = text.find("[[", open)) {
    const size_t close = text.substr(0, std::min(text.size(), open + 2 + kMaxBodyBytes)).find("]]", open + 2);
    if (close == std::string_view::npos) {
      open += 2;
      continue;
    }
    const std::string_view body = Trim(text.substr(open + 2, close - open - 2));
    auto words = ParsePhonemeWords(body);
    const TextRange range{open, close + 2};
    if (words.ok()) {
      marked.Append(text.substr(done, open - done), {done, open});
      MarkupSpan span;
      span.begin = marked.text.size();
      marked.Append(text.substr(open, close + 2 - open), range);
      span.end = marked.text.size();
      span.words = *std::move(words);
      marked.spans.push_back(std::move(span));
      done = close + 2;
      found = true;
    } else if (LooksLikePhonemes(body)) {
      marked.warnings.push_back({TextWarning::Kind::kMarkup, range,
                                 "[[ ]] is read as text: " + std::string(words.status().message())});
      found = true;
    }
    open = close + 2;
  }
  if (!found) return std::nullopt;
  marked.Append(text.substr(done), {done, text.size()});
  return marked;
}

}  // namespace m2tts
