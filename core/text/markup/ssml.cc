#include "core/text/markup/ssml.h"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/text/markup/inline_phonemes.h"
#include "core/text/markup/ssml_values.h"

namespace m2tts {
namespace {

using Attributes = std::vector<std::pair<std::string, std::string>>;

constexpr double kMinRate = 0.25;
constexpr double kMaxRate = 4.0;
constexpr double kMaxPitch = 12.0;
constexpr double kMaxVolume = 4.0;

// What <emphasis> does: a little slower, higher and louder, or the reverse. The standard leaves it open.
bool EmphasisProsody(std::string_view level, Prosody* prosody) {
  if (level == "strong") {
    *prosody = {prosody->rate * 0.85, prosody->pitch + 2.0, prosody->volume * 1.3};
  } else if (level == "moderate" || level.empty()) {
    *prosody = {prosody->rate * 0.92, prosody->pitch + 1.0, prosody->volume * 1.15};
  } else if (level == "reduced") {
    *prosody = {prosody->rate * 1.08, prosody->pitch - 1.0, prosody->volume * 0.85};
  } else {
    return level == "none";
  }
  return true;
}

std::optional<SayAs> SayAsOf(std::string_view type, std::string_view format) {
  if (type == "cardinal" || type == "number") return SayAs::kCardinal;
  if (type == "ordinal") return SayAs::kOrdinal;
  if (type == "digits") return SayAs::kDigits;
  if (type == "characters" || type == "spell-out" || type == "verbatim") return SayAs::kCharacters;
  if (type == "telephone") return SayAs::kTelephone;
  if (type == "date") return !format.empty() && format[0] == 'd' ? SayAs::kDateDayFirst : SayAs::kDate;
  if (type == "time") return SayAs::kTime;
  if (type == "currency") return SayAs::kCurrency;
  return std::nullopt;
}

class SsmlReader {
 public:
  explicit SsmlReader(std::string_view xml) : xml_(xml), parser_(XML_ParserCreate("UTF-8"), &XML_ParserFree) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), &OnStart, &OnEnd);
    XML_SetCharacterDataHandler(parser_.get(), &OnText);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &OnDoctype);
  }

  StatusOr<MarkedText> Read() {
    prosody_.push_back({});
    constexpr size_t kPart = size_t{1} << 20;
    for (size_t at = 0; at <= xml_.size() && error_.empty(); at += kPart) {
      const size_t size = std::min(kPart, xml_.size() - at);
      const bool last = at + size == xml_.size();
      const auto result = XML_Parse(parser_.get(), xml_.data() + at, static_cast<int>(size), last ? 1 : 0);
      if (result == XML_STATUS_ERROR) {
        return At(error_.empty() ? XML_ErrorString(XML_GetErrorCode(parser_.get())) : error_);
      }
      if (last) break;
    }
    return std::move(out_);
  }

 private:
  enum class Action { kNone, kSentence, kParagraph, kProsody, kSpan, kSub };
  struct Element {
    Action action = Action::kNone;
    size_t text_begin = 0;
    MarkupSpan span;
    std::string alias;
    TextRange source;  // of the start tag, later of the whole element
  };

  // Expat's callbacks.
  static void OnStart(void* self, const XML_Char* name, const XML_Char** attributes) {
    Attributes list;
    for (size_t i = 0; attributes[i] != nullptr; i += 2) list.emplace_back(attributes[i], attributes[i + 1]);
    static_cast<SsmlReader*>(self)->Start(name, list);
  }
  static void OnEnd(void* self, const XML_Char*) { static_cast<SsmlReader*>(self)->End(); }
  static void OnText(void* self, const XML_Char* text, int length) {
    static_cast<SsmlReader*>(self)->Text({text, static_cast<size_t>(length)});
  }
  static void OnDoctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    static_cast<SsmlReader*>(self)->Stop("a document type is not allowed; remove <!DOCTYPE ...>");
  }

  TextRange Here() const {
    const auto begin = static_cast<size_t>(std::max<XML_Index>(XML_GetCurrentByteIndex(parser_.get()), 0));
    return {begin, begin + static_cast<size_t>(XML_GetCurrentByteCount(parser_.get()))};
  }

  Status At(std::string_view what) const {
    return InvalidArgument("SSML line {} column {}: {}", XML_GetCurrentLineNumber(parser_.get()),
                           XML_GetCurrentColumnNumber(parser_.get()) + 1, what);
  }

  void Stop(std::string what) {
    if (!error_.empty()) return;
    error_ = std::move(what);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  void Warn(std::string message) {
    out_.warnings.push_back({TextWarning::Kind::kMarkup, Here(), std::move(message)});
  }

  void Break(std::optional<double> pause, bool mid_sentence, bool ends_paragraph) {
    out_.boundaries.push_back({out_.text.size(), pause, ends_paragraph, mid_sentence, prosody_.back()});
  }

  void Start(std::string_view name, const Attributes& attributes) {
    if (stack_.size() >= static_cast<size_t>(kMaxSsmlDepth)) {
      Stop(fmt::format("elements are nested deeper than {}", kMaxSsmlDepth));
      return;
    }
    if (stack_.empty() && name != "speak") {
      Stop(fmt::format("the root element is <{}>; it must be <speak>", name));
      return;
    }
    Element element;
    element.text_begin = out_.text.size();
    element.source = Here();
    if (name == "p") {
      element.action = Action::kParagraph;
      CheckLanguage(name, attributes);
      Break(std::nullopt, false, true);
    } else if (name == "s") {
      element.action = Action::kSentence;
      CheckLanguage(name, attributes);
      Break(std::nullopt, false, false);
    } else if (name == "break") {
      StartBreak(attributes);
    } else if (name == "prosody") {
      element.action = Action::kProsody;
      StartProsody(attributes);
    } else if (name == "emphasis") {
      element.action = Action::kProsody;
      StartEmphasis(attributes);
    } else if (name == "say-as") {
      StartSayAs(attributes, &element);
    } else if (name == "phoneme") {
      StartPhoneme(attributes, &element);
    } else if (name == "sub") {
      StartSub(attributes, &element);
    } else if (name == "mark") {
      StartMark(attributes);
    } else if (name == "lang") {
      CheckLanguage(name, attributes);
    } else if (name != "speak") {
      Warn(fmt::format("<{}> is not supported; its content is read", name));
    } else {
      CheckLanguage(name, attributes);
      if (!stack_.empty()) Warn("<speak> inside <speak> has no effect");
    }
    stack_.push_back(std::move(element));
  }

  void End() {
    if (!error_.empty()) return;  // Expat still closes an empty element after it was stopped
    Element element = std::move(stack_.back());
    stack_.pop_back();
    switch (element.action) {
      case Action::kNone:
        break;
      case Action::kParagraph:
        Break(std::nullopt, false, true);
        break;
      case Action::kSentence:
        Break(std::nullopt, false, false);
        break;
      case Action::kProsody:
        prosody_.pop_back();
        Break(std::nullopt, true, false);
        break;
      case Action::kSpan: {
        --inside_span_;
        element.span.begin = element.text_begin;
        element.span.end = out_.text.size();
        if (element.span.begin == element.span.end) {
          // <phoneme ph="..."/> without content: the sounds need a place.
          if (element.span.words.empty()) break;
          out_.Append("\xEF\xBF\xBC", {element.source.begin, element.source.end});
          element.span.end = out_.text.size();
        }
        out_.spans.push_back(std::move(element.span));
        break;
      }
      case Action::kSub:
        --inside_sub_;
        element.source.end = Here().end;
        out_.Append(" " + element.alias + " ", element.source);
        break;
    }
  }

  void Text(std::string_view text) {
    if (inside_sub_ > 0 || !error_.empty()) return;  // its alias is read in its place
    out_.Append(text, Here());
  }

  void StartBreak(const Attributes& attributes) {
    double seconds = *ParseSsmlBreakStrength("medium");
    bool timed = false;
    for (const auto& [name, value] : attributes) {
      if (name != "time" && name != "strength") {
        UnknownAttribute("break", name);
        continue;
      }
      const auto parsed = name == "time" ? ParseSsmlTime(value) : ParseSsmlBreakStrength(value);
      if (!parsed) {
        BadValue("break", name, value,
                 name == "time" ? "a time such as 500ms or 1.5s"
                                : "none, x-weak, weak, medium, strong or x-strong");
      } else if (name == "time" || !timed) {
        seconds = *parsed;
        timed = name == "time";
      }
    }
    if (seconds > kMaxBreakSeconds) {
      Warn(fmt::format("a break of {} s is shortened to {} s", seconds, kMaxBreakSeconds));
      seconds = kMaxBreakSeconds;
    }
    Break(seconds, true, false);
  }

  void StartProsody(const Attributes& attributes) {
    Prosody prosody = prosody_.back();
    for (const auto& [name, value] : attributes) {
      if (name == "rate") {
        const auto rate = ParseSsmlRate(value);
        if (rate) prosody.rate = std::clamp(prosody.rate * *rate, kMinRate, kMaxRate);
        if (!rate) BadValue("prosody", name, value, "x-slow to x-fast, a percentage or a factor");
      } else if (name == "pitch") {
        const auto pitch = ParseSsmlPitch(value);
        if (pitch) prosody.pitch = std::clamp(prosody.pitch + *pitch, -kMaxPitch, kMaxPitch);
        if (!pitch) BadValue("prosody", name, value, "x-low to x-high, +2st or +10%");
      } else if (name == "volume") {
        const auto volume = ParseSsmlVolume(value);
        if (volume) prosody.volume = std::clamp(prosody.volume * *volume, 0.0, kMaxVolume);
        if (!volume) BadValue("prosody", name, value, "silent to x-loud, or +6dB");
      } else {
        UnknownAttribute("prosody", name);
      }
    }
    prosody_.push_back(prosody);
    Break(std::nullopt, true, false);
  }

  void StartEmphasis(const Attributes& attributes) {
    Prosody prosody = prosody_.back();
    std::string level;
    for (const auto& [name, value] : attributes) {
      if (name == "level") {
        level = value;
      } else {
        UnknownAttribute("emphasis", name);
      }
    }
    if (!EmphasisProsody(level, &prosody))
      BadValue("emphasis", "level", level, "strong, moderate, none or reduced");
    prosody_.push_back(prosody);
    Break(std::nullopt, true, false);
  }

  void StartSayAs(const Attributes& attributes, Element* element) {
    std::string type;
    std::string format;
    for (const auto& [name, value] : attributes) {
      if (name == "interpret-as") {
        type = value;
      } else if (name == "format") {
        format = value;
      } else if (name != "detail") {
        UnknownAttribute("say-as", name);
      }
    }
    const std::optional<SayAs> say_as = SayAsOf(type, format);
    if (!say_as) {
      BadValue("say-as", "interpret-as", type,
               "cardinal, ordinal, digits, characters, date, time, telephone or currency");
    } else if (BeginSpan(element)) {
      element->span.say_as = *say_as;
    }
  }

  void StartPhoneme(const Attributes& attributes, Element* element) {
    std::string ph;
    bool ipa = false;
    for (const auto& [name, value] : attributes) {
      if (name == "ph") {
        ph = value;
      } else if (name == "alphabet") {
        ipa = value == "ipa";
        if (value != "ipa" && value != "arpabet" && value != "x-arpabet" && value != "cmu") {
          BadValue("phoneme", name, value, "ipa or arpabet");
        }
      } else {
        UnknownAttribute("phoneme", name);
      }
    }
    auto words = ParsePhonemeWords(ph, ipa ? ParseIpa : ParseArpabetOrIpa);
    if (!words.ok()) {
      Warn(fmt::format("<phoneme ph=\"{}\">: {}; its content is read instead", ph,
                       std::string(words.status().message())));
      return;
    }
    if (BeginSpan(element)) element->span.words = *std::move(words);
  }

  void StartSub(const Attributes& attributes, Element* element) {
    for (const auto& [name, value] : attributes) {
      if (name == "alias") {
        element->alias = value;
      } else {
        UnknownAttribute("sub", name);
      }
    }
    if (element->alias.find_first_not_of(" \t\n") == std::string::npos) {
      Warn("<sub> without alias has no effect");
      return;
    }
    element->action = Action::kSub;
    ++inside_sub_;
  }

  void StartMark(const Attributes& attributes) {
    std::string mark;
    for (const auto& [name, value] : attributes) {
      if (name == "name") {
        mark = value;
      } else {
        UnknownAttribute("mark", name);
      }
    }
    if (mark.empty()) {
      Warn("<mark> without name has no effect");
    } else {
      out_.marks.push_back({std::move(mark), out_.text.size(), Here()});
    }
  }

  // Elements with a language and nothing else to say.
  void CheckLanguage(std::string_view element, const Attributes& attributes) {
    for (const auto& [name, value] : attributes) {
      if (name == "xml:lang") {
        if (value.substr(0, 2) != "en") {
          Warn(fmt::format("language '{}' is not supported; the text is read as English", value));
        }
      } else if (element != "speak" || !IsOfTheDocument(name)) {
        UnknownAttribute(element, name);
      }
    }
  }

  // Attributes of <speak> that tell nothing about reading.
  static bool IsOfTheDocument(std::string_view name) {
    return name == "version" || name == "xml:base" || name.substr(0, 5) == "xmlns" ||
           name.substr(0, 4) == "xsi:";
  }

  // Spans do not nest: what is inside one belongs to it.
  bool BeginSpan(Element* element) {
    if (inside_span_ > 0) {
      Warn("<say-as> and <phoneme> have no effect inside one another");
      return false;
    }
    element->action = Action::kSpan;
    ++inside_span_;
    return true;
  }

  void UnknownAttribute(std::string_view element, std::string_view name) {
    Warn(fmt::format("attribute '{}' of <{}> is not supported", name, element));
  }
  void BadValue(std::string_view element, std::string_view name, std::string_view value,
                std::string_view wanted) {
    Warn(fmt::format("<{} {}=\"{}\">: the value must be {}", element, name, value, wanted));
  }

  std::string_view xml_;
  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  MarkedText out_;
  std::vector<Element> stack_;
  std::vector<Prosody> prosody_;
  int inside_span_ = 0;
  int inside_sub_ = 0;
  std::string error_;
};

}  // namespace

StatusOr<MarkedText> ParseSsml(std::string_view xml) {
  return SsmlReader(xml).Read();
}

}  // namespace m2tts
