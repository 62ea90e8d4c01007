// A TensorBoard event file: what `tensorboard --logdir` shows as curves, pictures and sounds.
//
// The file is a sequence of TFRecords, numbers little-endian:
//
//   uint64 length | uint32 masked CRC-32C of length | payload | uint32 masked CRC-32C of payload
//
// Each payload is an Event in protocol buffers' wire format; of the messages in tensorflow's event.proto
// and summary.proto these fields are written:
//
//   Event    1 wall_time double, 2 step int64, 3 file_version string ("brain.Event:2", first record),
//            5 summary Summary, 7 session_log SessionLog
//   SessionLog  1 status (1 = START): the reader forgets what it has of this step and later ones,
//            which a run that died had written before it was resumed from a checkpoint
//   Summary  1 value Value, repeated
//   Value    1 tag string, 2 simple_value float, 4 image Image, 6 audio Audio
//   Image    1 height, 2 width, 3 colorspace (3 = RGB), 4 encoded_image_string (PNG)
//   Audio    1 sample_rate float, 2 num_channels, 3 length_frames, 4 encoded_audio_string (WAV),
//            5 content_type string
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "trainer/monitor/wire_format.h"

namespace m2tts {

// One thread at a time. Each call writes one record; an error names the file, and what a full disk left of
// the record is cut off, so that later ones can be read.
class EventFile {
 public:
  // Makes `folder`/events.out.tfevents.SECONDS.HOST.PID.N: a file of its own for each call.
  static StatusOr<std::unique_ptr<EventFile>> Create(const std::filesystem::path& folder);
  ~EventFile();
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  Status SessionStart(int64_t step);
  // Values under their tags ("train/loss"); TensorBoard groups them by what stands before the slash.
  Status Scalars(int64_t step, const std::vector<std::pair<std::string, double>>& values);
  Status Image(int64_t step, const std::string& tag, int width, int height, std::string_view png);
  // Mono.
  Status Sound(int64_t step, const std::string& tag, int sample_rate, int64_t samples, std::string_view wav);

  const std::filesystem::path& path() const { return path_; }

 private:
  EventFile(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
  // Adds the wall time, frames and writes.
  Status Write(const WireMessage& event);

  const int fd_;
  const std::filesystem::path path_;
  int64_t size_ = 0;  // bytes of whole records
};

}  // namespace m2tts
