#include "trainer/data/corpus.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <fmt/ranges.h>

#include "core/base/parallel_for.h"
#include "core/text/frontend.h"
#include "trainer/data/dataset.h"
#include "trainer/data/speech_statistics.h"

namespace m2tts {
namespace {

constexpr size_t kMostErrors = 20;  // that one run tells of

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

// OUT_OF_RANGE: a clip to leave out. INTERNAL: no fault of the clip.
Status LoadClip(const Clip& clip, const TextFrontend& frontend, FeatureCache* cache, Utterance* utterance) {
  auto sentence = WholeClip(frontend, clip.text);
  M2TTS_RETURN_IF_ERROR(Annotate(sentence.status(), clip.where));
  utterance->id = clip.id;
  utterance->text = clip.text;
  utterance->sentence = *std::move(sentence);
  utterance->recording = clip.audio;
  const auto entry = cache->Add(clip.audio);
  if (absl::IsOutOfRange(entry.status()) || absl::IsInternal(entry.status())) return entry.status();
  M2TTS_RETURN_IF_ERROR(Annotate(entry.status(), clip.where));
  utterance->features_key = entry->key;
  utterance->frames = entry->frames;
  return OkStatus();
}

// One error of all that is wrong with a corpus.
Status BadClips(const std::string& root, const std::vector<Status>& errors) {
  std::string lines;
  for (size_t i = 0; i < std::min(errors.size(), kMostErrors); ++i) {
    lines += fmt::format("\n  {}", std::string(errors[i].message()));
  }
  return InvalidArgument(
      "{}: clips that cannot be used ({}):{}\n`m2tts-trainer check {}` tells all", root,
      errors.size() < kMostErrors ? std::to_string(errors.size()) : fmt::format("the first {}", kMostErrors),
      lines, root);
}

StatusOr<std::vector<Clip>> ReadClips(const std::string& root) {
  std::vector<Status> errors;
  auto clips = ReadDataset(root, [&](const Status& error) { errors.push_back(error); });
  if (!errors.empty()) return BadClips(root, errors);
  return clips;
}

using ClipCounts = std::map<std::string, int>;  // by speaker

// "'p225' (231 clips), 'p226' (1 clips) and 9 others"
std::string Names(const ClipCounts& counts) {
  constexpr size_t kMostNames = 12;
  std::vector<std::string> names;
  for (const auto& [name, count] : counts) names.push_back(fmt::format("'{}' ({} clips)", name, count));
  const size_t others = names.size() - std::min(names.size(), kMostNames);
  names.resize(names.size() - others);
  return fmt::format("{}{}", fmt::join(names, ", "), others > 0 ? fmt::format(" and {} others", others) : "");
}

// A run of one speaker whom the layout does not name: all clips are its own, as in a corpus without names.
bool AreAllOfOne(const DataSource& source, const TrainConfig& config, const std::vector<Clip>& clips) {
  return source.speaker.empty() && config.speakers.size() == 1 &&
         std::none_of(clips.begin(), clips.end(),
                      [&](const Clip& clip) { return clip.speaker == config.speakers.front(); });
}

// Which speaker says each clip; clips of speakers that the run does not list are passed over, and
// those beyond the limit. heard: all clips of the corpora.
Status ChooseSpeakers(const DataSource& source, const TrainConfig& config, std::vector<Clip>* clips,
                      std::vector<int>* speakers, ClipCounts* heard, Corpus* corpus) {
  std::vector<Clip> kept;
  ClipCounts others;
  int passed_over = 0;
  const bool all_of_one = AreAllOfOne(source, config, *clips);
  ClipCounts taken;
  for (Clip& clip : *clips) {
    if (all_of_one && !clip.speaker.empty()) ++taken[clip.speaker];
    const std::string& name = all_of_one               ? config.speakers.front()
                              : source.speaker.empty() ? clip.speaker
                                                       : source.speaker;
    ++(*heard)[name];
    const auto found = std::find(config.speakers.begin(), config.speakers.end(), name);
    if (found == config.speakers.end()) {
      ++others[name];
      ++passed_over;
      continue;
    }
    if (source.limit > 0 && static_cast<int>(kept.size()) >= source.limit) continue;
    speakers->push_back(static_cast<int>(found - config.speakers.begin()));
    kept.push_back(std::move(clip));
  }
  if (kept.empty()) {
    return InvalidArgument("{}: no clip of a listed speaker; the corpus has {}, the config {}", source.root,
                           Names(others), fmt::join(config.speakers, ", "));
  }
  if (taken.size() > 1) {
    corpus->passed_over.push_back(fmt::format("{}: clips of {} speakers are learned as those of '{}': {}",
                                              source.root, taken.size(), config.speakers.front(),
                                              Names(taken)));
  }
  if (passed_over > 0) {
    corpus->passed_over.push_back(
        fmt::format("{}: {} clips passed over, whose speakers the config does not list: {}", source.root,
                    passed_over, Names(others)));
  }
  *clips = std::move(kept);
  return OkStatus();
}

// Why a clip is not learned from; empty: it is.
std::string Misfit(const Utterance& utterance, const TrainConfig& config) {
  const double seconds = static_cast<double>(utterance.frames) / config.audio.frames_per_second();
  if (seconds < config.data.min_seconds) {
    return fmt::format("{:.2f} s, data.min_seconds is {}", seconds, config.data.min_seconds);
  }
  if (seconds > config.data.max_seconds) {
    return fmt::format("{:.2f} s, data.max_seconds is {}", seconds, config.data.max_seconds);
  }
  // Alignment gives every phoneme at least one frame.
  const size_t phonemes = utterance.sentence.phonemes.size();
  if (utterance.frames >= static_cast<int64_t>(phonemes)) return "";
  return fmt::format("{:.2f} s are {} frames, too few for {} phonemes", seconds, utterance.frames, phonemes);
}

// Moves the clips of one source into the corpus: about `validation`, those whose ids hash low, are held out.
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

// What became of each clip of a source.
struct LoadedClips {
  std::vector<Utterance> utterances;
  std::vector<Status> outcomes;  // of LoadClip
};

// Ends with the first error that is no clip's, and early, when more bad clips would not be told of.
Status LoadClips(const std::vector<Clip>& clips, const TextFrontend& frontend, FeatureCache* cache,
                 const LoadProgress& progress, LoadedClips* loaded) {
  loaded->utterances.resize(clips.size());
  loaded->outcomes.resize(clips.size());
  Mutex mutex;
  size_t done = 0, bad = 0;
  Status ended;
  (void)ParallelFor(clips.size(), BusyThreads(), [&](size_t i) -> Status {
    Status outcome = LoadClip(clips[i], frontend, cache, &loaded->utterances[i]);
    MutexLock lock(&mutex);
    loaded->outcomes[i] = outcome;
    if (!ended.ok()) return ended;
    if (absl::IsInternal(outcome)) return ended = outcome;
    if (!outcome.ok() && !absl::IsOutOfRange(outcome) && ++bad == kMostErrors) return outcome;
    ++done;
    if (progress) ended = progress(done, clips.size());
    return ended;
  });
  return ended;
}

// The clips of one source. What is left out or passed over is told in `corpus`.
StatusOr<std::vector<Utterance>> LoadSource(const DataSource& source, const TrainConfig& config,
                                            const TextFrontend& frontend, const LoadProgress& progress,
                                            ClipCounts* heard, Corpus* corpus) {
  M2TTS_ASSIGN_OR_RETURN(auto clips, ReadClips(source.root));
  std::vector<int> speakers;
  M2TTS_RETURN_IF_ERROR(ChooseSpeakers(source, config, &clips, &speakers, heard, corpus));
  LoadedClips loaded;
  M2TTS_RETURN_IF_ERROR(LoadClips(clips, frontend, corpus->cache.get(), progress, &loaded));
  std::vector<Status> errors;
  std::vector<std::string> left_out;
  std::vector<Utterance> fitting;
  for (size_t i = 0; i < clips.size(); ++i) {
    Utterance& utterance = loaded.utterances[i];
    const Status& outcome = loaded.outcomes[i];
    utterance.speaker = speakers[i];
    if (config.speakers.size() > 1) utterance.id = config.speakers[speakers[i]] + "/" + utterance.id;
    if (!outcome.ok() && !absl::IsOutOfRange(outcome)) {
      errors.push_back(outcome);
      continue;
    }
    const std::string misfit = outcome.ok() ? Misfit(utterance, config) : std::string(outcome.message());
    if (misfit.empty()) {
      fitting.push_back(std::move(utterance));
    } else {
      left_out.push_back(fmt::format("{}: {}", utterance.id, misfit));
    }
  }
  if (!errors.empty()) return BadClips(source.root, errors);
  if (fitting.size() < 2) {
    return InvalidArgument("{}: {} of {} clips are usable; training needs at least 2{}", source.root,
                           fitting.size(), clips.size(),
                           left_out.empty() ? "" : "; left out: " + left_out.front());
  }
  corpus->left_out_clips.insert(corpus->left_out_clips.end(), left_out.begin(), left_out.end());
  return fitting;
}

// Hashes may hold out all clips of a speaker, or none at all: then one goes into the other part.
Status RepairParts(const TrainConfig& config, Corpus* corpus) {
  std::vector<std::set<int>> learned(config.speakers.size());
  const auto of_speaker = [&](int item) -> std::set<int>& {
    return learned[corpus->utterances[item].speaker];
  };
  for (const int item : corpus->training) of_speaker(item).insert(item);
  std::vector<int> held_out;
  for (const int item : corpus->validation) {
    if (!of_speaker(item).empty()) {
      held_out.push_back(item);
      continue;
    }
    of_speaker(item).insert(item);
    const int repeat = config.data.sources[corpus->utterances[item].source].repeat;
    corpus->training.insert(corpus->training.end(), repeat, item);
  }
  corpus->validation = std::move(held_out);
  if (!corpus->validation.empty()) return OkStatus();
  auto& training = corpus->training;
  const auto spare =
      std::find_if(training.rbegin(), training.rend(), [&](int i) { return of_speaker(i).size() > 1; });
  if (spare == training.rend())
    return InvalidArgument("data: each speaker has one clip; none can be held out");
  const int item = *spare;
  corpus->validation.push_back(item);
  training.erase(std::remove(training.begin(), training.end(), item), training.end());
  return OkStatus();
}

Status CheckSpeakers(const TrainConfig& config, const ClipCounts& heard, const Corpus& corpus) {
  std::vector<bool> learned(config.speakers.size());
  for (const int item : corpus.training) learned[corpus.utterances[item].speaker] = true;
  std::vector<std::string> silent;
  for (size_t i = 0; i < learned.size(); ++i) {
    if (!learned[i]) silent.push_back(config.speakers[i]);
  }
  if (silent.empty()) return OkStatus();
  return InvalidArgument("speakers: no clip to learn from of {}; the corpora have {}{}",
                         fmt::join(silent, ", "), Names(heard),
                         corpus.left_out_clips.empty() ? "" : "; left out: " + corpus.left_out_clips.front());
}

Status LoadSources(const TrainConfig& config, const std::filesystem::path& lexicon,
                   const LoadProgress& progress, Corpus* corpus) {
  TextFrontendOptions options;
  options.lexicon_path = lexicon;
  options.max_sentence_phonemes = 2000;
  M2TTS_ASSIGN_OR_RETURN(const auto frontend, TextFrontend::Create(options));
  ClipCounts heard;
  std::map<std::string, std::string> roots;  // of each id
  for (const DataSource& source : config.data.sources) {
    M2TTS_ASSIGN_OR_RETURN(auto utterances, LoadSource(source, config, *frontend, progress, &heard, corpus));
    for (const Utterance& utterance : utterances) {
      const auto [first, is_new] = roots.emplace(utterance.id, source.root);
      if (is_new) continue;
      return InvalidArgument("data.sources: '{}' names a clip of {} and one of {}; rename one, with its row",
                             utterance.id, first->second, source.root);
    }
    Add(std::move(utterances), source, config, corpus);
  }
  M2TTS_RETURN_IF_ERROR(RepairParts(config, corpus));
  return CheckSpeakers(config, heard, *corpus);
}

}  // namespace

StatusOr<ClipFeatures> Corpus::Features(int item) const {
  const Utterance& utterance = utterances[item];
  auto features = cache->Read(utterance.recording, utterance.features_key);
  if (!features.ok() || features->frames() == utterance.frames) return features;
  return DataLoss("{}: {} frames in the cache, {} in its index; delete the file 'index' of data.cache",
                  utterance.recording.string(), features->frames(), utterance.frames);
}

Status ParallelForShown(size_t count, const LoadProgress& progress,
                        const std::function<Status(size_t)>& work) {
  Mutex mutex;
  size_t done = 0;
  return ParallelFor(count, BusyThreads(), [&](size_t i) -> Status {
    M2TTS_RETURN_IF_ERROR(work(i));
    MutexLock lock(&mutex);
    return progress(++done, count);
  });
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

std::vector<int64_t> TrainingFrames(const Corpus& corpus, int64_t multiple) {
  std::vector<int64_t> frames;
  for (const int i : corpus.training) frames.push_back(RoundUp(corpus.utterances[i].frames, multiple));
  return frames;
}

StatusOr<Corpus> LoadCorpus(const TrainConfig& config, const std::filesystem::path& lexicon,
                            const LoadProgress& progress) {
  Corpus corpus;
  M2TTS_ASSIGN_OR_RETURN(corpus.cache,
                         FeatureCache::Open(config.data.cache, config.audio, config.data.loudness));
  const Status loaded = LoadSources(config, lexicon, progress, &corpus);
  if (!loaded.ok()) {
    // The next call goes on from here: what is known stays, and nothing that it may need is deleted.
    (void)corpus.cache->Finish(std::numeric_limits<int64_t>::max());
    return loaded;
  }
  (void)corpus.cache->Finish(static_cast<int64_t>(config.data.cache_gigabytes * 1e9));
  M2TTS_ASSIGN_OR_RETURN(corpus.statistics, CachedStatistics(corpus, static_cast<int>(config.speakers.size()),
                                                             config.audio.n_mels, config.data.cache));
  return corpus;
}

}  // namespace m2tts
