// What a worker hears on its lease socket: any bytes, in pieces of any length. The first byte chooses the
// length.
//
// Holds: the pieces make no difference; every message is read, or refused as DATA_LOSS; none is longer than
// what it came in.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "tests/fuzz/frame_check.h"
#include "trainer/worker/lease_codec.h"

namespace m2tts {
namespace {

void CheckMessage(std::string_view bytes) {
  const auto message = DecodeDaemonMessage(bytes);
  if (!message.ok()) {
    FUZZ_CHECK(message.status().code() == StatusCode::kDataLoss);
    return;
  }
  using Kind = DaemonMessage::Kind;
  FUZZ_CHECK(message->kind >= Kind::kOther && message->kind <= Kind::kStop);
  FUZZ_CHECK(message->reason.size() <= bytes.size());
  FUZZ_CHECK(message->max_step_seconds >= 0.0 &&
             message->max_step_seconds <= std::numeric_limits<double>::max());
  const bool gives_reason = message->kind == Kind::kHold || message->kind == Kind::kStop;
  FUZZ_CHECK(gives_reason ? message->number == 0 : message->reason.empty());
}

}  // namespace
}  // namespace m2tts

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace m2tts;
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto frames = FramesOf(stream, std::max<size_t>(1, stream.size()));
  FUZZ_CHECK(frames == FramesOf(stream, 1 + data[0]));
  for (const std::string& frame : frames) CheckMessage(frame);
  CheckMessage(stream);
  return 0;
}
