#include "trainer/worker/lease_codec.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "trainer/monitor/wire_format.h"

namespace m2tts {
namespace {

constexpr size_t kMostText = 4096;     // bytes of a line
constexpr size_t kMostError = 65'536;  // of what may name many files

// Field numbers as in lease.proto.
std::string Wrapped(int field, const WireMessage& message) {
  return WireMessage().Message(field, message).bytes();
}

// Reads one field after the other; false at the end or at bytes that make no field.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  bool Next() {
    if (bytes_.empty()) return false;
    uint64_t key = 0;
    if (!Base128(&key) || key >> 3 == 0 || key >> 3 > 0x1fffffff) return Fail();
    field_ = static_cast<int>(key >> 3);
    value_ = 0;
    real_ = 0.0;
    content_ = {};
    switch (key & 7) {
      case 0:
        return Base128(&value_) || Fail();
      case 1:
        return Double(&real_);
      case 5:
        return Skip(4);
      case 2: {
        uint64_t length = 0;
        if (!Base128(&length) || length > bytes_.size()) return Fail();
        content_ = bytes_.substr(0, length);
        bytes_.remove_prefix(length);
        return true;
      }
      default:
        return Fail();
    }
  }

  bool failed() const { return failed_; }
  int field() const { return field_; }
  int64_t value() const { return static_cast<int64_t>(value_); }
  double real() const { return real_; }
  std::string_view content() const { return content_; }

 private:
  bool Fail() {
    failed_ = true;
    return false;
  }
  bool Skip(size_t count) {
    if (bytes_.size() < count) return Fail();
    bytes_.remove_prefix(count);
    return true;
  }
  bool Double(double* value) {
    uint64_t bits = 0;
    for (size_t i = 0; i < std::min(sizeof(bits), bytes_.size()); ++i) {
      bits |= uint64_t{static_cast<unsigned char>(bytes_[i])} << (8 * i);
    }
    std::memcpy(value, &bits, sizeof(bits));
    return Skip(sizeof(bits));
  }
  bool Base128(uint64_t* value) {
    *value = 0;
    for (int shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      *value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return true;
    }
    return false;
  }

  std::string_view bytes_;
  bool failed_ = false;
  int field_ = 0;
  uint64_t value_ = 0;
  double real_ = 0.0;
  std::string_view content_;
};

Status DecodeBody(std::string_view bytes, DaemonMessage* message) {
  WireReader reader(bytes);
  const bool numbered =
      message->kind == DaemonMessage::Kind::kWelcome || message->kind == DaemonMessage::Kind::kLeaseGrant;
  while (reader.Next()) {
    if (message->kind == DaemonMessage::Kind::kWelcome && reader.field() == 2) {
      // What is no time is no limit.
      const double seconds = reader.real();
      message->max_step_seconds = std::isfinite(seconds) ? std::max(0.0, seconds) : 0.0;
    }
    if (reader.field() != 1) continue;
    if (numbered) {
      message->number = reader.value();
    } else {
      message->reason = std::string(reader.content());
    }
  }
  return reader.failed() ? DataLoss("damaged field of a message of the daemon") : OkStatus();
}

// Protobuf, and the daemon, refuse what is not UTF-8: names of files and rows of tables need not be.
std::string AsUtf8(std::string_view text, size_t most) {
  using Json = nlohmann::json;
  const Json whole = std::string(text.substr(0, most));
  return Json::parse(whole.dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

}  // namespace

std::string EncodeHello(int64_t pid) {
  return Wrapped(1, WireMessage().Varint(1, kLeaseProtocol).Varint(2, pid));
}

std::string EncodeLeaseRequest(int64_t number, double expected_seconds) {
  return Wrapped(2, WireMessage().Varint(1, number).Double(2, expected_seconds));
}

std::string EncodeProgress(const RunSink::Progress& progress, int64_t resident_bytes, double celsius,
                           double device_share) {
  WireMessage message;
  message.Bytes(1, AsUtf8(progress.stage, kMostText))
      .Varint(2, progress.step)
      .Varint(3, progress.total)
      .Double(4, progress.frames_per_second)
      .Double(5, progress.seconds_per_step)
      .Varint(6, resident_bytes)
      .Double(7, celsius);
  for (const auto& [name, value] : progress.metrics) {
    message.Message(8, WireMessage().Bytes(1, AsUtf8(name, kMostText)).Double(2, value));
  }
  message.Double(9, device_share);
  return Wrapped(3, message);
}

std::string EncodeEvent(const std::string& text, const std::string& sample) {
  return Wrapped(4, WireMessage().Bytes(1, AsUtf8(text, kMostText)).Bytes(2, AsUtf8(sample, kMostText)));
}

std::string EncodeHeartbeat() {
  return Wrapped(5, WireMessage());
}

std::string EncodeDone(const Status& status) {
  const std::string message(status.message());
  return Wrapped(
      6, WireMessage().Varint(1, static_cast<int64_t>(status.code())).Bytes(2, AsUtf8(message, kMostError)));
}

StatusOr<DaemonMessage> DecodeDaemonMessage(std::string_view bytes) {
  DaemonMessage message;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() < 1 || reader.field() > 4) continue;
    message = {};
    message.kind = static_cast<DaemonMessage::Kind>(reader.field());
    M2TTS_RETURN_IF_ERROR(DecodeBody(reader.content(), &message));
  }
  if (reader.failed()) return DataLoss("damaged message of the daemon");
  return message;
}

}  // namespace m2tts
