// Marks of Markdown and of lists that are seen and not heard: the "##" of a heading, the ">" of a
// quotation, the "+" of an item, the box of "- [x] done", and where the link of "[text](target)" goes.
#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

// Whether all tokens before `i` are the mark `c`.
bool OnlyBefore(const RuleInput& in, size_t i, char c) {
  for (size_t k = 0; k < i; ++k) {
    if (!in.IsMark(k, c)) return false;
  }
  return true;
}

// "## Methods", "> quoted", "+ item", at the start and apart from what follows; "> 3" and "+ 5" are said.
bool IsLineMark(const RuleInput& in, size_t i) {
  constexpr size_t kMost = 6;
  const char c = in.At(i).text[0];
  if ((c != '#' && c != '>' && c != '+') || i >= kMost || (c == '+' && i > 0) || !OnlyBefore(in, i, c))
    return false;
  size_t after = i + 1;
  while (in.IsMark(after, c) && after <= kMost) ++after;
  if (after >= in.tokens.size() || after > kMost || (c != '>' && in.Glued(after))) return false;
  return c == '#' ? true
                  : !in.Is(after, TokenKind::kNumber) && !in.IsMark(after, '=') && !in.IsMark(after, '$');
}

// "[x] " at the start, after the mark of an item.
bool IsCheckedBox(const RuleInput& in, size_t i) {
  constexpr size_t kItemTokens = 2;  // "1", "."
  if (i > kItemTokens || !in.IsMark(i, '[') || !in.IsMark(i + 2, ']') || in.Glued(i + 3)) return false;
  if (!in.IsMark(i + 1, 'x') && !in.IsMark(i + 1, 'X')) return false;
  return i == 0 || in.Is(0, TokenKind::kNumber) || !in.Is(0, TokenKind::kWord);
}

}  // namespace

size_t MarkdownRule(const RuleInput& in, size_t i, SpokenList* out) {
  const TokenKind kind = in.At(i).kind;
  if (kind == TokenKind::kSymbol) return IsLineMark(in, i) ? 1 : 0;
  if (kind == TokenKind::kPause && IsCheckedBox(in, i)) {
    out->skipped = "skipped the box of a list";
    return 3;
  }
  if (kind != TokenKind::kWeb || i < 2 || !in.IsMark(i - 1, '(') || !in.IsMark(i - 2, ']')) return 0;
  if (!in.Glued(i) || !in.Glued(i - 1) || !in.IsMark(i + 1, ')')) return 0;
  out->skipped = "skipped the target of a link";
  return 1;
}

}  // namespace m2tts
