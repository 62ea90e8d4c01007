#include "server/synthesis/encode_stage.h"

#include <chrono>
#include <utility>

namespace m2tts {
namespace {

constexpr std::chrono::milliseconds kTurn(20);

}  // namespace

void EncodeStage::Push(DeviceAudio audio) {
  {
    MutexLock lock(&mutex_);
    queue_.push_back(std::move(audio));
  }
  Schedule();
}

void EncodeStage::Finish(const Status& status, SynthesisReport report,
                         std::shared_ptr<const AudioSink> sink_owner) {
  {
    MutexLock lock(&mutex_);
    if (!status.ok()) queue_.clear();
    end_ = End{status, std::move(report), std::move(sink_owner)};
  }
  Schedule();
}

std::deque<DeviceAudio> EncodeStage::Drop() {
  MutexLock lock(&mutex_);
  return std::exchange(queue_, {});
}

Status EncodeStage::error() const {
  MutexLock lock(&mutex_);
  return error_;
}

void EncodeStage::Schedule() {
  {
    MutexLock lock(&mutex_);
    if (scheduled_) return;
    scheduled_ = true;
  }
  post_([self = shared_from_this()] { self->Run(); });
}

void EncodeStage::Run() {
  const auto start = std::chrono::steady_clock::now();
  while (true) {
    if (std::chrono::steady_clock::now() - start > kTurn) {  // others wait for this thread, too
      return post_([self = shared_from_this()] { self->Run(); });
    }
    DeviceAudio audio;
    std::optional<End> end;
    {
      MutexLock lock(&mutex_);
      if (!queue_.empty()) {
        audio = std::move(queue_.front());
        queue_.pop_front();
      } else if (end_.has_value()) {
        end.swap(end_);
      } else {
        scheduled_ = false;
        return;
      }
    }
    if (end.has_value()) return Complete(std::move(*end));
    Encode(std::move(audio));
  }
}

template <typename Step>
StatusOr<EncodedChunk> EncodeStage::Timed(const Step& step) {
  const auto start = std::chrono::steady_clock::now();
  auto chunk = step();
  seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return chunk;
}

void EncodeStage::Encode(DeviceAudio audio) {
  if (error().ok()) Emit(Timed([&] { return pipeline_->Process(std::move(audio)); }));
}

void EncodeStage::Complete(End end) {
  if (end.status.ok() && error().ok()) Emit(Timed([&] { return pipeline_->Finish(); }));
  if (end.status.ok()) end.status = error();
  end.report.encode_seconds = seconds_;
  end.report.total_samples = pipeline_->total_samples();
  sink_->OnDone(end.status, end.report);
}

void EncodeStage::Emit(StatusOr<EncodedChunk> chunk) {
  if (!chunk.ok()) {
    {
      MutexLock lock(&mutex_);
      error_ = Annotate(chunk.status(), "encoding the audio");
    }
    return on_error_();
  }
  if (!chunk->bytes.empty() || !chunk->events.empty()) sink_->OnChunk(*std::move(chunk));
}

}  // namespace m2tts
