// The English text front end: text in, sentences of phonemes out, lazily.
//
//   auto frontend = TextFrontend::Create({.lexicon_path = ...});
//   auto reader = (*frontend)->Read(text);            // validates UTF-8
//   while (auto sentence = reader->Next()) { ... }    // one sentence at a time
//
// TextFrontend is immutable: any number of threads may call Read at once. A reader belongs
// to one thread at a time and must not outlive its front end. No LibTorch, no global state.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/base/status.h"
#include "core/text/sentence.h"
#include "core/text/style.h"
#include "core/text/user_lexicon.h"

namespace m2tts {

struct TextFrontendOptions {
  // The compiled lexicon (en_US.lex), made by m2tts-lexicon at build time.
  std::filesystem::path lexicon_path;
  // The model for unknown words, made by `m2tts-trainer g2p train`. Empty: beside the lexicon, under its
  // name with the extension .g2p.
  std::filesystem::path g2p_path;
  // The model of pauses without punctuation, made by `m2tts-trainer phrasing train`. Empty: beside the
  // lexicon, under its name with the extension .phrasing.
  std::filesystem::path phrasing_path = {};
  // Hard cap on the phonemes of a sentence (specials included); a longer one is split at
  // clause boundaries, then at words. Raising it costs latency and memory per sentence.
  size_t max_sentence_phonemes = 250;
};

// How one text is to be read.
struct ReadOptions {
  TextStyle style;
  UserLexicons user;            // asked in this order, before the built-in lexicon
  bool ssml = false;            // the text is SSML, see core/text/markup/ssml.h
  bool inline_phonemes = true;  // [[ HH AH0 L OW1 ]] in plain text are sounds
};

class SentenceReader {
 public:
  virtual ~SentenceReader() = default;
  // The next sentence, or nullopt at the end. Never returns a sentence without words; work per call does
  // not depend on the length of the whole text.
  virtual std::optional<Sentence> Next() = 0;
  // Warnings about input that belongs to no returned sentence (known once Next gave nullopt).
  virtual const std::vector<TextWarning>& trailing_warnings() const = 0;
};

class TextFrontend {
 public:
  static StatusOr<std::unique_ptr<TextFrontend>> Create(const TextFrontendOptions& options);
  virtual ~TextFrontend() = default;

  // INVALID_ARGUMENT with the byte offset for invalid UTF-8 or a NUL byte, or with line and column for
  // malformed SSML. Text with
  // nothing to say is not an error here: the reader is then empty.
  virtual StatusOr<std::unique_ptr<SentenceReader>> Read(std::string text,
                                                         const ReadOptions& options) const = 0;
  StatusOr<std::unique_ptr<SentenceReader>> Read(std::string text) const {
    return Read(std::move(text), ReadOptions());
  }
};

// "HH AH0 L OW1 | W ER1 L D": ARPAbet with stress digits, words joined by " | ",
// without pauses and other specials.
std::string FormatPhonemes(const Sentence& sentence);

}  // namespace m2tts
