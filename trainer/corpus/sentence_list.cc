#include "trainer/corpus/sentence_list.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>

#include "core/base/file.h"

namespace m2tts {
namespace {

constexpr size_t kMaxIdLength = 64;
constexpr size_t kMaxTextLength = 1000;
constexpr size_t kMaxFileBytes = size_t{256} << 20;

bool ValidId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxIdLength && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

StatusOr<ListedSentence> ParseLine(std::string_view line, SentenceCharset charset) {
  const size_t first = line.find('|');
  if (first == std::string_view::npos) return InvalidArgument("expected 'id|text', found no '|'");
  const std::string_view id = line.substr(0, first);
  std::string_view text = line.substr(first + 1);
  if (const size_t second = text.find('|'); second != std::string_view::npos) text = text.substr(second + 1);
  if (text.find('|') != std::string_view::npos) return InvalidArgument("more than three columns");

  if (!ValidId(id)) {
    return InvalidArgument("bad id '{}': 1 to {} letters, digits, '-' or '_' make one",
                           std::string(id.substr(0, kMaxIdLength)), kMaxIdLength);
  }
  if (text.find_first_not_of(' ') == std::string_view::npos)
    return InvalidArgument("'{}' has no text", std::string(id));
  if (text.size() > kMaxTextLength) {
    return InvalidArgument("text of {} characters, more than {}", text.size(), kMaxTextLength);
  }
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f || (byte > 0x7f && charset == SentenceCharset::kAscii)) {
      return InvalidArgument("byte {:#04x} in column {}: only printable ASCII can be read aloud", byte,
                             text.data() - line.data() + i + 1);
    }
  }
  return ListedSentence{std::string(id), std::string(text)};
}

}  // namespace

StatusOr<std::vector<ListedSentence>> ParseSentenceList(std::string_view content, const std::string& source,
                                                        SentenceCharset charset) {
  std::vector<ListedSentence> sentences;
  std::unordered_map<std::string, size_t> line_of_id;
  size_t number = 0;
  while (!content.empty()) {
    ++number;
    const size_t end = content.find('\n');
    std::string_view line = content.substr(0, end);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    StatusOr<ListedSentence> sentence = ParseLine(line, charset);
    if (!sentence.ok()) return Annotate(sentence.status(), fmt::format("{}: line {}", source, number));
    const auto [earlier, fresh] = line_of_id.emplace(sentence->id, number);
    if (!fresh) {
      return InvalidArgument("{}: line {}: id '{}' was already used in line {}", source, number, sentence->id,
                             earlier->second);
    }
    sentences.push_back(*std::move(sentence));
  }
  if (sentences.empty()) return InvalidArgument("{}: no sentences; expected lines 'id|text'", source);
  return sentences;
}

StatusOr<std::vector<ListedSentence>> ReadSentenceList(const std::filesystem::path& path,
                                                       SentenceCharset charset) {
  M2TTS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path, kMaxFileBytes));
  return ParseSentenceList(content, path.string(), charset);
}

}  // namespace m2tts
