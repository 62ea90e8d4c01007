#include "server/synthesis/result_cache.h"

#include <cstring>
#include <utility>

#include "core/base/sha256.h"

namespace m2tts {
namespace {

// Of a list entry, its place in the table and the allocator's own needs.
constexpr size_t kOverhead = 256;

// Fields one after another, each with its length: no two lists of fields give the same bytes.
class KeyWriter {
 public:
  void Add(const std::string& text) {
    Add(text.size());
    bytes_ += text;
  }
  template <typename T, typename = std::enable_if_t<std::is_arithmetic_v<T> || std::is_enum_v<T>>>
  void Add(T value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes_.append(raw, sizeof value);
  }
  void Add(const std::optional<double>& value) {
    Add(value.has_value());
    Add(value.value_or(0.0));
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

void AddReading(const ReadOptions& read, KeyWriter* key) {
  key->Add(read.ssml);
  key->Add(read.inline_phonemes);
  key->Add(read.style.say_and);
  key->Add(read.style.date_order);
  key->Add(read.style.digits);
  key->Add(read.style.phrase_breaks);
  key->Add(read.user.size());
  for (const auto& lexicon : read.user) key->Add(lexicon->digest());
}

}  // namespace

size_t SizeOf(const EncodedChunk& chunk) {
  size_t size = sizeof chunk + chunk.bytes.capacity();
  for (const SpokenWord& word : chunk.words) {
    size += sizeof word + word.word.text.capacity() + word.phonemes.size() * sizeof(SpokenPhoneme);
  }
  for (const SpokenMark& mark : chunk.marks) size += sizeof mark + mark.mark.name.capacity();
  for (const SpokenSentence& sentence : chunk.sentences)
    size += sizeof sentence + sentence.normalized.capacity();
  return size;
}

size_t SizeOf(const SynthesisReport& report) {
  size_t size = sizeof report + report.normalized.capacity();
  for (const TextWarning& warning : report.warnings) size += sizeof warning + warning.message.capacity();
  return size;
}

std::string CacheKey(const SynthesisRequest& request) {
  KeyWriter key;
  key.Add(request.voice->name);
  key.Add(request.voice->sha256);
  key.Add(request.text);
  AddReading(request.read, &key);
  key.Add(request.speaker);
  key.Add(request.mix.size());
  for (const SpeakerShare& share : request.mix) {
    key.Add(share.speaker);
    key.Add(share.weight);
  }
  key.Add(request.speed);
  key.Add(request.pitch);
  key.Add(request.volume);
  key.Add(request.pause_scale);
  key.Add(request.sentence_pause);
  key.Add(request.paragraph_pause);
  key.Add(request.variation);
  key.Add(request.variation > 0.0 ? request.seed : 0);
  key.Add(request.loudness);
  key.Add(request.timestamps);
  key.Add(request.encoding);
  key.Add(request.sample_rate);
  return Sha256Hex(key.bytes());
}

bool ResultCache::ReserveRecording(size_t bytes) {
  if (recording_.fetch_add(bytes) + bytes <= max_bytes_ / 4) return true;
  recording_ -= bytes;
  return false;
}

std::shared_ptr<const CachedResult> ResultCache::Find(const std::string& key) {
  MutexLock lock(&mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    ++totals_.misses;
    return nullptr;
  }
  ++totals_.hits;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->result;
}

void ResultCache::Insert(const std::string& key, CachedResult result) {
  size_t bytes = kOverhead + 2 * key.size() + SizeOf(result.report);
  for (const EncodedChunk& chunk : result.chunks) bytes += SizeOf(chunk);
  if (bytes > max_result_bytes()) return;
  auto shared = std::make_shared<const CachedResult>(std::move(result));
  MutexLock lock(&mutex_);
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) Remove(found->second);
  while (!entries_.empty() && totals_.bytes + bytes > max_bytes_) Remove(std::prev(entries_.end()));
  entries_.push_front({key, std::move(shared), bytes});
  by_key_[key] = entries_.begin();
  totals_.bytes += bytes;
  ++totals_.results;
}

void ResultCache::Remove(std::list<Entry>::iterator entry) {
  totals_.bytes -= entry->bytes;
  --totals_.results;
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

ResultCache::Snapshot ResultCache::snapshot() const {
  MutexLock lock(&mutex_);
  return totals_;
}

}  // namespace m2tts
