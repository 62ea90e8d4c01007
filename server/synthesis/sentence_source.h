// Where the sentences of a request come from: its text (TextStage), or pieces that arrive one by one
// (LiveText).
#pragma once

#include <optional>
#include <vector>

#include "core/base/status.h"
#include "core/text/sentence.h"

namespace m2tts {

// Warnings that an answer carries; more are dropped.
constexpr size_t kMaxWarnings = 1000;

// Start and Stop may be called by any thread, the rest by the lane that has the job.
class SentenceSource {
 public:
  virtual ~SentenceSource() = default;
  // Begins reading.
  virtual void Start() = 0;
  // Pop would not have to wait: a sentence is there, or the text has ended.
  virtual bool ready() const = 0;
  // No sentence is left, and none will come.
  virtual bool ended() const = 0;
  // Ends of flushed text that have been reached: all sentences before them were popped.
  virtual int TakeFlushes() { return 0; }
  // Whether a text without a sentence is all right.
  virtual bool may_be_empty() const { return false; }
  // The next sentence; nullopt when there is none (now, or any more: see ended()).
  virtual std::optional<Sentence> Pop() = 0;
  // No more sentences are wanted.
  virtual void Stop() = 0;

  // After the end: why reading failed, and the warnings that belong to no sentence.
  virtual Status error() const = 0;
  virtual std::vector<TextWarning> trailing_warnings() const = 0;
  // Time spent reading so far.
  virtual double seconds() const = 0;
};

}  // namespace m2tts
