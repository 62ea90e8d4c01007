#include "server/synthesis/text_stage.h"

#include <chrono>
#include <utility>

namespace m2tts {

void TextStage::Start() {
  if (text_.size() > limits_.inline_bytes) return Schedule();
  while (TakeTurn()) ReadOne();
}

bool TextStage::ready() const {
  MutexLock lock(&mutex_);
  return ended_ || !sentences_.empty();
}

bool TextStage::ended() const {
  MutexLock lock(&mutex_);
  return ended_ && sentences_.empty();
}

NextSentence TextStage::Pop() {
  NextSentence next;
  {
    MutexLock lock(&mutex_);
    if (sentences_.empty()) return next;
    next.sentence = std::move(sentences_.front());
    sentences_.pop_front();
  }
  Schedule();
  return next;
}

void TextStage::Stop() {
  MutexLock lock(&mutex_);
  ended_ = true;
  sentences_.clear();
}

Status TextStage::error() const {
  MutexLock lock(&mutex_);
  return error_;
}

std::vector<TextWarning> TextStage::trailing_warnings() const {
  MutexLock lock(&mutex_);
  return trailing_;
}

double TextStage::seconds() const {
  MutexLock lock(&mutex_);
  return seconds_;
}

bool TextStage::TakeTurn() {
  MutexLock lock(&mutex_);
  if (scheduled_ || ended_ || sentences_.size() >= limits_.ahead) return false;
  return scheduled_ = true;
}

void TextStage::Schedule() {
  if (TakeTurn()) post_([self = shared_from_this()] { self->Run(); });
}

// One sentence a task, so that requests share the pool's threads fairly.
void TextStage::Run() {
  ReadOne();
  on_change_();
  Schedule();
}

void TextStage::ReadOne() {
  const auto start = std::chrono::steady_clock::now();
  Status status;
  if (reader_ == nullptr) {
    StatusOr<std::unique_ptr<SentenceReader>> reader = frontend_->Read(std::move(text_), options_);
    status = reader.status();
    if (reader.ok()) reader_ = *std::move(reader);
  }
  std::optional<Sentence> sentence = status.ok() ? reader_->Next() : std::nullopt;
  MutexLock lock(&mutex_);
  scheduled_ = false;
  seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (ended_) return;  // stopped meanwhile
  if (sentence.has_value()) {
    TellRead(*sentence);
    sentences_.push_back(*std::move(sentence));
  } else {
    ended_ = true;
    error_ = status;
    if (reader_ != nullptr) trailing_ = reader_->trailing_warnings();
  }
}

}  // namespace m2tts
