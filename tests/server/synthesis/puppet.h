// Puppets for tests of the server without a model, threads or sleeps.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/base/mutex.h"
#include "core/synthesizer.h"
#include "server/synthesis/synthesis_job.h"

namespace m2tts {

// Runs posted tasks when told to. Any thread may post.
class TaskQueue {
 public:
  PostTask post() {
    return [this](Task task) {
      MutexLock lock(&mutex_);
      tasks_.push_back(std::move(task));
    };
  }
  void RunAll() {
    while (const Task task = Take()) task();
  }
  bool empty() const {
    MutexLock lock(&mutex_);
    return tasks_.empty();
  }

 private:
  Task Take() {
    MutexLock lock(&mutex_);
    if (tasks_.empty()) return nullptr;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  mutable Mutex mutex_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
};

// Every blank-separated word is a sentence, which `markup` may change.
class PuppetFrontend : public TextFrontend {
 public:
  StatusOr<std::unique_ptr<SentenceReader>> Read(std::string text,
                                                 const ReadOptions& options) const override {
    if (text == "invalid") return InvalidArgument("byte 3 is not UTF-8");
    last_options = options;
    return std::unique_ptr<SentenceReader>(std::make_unique<Reader>(text, this));
  }
  std::map<std::string, std::function<void(Sentence*)>> markup;  // by word
  mutable ReadOptions last_options;
  mutable int sentences_read = 0;

 private:
  class Reader : public SentenceReader {
   public:
    Reader(const std::string& text, const PuppetFrontend* puppet) : words_(text), puppet_(puppet) {}
    std::optional<Sentence> Next() override {
      std::string text;
      if (!(words_ >> text)) return std::nullopt;
      if (text == "?") {
        warnings_.push_back({TextWarning::Kind::kSkippedCharacter, {0, 1}, "skipped '?'"});
        return Next();
      }
      ++puppet_->sentences_read;
      Sentence sentence;
      sentence.words.push_back({text, {0, text.size()}, TokenClass::kWord, PronunciationSource::kLexicon});
      sentence.phonemes = {
          {kBegin, Stress::kNone, -1}, {kSpecialCount, Stress::kNone, 0}, {kEnd, Stress::kNone, -1}};
      sentence.normalized = text;
      const auto markup = puppet_->markup.find(text);
      if (markup != puppet_->markup.end()) markup->second(&sentence);
      return sentence;
    }
    const std::vector<TextWarning>& trailing_warnings() const override { return warnings_; }

   private:
    std::istringstream words_;
    const PuppetFrontend* const puppet_;
    std::vector<TextWarning> warnings_;
  };
};

inline constexpr int kPuppetRate = 1000;   // Hz
inline constexpr int kPuppetWindow = 100;  // samples, 0.1 s
inline constexpr int kPuppetWindows = 3;   // per sentence

// Speaks each sentence as three windows of 0.1 s, and writes down what it was asked for: "a/0" for
// the first window of "a", "a/0+b/0" for a batch.
class PuppetSynthesizer : public Synthesizer {
 public:
  PuppetSynthesizer() {
    manifest_.name = "puppet";
    manifest_.language = "en-US";
    manifest_.speakers = {"one", "two"};
    manifest_.audio.sample_rate = kPuppetRate;
  }
  const VoiceManifest& manifest() const override { return manifest_; }
  const DeviceChoice& device() const override { return device_; }
  int64_t bundle_bytes() const override { return 0; }
  StatusOr<std::unique_ptr<SentenceSynthesis>> Begin(const Sentence& sentence,
                                                     const SynthesisControls& asked) override {
    controls[sentence.normalized] = asked;
    return std::unique_ptr<SentenceSynthesis>(std::make_unique<Speaking>(sentence.normalized));
  }
  StatusOr<std::vector<std::vector<float>>> Next(const std::vector<SentenceSynthesis*>& sentences) override {
    std::string batch;
    Status status;
    for (SentenceSynthesis* sentence : sentences) {
      const std::string step = static_cast<Speaking*>(sentence)->Step();
      batch += (batch.empty() ? "" : "+") + step;
      if (hooks.count(step) > 0) hooks[step]();
      if (failures.count(step) > 0) status = failures[step];
    }
    log.push_back(batch);
    if (!status.ok()) return status;
    for (SentenceSynthesis* sentence : sentences) static_cast<Speaking*>(sentence)->Advance();
    return std::vector<std::vector<float>>(sentences.size(), std::vector<float>(kPuppetWindow, 0.5F));
  }

  std::vector<std::string> log;                        // one entry a batch
  std::map<std::string, SynthesisControls> controls;   // by sentence
  std::map<std::string, Status> failures;              // by window
  std::map<std::string, std::function<void()>> hooks;  // run in that window

 private:
  class Speaking : public SentenceSynthesis {
   public:
    explicit Speaking(std::string name) : name_(std::move(name)) {}
    int64_t total_samples() const override { return kPuppetWindow * kPuppetWindows; }
    const std::vector<int64_t>& phoneme_samples() const override { return samples_; }
    bool done() const override { return window_ == kPuppetWindows; }
    int size_class() const override { return window_; }
    std::string Step() const { return name_ + "/" + std::to_string(window_); }
    void Advance() { ++window_; }

   private:
    const std::string name_;
    const std::vector<int64_t> samples_ = {50, 200, 50};
    int window_ = 0;
  };

  VoiceManifest manifest_;
  DeviceChoice device_;
};

// A voice that is the puppet; answers are PCM at 8000 Hz, the lowest rate that is served.
inline std::shared_ptr<const Voice> PuppetVoice(std::shared_ptr<Synthesizer> synthesizer) {
  auto voice = std::make_shared<Voice>();
  voice->name = "puppet";
  voice->language = "en-US";
  voice->speakers = {"one", "two"};
  voice->sample_rate = kPuppetRate;
  voice->synthesizer = std::move(synthesizer);
  return voice;
}

// Keeps what it hears.
struct RecordingSink : AudioSink {
  void OnChunk(EncodedChunk chunk) override { chunks.push_back(std::move(chunk)); }
  void OnDone(const Status& end, const SynthesisReport& end_report) override {
    ++ends;
    status = end;
    report = end_report;
  }
  std::vector<EncodedChunk> chunks;
  int ends = 0;
  Status status;
  SynthesisReport report;
};

struct RecordingObserver : JobObserver {
  void OnWindow(double, double) override { ++windows; }
  void OnFirstAudio(double, double) override { ++first_audios; }
  void OnOutOfMemory() override { ++out_of_memory; }
  void OnStopped(double seconds) override { stops.push_back(seconds); }
  void OnJobEnd(const Status&, const SynthesisReport&) override { ++ends; }
  // By several lanes.
  std::atomic<int> windows{0};
  std::atomic<int> first_audios{0};
  std::atomic<int> out_of_memory{0};
  std::vector<double> stops;
  int ends = 0;
};

}  // namespace m2tts
