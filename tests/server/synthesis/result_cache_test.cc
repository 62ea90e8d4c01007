#include "server/synthesis/result_cache.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <functional>
#include <set>
#include <vector>

#include "server/synthesis/cache_recorder.h"
#include "server/synthesis/cached_answer.h"
#include "tests/server/synthesis/puppet.h"

namespace m2tts {
namespace {

CachedResult Result(size_t bytes, int chunks = 1) {
  CachedResult result;
  for (int i = 0; i < chunks; ++i) {
    EncodedChunk chunk;
    chunk.bytes = std::string(bytes / static_cast<size_t>(chunks), static_cast<char>('a' + i));
    chunk.first_sample = 1000 * i;
    chunk.sample_count = 1000;
    result.chunks.push_back(chunk);
  }
  result.report.total_samples = 1000 * chunks;
  return result;
}

SynthesisRequest Request() {
  auto voice = std::make_shared<Voice>();
  voice->name = "anna";
  voice->sha256 = "abc";
  voice->speakers = {"one", "two"};
  SynthesisRequest request;
  request.voice = voice;
  request.text = "Hello.";
  request.sample_rate = 1000;
  return request;
}

TEST(CacheKeyTest, EverythingThatTheAudioDependsOnCounts) {
  const std::vector<std::function<void(SynthesisRequest*)>> changes = {
      [](SynthesisRequest*) {},
      [](SynthesisRequest* r) { r->text = "Hello!"; },
      [](SynthesisRequest* r) {
        auto voice = std::make_shared<Voice>(*r->voice);
        voice->sha256 = "abd";
        r->voice = voice;
      },
      [](SynthesisRequest* r) {
        auto voice = std::make_shared<Voice>(*r->voice);
        voice->name = "anne";
        r->voice = voice;
      },
      [](SynthesisRequest* r) { r->read.ssml = true; },
      [](SynthesisRequest* r) { r->read.inline_phonemes = false; },
      [](SynthesisRequest* r) { r->read.style.say_and = true; },
      [](SynthesisRequest* r) { r->read.style.date_order = TextStyle::DateOrder::kDayFirst; },
      [](SynthesisRequest* r) { r->read.style.phrase_breaks = true; },
      [](SynthesisRequest* r) { r->read.style.digits = TextStyle::DigitStyle::kPairs; },
      [](SynthesisRequest* r) { r->read.user = {UserLexicon::Parse("GIF JH IH1 F", "l").value()}; },
      [](SynthesisRequest* r) { r->read.user = {UserLexicon::Parse("GIF G IH1 F", "l").value()}; },
      [](SynthesisRequest* r) { r->speaker = 1; },
      [](SynthesisRequest* r) {
        r->mix = {{0, 1.0}, {1, 2.0}};
      },
      [](SynthesisRequest* r) {
        r->mix = {{0, 1.0}, {1, 3.0}};
      },
      [](SynthesisRequest* r) { r->speed = 1.1; },
      [](SynthesisRequest* r) { r->pitch = 1.1; },
      [](SynthesisRequest* r) { r->volume = 1.1; },
      [](SynthesisRequest* r) { r->pause_scale = 1.1; },
      [](SynthesisRequest* r) { r->sentence_pause = 0.0; },
      [](SynthesisRequest* r) { r->paragraph_pause = 0.0; },
      [](SynthesisRequest* r) { r->variation = 0.5; },
      [](SynthesisRequest* r) { r->variation = 0.5, r->seed = 1; },
      [](SynthesisRequest* r) { r->loudness = -16.0; },
      [](SynthesisRequest* r) { r->timestamps = TimestampDetail::kPhonemes; },
      [](SynthesisRequest* r) { r->encoding = AudioEncoding::kFlac; },
      [](SynthesisRequest* r) { r->sample_rate = 8000; },
  };
  std::set<std::string> keys;
  for (const auto& change : changes) {
    SynthesisRequest request = Request();
    change(&request);
    keys.insert(CacheKey(request));
    EXPECT_EQ(CacheKey(request), CacheKey(request));
  }
  EXPECT_EQ(keys.size(), changes.size());
  SynthesisRequest seed_alone = Request();
  seed_alone.seed = 7;  // changes nothing without variation
  EXPECT_EQ(CacheKey(seed_alone), CacheKey(Request()));
  SynthesisRequest lexicon = Request(), same = Request();
  lexicon.read.user = {UserLexicon::Parse("GIF JH IH1 F", "a file").value()};
  same.read.user = {UserLexicon::Parse("GIF JH IH1 F", "another file").value()};
  EXPECT_EQ(CacheKey(lexicon), CacheKey(same)) << "content, not identity";
}

TEST(ResultCacheTest, FindsWhatItHasAndCounts) {
  ResultCache cache(100'000);
  EXPECT_EQ(cache.Find("a"), nullptr);
  cache.Insert("a", Result(1000));
  const auto found = cache.Find("a");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->chunks[0].bytes.size(), 1000u);
  EXPECT_EQ(cache.Find("b"), nullptr);
  const auto snapshot = cache.snapshot();
  EXPECT_EQ(snapshot.hits, 1);
  EXPECT_EQ(snapshot.misses, 2);
  EXPECT_EQ(snapshot.results, 1u);
  EXPECT_GT(snapshot.bytes, 1000u);
}

TEST(ResultCacheTest, TheLeastRecentlyUsedGoesFirst) {
  ResultCache cache(24'000);
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g", "h"}) cache.Insert(key, Result(2000));
  const size_t room = cache.snapshot().results;
  ASSERT_GE(room, 7u);
  EXPECT_NE(cache.Find("c"), nullptr);
  for (size_t i = 0; i < room - 1; ++i) cache.Insert("x" + std::to_string(i), Result(2000));
  EXPECT_NE(cache.Find("c"), nullptr) << "it was asked for";
  EXPECT_EQ(cache.Find("d"), nullptr);
  EXPECT_LE(cache.snapshot().bytes, 24'000u);
}

TEST(ResultCacheTest, BytesStayBoundedAndLargeResultsStayOut) {
  ResultCache cache(80'000);
  for (int i = 0; i < 1000; ++i) {
    cache.Insert("key" + std::to_string(i % 300), Result(static_cast<size_t>(i % 9000), 3));
    ASSERT_LE(cache.snapshot().bytes, 80'000u);
  }
  cache.Insert("book", Result(11'000));
  EXPECT_EQ(cache.Find("book"), nullptr);
  cache.Insert("key", Result(100));
  const size_t before = cache.snapshot().bytes;
  cache.Insert("key", Result(100));  // replaced, not counted twice
  EXPECT_EQ(cache.snapshot().bytes, before);
}

TEST(ResultCacheTest, OffMeansOff) {
  ResultCache cache(0);
  EXPECT_FALSE(cache.enabled());
  cache.Insert("a", CachedResult());
  EXPECT_EQ(cache.Find("a"), nullptr);
}

TEST(ResultCacheTest, ReadersKeepWhatIsThrownOut) {
  ResultCache cache(24'000);
  cache.Insert("a", Result(2000));
  const auto held = cache.Find("a");
  for (int i = 0; i < 50; ++i) cache.Insert(std::to_string(i), Result(2000));
  EXPECT_EQ(cache.Find("a"), nullptr);
  EXPECT_EQ(held->chunks[0].bytes.size(), 2000u);
}

TEST(CacheRecorderTest, KeepsCompleteAnswersOnly) {
  ResultCache cache(100'000);
  for (const bool good : {true, false}) {
    RecordingSink sink;
    auto* recorder = new CacheRecorder(&cache, good ? "good" : "bad", &sink);
    for (const EncodedChunk& chunk : Result(3000, 3).chunks) recorder->OnChunk(chunk);
    recorder->OnDone(good ? OkStatus() : Internal("broken"), SynthesisReport());
    EXPECT_EQ(sink.chunks.size(), 3u);
    EXPECT_EQ(sink.ends, 1);
    EXPECT_EQ(sink.status.ok(), good);
  }
  EXPECT_NE(cache.Find("good"), nullptr);
  EXPECT_EQ(cache.Find("bad"), nullptr);
  RecordingSink sink;
  auto* recorder = new CacheRecorder(&cache, "large", &sink);
  for (int i = 0; i < 20; ++i) recorder->OnChunk(Result(3000).chunks[0]);
  recorder->OnDone(OkStatus(), SynthesisReport());
  EXPECT_EQ(sink.chunks.size(), 20u);
  EXPECT_EQ(cache.Find("large"), nullptr);
}

TEST(CacheRecorderTest, WhatIsBeingRecordedIsBoundedToo) {
  ResultCache cache(100'000);
  const auto record = [&](int answers) {
    std::vector<RecordingSink> sinks(static_cast<size_t>(answers));
    std::vector<CacheRecorder*> recorders;
    for (int i = 0; i < answers; ++i) {
      recorders.push_back(
          new CacheRecorder(&cache, fmt::format("{} of {}", i, answers), &sinks[static_cast<size_t>(i)]));
      recorders.back()->OnChunk(Result(6000).chunks[0]);
    }
    for (CacheRecorder* recorder : recorders) recorder->OnDone(OkStatus(), SynthesisReport());
    int found = 0;
    for (int i = 0; i < answers; ++i) {
      found += cache.Find(fmt::format("{} of {}", i, answers)) != nullptr ? 1 : 0;
      EXPECT_EQ(sinks[static_cast<size_t>(i)].chunks.size(), 1u) << "the reader has it in any case";
    }
    return found;
  };
  EXPECT_EQ(record(20), 4) << "a quarter of the cache";
  EXPECT_EQ(record(3), 3) << "what ended has given back its share";
  delete new CacheRecorder(&cache, "refused", nullptr);
  EXPECT_EQ(record(3), 3);
}

class CachedAnswerTest : public testing::Test {
 protected:
  std::shared_ptr<CachedAnswer> Make(double buffer_seconds, int chunks = 5) {
    CachedAnswer::Environment environment;
    environment.post = tasks_.post();
    environment.now = [this] { return now_; };
    environment.buffer_seconds = buffer_seconds;
    SynthesisRequest request = Request();  // a chunk is a second
    request.client_ticket = client_ticket_;
    request.arrival = now_;
    request.deadline = now_ + std::chrono::seconds(10);
    return std::make_shared<CachedAnswer>(std::move(request),
                                          std::make_shared<const CachedResult>(Result(5000, chunks)), nullptr,
                                          &sink_, std::move(environment));
  }
  TaskQueue tasks_;
  RecordingSink sink_;
  std::shared_ptr<ClientLimits::Ticket> client_ticket_;
  TimePoint now_ = TimePoint() + std::chrono::hours(1);
};

TEST_F(CachedAnswerTest, ItsClientMayComeAgainWhenItHasLeft) {
  ClientLimits limits({1, 0, 0});
  client_ticket_ = *limits.Enter("a", 0, 0.0, now_);
  auto answer = Make(0.0);
  answer->Start();
  tasks_.RunAll();
  EXPECT_FALSE(limits.Enter("a", 0, 0.0, now_).ok());
  answer->LeavePlace();
  EXPECT_TRUE(limits.Enter("a", 0, 0.0, now_).ok());
  answer.reset();  // before the limits
  client_ticket_.reset();
}

TEST_F(CachedAnswerTest, GivesAllInOrder) {
  const auto answer = Make(0.0);
  answer->Start();
  EXPECT_TRUE(sink_.chunks.empty()) << "not in the caller's thread";
  tasks_.RunAll();
  ASSERT_EQ(sink_.chunks.size(), 5u);
  EXPECT_EQ(sink_.chunks[4].bytes, std::string(1000, 'e'));
  EXPECT_EQ(sink_.ends, 1);
  EXPECT_TRUE(sink_.status.ok());
  EXPECT_EQ(sink_.report.total_samples, 5000);
  EXPECT_EQ(sink_.report.device_seconds, 0.0);
}

TEST_F(CachedAnswerTest, WaitsForASlowReader) {
  const auto answer = Make(2.0);
  answer->Start();
  tasks_.RunAll();
  EXPECT_EQ(sink_.chunks.size(), 2u);
  answer->OnDelivered(1.0);
  tasks_.RunAll();
  EXPECT_EQ(sink_.chunks.size(), 3u);
  answer->OnDelivered(2.0);
  tasks_.RunAll();
  EXPECT_EQ(sink_.chunks.size(), 5u);
  EXPECT_EQ(sink_.ends, 1);
  answer->OnDelivered(2.0);  // too late to matter
  EXPECT_TRUE(tasks_.empty());
}

TEST_F(CachedAnswerTest, EndsOnceWhenCancelledOrLate) {
  const auto cancelled = Make(2.0);
  cancelled->Start();
  tasks_.RunAll();
  cancelled->Cancel(Errorf(StatusCode::kCancelled, "gone"));
  cancelled->Cancel(Errorf(StatusCode::kInternal, "not the first"));
  tasks_.RunAll();
  EXPECT_EQ(sink_.ends, 1);
  EXPECT_EQ(sink_.status.code(), StatusCode::kCancelled);
  EXPECT_EQ(sink_.chunks.size(), 2u);

  const auto late = Make(2.0);
  late->Start();
  now_ += std::chrono::seconds(20);
  tasks_.RunAll();
  EXPECT_EQ(sink_.ends, 2);
  EXPECT_EQ(sink_.status.code(), StatusCode::kDeadlineExceeded);
}

TEST_F(CachedAnswerTest, EmptyAnswersEnd) {
  const auto answer = Make(1.0, 0);
  answer->Start();
  tasks_.RunAll();
  EXPECT_EQ(sink_.ends, 1);
}

}  // namespace
}  // namespace m2tts
