#include "core/text/word_guesser.h"

#include <algorithm>
#include <cstring>

#include "core/text/char_class.h"
#include "core/text/letter_name.h"
#include "core/text/lexicon_format.h"

namespace m2tts {
namespace {

bool IsVowelLetter(char c) {
  return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

// The dictionary has words without primary stress and a few with several; a guess should have one. False when
// there is no vowel to carry it.
bool SettleStress(Pronunciation* word) {
  StressedPhoneme* best = nullptr;
  for (StressedPhoneme& p : *word) {
    if (!IsVowel(p.id)) continue;
    if (p.stress == Stress::kPrimary) {
      if (best != nullptr && best->stress == Stress::kPrimary) {
        p.stress = Stress::kSecondary;
        continue;
      }
      best = &p;
    } else if (best == nullptr || (p.stress == Stress::kSecondary && best->stress == Stress::kUnstressed)) {
      best = &p;
    }
  }
  if (best == nullptr) return false;
  best->id = FullVowel(best->id);
  best->stress = Stress::kPrimary;
  return true;
}

}  // namespace

WordGuesser::WordGuesser(std::unique_ptr<const G2pModel> model)
    : model_(std::move(model)), memory_(std::make_unique<std::array<Shard, kShards>>()) {}

StatusOr<std::unique_ptr<const WordGuesser>> WordGuesser::Open(const std::filesystem::path& model) {
  M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<const G2pModel> opened, G2pModel::Open(model));
  return std::unique_ptr<const WordGuesser>(new WordGuesser(std::move(opened)));
}

Pronunciation WordGuesser::Guess(std::string_view word) const {
  Pronunciation out;
  const auto reads = [](char c) { return g2p_format::LetterIndex(c) >= 0; };
  for (size_t at = 0; at < word.size();) {
    size_t end = at;
    while (end < word.size() && reads(word[end])) ++end;
    std::string_view part = word.substr(at, end - at);
    at = end + 1;
    while (!part.empty() && part.front() == '\'') part.remove_prefix(1);
    while (!part.empty() && part.back() == '\'') part.remove_suffix(1);
    if (part.empty()) continue;
    const Pronunciation sound = GuessPart(part);
    out.insert(out.end(), sound.begin(), sound.end());
  }
  return out;
}

Pronunciation WordGuesser::GuessPart(std::string_view part) const {
  if (std::none_of(part.begin(), part.end(), IsVowelLetter)) return SpellOut(part);
  if (part.size() > Entry::kMaxLength) return ReadByModel(part);

  const uint32_t hash = lexicon_format::Hash(part);
  Shard& shard = (*memory_)[hash % kShards];
  Entry entry;
  {
    const MutexLock lock(&shard.mutex);
    entry = shard.entries[hash / kShards % kEntriesPerShard];
  }
  Pronunciation out;
  if (part == std::string_view(entry.word.data(), entry.letters)) {
    for (size_t i = 0; i < entry.phonemes; ++i) {
      out.push_back({static_cast<PhonemeId>(entry.bytes[i] & g2p_format::kIdMask),
                     static_cast<Stress>(entry.bytes[i] >> g2p_format::kStressShift)});
    }
    return out;
  }
  out = ReadByModel(part);
  if (out.size() > Entry::kMaxLength) return out;
  entry.letters = static_cast<uint8_t>(part.size());
  entry.phonemes = static_cast<uint8_t>(out.size());
  std::memcpy(entry.word.data(), part.data(), part.size());
  for (size_t i = 0; i < out.size(); ++i) {
    entry.bytes[i] =
        static_cast<uint8_t>(out[i].id | static_cast<unsigned>(out[i].stress) << g2p_format::kStressShift);
  }
  const MutexLock lock(&shard.mutex);
  shard.entries[hash / kShards % kEntriesPerShard] = entry;
  return out;
}

Pronunciation WordGuesser::ReadByModel(std::string_view part) const {
  Pronunciation out = model_->Read(part);
  return SettleStress(&out) ? out : SpellOut(part);
}

}  // namespace m2tts
