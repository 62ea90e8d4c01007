#include "core/text/lexicon_compiler.h"

#include <algorithm>
#include <unordered_map>

#include "core/base/little_endian.h"
#include "core/base/sha256.h"
#include "core/text/compound_score.h"
#include "core/text/lexicon_format.h"

namespace m2tts {
namespace {

namespace format = lexicon_format;

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c == '.' || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Splits "word(2)" into word and 2; a bare word is variant 1. False when malformed.
bool SplitVariant(std::string_view head, std::string* word, size_t* variant) {
  *variant = 1;
  std::string_view stem = head;
  if (!head.empty() && head.back() == ')') {
    const size_t open = head.rfind('(');
    if (open == std::string_view::npos) return false;
    const std::string_view digits = head.substr(open + 1, head.size() - open - 2);
    if (digits.empty() || digits.size() > 3) return false;
    size_t value = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + static_cast<size_t>(c - '0');
    }
    *variant = value;
    stem = head.substr(0, open);
  }
  word->assign(stem);
  for (char& c : *word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return !word->empty() && std::all_of(word->begin(), word->end(), IsWordByte);
}

}  // namespace

StatusOr<std::vector<DictionaryEntry>> ParseDictionary(std::string_view text, std::string_view source) {
  std::vector<DictionaryEntry> entries;
  std::unordered_map<std::string, size_t> seen;
  size_t line_number = 0;
  while (!text.empty()) {
    ++line_number;
    const size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const auto bad = [&](std::string_view what) {
      return InvalidArgument("{}:{}: {}", source, line_number, what);
    };
    if (line.substr(0, 3) == ";;;") continue;
    if (const size_t comment = line.find('#'); comment != std::string_view::npos)
      line = line.substr(0, comment);
    while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
    if (line.empty()) continue;
    const size_t blank = line.find(' ');
    if (blank == std::string_view::npos) return bad("word without phonemes");
    std::string word;
    size_t variant = 0;
    if (!SplitVariant(line.substr(0, blank), &word, &variant)) {
      return bad(fmt::format("malformed word '{}'", line.substr(0, blank)));
    }
    StatusOr<Pronunciation> pronunciation = ParseArpabet(line.substr(blank + 1));
    if (!pronunciation.ok()) return bad(std::string(pronunciation.status().message()));
    const auto [it, inserted] = seen.emplace(word, entries.size());
    if (inserted) entries.push_back({word, {}});
    std::vector<Pronunciation>& variants = entries[it->second].variants;
    if (variant != variants.size() + 1) {
      return bad(fmt::format("'{}' is variant {}, but {} came before it", word, variant, variants.size()));
    }
    variants.push_back(std::move(*pronunciation));
  }
  return entries;
}

StatusOr<std::string> CompileLexicon(const std::vector<DictionaryEntry>& entries) {
  size_t bucket_count = 16;
  while (bucket_count < entries.size() * 2) bucket_count *= 2;
  std::vector<uint32_t> buckets(bucket_count, 0);
  std::string blob;
  const std::vector<uint8_t> scores = CompoundScores(entries);
  for (size_t e = 0; e < entries.size(); ++e) {
    const DictionaryEntry& entry = entries[e];
    if (entry.word.empty() || entry.word.size() > 255 || entry.variants.empty() ||
        entry.variants.size() > 255) {
      return InvalidArgument("'{}': word or variant list of impossible length", entry.word);
    }
    const size_t offset = blob.size();
    blob.push_back(static_cast<char>(entry.word.size()));
    blob += entry.word;
    blob.push_back(static_cast<char>(scores[e]));
    blob.push_back(static_cast<char>(entry.variants.size()));
    for (const Pronunciation& variant : entry.variants) {
      if (variant.empty() || variant.size() > 255) {
        return InvalidArgument("'{}': {} phonemes", entry.word, variant.size());
      }
      blob.push_back(static_cast<char>(variant.size()));
      for (const StressedPhoneme p : variant) {
        blob.push_back(static_cast<char>(p.id | static_cast<unsigned>(p.stress) << format::kStressShift));
      }
    }
    size_t b = format::Hash(entry.word) & (bucket_count - 1);
    for (; buckets[b] != 0; b = (b + 1) & (bucket_count - 1)) {
      const std::string_view other(blob.data() + buckets[b],
                                   static_cast<unsigned char>(blob[buckets[b] - 1]));
      if (other == entry.word) return InvalidArgument("'{}' appears twice", entry.word);
    }
    buckets[b] = static_cast<uint32_t>(offset + 1);
  }
  std::string payload;
  payload.reserve(bucket_count * 4 + blob.size());
  for (const uint32_t slot : buckets) PutU32(slot, &payload);
  payload += blob;

  std::string out(format::kMagic);
  PutU32(format::kVersion, &out);
  PutU32(kPhonemeSetVersion, &out);
  PutU32(static_cast<uint32_t>(entries.size()), &out);
  PutU32(static_cast<uint32_t>(bucket_count), &out);
  PutU32(static_cast<uint32_t>(blob.size()), &out);
  PutU32(0, &out);
  out += Sha256Hex(payload);
  out += payload;
  return out;
}

}  // namespace m2tts
