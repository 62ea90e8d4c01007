#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trainer/labels/label_file.h"

namespace m2tts {
namespace {

constexpr double kGridOverlap = 1e-3;  // seconds that rounding may make

void AppendUtf8(uint32_t code, std::string* out) {
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += static_cast<char>(0xC0 | (code >> 6));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *out += static_cast<char>(0xE0 | (code >> 12));
    *out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    *out += static_cast<char>(0xF0 | (code >> 18));
    *out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    *out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// UTF-8 of a file that says by its first bytes what it is; half a character at the end is dropped.
std::string ToUtf8(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") return std::string(text.substr(3));
  const bool big = text.substr(0, 2) == "\xFE\xFF", little = text.substr(0, 2) == "\xFF\xFE";
  if (!big && !little) return std::string(text);
  const auto unit = [&](size_t at) {
    const auto a = static_cast<unsigned char>(text[at]), b = static_cast<unsigned char>(text[at + 1]);
    return static_cast<uint32_t>(big ? a << 8 | b : b << 8 | a);
  };
  std::string utf8;
  for (size_t i = 2; i + 1 < text.size(); i += 2) {
    uint32_t code = unit(i);
    if (code >= 0xD800 && code < 0xDC00 && i + 3 < text.size() && unit(i + 2) >= 0xDC00 &&
        unit(i + 2) < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (unit(i + 2) - 0xDC00);
      i += 2;
    }
    AppendUtf8(code, &utf8);
  }
  return utf8;
}

// Praat reads its text files as a row of values, and passes over everything else: strings in double
// quotes, numbers and flags <...> that stand free between blanks. So "xmin = 0.1" and a bare 0.1 are the
// same, and the 3 of "intervals [3]:" is none.
class Reader {
 public:
  Reader(std::string text, std::string source) : text_(std::move(text)), source_(std::move(source)) {}

  StatusOr<std::string> String(const char* what) {
    M2TTS_RETURN_IF_ERROR(Next(what));
    if (kind_ != Kind::kString) return Wrong(what, "a text in quotes");
    return value_;
  }
  StatusOr<double> Number(const char* what) {
    M2TTS_RETURN_IF_ERROR(Next(what));
    double value = 0.0;
    const char* end = value_.data() + value_.size();
    const auto result = std::from_chars(value_.data(), end, value);
    if (kind_ != Kind::kNumber || result.ec != std::errc() || result.ptr != end || !std::isfinite(value)) {
      return Wrong(what, "a number");
    }
    return value;
  }
  StatusOr<size_t> Count(const char* what) {
    M2TTS_ASSIGN_OR_RETURN(const double value, Number(what));
    // Each thing that is counted takes more than a byte.
    if (value < 0 || value != std::floor(value) || value > static_cast<double>(text_.size())) {
      return Wrong(what, "a count that fits the file");
    }
    return static_cast<size_t>(value);
  }
  Status Flag(const char* what) {
    M2TTS_RETURN_IF_ERROR(Next(what));
    if (kind_ == Kind::kFlag && value_ == "<exists>") return OkStatus();
    return Wrong(what, "<exists>");
  }
  std::string where() const { return fmt::format("{}:{}", source_, line_); }

 private:
  enum class Kind { kString, kNumber, kFlag };

  Status Wrong(const char* what, const char* wanted) const {
    return InvalidArgument("{}: {}: '{}' is not {}", where(), what, value_.substr(0, 40), wanted);
  }

  static bool Blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

  Status Next(const char* what) {
    bool free = true;  // at the start of a word
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (free && c == '"') return Quoted();
      if (free && c == '!') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
        continue;
      }
      if (free && (c == '<' || c == '-' || c == '+' || std::isdigit(static_cast<unsigned char>(c)) != 0)) {
        const size_t begin = at_;
        while (at_ < text_.size() && !Blank(text_[at_])) ++at_;
        value_ = text_.substr(begin, at_ - begin);
        kind_ = c == '<' ? Kind::kFlag : Kind::kNumber;
        return OkStatus();
      }
      free = Blank(c);
      ++at_;
    }
    return InvalidArgument("{}: the file ends where {} is wanted", where(), what);
  }

  Status Quoted() {
    const int begins = line_;
    kind_ = Kind::kString;
    value_.clear();
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] == '"') {
        ++at_;
        if (at_ >= text_.size() || text_[at_] != '"') return OkStatus();
      }
      value_ += text_[at_];
    }
    return InvalidArgument("{}:{}: a quote that is not closed", source_, begins);
  }

  const std::string text_;
  const std::string source_;
  size_t at_ = 0;
  int line_ = 1;
  Kind kind_ = Kind::kNumber;
  std::string value_;
};

struct Tier {
  std::string name;
  std::vector<Label> labels;
};

std::string Stripped(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// "phones", "Phones", "anna - phones".
bool NamesPhones(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const size_t dash = name.rfind(" - ");
  if (dash != std::string::npos) name = name.substr(dash + 3);
  return name == "phones" || name == "phone" || name == "phonemes" || name == "segments";
}

StatusOr<Label> ReadInterval(Reader* reader, const std::vector<Label>& before) {
  Label label;
  M2TTS_ASSIGN_OR_RETURN(label.begin, reader->Number("the begin of an interval"));
  const std::string where = reader->where();
  M2TTS_ASSIGN_OR_RETURN(label.end, reader->Number("the end of an interval"));
  M2TTS_ASSIGN_OR_RETURN(const std::string name, reader->String("the text of an interval"));
  label.name = Stripped(name);
  if (label.begin < 0 || label.end < label.begin) {
    return InvalidArgument("{}: an interval from {} to {} s", where, label.begin, label.end);
  }
  if (!before.empty() && label.begin < before.back().end - kGridOverlap) {
    return InvalidArgument("{}: an interval begins at {} s, before the end of the one before at {} s", where,
                           label.begin, before.back().end);
  }
  return label;
}

// The tier, without labels for one of points.
StatusOr<Tier> ReadTier(Reader* reader) {
  M2TTS_ASSIGN_OR_RETURN(const std::string kind, reader->String("the class of a tier"));
  if (kind != "IntervalTier" && kind != "TextTier") {
    return InvalidArgument("{}: a tier of class '{}'; IntervalTier and TextTier are known", reader->where(),
                           kind);
  }
  Tier tier;
  M2TTS_ASSIGN_OR_RETURN(tier.name, reader->String("the name of a tier"));
  M2TTS_RETURN_IF_ERROR(reader->Number("the begin of a tier").status());
  M2TTS_RETURN_IF_ERROR(reader->Number("the end of a tier").status());
  M2TTS_ASSIGN_OR_RETURN(const size_t count, reader->Count("the size of a tier"));
  for (size_t i = 0; i < count; ++i) {
    if (kind == "TextTier") {
      M2TTS_RETURN_IF_ERROR(reader->Number("the time of a point").status());
      M2TTS_RETURN_IF_ERROR(reader->String("the mark of a point").status());
      continue;
    }
    M2TTS_ASSIGN_OR_RETURN(Label label, ReadInterval(reader, tier.labels));
    tier.labels.push_back(std::move(label));
  }
  return tier;
}

}  // namespace

StatusOr<std::vector<Label>> ParseTextGrid(std::string_view text, const std::string& source) {
  Reader reader(ToUtf8(text), source);
  M2TTS_ASSIGN_OR_RETURN(const std::string type, reader.String("the type of the file"));
  M2TTS_ASSIGN_OR_RETURN(const std::string object, reader.String("the class of the object"));
  if (type.rfind("ooTextFile", 0) != 0 || object != "TextGrid") {
    return InvalidArgument("{}: '{}' of '{}', not an ooTextFile of TextGrid", reader.where(), type, object);
  }
  M2TTS_RETURN_IF_ERROR(reader.Number("the begin of the file").status());
  M2TTS_RETURN_IF_ERROR(reader.Number("the end of the file").status());
  M2TTS_RETURN_IF_ERROR(reader.Flag("whether there are tiers"));
  M2TTS_ASSIGN_OR_RETURN(const size_t count, reader.Count("the number of tiers"));
  std::vector<Tier> intervals;
  for (size_t i = 0; i < count; ++i) {
    M2TTS_ASSIGN_OR_RETURN(Tier tier, ReadTier(&reader));
    if (!tier.labels.empty()) intervals.push_back(std::move(tier));
  }
  const auto named = std::find_if(intervals.begin(), intervals.end(),
                                  [](const Tier& tier) { return NamesPhones(tier.name); });
  if (named != intervals.end()) return std::move(named->labels);
  if (intervals.size() == 1) return std::move(intervals.front().labels);
  std::vector<std::string> names;
  for (const Tier& tier : intervals) names.push_back(tier.name);
  return InvalidArgument("{}: no tier of intervals called phones; there are '{}'", source,
                         fmt::join(names, "', '"));
}

}  // namespace m2tts
