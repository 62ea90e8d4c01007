// Telephone numbers, digit by digit with a short pause between the groups:
// "555-1234", "800-555-1234", "(800) 555-1234", "+1 800 555 1234", "1-800-555-1234".
#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

// The digit groups of "800-555-1234" (also with dots), or empty.
std::vector<std::string_view> Groups(std::string_view text) {
  std::vector<std::string_view> groups;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find_first_of("-.", begin), text.size());
    const std::string_view group = text.substr(begin, end - begin);
    if (!AllDigits(group)) return {};
    groups.push_back(group);
    begin = end + 1;
  }
  return groups;
}

void SayGroups(const std::vector<std::string_view>& groups, SpokenList* out) {
  for (size_t g = 0; g < groups.size(); ++g) {
    if (g > 0) out->Pause(kShortPause, ",");
    out->Letters(groups[g]);
  }
}

bool EndsLikeTelephone(const std::vector<std::string_view>& g) {
  return g.size() >= 2 && g.back().size() == 4 && g[g.size() - 2].size() == 3;
}

}  // namespace

size_t TelephoneRule(const RuleInput& in, size_t i, SpokenList* out) {
  // "(800) 555-1234"
  if (in.IsMark(i, '(') && in.Is(i + 1, TokenKind::kNumber) && in.At(i + 1).text.size() == 3 &&
      AllDigits(in.At(i + 1).text) && in.IsMark(i + 2, ')') && in.Is(i + 3, TokenKind::kNumber)) {
    std::vector<std::string_view> rest = Groups(in.At(i + 3).text);
    if (rest.size() != 2 || !EndsLikeTelephone(rest)) return 0;
    rest.insert(rest.begin(), in.At(i + 1).text);
    SayGroups(rest, out);
    return 4;
  }
  // "+1 800 555 1234", "+44-20-7946-0958"
  if (in.IsMark(i, '+') && in.Is(i + 1, TokenKind::kNumber) && in.Glued(i + 1)) {
    std::vector<std::string_view> groups = Groups(in.At(i + 1).text);
    size_t used = 2;
    while (!groups.empty() && used < 7 && in.Is(i + used, TokenKind::kNumber) && groups.size() < 6) {
      const std::vector<std::string_view> more = Groups(in.At(i + used).text);
      if (more.empty()) break;
      groups.insert(groups.end(), more.begin(), more.end());
      ++used;
    }
    size_t digits = 0;
    for (const std::string_view group : groups) digits += group.size();
    if (digits < 8 || digits > 15) return 0;
    out->Word("plus");
    SayGroups(groups, out);
    return used;
  }
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  const std::vector<std::string_view> groups = Groups(in.At(i).text);
  const bool dots = in.At(i).text.find('.') != std::string_view::npos;
  if (!EndsLikeTelephone(groups) || groups.size() > 4) return 0;
  if (groups.size() == 2 && dots) return 0;  // "555.1234" is a decimal
  if (groups.size() >= 3 && groups[groups.size() - 3].size() != 3) return 0;
  if (groups.size() == 4 && groups[0].size() > 2) return 0;
  SayGroups(groups, out);
  return 1;
}

}  // namespace m2tts
