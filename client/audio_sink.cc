#include "client/audio_sink.h"

namespace m2tts {
namespace {

class StreamSink : public AudioSink {
 public:
  explicit StreamSink(std::ostream* out) : out_(out) {}

  Status Write(std::string_view bytes) override {
    out_->write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return Finish();
  }
  Status Finish() override {
    out_->flush();
    return out_->good() ? OkStatus() : Errorf(StatusCode::kUnknown, "standard output: cannot write");
  }

 private:
  std::ostream* const out_;
};

}  // namespace

std::unique_ptr<AudioSink> MakeStreamSink(std::ostream* out) {
  return std::make_unique<StreamSink>(out);
}

}  // namespace m2tts
