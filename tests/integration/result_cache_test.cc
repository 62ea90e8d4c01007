// The result cache of a running daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/integration/daemon.h"

namespace m2tts {
namespace {

constexpr char kConfig[] = "limits: {result_cache_bytes: 80000000}";

double Seconds(const google::protobuf::Duration& duration) {
  return static_cast<double>(duration.seconds()) + 1e-9 * duration.nanos();
}

class ResultCacheTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(daemon_.ready()); }
  StreamResult Speak(const v1::SynthesizeRequest& request) {
    StreamResult result = Stream(&daemon_.synthesizer(), request);
    EXPECT_TRUE(result.status.ok()) << result.status.error_message();
    return result;
  }
  double Hits() const { return daemon_.Metric("m2tts_result_cache_hits_total"); }
  DaemonUnderTest daemon_{kConfig};
};

TEST_F(ResultCacheTest, TheSecondAnswerIsTheFirstWithoutTheDevice) {
  for (const v1::AudioEncoding encoding : {v1::AUDIO_ENCODING_WAV, v1::AUDIO_ENCODING_OGG_OPUS}) {
    const v1::SynthesizeRequest request = Request(LongText(3), encoding);
    const double hits = Hits();
    const StreamResult first = Speak(request), second = Speak(request);
    EXPECT_EQ(Hits(), hits + 1);
    EXPECT_TRUE(second.audio == first.audio) << "even Ogg's random serial number is the same";
    EXPECT_EQ(second.order, first.order);
    EXPECT_EQ(second.header.SerializeAsString(), first.header.SerializeAsString());
    EXPECT_EQ(second.summary.normalized_text(), first.summary.normalized_text());
    EXPECT_EQ(second.summary.total_samples(), first.summary.total_samples());
    for (size_t i = 0; i < first.chunks.size(); ++i) {
      EXPECT_EQ(second.chunks[i].SerializeAsString(), first.chunks[i].SerializeAsString());
    }
    EXPECT_GT(Seconds(first.summary.timings().device()), 0.0);
    EXPECT_EQ(Seconds(second.summary.timings().device()), 0.0);

    v1::SynthesizeResponse unary;
    grpc::ClientContext context;
    ASSERT_TRUE(daemon_.synthesizer().Synthesize(&context, request, &unary).ok());
    EXPECT_EQ(Hits(), hits + 2) << "one cache for both methods";
    EXPECT_EQ(unary.audio().size(), first.audio.size());
  }
}

TEST_F(ResultCacheTest, AnotherRequestIsAnotherAnswer) {
  const StreamResult plain = Speak(Request("One two three."));
  v1::SynthesizeRequest request = Request("One two three.");
  request.mutable_controls()->set_speed(1.5);
  EXPECT_NE(Speak(request).summary.total_samples(), plain.summary.total_samples());
  request = Request("One two three.");
  request.mutable_text_options()->set_lexicon("two F AO1 R\n");
  EXPECT_FALSE(Speak(request).audio == plain.audio);
  EXPECT_EQ(Hits(), 0);
}

TEST_F(ResultCacheTest, CancelledAnswersAreNotKept) {
  const v1::SynthesizeRequest request = Request(LongText(20));
  {
    grpc::ClientContext context;
    const auto reader = daemon_.synthesizer().SynthesizeStream(&context, request);
    v1::SynthesizeStreamResponse part;
    ASSERT_TRUE(reader->Read(&part));
    context.TryCancel();
    while (reader->Read(&part)) {
    }
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  EXPECT_TRUE(daemon_.WaitIdle());
  Speak(Request("Hello."));
  EXPECT_EQ(Hits(), 0);
  EXPECT_GT(Speak(request).summary.total_samples(), 0);
  EXPECT_EQ(Hits(), 0);
}

TEST_F(ResultCacheTest, ManyReadersOfOneAnswer) {
  const v1::SynthesizeRequest request = Request(LongText(20));
  const std::string audio = Speak(request).audio;
  std::vector<std::thread> readers;
  for (int i = 0; i < 12; ++i) {
    readers.emplace_back([&, i] {
      if (i % 4 != 3) {
        EXPECT_TRUE(Speak(request).audio == audio);
        return;
      }
      grpc::ClientContext context;  // one that leaves
      const auto reader = daemon_.synthesizer().SynthesizeStream(&context, request);
      v1::SynthesizeStreamResponse part;
      EXPECT_TRUE(reader->Read(&part));
      context.TryCancel();
      while (reader->Read(&part)) {
      }
      reader->Finish();
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(Hits(), 12);
  EXPECT_TRUE(daemon_.WaitIdle());
}

}  // namespace
}  // namespace m2tts
