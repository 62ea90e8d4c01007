#include "core/text/markup/marked_text.h"

#include <algorithm>

namespace m2tts {

void MarkedText::Append(std::string_view piece, TextRange source) {
  if (piece.empty()) return;
  const bool same = source.end - source.begin == piece.size();
  if (same && !pieces_.empty()) {
    Piece& last = pieces_.back();
    const bool last_same = last.source.end - last.source.begin == last.end - last.begin;
    if (last_same && last.source.end == source.begin) {
      last.end += piece.size();
      last.source.end = source.end;
      text += piece;
      return;
    }
  }
  pieces_.push_back({text.size(), text.size() + piece.size(), source});
  text += piece;
}

const MarkedText::Piece* MarkedText::PieceAt(size_t at) const {
  const auto after =
      std::upper_bound(pieces_.begin(), pieces_.end(), at,
                       [](size_t position, const Piece& piece) { return position < piece.begin; });
  return after == pieces_.begin() ? nullptr : &*(after - 1);
}

TextRange MarkedText::SourceOf(TextRange range) const {
  const auto is_same = [](const Piece& piece) {
    return piece.source.end - piece.source.begin == piece.end - piece.begin;
  };
  TextRange source;
  if (const Piece* const piece = PieceAt(range.begin)) {
    source.begin = is_same(*piece) ? piece->source.begin + std::min(range.begin, piece->end) - piece->begin
                                   : piece->source.begin;
  }
  source.end = source.begin;
  if (range.end > range.begin) {
    const Piece* const piece = PieceAt(range.end - 1);
    if (piece != nullptr) {
      source.end = is_same(*piece) ? piece->source.begin + std::min(range.end, piece->end) - piece->begin
                                   : piece->source.end;
    }
  }
  source.end = std::max(source.begin, source.end);
  return source;
}

}  // namespace m2tts
