#include "trainer/data/corpus.h"

#include <algorithm>
#include <set>

#include <fmt/ranges.h>

#include "core/base/parallel_for.h"
#include "core/text/frontend.h"
#include "trainer/data/dataset.h"
#include "trainer/data/speech_statistics.h"

namespace m2tts {
namespace {

// A clip is one sentence for the model, however many the reader finds in it: the inner
// begin and end marks go, the pauses between stay.
StatusOr<Sentence> WholeClip(const TextFrontend& frontend, const std::string& text) {
  M2TTS_ASSIGN_OR_RETURN(auto reader, frontend.Read(text));
  Sentence whole;
  while (auto part = reader->Next()) {
    if (!whole.phonemes.empty()) whole.phonemes.pop_back();
    const auto offset = static_cast<int32_t>(whole.words.size());
    for (size_t i = whole.phonemes.empty() ? 0 : 1; i < part->phonemes.size(); ++i) {
      Phoneme phoneme = part->phonemes[i];
      if (phoneme.word >= 0) phoneme.word += offset;
      whole.phonemes.push_back(phoneme);
    }
    whole.words.insert(whole.words.end(), part->words.begin(), part->words.end());
  }
  if (whole.phonemes.empty()) return InvalidArgument("nothing to say in the transcript '{}'", text);
  return whole;
}

Status LoadClip(const Clip& clip, const TextFrontend& frontend, FeatureCache* cache, Utterance* utterance) {
  auto sentence = WholeClip(frontend, clip.text);
  M2TTS_RETURN_IF_ERROR(Annotate(sentence.status(), clip.where));
  utterance->id = clip.id;
  utterance->text = clip.text;
  utterance->sentence = *std::move(sentence);
  utterance->recording = clip.audio;
  M2TTS_ASSIGN_OR_RETURN(const FeatureCache::Entry entry, cache->Add(clip.audio));
  utterance->features_key = entry.key;
  utterance->frames = entry.frames;
  return OkStatus();
}

// Which speaker says each clip; clips of speakers that the run does not list are dropped, and
// those beyond the limit.
Status ChooseSpeakers(const DataSource& source, const TrainConfig& config, std::vector<Clip>* clips,
                      std::vector<int>* speakers) {
  std::vector<Clip> kept;
  std::set<std::string> others;
  for (Clip& clip : *clips) {
    if (source.limit > 0 && static_cast<int>(kept.size()) >= source.limit) break;
    const std::string& name = source.speaker.empty() ? clip.speaker : source.speaker;
    const auto found = std::find(config.speakers.begin(), config.speakers.end(), name);
    if (found == config.speakers.end()) {
      others.insert(name);
      continue;
    }
    speakers->push_back(static_cast<int>(found - config.speakers.begin()));
    kept.push_back(std::move(clip));
  }
  if (kept.empty()) {
    return InvalidArgument("{}: no clip of a listed speaker; the corpus has '{}', the config {}", source.root,
                           fmt::join(others, "', '"), fmt::join(config.speakers, ", "));
  }
  *clips = std::move(kept);
  return OkStatus();
}

bool Fits(const Utterance& utterance, const TrainConfig& config) {
  const double seconds = static_cast<double>(utterance.frames) / config.audio.frames_per_second();
  // Alignment gives every phoneme at least one frame.
  const bool room = utterance.frames >= static_cast<int64_t>(utterance.sentence.phonemes.size());
  return room && seconds >= config.data.min_seconds && seconds <= config.data.max_seconds;
}

// Moves the clips of one source into the corpus: the `validation` whose ids hash lowest are held out.
void Add(std::vector<Utterance> utterances, const DataSource& source, const TrainConfig& config,
         Corpus* corpus) {
  const double share =
      std::min(0.5, static_cast<double>(config.data.validation) / static_cast<double>(utterances.size()));
  for (Utterance& utterance : utterances) {
    const auto index = static_cast<int>(corpus->utterances.size());
    if (IsHeldOut(utterance.id, share)) {
      corpus->validation.push_back(index);
    } else {
      corpus->training.insert(corpus->training.end(), source.repeat, index);
    }
    utterance.source = static_cast<int>(&source - config.data.sources.data());
    corpus->utterances.push_back(std::move(utterance));
  }
}

// The clips of one source, each with the index of its speaker.
StatusOr<std::vector<Utterance>> LoadSource(const DataSource& source, const TrainConfig& config,
                                            const TextFrontend& frontend, FeatureCache* cache,
                                            const LoadProgress& progress, int* left_out) {
  M2TTS_ASSIGN_OR_RETURN(auto clips, ReadDataset(source.root));
  std::vector<int> speakers;
  M2TTS_RETURN_IF_ERROR(ChooseSpeakers(source, config, &clips, &speakers));
  std::vector<Utterance> loaded(clips.size());
  Mutex mutex;
  size_t done = 0;
  M2TTS_RETURN_IF_ERROR(ParallelFor(clips.size(), BusyThreads(), [&](size_t i) -> Status {
    M2TTS_RETURN_IF_ERROR(LoadClip(clips[i], frontend, cache, &loaded[i]));
    MutexLock lock(&mutex);
    ++done;
    if (progress) progress(done, clips.size());
    return OkStatus();
  }));
  std::vector<Utterance> fitting;
  for (size_t i = 0; i < loaded.size(); ++i) {
    loaded[i].speaker = speakers[i];
    if (config.speakers.size() > 1) loaded[i].id = config.speakers[speakers[i]] + "/" + loaded[i].id;
    if (Fits(loaded[i], config)) {
      fitting.push_back(std::move(loaded[i]));
    } else {
      ++*left_out;
    }
  }
  if (fitting.size() < 2) {
    return InvalidArgument("{}: {} of {} clips are usable; training needs at least 2", source.root,
                           fitting.size(), clips.size());
  }
  return fitting;
}

}  // namespace

StatusOr<ClipFeatures> Corpus::Features(int item) const {
  const Utterance& utterance = utterances[item];
  auto features = cache->Read(utterance.recording, utterance.features_key);
  if (!features.ok() || features->frames() == utterance.frames) return features;
  return DataLoss("{}: {} frames in the cache, {} in its index; delete the file 'index' of data.cache",
                  utterance.recording.string(), features->frames(), utterance.frames);
}

int LeaveOutUnaligned(Corpus* corpus) {
  std::set<int> without;
  for (std::vector<int>* part : {&corpus->training, &corpus->validation}) {
    const auto unaligned = [&](int i) {
      if (!corpus->utterances[i].durations.empty()) return false;
      without.insert(i);
      return true;
    };
    part->erase(std::remove_if(part->begin(), part->end(), unaligned), part->end());
  }
  return static_cast<int>(without.size());
}

std::vector<int64_t> TrainingFrames(const Corpus& corpus) {
  std::vector<int64_t> frames;
  for (const int i : corpus.training) frames.push_back(corpus.utterances[i].frames);
  return frames;
}

StatusOr<Corpus> LoadCorpus(const TrainConfig& config, const std::filesystem::path& lexicon,
                            const LoadProgress& progress) {
  TextFrontendOptions options;
  options.lexicon_path = lexicon;
  options.max_sentence_phonemes = 2000;
  M2TTS_ASSIGN_OR_RETURN(const auto frontend, TextFrontend::Create(options));
  Corpus corpus;
  M2TTS_ASSIGN_OR_RETURN(corpus.cache, FeatureCache::Open(config.data.cache, config.audio));
  for (const DataSource& source : config.data.sources) {
    M2TTS_ASSIGN_OR_RETURN(auto utterances, LoadSource(source, config, *frontend, corpus.cache.get(),
                                                       progress, &corpus.left_out));
    Add(std::move(utterances), source, config, &corpus);
  }
  if (corpus.validation.empty()) {
    const int last = corpus.training.back();
    corpus.validation.push_back(last);
    while (!corpus.training.empty() && corpus.training.back() == last) corpus.training.pop_back();
  }
  M2TTS_RETURN_IF_ERROR(corpus.cache->Finish(static_cast<int64_t>(config.data.cache_gigabytes * 1e9)));
  M2TTS_ASSIGN_OR_RETURN(corpus.statistics, CachedStatistics(corpus, static_cast<int>(config.speakers.size()),
                                                             config.audio.n_mels, config.data.cache));
  return corpus;
}

}  // namespace m2tts
