// Turns the text of one request into sentences of phonemes, lazily: at most `ahead` sentences
// wait for the device, so that neither first audio nor memory depends on the text's length.
//
// The work runs in tasks on the worker pool, at most one at a time; but a text of up to `inline_bytes` is
// begun by Start itself, as waking another thread takes longer than to read it. Make it with
// std::make_shared: tasks keep it alive.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/mutex.h"
#include "core/text/frontend.h"
#include "server/synthesis/sentence_source.h"
#include "server/synthesis/worker_pool.h"

namespace m2tts {

class TextStage : public SentenceSource, public std::enable_shared_from_this<TextStage> {
 public:
  struct Limits {
    size_t ahead = 2;         // sentences
    size_t inline_bytes = 0;  // of the whole text
  };
  // `on_change` is called, without locks held, when ready() may have become true; not for what Start reads.
  // `frontend` must outlive the stage.
  TextStage(const TextFrontend* frontend, std::string text, ReadOptions options, Limits limits, PostTask post,
            std::function<void()> on_change)
      : frontend_(frontend),
        limits_(limits),
        post_(std::move(post)),
        on_change_(std::move(on_change)),
        text_(std::move(text)),
        options_(std::move(options)) {}

  void Start() override;
  bool ready() const override;
  bool ended() const override;
  NextSentence Pop() override;
  void Stop() override;
  Status error() const override;
  std::vector<TextWarning> trailing_warnings() const override;
  double seconds() const override;

 private:
  void Schedule() ABSL_LOCKS_EXCLUDED(mutex_);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadOne() ABSL_LOCKS_EXCLUDED(mutex_);
  // A task may begin: none is under way, and there is something to do.
  bool TakeTurn() ABSL_LOCKS_EXCLUDED(mutex_);

  const TextFrontend* const frontend_;
  const Limits limits_;
  const PostTask post_;
  const std::function<void()> on_change_;
  std::string text_;  // used by the running task
  const ReadOptions options_;
  std::unique_ptr<SentenceReader> reader_;  // likewise

  mutable Mutex mutex_;
  std::deque<Sentence> sentences_ ABSL_GUARDED_BY(mutex_);
  bool scheduled_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  Status error_ ABSL_GUARDED_BY(mutex_);
  std::vector<TextWarning> trailing_ ABSL_GUARDED_BY(mutex_);
  double seconds_ ABSL_GUARDED_BY(mutex_) = 0.0;
};

}  // namespace m2tts
