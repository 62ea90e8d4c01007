#include "core/text/marked_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/text/char_class.h"
#include "core/text/markup/ssml.h"

namespace m2tts {
namespace {

void AddPause(double seconds, std::optional<double>* pause) {
  *pause = std::min(pause->value_or(0.0) + seconds, kMaxBreakSeconds);
}

}  // namespace

MarkedReader::MarkedReader(MarkedText text, ReadOptions options, const Lexicon* lexicon,
                           const Pronouncer* pronouncer, const PhraseModel* phrasing, size_t max_phonemes)
    : text_(std::move(text)),
      options_(std::move(options)),
      context_{*lexicon, options_.style, &options_.user},
      pronouncer_(pronouncer),
      phrasing_(phrasing),
      max_phonemes_(max_phonemes),
      skeleton_(text_.text),
      pending_(text_.warnings) {
  // No sentence ends inside a span, whatever it contains.
  for (const MarkupSpan& span : text_.spans) {
    std::fill(skeleton_.begin() + static_cast<ptrdiff_t>(span.begin),
              skeleton_.begin() + static_cast<ptrdiff_t>(span.end), 'x');
  }
  FindStretches();
}

// Takes a boundary with nothing between it and the one before: pauses add up, to a limit.
void MarkedReader::Join(const MarkupBoundary& boundary) {
  if (boundary.pause)
    AddPause(*boundary.pause, stretches_.empty() ? &pause_before_ : &stretches_.back().pause);
  if (stretches_.empty()) return;
  stretches_.back().ends_paragraph |= boundary.ends_paragraph;
  stretches_.back().mid_sentence &= boundary.mid_sentence;
}

// Cuts at the boundaries. Of those at one place the last prosody counts.
void MarkedReader::FindStretches() {
  size_t begin = 0;
  Prosody prosody;
  const auto is_blank = [&](size_t from, size_t to) {
    return std::all_of(skeleton_.begin() + static_cast<ptrdiff_t>(from),
                       skeleton_.begin() + static_cast<ptrdiff_t>(to), IsSpaceChar);
  };
  for (const MarkupBoundary& boundary : text_.boundaries) {
    if (is_blank(begin, boundary.at)) {
      Join(boundary);
    } else {
      stretches_.push_back(
          {{begin, boundary.at}, prosody, boundary.pause, boundary.ends_paragraph, boundary.mid_sentence});
    }
    begin = boundary.at;
    prosody = boundary.prosody;
  }
  if (!is_blank(begin, skeleton_.size())) {
    stretches_.push_back({{begin, skeleton_.size()}, prosody, std::nullopt, true, false});
  }
}

bool MarkedReader::NextStretch() {
  if (stretch_ == stretches_.size()) return false;
  const TextRange range = stretches_[stretch_++].range;
  splitter_base_ = range.begin;
  splitter_.emplace(std::string_view(skeleton_).substr(range.begin, range.end - range.begin), !options_.ssml);
  return true;
}

std::optional<Sentence> MarkedReader::Next() {
  while (ready_.empty()) {
    std::optional<RawSentence> raw;
    if (splitter_) raw = splitter_->Next();
    if (raw) {
      Read(*raw);
    } else if (!NextStretch()) {
      return std::nullopt;
    }
  }
  Sentence sentence = std::move(ready_.front());
  ready_.pop_front();
  return sentence;
}

void MarkedReader::Read(const RawSentence& raw) {
  const Stretch& stretch = stretches_[stretch_ - 1];
  TextRange range{raw.range.begin + splitter_base_, raw.range.end + splitter_base_};
  const bool ends_stretch = raw.ends_paragraph && range.end + 1 >= stretch.range.end;
  // A forced cut inside a span leaves the span to the sentence that it begins in.
  const auto after = std::upper_bound(text_.spans.begin(), text_.spans.end(), range.begin,
                                      [](size_t at, const MarkupSpan& span) { return at < span.end; });
  if (after != text_.spans.end() && after->begin < range.begin) range.begin = std::min(after->end, range.end);
  const std::vector<SpokenItem> items = NormalizeMarked(text_, range, context_, &pending_);
  BuildOptions build{max_phonemes_, first_phonemes_, &options_.user,
                     kLongPause,    phrasing_,       options_.style.phrase_breaks};
  const size_t rest = skeleton_.find_first_not_of(" \t\n\r", range.end);
  const bool last_of_stretch = ends_stretch || rest == std::string::npos || rest >= stretch.range.end;
  if (last_of_stretch && stretch.mid_sentence) build.final = kShortPause;
  ready_ = BuildSentences(items, *pronouncer_, build);
  if (ready_.empty()) {  // its warnings and its pause wait for the next sentence
    if (last_of_stretch && stretch.pause) AddPause(*stretch.pause, &pause_before_);
    return;
  }
  first_phonemes_ = 0;
  std::vector<TextWarning>& warnings = ready_.front().warnings;
  warnings.insert(warnings.begin(), std::make_move_iterator(pending_.begin()),
                  std::make_move_iterator(pending_.end()));
  pending_.clear();
  for (Sentence& sentence : ready_) sentence.prosody = stretch.prosody;
  ready_.front().pause_before = std::exchange(pause_before_, std::nullopt);
  Sentence& last = ready_.back();
  if (!last_of_stretch) {
    last.ends_paragraph = raw.ends_paragraph;
  } else {
    last.ends_paragraph = stretch.ends_paragraph;
    // Without a break of its own, a change of voice inside a sentence makes no pause.
    const bool open = last.phonemes[last.phonemes.size() - 2].id == kShortPause;
    last.pause_after = stretch.pause
                           ? stretch.pause
                           : (stretch.mid_sentence && open ? std::optional<double>(0.0) : std::nullopt);
  }
  const bool last_of_text = last_of_stretch && stretch_ == stretches_.size();
  for (Sentence& sentence : ready_) PlaceMarks(&sentence, last_of_text && &sentence == &last);
}

// Takes the marks that stand before the end of this sentence; with `all` the rest, too.
void MarkedReader::PlaceMarks(Sentence* sentence, bool all) {
  for (; mark_ < text_.marks.size(); ++mark_) {
    const MarkedText::Mark& mark = text_.marks[mark_];
    const auto word = std::find_if(sentence->words.begin(), sentence->words.end(),
                                   [&](const Word& w) { return w.source.begin >= mark.source.end; });
    if (word == sentence->words.end() && !all && mark.source.begin > sentence->source.end) break;
    sentence->marks.push_back({mark.name, mark.source, static_cast<size_t>(word - sentence->words.begin())});
  }
}

}  // namespace m2tts
