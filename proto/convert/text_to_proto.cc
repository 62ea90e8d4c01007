#include "proto/convert/text_to_proto.h"

#include <string>

#include "core/text/arpabet.h"
#include "core/text/frontend.h"

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
  for (const Phoneme& phoneme : sentence.phonemes) {
    if (phoneme.word >= 0 && phoneme.word < proto.words_size()) {
      AppendArpabet({phoneme.id, phoneme.stress}, proto.mutable_words(phoneme.word)->add_phonemes());
    }
  }
  for (const TextWarning& warning : sentence.warnings) *proto.add_warnings() = ToProto(warning);
  proto.set_ends_paragraph(sentence.ends_paragraph);
  proto.set_phonemes(FormatPhonemes(sentence));
  return proto;
}

}  // namespace m2tts
