#include "core/text/normalizer.h"

#include <algorithm>
#include <utility>

#include "core/text/char_class.h"
#include "core/text/rules/say_as.h"

namespace m2tts {
namespace {

struct RuleEntry {
  Rule rule;
  TokenClass token_class;
};

// Asked in this order; the first that reads something wins. The last three read anything of
// their kind, so that no token is ever lost.
constexpr RuleEntry kRules[] = {
    {UserWordRule, TokenClass::kWord},
    {MarkdownRule, TokenClass::kPunctuation},
    {WebRule, TokenClass::kWeb},
    {AddressRule, TokenClass::kAddress},
    {TelephoneRule, TokenClass::kTelephone},
    {ScriptureRule, TokenClass::kNumber},
    {DateRule, TokenClass::kDate},
    {TimeRule, TokenClass::kTime},
    {IdentifierRule, TokenClass::kSerial},
    {MoneyRule, TokenClass::kMoney},
    {DimensionRule, TokenClass::kMeasure},
    {AngleRule, TokenClass::kMeasure},
    {MeasureRule, TokenClass::kMeasure},
    {FractionRule, TokenClass::kNumber},
    {YearRule, TokenClass::kNumber},
    {MathRule, TokenClass::kMath},
    {RangeRule, TokenClass::kNumber},
    {SerialRule, TokenClass::kSerial},
    {NumberRule, TokenClass::kNumber},
    {RomanRule, TokenClass::kRoman},
    {WeekdayRule, TokenClass::kDate},
    {SlashRule, TokenClass::kAbbreviation},
    {ChatRule, TokenClass::kAbbreviation},
    {AbbreviationRule, TokenClass::kAbbreviation},
    {AcronymRule, TokenClass::kAcronym},
    {WordRule, TokenClass::kWord},
    {SymbolRule, TokenClass::kSymbol},
    {PauseRule, TokenClass::kPunctuation},
};

// A sentence of at least three words, all in capitals.
bool IsAllCaps(const std::vector<Token>& tokens) {
  size_t words = 0;
  for (const Token& token : tokens) {
    if (token.kind != TokenKind::kWord) continue;
    for (const char c : token.text) {
      if (IsLowerChar(c)) return false;
    }
    ++words;
  }
  return words >= 3;
}

// `word` in lower case when it has Latin letters beyond ASCII (U+00C0 to U+024F), else empty.
// Typographic apostrophes become plain ones.
std::string WithMarks(std::string_view word) {
  const auto is_marked = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xC3 && byte <= 0xC9;
  };
  if (std::none_of(word.begin(), word.end(), is_marked)) return {};
  std::string out;
  for (size_t i = 0; i < word.size(); ++i) {
    if (word.substr(i, 3) == "\u2019") {
      out.push_back('\'');
      i += 2;
    } else if (word[i] == '\xC3' && i + 1 < word.size()) {
      // U+00C0 to U+00DE: the small letter is 0x20 further; U+00D7 is the times sign.
      const auto low = static_cast<unsigned char>(word[++i]);
      out.push_back('\xC3');
      out.push_back(static_cast<char>(low <= 0x9E && low != 0x97 ? low + 0x20 : low));
    } else {
      out.push_back(ToLowerChar(word[i]));
    }
  }
  return out;
}

}  // namespace

void SpokenList::Word(std::string_view text) {
  items.push_back({SpokenItem::Kind::kWord, std::string(text), {}, {}, kPad, {}, TokenClass::kWord});
}

void SpokenList::Words(std::string_view text) {
  while (!text.empty()) {
    const size_t blank = text.find(' ');
    if (blank != 0) Word(text.substr(0, blank));
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
  }
}

void SpokenList::WordsAndLetters(std::string_view text) {
  while (!text.empty()) {
    const size_t blank = std::min(text.find(' '), text.size());
    if (blank == 1 && text[0] != 'i') {
      Letter(text[0]);
    } else {
      Word(text.substr(0, blank));
    }
    text.remove_prefix(std::min(text.size(), blank + 1));
  }
}

void SpokenList::Words(const WordList& words) {
  for (const std::string& word : words) Word(word);
}

void SpokenList::Letter(char letter) {
  items.push_back(
      {SpokenItem::Kind::kLetter, std::string(1, ToLowerChar(letter)), {}, {}, kPad, {}, TokenClass::kWord});
}

void SpokenList::Letters(std::string_view letters) {
  for (const char c : letters) {
    if (IsAlphaChar(c)) {
      Letter(c);
    } else if (IsDigitChar(c)) {
      WordList words;
      AppendDigits({&c, 1}, &words);
      Words(words);
    }
  }
}

void SpokenList::Pause(PhonemeId pause, std::string_view mark) {
  items.push_back({SpokenItem::Kind::kPause, std::string(mark), {}, {}, pause, {}, TokenClass::kWord});
}

void SpokenList::Cardinal(std::string_view digits) {
  WordList words;
  AppendCardinal(digits, &words, style_.say_and);
  Words(words);
}

void SpokenList::Ordinal(std::string_view digits) {
  WordList words;
  AppendOrdinal(digits, &words, style_.say_and);
  Words(words);
}

void SpokenList::Decimal(std::string_view whole, std::string_view fraction) {
  WordList words;
  AppendDecimal(whole, fraction, &words, style_.say_and);
  Words(words);
}

void SpokenList::Digits(std::string_view digits) {
  WordList words;
  if (style_.digits == TextStyle::DigitStyle::kPairs) {
    AppendDigitPairs(digits, &words);
  } else {
    AppendDigits(digits, &words);
  }
  Words(words);
}

void SpokenList::Year(std::string_view digits) {
  WordList words;
  AppendYear(digits, &words);
  Words(words);
}

std::vector<SpokenItem> Normalize(std::string_view raw, size_t base, const NormalizerContext& context,
                                  std::vector<TextWarning>* warnings) {
  const FoldedText folded = Fold(raw, base, warnings);
  const std::vector<Token> tokens = Tokenize(folded.text);
  const RuleInput input{tokens, context.lexicon, context.style, IsAllCaps(tokens), context.user};
  SpokenList out(context.style);
  for (size_t i = 0; i < tokens.size();) {
    const size_t first_item = out.items.size();
    size_t used = 0;
    TokenClass token_class = TokenClass::kPunctuation;
    for (const RuleEntry& entry : kRules) {
      used = entry.rule(input, i, &out);
      token_class = entry.token_class;
      if (used != 0) break;
    }
    if (used == 0) used = 1;  // not reached: the last rules read anything
    const Token& last = tokens[i + used - 1];
    const TextRange range{folded.source[tokens[i].begin].begin, folded.source[last.end() - 1].end};
    if (out.skipped != nullptr) {
      warnings->push_back({TextWarning::Kind::kSkippedCharacter, range, std::exchange(out.skipped, nullptr)});
    }
    for (size_t k = first_item; k < out.items.size(); ++k) {
      out.items[k].source = range;
      out.items[k].token_class = token_class;
      out.items[k].capitalized = IsUpperChar(tokens[i].text[0]);
    }
    if (token_class == TokenClass::kWord && out.items.size() == first_item + 1) {
      out.items.back().written = WithMarks(raw.substr(range.begin - base, range.end - range.begin));
    }
    i += used;
  }
  return std::move(out.items);
}

namespace {

// What a span with given sounds is called in normalized text.
std::string SpanName(std::string_view content, size_t words, size_t index) {
  std::string name;
  if (content.substr(0, 2) == "[[") {
    // The phonemes themselves, of this word.
    content = content.substr(2, content.size() - 4);
    for (size_t i = 0; i < index; ++i) content.remove_prefix(std::min(content.size(), content.find('|') + 1));
    content = content.substr(0, content.find('|'));
  } else if (words > 1 && index > 0) {
    return "-";
  }
  for (const char c : content) {
    if (!IsSpaceChar(c)) {
      name.push_back(ToLowerChar(c));
    } else if (!name.empty() && name.back() != '-') {
      name.push_back('-');
    }
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() || name == "\xEF\xBF\xBC" ? "phonemes" : name;
}

// Says a span; false when it is to be read in the usual way after all.
bool SaySpan(const MarkupSpan& span, std::string_view content, const NormalizerContext& context,
             SpokenList* out) {
  if (span.words.empty()) return SayContentAs(content, span.say_as, context.lexicon, context.style, out);
  for (size_t w = 0; w < span.words.size(); ++w) {
    out->Word(SpanName(content, span.words.size(), w));
    out->items.back().given = span.words[w];
  }
  return true;
}

}  // namespace

std::vector<SpokenItem> NormalizeMarked(const MarkedText& marked, TextRange range,
                                        const NormalizerContext& context,
                                        std::vector<TextWarning>* warnings) {
  std::vector<SpokenItem> items;
  size_t at = range.begin;
  const auto read_usual = [&](size_t end) {
    if (end <= at) return;
    const size_t first_warning = warnings->size();
    std::vector<SpokenItem> more =
        Normalize(std::string_view(marked.text).substr(at, end - at), at, context, warnings);
    for (size_t w = first_warning; w < warnings->size(); ++w)
      (*warnings)[w].range = marked.SourceOf((*warnings)[w].range);
    for (SpokenItem& item : more) {
      item.source = marked.SourceOf(item.source);
      items.push_back(std::move(item));
    }
    at = end;
  };
  const auto first =
      std::lower_bound(marked.spans.begin(), marked.spans.end(), range.begin,
                       [](const MarkupSpan& span, size_t begin) { return span.begin < begin; });
  for (auto span = first; span != marked.spans.end() && span->begin < range.end; ++span) {
    read_usual(span->begin);
    const std::string_view content =
        std::string_view(marked.text).substr(span->begin, span->end - span->begin);
    const TextRange source = marked.SourceOf({span->begin, span->end});
    SpokenList said;
    if (!SaySpan(*span, content, context, &said)) {
      warnings->push_back(
          {TextWarning::Kind::kMarkup, source,
           "'" + std::string(content) + "' does not fit its <say-as>; it is read in the usual way"});
      read_usual(span->end);
      continue;
    }
    for (SpokenItem& item : said.items) {
      item.source = source;
      item.token_class = TokenClass::kMarkup;
      items.push_back(std::move(item));
    }
    at = span->end;
  }
  read_usual(range.end);
  return items;
}

std::string_view TokenClassName(TokenClass token_class) {
  switch (token_class) {
    case TokenClass::kWord:
      return "word";
    case TokenClass::kAcronym:
      return "acronym";
    case TokenClass::kAbbreviation:
      return "abbreviation";
    case TokenClass::kNumber:
      return "number";
    case TokenClass::kRoman:
      return "roman";
    case TokenClass::kDate:
      return "date";
    case TokenClass::kTime:
      return "time";
    case TokenClass::kMoney:
      return "money";
    case TokenClass::kMeasure:
      return "measure";
    case TokenClass::kTelephone:
      return "telephone";
    case TokenClass::kAddress:
      return "address";
    case TokenClass::kSerial:
      return "serial";
    case TokenClass::kWeb:
      return "web";
    case TokenClass::kMath:
      return "math";
    case TokenClass::kSymbol:
      return "symbol";
    case TokenClass::kPunctuation:
      return "punctuation";
    case TokenClass::kMarkup:
      return "markup";
  }
  return "";
}

}  // namespace m2tts
