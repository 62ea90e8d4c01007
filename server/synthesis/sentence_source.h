// Where the sentences of a request come from: its text (TextStage), or pieces that arrive one by one
// (LiveText).
#pragma once

#include <optional>
#include <vector>

#include "core/base/status.h"
#include "core/text/sentence.h"

namespace m2tts {

// Start and Stop may be called by any thread, the rest by the lane that has the job.
class SentenceSource {
 public:
  virtual ~SentenceSource() = default;
  // Begins reading.
  virtual void Start() = 0;
  // Pop would not have to wait: a sentence is there, or the text has ended.
  virtual bool ready() const = 0;
  // The next sentence; nullopt when there is none (now, or any more: see ready()).
  virtual std::optional<Sentence> Pop() = 0;
  // No more sentences are wanted.
  virtual void Stop() = 0;

  // After the end: why reading failed, and the warnings that belong to no sentence.
  virtual Status error() const = 0;
  virtual std::vector<TextWarning> trailing_warnings() const = 0;
};

}  // namespace m2tts
