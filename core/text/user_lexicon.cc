#include "core/text/user_lexicon.h"

#include <algorithm>

#include "core/base/sha256.h"
#include "core/text/char_class.h"
#include "core/text/fold.h"
#include "core/text/markup/ipa.h"

namespace m2tts {
namespace {

constexpr size_t kMaxErrors = 20;
constexpr size_t kMaxWordBytes = 64;
constexpr size_t kMaxPhonemes = 64;
constexpr size_t kMaxAliasWords = 16;

bool IsWordByte(char c) {
  return IsAlnumChar(c) || c == '\'' || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

// "lead(verb)" -> "lead" and its role.
Status SplitRole(std::string_view* word, WordRole* role) {
  const size_t open = word->find('(');
  if (open == std::string_view::npos) return OkStatus();
  const std::string_view tag = word->substr(open);
  if (tag == "(noun)") {
    *role = WordRole::kNoun;
  } else if (tag == "(verb)") {
    *role = WordRole::kVerb;
  } else {
    return InvalidArgument("unknown tag '{}'; (noun) and (verb) are known", tag);
  }
  word->remove_suffix(word->size() - open);
  return OkStatus();
}

StatusOr<std::vector<std::string>> ParseAlias(std::string_view text) {
  std::vector<std::string> words;
  while (!(text = Trim(text)).empty()) {
    size_t end = 0;
    while (end < text.size() && !IsSpaceChar(text[end])) ++end;
    const std::string_view word = text.substr(0, end);
    if (!std::all_of(word.begin(), word.end(), [](char c) { return IsAlphaChar(c) || c == '\''; })) {
      return InvalidArgument("alias word '{}' is not made of letters; write numbers and signs as words",
                             word);
    }
    words.push_back(ToLower(word));
    text.remove_prefix(end);
  }
  if (words.empty()) return InvalidArgument("nothing after '='");
  if (words.size() > kMaxAliasWords) return InvalidArgument("more than {} words after '='", kMaxAliasWords);
  return words;
}

StatusOr<Pronunciation> ParsePhonemes(std::string_view text) {
  if (text[0] == '/') {
    if (text.size() < 3 || text.back() != '/') return InvalidArgument("IPA lacks its closing '/'");
    return ParseIpa(text.substr(1, text.size() - 2));
  }
  return ParseArpabetOrIpa(text);
}

Status ParseLine(std::string_view line, std::string* word_out, UserLexicon::Entry* entry) {
  size_t end = 0;
  while (end < line.size() && !IsSpaceChar(line[end]) && line[end] != '=') ++end;
  std::string_view word = line.substr(0, end);
  const std::string_view rest = Trim(line.substr(end));
  M2TTS_RETURN_IF_ERROR(SplitRole(&word, &entry->role));
  if (word.empty()) return InvalidArgument("the line lacks its word");
  if (word.size() > kMaxWordBytes) return InvalidArgument("the word is longer than {} bytes", kMaxWordBytes);
  if (!std::all_of(word.begin(), word.end(), IsWordByte)) {
    return InvalidArgument("'{}' is not one word of letters, digits, apostrophes, hyphens and full stops",
                           word);
  }
  if (rest.empty()) return InvalidArgument("'{}' lacks its phonemes", word);
  *word_out = ToLower(word);
  if (rest[0] == '=') {
    M2TTS_ASSIGN_OR_RETURN(entry->alias, ParseAlias(rest.substr(1)));
    return OkStatus();
  }
  M2TTS_ASSIGN_OR_RETURN(entry->phonemes, ParsePhonemes(rest));
  if (entry->phonemes.size() > kMaxPhonemes) return InvalidArgument("more than {} phonemes", kMaxPhonemes);
  return OkStatus();
}

}  // namespace

StatusOr<std::shared_ptr<const UserLexicon>> UserLexicon::Parse(std::string_view text,
                                                                std::string_view name) {
  if (const size_t bad = FindInvalidUtf8(text); bad != std::string_view::npos) {
    return InvalidArgument("{}:{}: invalid UTF-8 or NUL", name,
                           1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(bad), '\n'));
  }
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  auto lexicon = std::make_shared<UserLexicon>();
  lexicon->digest_ = Sha256Hex(text);
  std::string errors;
  size_t error_count = 0;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t newline = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(std::min(text.size(), newline + 1));
    line = Trim(line.substr(0, line.find_first_of(";#")));
    if (line.empty()) continue;
    std::string word;
    Entry entry;
    Status status = ParseLine(line, &word, &entry);
    if (status.ok()) {
      std::vector<Entry>& entries = lexicon->entries_[word];
      const bool twice =
          std::any_of(entries.begin(), entries.end(), [&](const Entry& e) { return e.role == entry.role; });
      if (twice) status = InvalidArgument("'{}' is here twice", word);
      entries.push_back(std::move(entry));
    }
    if (status.ok()) continue;
    if (++error_count <= kMaxErrors) {
      errors +=
          fmt::format("{}{}:{}: {}", errors.empty() ? "" : "\n", name, number, std::string(status.message()));
    }
  }
  if (error_count > kMaxErrors) errors += fmt::format("\nand {} more", error_count - kMaxErrors);
  if (error_count > 0) return InvalidArgument("{}", errors);
  return std::shared_ptr<const UserLexicon>(std::move(lexicon));
}

const UserLexicon::Entry* UserLexicon::Find(std::string_view word, WordRole role) const {
  const auto found = entries_.find(std::string(word));
  if (found == entries_.end()) return nullptr;
  const Entry* general = nullptr;
  for (const Entry& entry : found->second) {
    if (entry.role == role && role != WordRole::kAny) return &entry;
    if (entry.role == WordRole::kAny) general = &entry;
  }
  return general;
}

bool UserLexicon::Contains(std::string_view word) const {
  return entries_.find(std::string(word)) != entries_.end();
}

}  // namespace m2tts
