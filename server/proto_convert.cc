#include "server/proto_convert.h"

#include <cmath>

#include "core/text/arpabet.h"
#include "core/text/frontend.h"

namespace m2tts {
namespace {

v1::AudioEncoding ToEncoding(AudioEncoding encoding) {
  switch (encoding) {
    case AudioEncoding::kWav:
      return v1::AUDIO_ENCODING_WAV;
    case AudioEncoding::kPcm16:
      return v1::AUDIO_ENCODING_PCM16;
    case AudioEncoding::kFlac:
      return v1::AUDIO_ENCODING_FLAC;
  }
  return v1::AUDIO_ENCODING_UNSPECIFIED;
}

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

void SetRange(const TextRange& range, v1::TextRange* proto) {
  proto->set_begin(static_cast<int64_t>(range.begin));
  proto->set_end(static_cast<int64_t>(range.end));
}

}  // namespace

google::protobuf::Duration ToDuration(double seconds) {
  google::protobuf::Duration duration;
  const double whole = std::floor(seconds);
  duration.set_seconds(static_cast<int64_t>(whole));
  duration.set_nanos(static_cast<int32_t>((seconds - whole) * 1e9));
  return duration;
}

v1::StreamHeader ToHeader(const SynthesisRequest& request) {
  v1::StreamHeader header;
  header.set_encoding(ToEncoding(request.encoding));
  header.set_sample_rate_hertz(request.sample_rate);
  header.set_channel_count(1);
  header.set_voice(request.voice->name);
  header.set_speaker(request.voice->speakers[request.speaker]);
  return header;
}

v1::SynthesisSummary ToSummary(const SynthesisReport& report) {
  v1::SynthesisSummary summary;
  summary.set_total_samples(report.total_samples);
  summary.set_normalized_text(report.normalized);
  for (const TextWarning& warning : report.warnings) *summary.add_warnings() = ToWarning(warning);
  v1::SynthesisTimings* timings = summary.mutable_timings();
  *timings->mutable_queue_wait() = ToDuration(report.queue_wait_seconds);
  *timings->mutable_first_audio() = ToDuration(report.first_audio_seconds);
  *timings->mutable_total() = ToDuration(report.total_seconds);
  *timings->mutable_device() = ToDuration(report.device_seconds);
  return summary;
}

v1::WordTiming ToWordTiming(const SpokenWord& word) {
  v1::WordTiming timing;
  timing.set_text(word.word.text);
  SetRange(word.word.source, timing.mutable_source());
  timing.set_first_sample(word.first_sample);
  timing.set_sample_count(word.sample_count);
  return timing;
}

v1::TextWarning ToWarning(const TextWarning& warning) {
  v1::TextWarning proto;
  proto.set_kind(ToKind(warning.kind));
  SetRange(warning.range, proto.mutable_range());
  proto.set_message(warning.message);
  return proto;
}

v1::AnalyzedSentence ToAnalyzed(const Sentence& sentence) {
  v1::AnalyzedSentence proto;
  proto.set_normalized_text(sentence.normalized);
  SetRange(sentence.source, proto.mutable_source());
  for (const Word& word : sentence.words) {
    v1::AnalyzedWord* analyzed = proto.add_words();
    analyzed->set_text(word.text);
    SetRange(word.source, analyzed->mutable_source());
    analyzed->set_pronunciation(ToSource(word.pronunciation));
  }
  for (const Phoneme& phoneme : sentence.phonemes) {
    if (phoneme.word >= 0 && phoneme.word < proto.words_size()) {
      AppendArpabet({phoneme.id, phoneme.stress}, proto.mutable_words(phoneme.word)->add_phonemes());
    }
  }
  for (const TextWarning& warning : sentence.warnings) *proto.add_warnings() = ToWarning(warning);
  proto.set_ends_paragraph(sentence.ends_paragraph);
  proto.set_phonemes(FormatPhonemes(sentence));
  return proto;
}

v1::Voice ToVoice(const Voice& voice, bool is_default) {
  v1::Voice proto;
  proto.set_name(voice.name);
  proto.set_language(voice.language);
  proto.set_description(voice.description);
  proto.set_licence(voice.licence);
  for (const std::string& speaker : voice.speakers) proto.add_speakers(speaker);
  proto.set_sample_rate_hertz(voice.sample_rate);
  proto.set_is_default(is_default);
  proto.set_size_bytes(voice.bytes);
  proto.set_provenance_json(voice.provenance_json);
  return proto;
}

}  // namespace m2tts
