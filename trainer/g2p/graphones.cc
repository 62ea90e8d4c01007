#include "trainer/g2p/graphones.h"

#include <array>

namespace m2tts {
namespace {

namespace format = g2p_format;

uint8_t Letter(char c) {
  return static_cast<uint8_t>(format::LetterIndex(c));
}

}  // namespace

StatusOr<GraphoneInventory> GraphoneInventory::Collect(const std::vector<AlignedWord>& words) {
  GraphoneInventory inventory;
  for (const AlignedWord& word : words) {
    for (size_t i = 0; i < word.letters.size(); ++i) {
      inventory.ids_.emplace(std::make_pair(Letter(word.letters[i]), word.chunks[i]), 0);
    }
  }
  std::array<bool, format::kLetterCount> covered{};
  for (auto& [graphone, id] : inventory.ids_) {
    id = static_cast<uint16_t>(inventory.id_count());
    inventory.list_.push_back(graphone);
    covered[graphone.first] = true;
  }
  for (size_t letter = 0; letter < covered.size(); ++letter) {
    if (covered[letter]) continue;
    return InvalidArgument("no word of the dictionary teaches the letter '{}'",
                           letter == 26 ? '\'' : static_cast<char>('a' + letter));
  }
  return inventory;
}

uint16_t GraphoneInventory::IdOf(char letter, format::Chunk chunk) const {
  return ids_.at({Letter(letter), chunk});
}

std::vector<uint16_t> GraphoneInventory::Sequence(const AlignedWord& word) const {
  std::vector<uint16_t> sequence = {format::kBegin};
  for (size_t i = 0; i < word.letters.size(); ++i) sequence.push_back(IdOf(word.letters[i], word.chunks[i]));
  sequence.push_back(format::kEnd);
  return sequence;
}

}  // namespace m2tts
