#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/audio/codec.h"
#include "core/base/file.h"
#include "core/base/sha256.h"
#include "tests/trainer/clip_makers.h"
#include "trainer/data/batch.h"
#include "trainer/data/corpus.h"
#include "trainer/data/feature_cache.h"
#include "trainer/data/sampler.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// Root may do anything: the tests of what is forbidden are somebody else.
class WithoutRights {
 public:
  WithoutRights() : root_(geteuid() == 0) {
    if (root_) {
      EXPECT_EQ(seteuid(65534), 0);
    }
  }
  ~WithoutRights() {
    if (root_) {
      EXPECT_EQ(seteuid(0), 0);
    }
  }

 private:
  const bool root_;
};

class DataTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / fmt::format("m2tts-{}-{}", test->name(), getpid());
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "wavs");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void WriteWav(const std::string& id, size_t samples) {
    std::vector<float> wave(samples);
    for (size_t i = 0; i < samples; ++i) wave[i] = 0.3f * std::sin(0.05f * i);
    ASSERT_TRUE(
        WriteFileAtomic(folder_ / "wavs" / (id + ".wav"), *EncodeAudio(wave, 22050, AudioEncoding::kWav))
            .ok());
  }
  fs::path folder_;
};

TEST_F(DataTest, FeaturesAreCachedAndADamagedCacheIsRebuilt) {
  WriteWav("a", 22050);
  const AudioConfig audio;
  const fs::path recording = folder_ / "wavs/a.wav";
  const auto open = [&] { return *FeatureCache::Open(folder_ / "cache", audio); };
  const auto first = open();
  const auto entry = first->Add(recording);
  ASSERT_TRUE(entry.ok()) << entry.status();
  const auto features = first->Read(recording, entry->key);
  ASSERT_TRUE(features.ok()) << features.status();
  EXPECT_EQ(features->mel.size(1), 64);
  EXPECT_EQ(features->frames(), entry->frames);
  EXPECT_EQ(features->audio.numel(), features->frames() * audio.hop_length);
  EXPECT_EQ(features->log_pitch.numel(), features->frames());
  EXPECT_TRUE(torch::allclose(features->energy, FrameEnergy(features->mel), 1e-5, 1e-5));
  ASSERT_TRUE(first->Finish(1 << 30).ok());
  const auto mel = features->mel.clone();

  fs::path cached;
  for (const auto& file : fs::recursive_directory_iterator(folder_ / "cache")) {
    if (file.path().extension() == ".safetensors") cached = file.path();
  }
  const auto size = static_cast<int64_t>(fs::file_size(cached));
  const auto whole = ReadFile(cached);
  for (const auto& damage : {std::string("garbage"), whole->substr(0, size - 100), *whole + "x"}) {
    ASSERT_TRUE(WriteFileAtomic(cached, damage).ok());
    const auto again = open()->Read(recording, entry->key);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(torch::equal(again->mel, mel));
  }
  std::string flipped = *whole;
  flipped[flipped.size() - 5] ^= 1;
  ASSERT_TRUE(WriteFileAtomic(cached, flipped).ok());
  ASSERT_TRUE(open()->Read(recording, entry->key).ok());
  EXPECT_EQ(*ReadFile(cached), *whole);
}

TEST_F(DataTest, AWarmCacheKnowsRecordingsByTheirFilesAndForgetsTheOldest) {
  WriteWav("a", 22050);
  WriteWav("b", 30000);
  const AudioConfig audio;
  const auto open = [&] { return *FeatureCache::Open(folder_ / "cache", audio); };
  const auto count = [&] {
    int files = 0;
    for (const auto& file : fs::recursive_directory_iterator(folder_ / "cache"))
      files += file.path().extension() == ".safetensors" ? 1 : 0;
    return files;
  };
  const auto first = open();
  const auto a = first->Add(folder_ / "wavs/a.wav"), b = first->Add(folder_ / "wavs/b.wav");
  ASSERT_TRUE(a.ok() && b.ok());
  ASSERT_TRUE(first->Finish(0).ok());  // both are in use
  EXPECT_EQ(count(), 2);

  const auto second = open();
  const auto again = second->Add(folder_ / "wavs/b.wav");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->key, b->key);
  EXPECT_EQ(again->frames, b->frames);
  ASSERT_TRUE(second->Finish(0).ok());
  EXPECT_EQ(count(), 1);

  WriteWav("b", 40000);  // another recording in the same place
  const auto third = open();
  const auto changed = third->Add(folder_ / "wavs/b.wav");
  ASSERT_TRUE(changed.ok());
  EXPECT_NE(changed->key, b->key);
  // A recording that changed while it was in use is an error, not other features.
  fs::remove_all(folder_ / "cache");
  EXPECT_TRUE(absl::IsDataLoss(third->Read(folder_ / "wavs/b.wav", b->key).status()));
  EXPECT_TRUE(third->Read(folder_ / "wavs/b.wav", changed->key).ok());
}

TEST_F(DataTest, ADamagedIndexIsStartedAnew) {
  WriteWav("a", 22050);
  for (const std::string& index :
       {std::string("nonsense"), std::string("m2tts feature index 1\n\0zz 5\n", 29),
        std::string("m2tts feature index 1\n") + std::string(64, 'a') + " -3 x\n",
        std::string("m2tts feature index 2\n\0zz 5\n", 29),
        std::string("m2tts feature index 2\n") + std::string(64, 'a') + " -3 x\n",
        std::string("m2tts feature index 2\n") + std::string(64, 'a') + " 3 01234567 \n",
        std::string("m2tts feature index 2\n") + std::string(64, 'a') + " 3"}) {
    ASSERT_TRUE(WriteFileAtomic(folder_ / "cache/index", index).ok());
    const auto cache = FeatureCache::Open(folder_ / "cache", AudioConfig());
    ASSERT_TRUE(cache.ok()) << cache.status();
    EXPECT_TRUE((*cache)->Add(folder_ / "wavs/a.wav").ok());
    EXPECT_TRUE((*cache)->Finish(0).ok());
  }
  EXPECT_FALSE((*FeatureCache::Open(folder_ / "cache", AudioConfig()))->Add(folder_ / "nowhere.wav").ok());
}

TEST_F(DataTest, ABitOfTheIndexThatHasTurnedChangesNothing) {
  WriteWav("a", 22050);
  const fs::path recording = folder_ / "wavs/a.wav", index = folder_ / "cache/index";
  const auto open = [&] { return *FeatureCache::Open(folder_ / "cache", AudioConfig()); };
  const auto first = open();
  const auto entry = first->Add(recording);
  ASSERT_TRUE(entry.ok()) << entry.status();
  ASSERT_TRUE(first->Finish(1 << 30).ok());
  const auto whole = ReadFile(index);
  ASSERT_TRUE(whole.ok());
  for (size_t at = whole->find('\n'); at < whole->size(); at += 2) {
    std::string damaged = *whole;
    damaged[at] ^= 1;
    ASSERT_TRUE(WriteFileAtomic(index, damaged).ok());
    const auto cache = open();
    const auto again = cache->Add(recording);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->key, entry->key) << at;
    EXPECT_EQ(again->frames, entry->frames) << at;
    ASSERT_TRUE(cache->Finish(1 << 30).ok());
    EXPECT_EQ(*ReadFile(index), *whole) << at;
  }
}

TEST_F(DataTest, ACacheThatHasAllMayBeReadOnly) {
  WriteWav("a", 22050);
  const fs::path recording = folder_ / "wavs/a.wav", cache = folder_ / "cache";
  const auto writer = *FeatureCache::Open(cache, AudioConfig());
  const auto entry = writer->Add(recording);
  ASSERT_TRUE(entry.ok()) << entry.status();
  ASSERT_TRUE(writer->Finish(1 << 30).ok());
  const auto allow = [&](fs::perms folders) {
    fs::permissions(cache, folders);
    for (const auto& file : fs::directory_iterator(cache)) {
      if (file.is_directory()) fs::permissions(file, folders);
    }
  };
  const auto read = static_cast<fs::perms>(0555);
  allow(read);
  {
    const WithoutRights nobody;
    EXPECT_FALSE(WriteFileAtomic(cache / "x", "x").ok());
    const auto reader = FeatureCache::Open(cache, AudioConfig());
    ASSERT_TRUE(reader.ok()) << reader.status();
    const auto again = (*reader)->Add(recording);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->key, entry->key);
    EXPECT_TRUE((*reader)->Read(recording, again->key).ok());
    const Status finished = (*reader)->Finish(1 << 30);
    EXPECT_TRUE(finished.ok()) << finished;
  }
  allow(read | fs::perms::owner_write);
}

TEST_F(DataTest, ACacheThatCannotBeWrittenGivesWhatItHas) {
  WriteWav("a", 22050);
  WriteWav("b", 30000);
  ASSERT_TRUE(WriteFileAtomic(folder_ / "metadata.csv", "a|Say ah.\nb|Say ah.\n").ok());
  const auto load = [&](int repeat) {
    const auto config = ParseTrainConfig(
        fmt::format(
            "speaker: x\ndata: {{sources: [{{root: {0}, speaker: x, repeat: {1}}}], cache: {0}/cache}}",
            folder_.string(), repeat),
        "test");
    EXPECT_TRUE(config.ok()) << config.status();
    return LoadCorpus(*config, fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex", nullptr);
  };
  const auto first = load(1);
  ASSERT_TRUE(first.ok()) << first.status();
  const fs::path cache = folder_ / "cache";
  const std::string key = first->utterances[0].features_key;
  const auto allow = [&](int mode) {
    for (const fs::path& place : {cache, cache / key.substr(0, 2)})
      fs::permissions(place, static_cast<fs::perms>(mode));
  };
  fs::remove(cache / key.substr(0, 2) / (key + ".safetensors"));
  allow(0555);
  {
    const WithoutRights nobody;
    // Gone meanwhile, and cannot be stored again.
    const auto features = first->Features(0);
    ASSERT_TRUE(features.ok()) << features.status();
    EXPECT_EQ(features->frames(), first->utterances[0].frames);
    EXPECT_TRUE(first->Features(0).ok()) << "also the second time";
  }
  allow(0755);
  ASSERT_TRUE(load(1).ok());
  fs::remove(cache / "index");
  allow(0555);
  {
    const WithoutRights nobody;
    const auto again = load(2);  // of which there are no statistics yet
    EXPECT_TRUE(again.ok()) << again.status();
  }
  EXPECT_FALSE(fs::exists(cache / "index"));
  allow(0755);
}

TEST_F(DataTest, NothingElseInTheFolderOfTheCacheIsDeleted) {
  WriteWav("a", 22050);
  const fs::path cache = folder_ / "cache";
  const auto key = (*FeatureCache::Open(cache, AudioConfig()))->Add(folder_ / "wavs/a.wav");
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string stem(64, 'a');
  const std::vector<fs::path> others = {
      cache / "model.safetensors",       cache / "runs/x/acoustic/step-00000001.safetensors",
      cache / "ab/model.safetensors",    cache / ("bb/" + stem + ".safetensors"),
      cache / (stem + ".safetensors"),   cache / ("x/aa/" + stem + ".safetensors"),
      cache / "statistics-.safetensors", cache / "statistics-mine.safetensors"};
  const std::vector<fs::path> ours = {cache / ("aa/" + stem + ".safetensors"),
                                      cache / ("statistics-" + stem + ".safetensors")};
  for (const auto* group : {&others, &ours}) {
    for (const fs::path& path : *group) ASSERT_TRUE(WriteFileAtomic(path, "something").ok());
  }
  ASSERT_TRUE((*FeatureCache::Open(cache, AudioConfig()))->Finish(0).ok());
  for (const fs::path& path : others) EXPECT_TRUE(fs::exists(path)) << path;
  for (const fs::path& path : ours) EXPECT_FALSE(fs::exists(path)) << path;
}

TEST_F(DataTest, WhatKilledWritersLeftGoesAfterADayAndLinesGoWithTheirFeatures) {
  WriteWav("a", 22050);
  WriteWav("b", 30000);
  const fs::path cache = folder_ / "cache";
  const auto open = [&] { return *FeatureCache::Open(cache, AudioConfig()); };
  const auto first = open();
  const auto a = first->Add(folder_ / "wavs/a.wav"), b = first->Add(folder_ / "wavs/b.wav");
  ASSERT_TRUE(a.ok() && b.ok());
  ASSERT_TRUE(first->Finish(1 << 30).ok());
  const std::vector<fs::path> leftovers = {
      cache / ".index.AbC123", cache / a->key.substr(0, 2) / ("." + a->key + ".safetensors.x9X9x9")};
  const fs::path young = cache / ".index.YoUnG1", other = cache / ".notes.AbC123";
  for (const fs::path& path : {leftovers[0], leftovers[1], young, other}) {
    std::ofstream(path) << "part";
    if (path != young) fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(25));
  }
  const auto second = open();
  ASSERT_TRUE(second->Add(folder_ / "wavs/b.wav").ok());
  ASSERT_TRUE(second->Finish(0).ok());  // a was not used for longest
  for (const fs::path& path : leftovers) EXPECT_FALSE(fs::exists(path)) << path;
  EXPECT_TRUE(fs::exists(young));  // perhaps its writer lives
  EXPECT_TRUE(fs::exists(other));  // not ours
  const std::string index = *ReadFile(cache / "index");
  EXPECT_THAT(index, HasSubstr(b->key));
  EXPECT_THAT(index, Not(HasSubstr(a->key)));
}

TEST_F(DataTest, KeysAreOfTheSoundAndTheSettings) {
  WriteWav("a", 22050);
  const fs::path recording = folder_ / "wavs/a.wav";
  const AudioConfig audio;
  const auto as_recorded = *FeatureCache::Open(folder_ / "cache", audio);
  const auto entry = as_recorded->Add(recording);
  ASSERT_TRUE(entry.ok()) << entry.status();
  // As every version so far has it: caches that are there stay of use.
  EXPECT_EQ(entry->key, Sha256Hex(fmt::format("2|{}|{}", audio.ToJson(), Sha256Hex(*ReadFile(recording)))));
  ASSERT_TRUE(as_recorded->Finish(1 << 30).ok());
  std::set<std::string> keys = {entry->key};
  for (const double loudness : {-23.0, -16.5}) {
    const auto levelled = (*FeatureCache::Open(folder_ / "cache", audio, loudness))->Add(recording);
    ASSERT_TRUE(levelled.ok()) << levelled.status();
    keys.insert(levelled->key);
  }
  EXPECT_THAT(keys, SizeIs(3));
}

TEST_F(DataTest, ALinkThatLeadsNowhereIsComputedAnew) {
  WriteWav("a", 22050);
  const auto open = [&] { return *FeatureCache::Open(folder_ / "cache", AudioConfig()); };
  const auto entry = open()->Add(folder_ / "wavs/a.wav");
  ASSERT_TRUE(entry.ok()) << entry.status();
  const fs::path file = folder_ / "cache" / entry->key.substr(0, 2) / (entry->key + ".safetensors");
  fs::remove(file);
  fs::create_symlink(file.filename(), file);
  const auto cache = open();
  const auto again = cache->Add(folder_ / "wavs/a.wav");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(cache->Read(folder_ / "wavs/a.wav", again->key).ok());
}

TEST(FeaturesTest, OfAVeryLongRecordingNoMoreIsDecodedThanIsNeededToSaySo) {
  const AudioConfig audio;
  const auto bytes = EncodeAudio(std::vector<float>(8000 * 901, 0.0f), 8000, AudioEncoding::kFlac);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  for (const Status& status : {ComputeFeatures(*bytes, "long.flac", audio).status(),
                               FindSound(*bytes, "long.flac", audio).status()}) {
    EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("long.flac: lasts longer than 900 s"));
  }
}

TEST(FeaturesTest, SoundThatCannotBeLearnedFromIsToldFromDamage) {
  const AudioConfig audio;
  const auto status = [&](const std::string& bytes) { return ComputeFeatures(bytes, "it", audio).status(); };
  EXPECT_TRUE(absl::IsOutOfRange(status(Wav(std::vector<float>(22050, 0.0f)))));
  EXPECT_TRUE(absl::IsOutOfRange(status(Wav(Noise(1000, 0.3f)))));
  EXPECT_TRUE(absl::IsDataLoss(status("RIFFnonsense")));
  auto wave = Noise(61 * 22050, 0.3f);
  const Status too_long = status(Wav(wave));
  EXPECT_TRUE(absl::IsOutOfRange(too_long)) << too_long;
  EXPECT_THAT(std::string(too_long.message()), HasSubstr("61.00 s"));
  // What counts is the sound in it.
  std::fill(wave.begin() + 22050, wave.end(), 0.0f);
  EXPECT_TRUE(status(Wav(wave)).ok());
}

TEST(FeaturesTest, LoudnessMakesOneOfTwoLevels) {
  const AudioConfig audio;
  const auto features = [&](const std::vector<float>& wave, std::optional<double> loudness) {
    auto computed = ComputeFeatures(Wav(wave), "it", audio, loudness);
    EXPECT_TRUE(computed.ok()) << computed.status();
    return *std::move(computed);
  };
  for (const size_t samples : {22050, 7000}) {  // more and less than what is measured at once
    const auto loud = Noise(samples, 0.4f), soft = Noise(samples, 0.1f);
    const auto difference = features(loud, {}).mel - features(soft, {}).mel;
    EXPECT_NEAR(difference.mean().item<double>(), std::log(4.0), 0.01);
    const auto a = features(loud, -23.0), b = features(soft, -23.0);
    EXPECT_TRUE(torch::allclose(a.mel, b.mel, 0, 0.02)) << (a.mel - b.mel).abs().max();
    EXPECT_TRUE(torch::allclose(a.energy, b.energy, 0, 0.02));
    // A louder target is a louder sound by as much.
    const auto louder = features(soft, -17.0);
    EXPECT_NEAR((louder.mel - b.mel).mean().item<double>(), 6.0 / 20.0 * std::log(10.0), 0.01);
  }
  // Full scale is the limit, and the shape stays.
  auto peaked = Noise(22050, 0.02f);
  peaked[11000] = 0.5f;
  const auto before = features(peaked, {}).audio.to(torch::kFloat32);
  const auto after = features(peaked, -10.0).audio.to(torch::kFloat32);
  EXPECT_NEAR(after.max().item<double>(), 32767.0, 2.0);
  EXPECT_TRUE(torch::allclose(after, 2.0 * before, 0, 3.0));
  const Status too_soft = ComputeFeatures(Wav(Noise(22050, 1e-4f)), "it", audio, -23.0).status();  // -80 dBFS
  EXPECT_TRUE(absl::IsOutOfRange(too_soft)) << too_soft;
}

TEST(FrameEnergyTest, IsTheLogOfTheNormOfTheMagnitudes) {
  const auto mel = torch::tensor({3.0f, 4.0f, 0.5f, 0.0f}).view({2, 2}).clamp_min(1e-5).log();
  const auto energy = FrameEnergy(mel);
  ASSERT_EQ(energy.sizes(), (std::vector<int64_t>{2}));
  EXPECT_NEAR(energy[0].item<double>(), std::log(5.0), 1e-6);
  EXPECT_NEAR(energy[1].item<double>(), std::log(0.5), 1e-6);
}

TEST_F(DataTest, TrimsSilenceAndRefusesEmptySound) {
  std::vector<float> wave(22050 * 3, 0.0f);
  for (size_t i = 22050; i < 2 * 22050; ++i) wave[i] = 0.3f * std::sin(0.05f * i);
  const AudioConfig audio;
  const auto features = ComputeFeatures(*EncodeAudio(wave, 22050, AudioEncoding::kWav), "test", audio);
  ASSERT_TRUE(features.ok()) << features.status();
  EXPECT_NEAR(static_cast<double>(features->frames()) / audio.frames_per_second(), 1.2, 0.05);
  const std::vector<float> silence(22050, 0.0f);
  EXPECT_FALSE(ComputeFeatures(*EncodeAudio(silence, 22050, AudioEncoding::kWav), "silence", audio).ok());
  EXPECT_FALSE(ComputeFeatures("RIFFnonsense", "junk", audio).ok());
}

TEST(BucketSamplerTest, EveryItemOncePerEpochWithinTheBudget) {
  std::vector<int64_t> lengths;
  for (int i = 0; i < 300; ++i) lengths.push_back(50 + (i * 37) % 400);
  BucketSampler sampler(lengths, 2000, 7);
  std::set<int> seen;
  for (int64_t step = 0; step < sampler.batches_per_epoch(); ++step) {
    const auto& batch = sampler.Batch(step);
    int64_t widest = 0;
    for (const int item : batch) {
      EXPECT_TRUE(seen.insert(item).second);
      widest = std::max(widest, lengths[item]);
    }
    EXPECT_TRUE(batch.size() == 1 || widest * static_cast<int64_t>(batch.size()) <= 2000);
  }
  EXPECT_EQ(seen.size(), lengths.size());
}

TEST(BucketSamplerTest, AnyStepGivesTheSameBatchInAnyOrder) {
  std::vector<int64_t> lengths;
  for (int i = 0; i < 100; ++i) lengths.push_back(50 + (i * 37) % 400);
  BucketSampler forward(lengths, 1500, 7), jumping(lengths, 1500, 7);
  const int64_t far = 3 * forward.batches_per_epoch() + 2;
  std::vector<std::vector<int>> batches;
  for (int64_t step = 0; step <= far; ++step) batches.push_back(forward.Batch(step));
  EXPECT_EQ(jumping.Batch(far), batches[far]);
  EXPECT_EQ(jumping.Batch(1), batches[1]);
  EXPECT_NE(batches[0], batches[forward.batches_per_epoch()]);
}

TEST(PhonemeMeansTest, AveragesTheFramesOfEachPhoneme) {
  const auto means = PhonemeMeans(torch::tensor({1.f, 3.f, 5.f, 7.f, 9.f}), {2, 0, 3});
  EXPECT_EQ(means, (std::vector<float>{2.f, 0.f, 7.f}));
}

}  // namespace
}  // namespace m2tts
