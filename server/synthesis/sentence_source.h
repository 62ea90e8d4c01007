// Where the sentences of a request come from: its text (TextStage), or pieces that arrive one by one
// (LiveText).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "core/text/sentence.h"

namespace m2tts {

// Warnings that an answer carries; more are dropped.
constexpr size_t kMaxWarnings = 1000;

// What comes next of a text.
struct NextSentence {
  std::optional<Sentence> sentence;  // absent: there is none now, or any more (see ended())
  // Ends of flushed text that were reached before it: all sentences of that text were popped.
  int flushes = 0;
  // Of the text so far: the sentence, and the flushes, came after that many.
  uint64_t interrupts = 0;
};

// Start and Stop may be called by any thread, the rest by the lane that has the job.
class SentenceSource {
 public:
  virtual ~SentenceSource() = default;
  // Hears of every sentence that waits to be popped: the text before byte `text_end` has been read, and so
  // many phonemes have come of it. None: what is left before it waits for more text. Called with locks held.
  // Before Start.
  void OnRead(std::function<void(size_t text_end, size_t phonemes)> listener) {
    on_read_ = std::move(listener);
  }
  // Begins reading.
  virtual void Start() = 0;
  // Pop would not have to wait: a sentence is there, or the text has ended.
  virtual bool ready() const = 0;
  // It is not, but will be as soon as what there is has been read; for all that is known.
  virtual bool reading() const { return true; }
  // No sentence is left, and none will come.
  virtual bool ended() const = 0;
  // Whether a text without a sentence is all right.
  virtual bool may_be_empty() const { return false; }
  virtual NextSentence Pop() = 0;
  // So far.
  virtual uint64_t interrupts() const { return 0; }
  // No more sentences are wanted.
  virtual void Stop() = 0;

  // After the end: why reading failed, and the warnings that belong to no sentence.
  virtual Status error() const = 0;
  virtual std::vector<TextWarning> trailing_warnings() const = 0;
  // Time spent reading so far.
  virtual double seconds() const = 0;

 protected:
  void TellRead(const Sentence& sentence) const {
    if (on_read_) on_read_(sentence.source.end, sentence.phonemes.size());
  }
  // Nothing before byte `text_end` can be read before more comes.
  void TellRead(size_t text_end) const {
    if (on_read_) on_read_(text_end, 0);
  }

 private:
  std::function<void(size_t, size_t)> on_read_;
};

}  // namespace m2tts
