// Where the encoded audio of one request goes, and what comes with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/text/sentence.h"

namespace m2tts {

// What a client wants to know the time of.
enum class TimestampDetail : uint8_t {
  kNone,      // marks only
  kWords,     // and sentences
  kPhonemes,  // and these
};

// Parts of the text and their places in the audio.
struct SpokenPhoneme {
  std::string symbol;  // ARPAbet, vowels with their stress
  int64_t first_sample = 0;
  int64_t sample_count = 0;
};
struct SpokenWord {
  Word word;
  int64_t first_sample = 0;
  int64_t sample_count = 0;
  std::vector<SpokenPhoneme> phonemes;  // with kPhonemes
};
struct SpokenSentence {
  std::string normalized;
  TextRange source;
  int64_t first_sample = 0;  // the pause before it not included
  int64_t sample_count = 0;  // nor that after it
};

// A mark of the text and its place in the audio.
struct SpokenMark {
  SentenceMark mark;
  int64_t first_sample = 0;
};

// An event that waits for its reader counts as so many seconds of audio that do: without, a flood of them
// would not be bounded.
inline constexpr double kLiveEventSeconds = 0.05;

// What happened in a live answer, and where in its audio.
struct LiveEvent {
  enum class Kind : uint8_t {
    kFlushed,      // all that was flushed has been spoken
    kInterrupted,  // the rest of the answer so far was dropped
  };
  Kind kind = Kind::kFlushed;
  int64_t first_sample = 0;
};

struct EncodedChunk {
  std::string bytes;
  int64_t first_sample = 0;  // at the answer's rate
  int64_t sample_count = 0;
  std::vector<SpokenWord> words;  // of sentences that begin here, at the answer's rate
  std::vector<SpokenMark> marks;  // likewise
  std::vector<SpokenSentence> sentences;
  std::vector<LiveEvent> events;  // after the audio; a chunk may be nothing else
};

struct SynthesisReport {
  int64_t total_samples = 0;  // at the answer's rate
  std::string normalized;     // one sentence a line
  std::vector<TextWarning> warnings;
  double audio_seconds = 0.0;
  double spoken_seconds = 0.0;      // of these without pauses, if all were at the speed of the request
  double queue_wait_seconds = 0.0;  // these: see SynthesisTimings in synthesizer.proto
  double first_audio_seconds = 0.0;
  double total_seconds = 0.0;
  double device_seconds = 0.0;
  double text_seconds = 0.0;
  double acoustic_seconds = 0.0;
  double vocoder_seconds = 0.0;
  double encode_seconds = 0.0;
};

// Called by one thread at a time, in order: OnChunk any number of times, then OnDone once.
class AudioSink {
 public:
  virtual ~AudioSink() = default;
  virtual void OnChunk(EncodedChunk chunk) = 0;
  // The last call; the sink may be gone when it returns.
  virtual void OnDone(const Status& status, const SynthesisReport& report) = 0;
};

}  // namespace m2tts
