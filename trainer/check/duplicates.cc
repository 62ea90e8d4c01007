#include "trainer/check/duplicates.h"

#include <unordered_map>

#include "core/text/char_class.h"

namespace m2tts {
namespace {

// Letters and digits in lower case, words parted by one blank; other bytes as they are.
std::string Words(const std::string& text) {
  std::string words;
  for (const char c : text) {
    const bool part = IsAlnumChar(c) || static_cast<unsigned char>(c) >= 0x80;
    if (part) {
      words += ToLowerChar(c);
    } else if (c != '\'' && !words.empty() && words.back() != ' ') {
      words += ' ';
    }
  }
  while (!words.empty() && words.back() == ' ') words.pop_back();
  return words;
}

}  // namespace

std::vector<Duplicate> FindDuplicates(const std::vector<ScannedClip>& clips) {
  std::vector<Duplicate> duplicates;
  std::unordered_map<std::string, const Clip*> by_audio, by_text;
  for (const ScannedClip& scanned : clips) {
    const Clip* clip = &scanned.clip;
    const std::string words = Words(clip->text);
    const auto [text, new_text] = by_text.emplace(clip->speaker + "\n" + words, clip);
    if (scanned.audio.ok() && !scanned.audio->silent) {
      const auto [audio, new_audio] = by_audio.emplace(scanned.audio->hash, clip);
      if (!new_audio) {
        const bool same_text = Words(audio->second->text) == words;
        duplicates.push_back(
            {same_text ? FindingKind::kSameAudio : FindingKind::kSameAudioOtherText, clip, audio->second});
        continue;
      }
    }
    if (!new_text) duplicates.push_back({FindingKind::kSameText, clip, text->second});
  }
  return duplicates;
}

}  // namespace m2tts
