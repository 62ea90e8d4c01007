#include "core/text/abbreviation.h"
#include "core/text/char_class.h"
#include "core/text/fold.h"
#include "core/text/full_stop.h"
#include "core/text/rules/measure.h"
#include "core/text/rules/unit_table.h"
#include "core/text/sign_runs.h"
#include "core/text/token.h"
#include "core/text/web_text.h"

namespace m2tts {
namespace {

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  std::vector<Token> Run() {
    while (at_ < text_.size()) {
      if (IsSpaceChar(text_[at_])) {
        space_ = true;
        ++at_;
      } else if (!TryWeb() && !TryCore() && !TryArrowOrBracket() && !TryPunctuation()) {
        TrySymbol();
      }
    }
    return std::move(tokens_);
  }

 private:
  char At(size_t i) const { return i < text_.size() ? text_[i] : ' '; }
  bool SpaceAt(size_t i) const { return IsSpaceChar(At(i)); }

  void Add(TokenKind kind, size_t length) {
    tokens_.push_back({kind, text_.substr(at_, length), at_, space_});
    at_ += length;
    space_ = false;
  }

  // A URL, address, path, handle or tag: only at the start of a chunk of non-blanks.
  bool TryWeb() {
    if (!space_ && at_ != 0 && IsAlnumChar(text_[at_ - 1])) return false;
    if (at_ < web_checked_until_) return false;
    size_t end = at_;
    while (end < text_.size() && !EndsWebChunk(text_[end])) ++end;
    web_checked_until_ = end;
    while (end > at_ && !IsAlnumChar(text_[end - 1]) && text_[end - 1] != '/') --end;
    const std::string_view chunk = text_.substr(at_, end - at_);
    const size_t length = WebLength(chunk);
    if (length == 0) return false;
    Add(TokenKind::kWeb, length);
    return true;
  }

  static bool EndsWebChunk(char c) {
    return IsSpaceChar(c) || c == '"' || c == '<' || c == '>' || c == '(' || c == ')' || c == ',' ||
           c == ';' || c == kEmDash || c == kEllipsis;
  }

  // A run of letters and digits with the marks that may stand inside one.
  bool TryCore() {
    const char first = text_[at_];
    const bool apostrophe_start =
        first == '\'' && (IsAlphaChar(At(at_ + 1)) || IsDigitChar(At(at_ + 1))) && StartsWithApostrophe();
    const bool bare_decimal =
        first == '.' && IsDigitChar(At(at_ + 1)) && (at_ == 0 || !IsAlnumChar(text_[at_ - 1]));
    if (!IsAlnumChar(first) && !apostrophe_start && !bare_decimal) return false;
    size_t end = at_ + 1;
    while (end < text_.size() && Continues(end)) ++end;
    const std::string_view core = text_.substr(at_, end - at_);
    const bool unit_dot = At(end) == '.' && UnitDot(core, end);
    if (At(end) == '.' && !unit_dot && FullStopBelongs(text_, at_, end)) {
      ++end;
      // "the U.K.'s"
      if (At(end) == '\'' && At(end + 1) == 's' && !IsAlnumChar(At(end + 2))) end += 2;
    }
    const bool number = IsDigitChar(first) || bare_decimal || (apostrophe_start && IsDigitChar(At(at_ + 1)));
    Add(number ? TokenKind::kNumber : TokenKind::kWord, end - at_);
    if (unit_dot) Skip(1);
    return true;
  }

  bool Continues(size_t i) const {
    const char c = text_[i];
    if (IsAlnumChar(c)) return true;
    const char before = text_[i - 1];
    const char after = At(i + 1);
    switch (c) {
      case '\'':
        return IsAlphaChar(after) && (IsAlphaChar(before) || (IsDigitChar(before) && after == 's'));
      case '.':
        return (IsDigitChar(before) && IsDigitChar(after)) ||
               (IsAlphaChar(before) && IsDigitChar(after) && !FullStopCounts(text_.substr(at_, i - at_))) ||
               (IsAlphaChar(before) && IsAlphaChar(after));
      case ',':
        return IsDigitChar(before) && IsDigitChar(after) && IsDigitChar(At(i + 2)) &&
               IsDigitChar(At(i + 3)) && !IsDigitChar(At(i + 4));
      case ':':
        return IsDigitChar(before) && IsDigitChar(after);
      case '/':
        return IsDigitChar(before) && IsDigitChar(after);
      case '-':
        return IsAlnumChar(before) && IsAlnumChar(after) && !BetweenMeasures(i);
      case kEnDash:
        return IsDigitChar(before) && IsDigitChar(after);
      default:
        return false;
    }
  }

  // The letters of "5kg" or "2.5kg" at `begin`; empty when something else is written there.
  std::string_view UnitOfMeasure(size_t begin) const {
    size_t end = begin;
    while (IsDigitChar(At(end)) || (end > begin && At(end) == '.' && IsDigitChar(At(end + 1)))) ++end;
    if (end == begin) return {};
    const size_t unit = end;
    while (IsAlphaChar(At(end))) ++end;
    return IsAlnumChar(At(end)) || At(end) == '/' ? std::string_view() : text_.substr(unit, end - unit);
  }

  // "5kg-10kg", "500m-1km", "20C-25C", "20°C-25°C": a dash between two measures, and not inside a serial.
  bool BetweenMeasures(size_t dash) const {
    constexpr size_t kLongest = 24;  // else a token of many dashes is read anew at each of them
    if (dash - at_ > kLongest) return false;
    if (dash == at_ + 1 && at_ > 0 && text_[at_ - 1] == kDegree) return IsDigitChar(At(dash + 1));
    const std::string_view from = UnitOfMeasure(at_), to = UnitOfMeasure(dash + 1);
    if (from.empty() || to.empty() || from.data() + from.size() != text_.data() + dash) return false;
    const size_t end = static_cast<size_t>(to.data() - text_.data()) + to.size();
    if (At(end) == '-' && IsAlnumChar(At(end + 1))) return false;
    if (from != to)
      return from.size() + to.size() > 2 && FindUnit(from) != nullptr && FindUnit(to) != nullptr;
    // "seats 12A-14A"
    if (from.size() == 1 && !tokens_.empty() && IsPlace(tokens_.back().text)) return false;
    return from == "C" || from == "F" || FindUnit(from) != nullptr;
  }

  // Words that really begin with an apostrophe; elsewhere it opens a quotation.
  bool StartsWithApostrophe() const {
    if (at_ > 0 && IsAlnumChar(text_[at_ - 1])) return false;
    size_t end = at_ + 1;
    while (IsAlnumChar(At(end))) ++end;
    const std::string_view rest = text_.substr(at_ + 1, end - at_ - 1);
    if (IsDigitChar(rest[0])) return rest.size() == 2 || (rest.size() == 3 && rest[2] == 's');
    for (const std::string_view word : {"tis", "twas", "em", "til", "cause", "bout", "round", "n"}) {
      if (EqualsIgnoreCase(rest, word)) return At(end) != '\'';
    }
    return false;
  }

  // Whether the last token is a number, or "sq", "cu" or "fl" after one.
  bool AfterNumber() const {
    if (tokens_.empty()) return false;
    if (tokens_.back().kind == TokenKind::kNumber) return true;
    const std::string_view text = tokens_.back().text;
    return (text == "sq" || text == "cu" || text == "fl") && tokens_.size() > 1 &&
           tokens_[tokens_.size() - 2].kind == TokenKind::kNumber;
  }

  // "5 lbs. of sugar", "10lb. bag": the full stop of a unit is not heard.
  bool UnitDot(std::string_view core, size_t dot) const {
    size_t letters = core.size();
    while (letters > 0 && IsAlphaChar(core[letters - 1])) --letters;
    const bool glued = letters > 0 && IsDigitChar(core[0]);
    const bool after_number = letters == 0 && AfterNumber();
    if (!glued && !after_number) return false;
    const Abbreviation* const unit = FindAbbreviation(core.substr(letters));
    // "min." is a minute after a number, and "sec." a second.
    if (unit == nullptr) return false;
    if (unit->kind != Abbreviation::Kind::kUnit && unit->written != "min" && unit->written != "sec")
      return false;
    return At(dot + 1) != '.';
  }

  // "->" is one sign; the angle brackets of "<name>" and "</b>" are heard like others.
  bool TryArrowOrBracket() {
    const char c = text_[at_];
    if (c == '-' || c == '=' || c == '<') {
      if (const size_t arrow = ArrowLength(text_, at_)) {
        Add(TokenKind::kSymbol, arrow);
        return true;
      }
    }
    if (c == '<') bracket_end_ = AngleBracketEnd(text_, at_);
    const bool opens = c == '<' && bracket_end_ != std::string_view::npos;
    const size_t stroke = (opens ? At(at_ + 1) : c) == '/' ? 1 : 0;
    if (opens || (at_ > 0 && at_ + (opens ? 0 : stroke) == bracket_end_)) {
      Add(TokenKind::kPause, 1 + stroke);
      return true;
    }
    return false;
  }

  bool TryPunctuation() {
    const char c = text_[at_];
    size_t length = 1;
    switch (c) {
      case '.':
      case '?':
      case '!':
      case kEllipsis:
      case '-':
      case '_':
      case '*':
      case '=':
      case '~':
        while (At(at_ + length) == c) ++length;
        break;
      default:
        break;
    }
    switch (c) {
      case ',':
      case ';':
      case ':':
      case '.':
      case '?':
      case '!':
      case '(':
      case ')':
      case '[':
      case ']':
      case '{':
      case '}':
      case '|':
      case kEmDash:
      case kEllipsis:
        Add(TokenKind::kPause, length);
        return true;
      case '"':
      case '\'':
        if (IsPrime(c)) {
          Add(TokenKind::kSymbol, 1);
          return true;
        }
        CountQuote(c);
        Skip(length);
        return true;
      case '`':
      case '_':
        Skip(length);
        return true;
      case '-':
      case kEnDash:
        return Dash(length);
      case '*':
      case '=':
      case '~':
        if (c == '=' && IsComparison(text_, at_, length)) {
          Add(TokenKind::kSymbol, 1);  // like a single one
          at_ += length - 1;
          return true;
        }
        // Decoration ("***", "=====", "~~~"); "*word*" is emphasis, and says nothing either.
        if (length > 1 || (c == '*' && !(SpaceAt(at_ + 1) && space_) &&
                           !(IsDigitChar(At(at_ + 1)) && at_ > 0 && IsDigitChar(text_[at_ - 1])))) {
          Skip(length);
          return true;
        }
        return false;
      default:
        return false;
    }
  }

  // A dash is a minus before a number, a pause when it stands alone or is long, and nothing
  // when it hangs on a word ("mid- to late").
  bool Dash(size_t length) {
    const char after = At(at_ + length);
    const bool free_before = at_ == 0 || SpaceAt(at_ - 1) || text_[at_ - 1] == '(';
    const bool amount = IsDigitChar(after) || (after == '.' && IsDigitChar(At(at_ + length + 1))) ||
                        (IsCurrencyChar(after) && IsDigitChar(At(at_ + length + 1)));
    // "A-", "B-": a mark at school.
    const bool grade = length == 1 && at_ > 0 && text_[at_ - 1] >= 'A' && text_[at_ - 1] <= 'D' && !space_ &&
                       (at_ == 1 || SpaceAt(at_ - 2)) && !IsAlnumChar(after) && after != kEnDash;
    // "$5-$10", "5%-10%", "10^-3", "7 a.m.-3 p.m.": between what belongs to numbers.
    const bool scale = tokens_.size() > 1 && tokens_.back().text.size() == 1 &&
                       tokens_[tokens_.size() - 2].text[0] == kDegree;  // "20°C-25°C"
    const bool inside = length == 1 && !space_ && amount && !tokens_.empty() && tokens_.back().end() == at_ &&
                        (tokens_.back().kind != TokenKind::kWord || text_[at_ - 1] == '.' || scale);
    if ((length == 1 && free_before && amount) || grade || inside) {
      Add(TokenKind::kSymbol, 1);
      return true;
    }
    if (length > 1 || (SpaceAt(at_ + 1) && free_before) || text_[at_] == kEnDash) {
      Add(TokenKind::kPause, length);
    } else {
      Skip(length);
    }
    return true;
  }

  // A quotation mark right after digits with no quotation open: feet and inches, or minutes and
  // seconds of arc; between digits an apostrophe groups thousands.
  bool IsPrime(char c) const {
    if (space_ || tokens_.empty() || tokens_.back().end() != at_) return false;
    const std::string_view last = tokens_.back().text;
    const bool side = last.size() > 1 && last[0] == 'x' && IsDigitChar(last[1]);  // 12"x8"
    if (tokens_.back().kind != TokenKind::kNumber && !side) return false;
    const bool open = c == '"' ? double_open_ : single_open_;
    return !open && tokens_.back().text.size() <= 5 && tokens_.back().text[0] != '\'';
  }

  void CountQuote(char c) {
    if (c == '"') {
      double_open_ = !double_open_;
    } else {
      single_open_ = (at_ == 0 || !IsAlnumChar(text_[at_ - 1])) && IsAlnumChar(At(at_ + 1));
    }
  }

  static bool IsCurrencyChar(char c) {
    return c == '$' || c == kPound || c == kEuro || c == kYen || c == kWon || c == kRupee;
  }

  void Skip(size_t length) {
    at_ += length;
    space_ = true;  // what stood on both sides is not one word
  }

  void TrySymbol() { Add(TokenKind::kSymbol, 1); }

  std::string_view text_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  size_t web_checked_until_ = 0;
  size_t bracket_end_ = std::string_view::npos;  // of the angle bracket that is open
  bool space_ = false;
  bool double_open_ = false;  // inside a quotation
  bool single_open_ = false;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view folded) {
  return Tokenizer(folded).Run();
}

}  // namespace m2tts
