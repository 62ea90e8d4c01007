// Text that arrives in pieces, as a language model writes it, to sentences of phonemes.
//
// A sentence is read as soon as it is safe: when nothing that could still arrive changes where it
// ends. "Dr." may be followed by a name, "3." by a digit, "Really?" by "he asked"; so a sentence
// usually waits for the first word after it, and for no more. Flush and End read what is there.
//
// Flow:
//   1. Append(piece)                 any thread, in order; queued
//   2. a task on the worker pool     joins pieces, finds the safe end (SafePrefix), and reads up to there,
//   one
//                                    sentence at a time and a few ahead of the device, as TextStage
//   3. Pop                           the lane that has the job
// Interrupt forgets everything that has not been popped. Ranges count bytes of all that was appended.
//
// Make it with std::make_shared: tasks keep it alive.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/mutex.h"
#include "core/text/frontend.h"
#include "server/synthesis/sentence_source.h"
#include "server/synthesis/worker_pool.h"

namespace m2tts {

// Bytes at the beginning of `text` that can be read whatever follows; 0: none yet. Ends behind the white
// space after a sentence. A text of some KB without such a place (no white space, a bracket that nobody
// closes) is cut as one that comes whole would be, between characters. `inline_phonemes`: as in ReadOptions.
size_t SafePrefix(std::string_view text, bool inline_phonemes = true);

// Pieces of a live text, in order. Neighbours without a flush between them become one, so that memory goes by
// the bytes and the flushes, however small the pieces are. One thread at a time.
class LivePieces {
 public:
  struct Piece {
    std::string text;
    bool flush = false;  // after it
  };
  void Add(Piece piece);
  // The first piece, or its first characters if it has more than `most` bytes (one at least): then its flush
  // stays with the rest. Must not be empty().
  Piece Take(size_t most = std::string::npos);
  void Clear();
  bool empty() const { return pieces_.empty(); }
  // Of the first piece's text.
  size_t first_bytes() const { return pieces_.empty() ? 0 : pieces_.front().text.size(); }
  // That all of them occupy, about: a flush without text does, too.
  size_t bytes() const { return bytes_; }

 private:
  std::deque<Piece> pieces_;
  size_t bytes_ = 0;
};

class LiveText : public SentenceSource, public std::enable_shared_from_this<LiveText> {
 public:
  // `on_change`: as in TextStage. `frontend` must outlive it. options.ssml is not supported.
  LiveText(const TextFrontend* frontend, ReadOptions options, size_t ahead, PostTask post,
           std::function<void()> on_change);

  // `flush`: read it all, even without the end of the sentence.
  void Append(const std::string& text, bool flush);
  // Nothing will be appended.
  void End();
  void Interrupt();

  // Bytes that were appended and are not sentences yet, flushes counted like text. The stream stops reading
  // from its client when it is much; OnRoom is called when it has become less. nullptr: no more calls.
  size_t pending_bytes() const;
  void OnRoom(std::function<void()> listener);

  void Start() override {}
  bool ready() const override;
  bool reading() const override;
  bool ended() const override;
  NextSentence Pop() override;
  uint64_t interrupts() const override;
  bool may_be_empty() const override { return true; }
  void Stop() override;
  Status error() const override;
  std::vector<TextWarning> trailing_warnings() const override;
  double seconds() const override;

 private:
  // A sentence, or the end of what was flushed.
  struct Item {
    std::optional<Sentence> sentence;
  };
  // What is being read: a safe prefix, or all up to a flush.
  struct Stretch {
    std::unique_ptr<SentenceReader> reader;
    size_t base = 0;         // of its first byte
    size_t text_end = 0;     // behind its last character that is not white space, from `base`
    bool paragraph = false;  // a blank line follows
    bool flush = false;
  };

  void Schedule() ABSL_LOCKS_EXCLUDED(mutex_);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The steps of the task; see live_text.cc.
  bool Take() ABSL_LOCKS_EXCLUDED(mutex_);
  void Join();
  Status BeginStretch(bool ending);
  std::optional<Item> NextItem();
  void Finish(std::optional<Item> item, const Status& status, double seconds) ABSL_LOCKS_EXCLUDED(mutex_);
  size_t TaskBytes() const;

  const TextFrontend* const frontend_;
  const ReadOptions options_;
  const size_t ahead_;
  const PostTask post_;
  const std::function<void()> on_change_;

  // The running task.
  uint64_t task_generation_ = 0;
  LivePieces taken_;    // not in the buffer yet: they are behind a flush that is still to be read
  std::string buffer_;  // taken, and in no stretch yet
  size_t buffer_base_ = 0;
  bool flush_ = false;             // `buffer_` is to be read to its end
  bool searched_in_vain_ = false;  // nothing in `buffer_` is safe to read
  std::optional<Stretch> stretch_;
  std::vector<TextWarning> task_warnings_;

  mutable Mutex mutex_;
  LivePieces pieces_ ABSL_GUARDED_BY(mutex_);
  std::deque<Item> items_ ABSL_GUARDED_BY(mutex_);
  size_t received_ ABSL_GUARDED_BY(mutex_) = 0;  // bytes in all
  size_t base_ ABSL_GUARDED_BY(mutex_) = 0;      // of the first byte of this generation
  size_t pending_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;  // grows with each Interrupt
  bool idle_ ABSL_GUARDED_BY(mutex_) = true;         // the task has nothing left without new input
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool scheduled_ ABSL_GUARDED_BY(mutex_) = false;
  Status error_ ABSL_GUARDED_BY(mutex_);
  std::vector<TextWarning> trailing_ ABSL_GUARDED_BY(mutex_);
  double seconds_ ABSL_GUARDED_BY(mutex_) = 0.0;

  Mutex listener_mutex_;
  std::function<void()> on_room_ ABSL_GUARDED_BY(listener_mutex_);
};

}  // namespace m2tts
