#include "core/text/lexicon.h"

#include <cstring>
#include <vector>

#include "core/base/little_endian.h"
#include "core/base/sha256.h"
#include "core/text/lexicon_format.h"

namespace m2tts {
namespace {

namespace format = lexicon_format;

// The length of the entry at `p`, or 0 when it does not fit into `available` bytes or holds
// something that is not a pronunciation.
size_t EntryLength(const unsigned char* p, size_t available) {
  if (available < 2) return 0;
  size_t at = 1 + size_t{p[0]};
  if (p[0] == 0) return 0;
  ++at;  // the compound scores: any value will do
  if (at >= available) return 0;
  const int variants = p[at++];
  if (variants == 0) return 0;
  for (int v = 0; v < variants; ++v) {
    if (at >= available) return 0;
    const size_t count = p[at++];
    if (count == 0 || count > available - at) return 0;
    for (size_t i = 0; i < count; ++i, ++at) {
      const auto id = static_cast<PhonemeId>(p[at] & format::kIdMask);
      const auto stress = static_cast<Stress>(p[at] >> format::kStressShift);
      if (id >= kPhonemeCount || IsSpecial(id) || IsVowel(id) == (stress == Stress::kNone)) return 0;
    }
  }
  return at;
}

}  // namespace

void LexiconEntry::Append(int index, Pronunciation* out) const {
  const unsigned char* p = data_;
  for (int v = 0; v < index; ++v) p += 1 + size_t{p[0]};
  for (size_t i = 1; i <= p[0]; ++i) {
    out->push_back(
        {static_cast<PhonemeId>(p[i] & format::kIdMask), static_cast<Stress>(p[i] >> format::kStressShift)});
  }
}

StatusOr<std::unique_ptr<const Lexicon>> Lexicon::Open(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  std::unique_ptr<Lexicon> lexicon(new Lexicon());
  lexicon->file_ = std::move(file);
  M2TTS_RETURN_IF_ERROR(lexicon->Validate(path));
  return std::unique_ptr<const Lexicon>(std::move(lexicon));
}

Status Lexicon::Validate(const std::filesystem::path& path) {
  const std::string_view bytes = file_->bytes();
  const auto bad = [&](std::string_view what) {
    return DataLoss("{}: {}; rebuild it with m2tts-lexicon", path.string(), what);
  };
  if (bytes.size() < format::kHeaderSize || bytes.substr(0, format::kMagic.size()) != format::kMagic) {
    return bad("not a compiled lexicon");
  }
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (LoadU32(data + 8) != format::kVersion) return bad("lexicon format of another version");
  if (LoadU32(data + 12) != kPhonemeSetVersion) return bad("made for another phoneme set");
  entry_count_ = LoadU32(data + 16);
  bucket_count_ = LoadU32(data + 20);
  blob_size_ = LoadU32(data + 24);
  if (LoadU32(data + 28) != 0) return bad("reserved header field is not zero");
  if (bucket_count_ == 0 || (bucket_count_ & (bucket_count_ - 1)) != 0 || entry_count_ >= bucket_count_) {
    return bad("impossible table size");
  }
  const uint64_t expected = format::kHeaderSize + uint64_t{bucket_count_} * 4 + blob_size_;
  if (bytes.size() != expected) return bad("truncated, or followed by other data");
  if (Sha256Hex(bytes.substr(format::kHeaderSize)) != bytes.substr(format::kDigestOffset, 64)) {
    return bad("checksum mismatch");
  }
  buckets_ = data + format::kHeaderSize;
  blob_ = buckets_ + bucket_count_ * 4;
  // Entries in the order of the file, then the table: the other way round each entry misses the cache.
  std::vector<bool> starts(blob_size_);
  for (size_t offset = 0; offset < blob_size_;) {
    const size_t length = EntryLength(blob_ + offset, blob_size_ - offset);
    if (length == 0) return bad("damaged entry");
    starts[offset] = true;
    offset += length;
  }
  size_t used = 0;
  for (size_t b = 0; b < bucket_count_; ++b) {
    const uint32_t slot = LoadU32(buckets_ + b * 4);
    if (slot == 0) continue;
    ++used;
    if (slot > blob_size_ || !starts[slot - 1]) return bad("damaged entry");
  }
  // Also guarantees an empty bucket, hence that every probe ends.
  if (used != entry_count_) return bad("entry count does not match the table");
  return OkStatus();
}

std::optional<LexiconEntry> Lexicon::Find(std::string_view word) const {
  const size_t mask = bucket_count_ - 1;
  for (size_t b = format::Hash(word) & mask;; b = (b + 1) & mask) {
    const uint32_t slot = LoadU32(buckets_ + b * 4);
    if (slot == 0) return std::nullopt;
    const unsigned char* const p = blob_ + (slot - 1);
    if (p[0] == word.size() && std::memcmp(p + 1, word.data(), word.size()) == 0) {
      const unsigned char* const scores = p + 1 + word.size();
      return LexiconEntry(scores + 2, scores[1], scores[0]);
    }
  }
}

}  // namespace m2tts
