#include "proto/convert/text_to_proto.h"

#include <string>
#include <vector>

#include "core/text/arpabet.h"
#include "core/text/frontend.h"
#include "core/text/markup/ipa.h"

namespace m2tts {
namespace {

v1::TextWarning::Kind ToKind(TextWarning::Kind kind) {
  switch (kind) {
    case TextWarning::Kind::kUnknownWord:
      return v1::TextWarning::UNKNOWN_WORD;
    case TextWarning::Kind::kSkippedCharacter:
      return v1::TextWarning::SKIPPED_CHARACTER;
    case TextWarning::Kind::kUnsupportedScript:
      return v1::TextWarning::UNSUPPORTED_SCRIPT;
    case TextWarning::Kind::kLongSentence:
      return v1::TextWarning::LONG_SENTENCE;
    case TextWarning::Kind::kMarkup:
      return v1::TextWarning::MARKUP;
  }
  return v1::TextWarning::KIND_UNSPECIFIED;
}

v1::AnalyzedWord::PronunciationSource ToSource(PronunciationSource source) {
  switch (source) {
    case PronunciationSource::kLexicon:
      return v1::AnalyzedWord::LEXICON;
    case PronunciationSource::kUserLexicon:
      return v1::AnalyzedWord::USER_LEXICON;
    case PronunciationSource::kRule:
      return v1::AnalyzedWord::RULE;
    case PronunciationSource::kModel:
      return v1::AnalyzedWord::MODEL;
    case PronunciationSource::kInline:
      return v1::AnalyzedWord::INLINE;
  }
  return v1::AnalyzedWord::PRONUNCIATION_SOURCE_UNSPECIFIED;
}

}  // namespace

v1::TextRange ToProto(const TextRange& range) {
  v1::TextRange proto;
  proto.set_begin(static_cast<int64_t>(range.begin));
  proto.set_end(static_cast<int64_t>(range.end));
  return proto;
}

v1::TextWarning ToProto(const TextWarning& warning) {
  v1::TextWarning proto;
  proto.set_kind(ToKind(warning.kind));
  *proto.mutable_range() = ToProto(warning.range);
  proto.set_message(warning.message);
  return proto;
}

v1::AnalyzedSentence ToProto(const Sentence& sentence) {
  v1::AnalyzedSentence proto;
  proto.set_normalized_text(sentence.normalized);
  *proto.mutable_source() = ToProto(sentence.source);
  for (const Word& word : sentence.words) {
    v1::AnalyzedWord* analyzed = proto.add_words();
    analyzed->set_text(word.text);
    *analyzed->mutable_source() = ToProto(word.source);
    analyzed->set_token_class(std::string(TokenClassName(word.token_class)));
    analyzed->set_pronunciation(ToSource(word.pronunciation));
  }
  std::vector<Pronunciation> pronunciations(sentence.words.size());
  int last_word = -1;
  for (const Phoneme& phoneme : sentence.phonemes) {
    const bool pause = phoneme.id != kWordBoundary && phoneme.id != kEnd;
    if (phoneme.word < 0 && pause && last_word >= 0) proto.mutable_words(last_word)->set_pause_after(true);
    if (phoneme.word < 0 || phoneme.word >= proto.words_size()) continue;
    last_word = phoneme.word;
    AppendArpabet({phoneme.id, phoneme.stress}, proto.mutable_words(phoneme.word)->add_phonemes());
    pronunciations[static_cast<size_t>(phoneme.word)].push_back({phoneme.id, phoneme.stress});
  }
  for (size_t i = 0; i < pronunciations.size(); ++i) {
    proto.mutable_words(static_cast<int>(i))->set_ipa(FormatIpa(pronunciations[i]));
  }
  for (const TextWarning& warning : sentence.warnings) *proto.add_warnings() = ToProto(warning);
  proto.set_ends_paragraph(sentence.ends_paragraph);
  proto.set_phonemes(FormatPhonemes(sentence));
  if (!(sentence.prosody == Prosody())) {
    proto.mutable_prosody()->set_rate(sentence.prosody.rate);
    proto.mutable_prosody()->set_pitch(sentence.prosody.pitch);
    proto.mutable_prosody()->set_volume(sentence.prosody.volume);
  }
  if (sentence.pause_before) proto.set_pause_before_seconds(*sentence.pause_before);
  if (sentence.pause_after) proto.set_pause_after_seconds(*sentence.pause_after);
  for (const SentenceMark& mark : sentence.marks) {
    v1::AnalyzedMark* analyzed = proto.add_marks();
    analyzed->set_name(mark.name);
    *analyzed->mutable_source() = ToProto(mark.source);
    analyzed->set_before_word(static_cast<int32_t>(mark.before_word));
  }
  return proto;
}

}  // namespace m2tts
