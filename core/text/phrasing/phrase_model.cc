#include "core/text/phrasing/phrase_model.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/little_endian.h"
#include "core/base/sha256.h"

namespace m2tts {
namespace {

namespace format = phrase_format;

constexpr std::string_view kPossessive = "'s";

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

constexpr size_t Padded(size_t bytes) {
  return (bytes + 3) / 4 * 4;
}

}  // namespace

PhraseTokens TokenizeForPhrasing(const std::vector<PhraseWord>& words) {
  PhraseTokens tokens;
  for (const PhraseWord& word : words) {
    if (word.text.size() > kPossessive.size() && EndsWith(word.text, kPossessive)) {
      tokens.text.push_back(word.text.substr(0, word.text.size() - kPossessive.size()));
      tokens.text.push_back(kPossessive);
    } else {
      tokens.text.push_back(word.text);
    }
    tokens.last_of_word.push_back(tokens.text.size() - 1);
    if (word.pause_after || &word == &words.back()) tokens.text.emplace_back();
  }
  return tokens;
}

std::vector<Juncture> GivenJunctures(const std::vector<std::string_view>& tokens) {
  std::vector<Juncture> junctures(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].empty()) {
      junctures[i].given = Juncture::Given::kBreak;
    } else if (i + 1 < tokens.size() && (tokens[i + 1].empty() || tokens[i + 1] == kPossessive)) {
      junctures[i].given = Juncture::Given::kNoBreak;
    }
  }
  return junctures;
}

StatusOr<std::unique_ptr<const PhraseModel>> PhraseModel::Open(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  std::unique_ptr<PhraseModel> model(new PhraseModel());
  model->file_ = std::move(file);
  M2TTS_RETURN_IF_ERROR(model->Validate(model->file_->bytes(), path.string()));
  return std::unique_ptr<const PhraseModel>(std::move(model));
}

StatusOr<std::unique_ptr<const PhraseModel>> PhraseModel::Parse(std::string bytes,
                                                                const std::string& source) {
  std::unique_ptr<PhraseModel> model(new PhraseModel());
  model->bytes_ = std::move(bytes);
  M2TTS_RETURN_IF_ERROR(model->Validate(model->bytes_, source));
  return std::unique_ptr<const PhraseModel>(std::move(model));
}

Status PhraseModel::Validate(std::string_view bytes, const std::string& source) {
  const auto bad = [&](std::string_view what) {
    return DataLoss("{}: {}; make it again with m2tts-trainer phrasing train", source, what);
  };
  if (bytes.size() < format::kHeaderSize + format::kDigestSize ||
      bytes.substr(0, format::kMagic.size()) != format::kMagic) {
    return bad("not a phrasing model");
  }
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (LoadU32(data + 8) != format::kVersion) return bad("phrasing model of another format version");
  const size_t signed_bytes = bytes.size() - format::kDigestSize;
  if (Sha256Hex(bytes.substr(0, signed_bytes)) != bytes.substr(signed_bytes)) {
    return bad("checksum mismatch: truncated or damaged");
  }
  const auto field = [&](size_t index) { return LoadU32(data + 12 + index * 4); };
  tag_count_ = field(format::kTags);
  class_count_ = field(format::kClasses);
  const uint32_t punctuation = field(format::kPunctuationTag);
  if (tag_count_ == 0 || tag_count_ > format::kMaxTags || class_count_ == 0 || class_count_ > tag_count_ ||
      punctuation >= tag_count_) {
    return bad("impossible counts of tags");
  }
  const size_t scores = class_count_ * class_count_ * class_count_;
  const size_t transition_bytes = (tag_count_ + 1) * (tag_count_ + 1) * tag_count_;
  entry_count_ = field(format::kEntries);
  const size_t entry_bytes = field(format::kEntryBytes);
  const size_t expected = format::kHeaderSize + tag_count_ * format::kTagNameSize + Padded(tag_count_) +
                          (scores + 2 * format::kHistories) * 4 + Padded(transition_bytes) +
                          entry_count_ * 4 + entry_bytes + format::kDigestSize;
  if (bytes.size() != expected) return bad("its tables do not fit their file");
  names_ = data + format::kHeaderSize;
  classes_ = names_ + tag_count_ * format::kTagNameSize;
  pause_ = {static_cast<uint8_t>(punctuation), 0};
  if (std::any_of(classes_, classes_ + tag_count_, [&](uint8_t c) { return c >= class_count_; })) {
    return bad("damaged classes of tags");
  }
  const unsigned char* at = classes_ + Padded(tag_count_);
  const auto next_float = [&] {
    const float value = LoadF32(at);
    at += 4;
    return value;
  };
  bool finite = true;
  for (size_t i = 0; i < scores; ++i) finite &= std::isfinite(break_scores_.emplace_back(next_float()));
  for (auto& row : history_) {
    for (float& score : row) finite &= std::isfinite(score = next_float());
  }
  if (!finite) return bad("a score that is not a number");
  transitions_ = at;
  offsets_ = transitions_ + Padded(transition_bytes);
  entries_ = offsets_ + entry_count_ * 4;
  if (!EntriesAreSound(entry_bytes)) return bad("damaged entry");
  if (Find("-").empty()) return bad("no entry for unknown words");
  return OkStatus();
}

bool PhraseModel::EntriesAreSound(size_t size) const {
  size_t begin = 0;
  std::string_view previous;
  for (size_t i = 0; i < entry_count_; ++i) {
    if (LoadU32(offsets_ + i * 4) != begin || begin >= size) return false;
    const size_t key = entries_[begin];
    if (key == 0 || begin + key + 2 > size) return false;
    const size_t candidates = entries_[begin + 1 + key];
    begin += key + 2 + candidates * sizeof(TagCandidate);
    if (candidates == 0 || candidates > tag_count_ || begin > size) return false;
    const Entry entry = EntryAt(i);
    for (const TagCandidate& candidate : entry.candidates) {
      if (candidate.tag >= tag_count_) return false;
    }
    if (entry.key <= previous) return false;
    previous = entry.key;
  }
  return begin == size;
}

PhraseModel::Entry PhraseModel::EntryAt(size_t index) const {
  static_assert(sizeof(TagCandidate) == 2 && alignof(TagCandidate) == 1);
  const unsigned char* const p = entries_ + LoadU32(offsets_ + index * 4);
  const size_t key = p[0];
  return {{reinterpret_cast<const char*>(p + 1), key},
          {reinterpret_cast<const TagCandidate*>(p + key + 2), p[key + 1]}};
}

TagCandidates PhraseModel::Find(std::string_view key) const {
  size_t from = 0;
  size_t to = entry_count_;
  while (from < to) {
    const size_t middle = from + (to - from) / 2;
    const Entry entry = EntryAt(middle);
    if (entry.key == key) return entry.candidates;
    if (entry.key < key) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return {};
}

TagCandidates PhraseModel::CandidatesFor(std::string_view token) const {
  if (token.empty()) return {&pause_, 1};
  if (const TagCandidates known = Find(token); !known.empty()) return known;
  for (size_t length = std::min(token.size(), format::kMaxSuffix); length > 0; --length) {
    std::string key("-");
    key += token.substr(token.size() - length);
    if (const TagCandidates like = Find(key); !like.empty()) return like;
  }
  return Find("-");
}

std::vector<uint8_t> PhraseModel::Tag(const std::vector<std::string_view>& tokens) const {
  std::vector<TagCandidates> candidates;
  candidates.reserve(tokens.size());
  for (const std::string_view token : tokens) candidates.push_back(CandidatesFor(token));
  return FindTags(candidates, transitions_, tag_count_);
}

std::string_view PhraseModel::TagName(uint8_t tag) const {
  const auto* const name = reinterpret_cast<const char*>(names_ + tag * format::kTagNameSize);
  return {name, strnlen(name, format::kTagNameSize)};
}

std::vector<bool> PhraseModel::BreaksBetween(const std::vector<std::string_view>& tokens) const {
  const std::vector<uint8_t> tags = Tag(tokens);
  std::vector<Juncture> junctures = GivenJunctures(tokens);
  for (size_t i = 0; i + 1 < tags.size(); ++i) {
    const size_t before = i > 0 ? ClassOf(tags[i - 1]) : PauseClass();
    const size_t context = (before * class_count_ + ClassOf(tags[i])) * class_count_ + ClassOf(tags[i + 1]);
    if (junctures[i].given == Juncture::Given::kOpen) junctures[i].score = break_scores_[context];
  }
  return FindBreaks(junctures, history_);
}

std::vector<bool> PhraseModel::Breaks(const std::vector<PhraseWord>& words) const {
  const PhraseTokens tokens = TokenizeForPhrasing(words);
  const std::vector<bool> after_token = BreaksBetween(tokens.text);
  std::vector<bool> breaks;
  breaks.reserve(words.size());
  for (size_t w = 0; w < words.size(); ++w) {
    breaks.push_back(words[w].pause_after || w + 1 == words.size() || after_token[tokens.last_of_word[w]]);
  }
  return breaks;
}

}  // namespace m2tts
