#include "server/synthesis/live_text.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "core/base/utf8.h"
#include "core/text/sentence_splitter.h"

namespace m2tts {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
// So much text without a place that is safe does not wait for one any longer.
constexpr size_t kMaxUnsafeBytes = 4096;
// Longer stretches between brackets are no phonemes.
constexpr size_t kMaxPhonemeBytes = kMaxRawSentenceBytes;
// About what a flush occupies, here and as an event of the answer.
constexpr size_t kFlushBytes = 64;

// What may follow: the kinds of words that the splitter tells apart.
constexpr std::string_view kProbes[] = {"The next ", "next one ", "5 is ",   "Xavier y ", "Monday at ",
                                        "IV ab ",    "EST then ", "- item ", "8:28 x ",   "Oct. 5 x "};

// Ends of the sentences of `text` before `limit`.
std::vector<size_t> SentenceEnds(std::string_view text, size_t limit) {
  std::vector<size_t> ends;
  SentenceSplitter splitter(text);
  while (const auto sentence = splitter.Next()) {
    if (sentence->range.end >= limit) break;
    ends.push_back(sentence->range.end);
  }
  return ends;
}

// Without the phonemes at its end whose brackets may still be closed.
std::string_view WithoutOpenPhonemes(std::string_view text) {
  const size_t open = text.rfind("[[");
  if (open == std::string_view::npos || text.size() - open > kMaxPhonemeBytes) return text;
  return text.find("]]", open) == std::string_view::npos ? text.substr(0, open) : text;
}

// `end`, or where phonemes in brackets begin (at the beginning: end) that it would cut in two.
size_t BesidePhonemes(std::string_view text, size_t end) {
  const size_t open = text.rfind("[[", end - 1);
  if (open == std::string_view::npos) return end;
  const size_t close = text.find("]]", open + 2);
  if (close == std::string_view::npos || close + 2 <= end || close - open > kMaxPhonemeBytes) return end;
  return open > 0 ? open : close + 2;
}

// Behind the last sentence that ends well before the end of a long text: the splitter looks no further.
size_t CutAnyway(std::string_view text, bool inline_phonemes) {
  const std::vector<size_t> ends = SentenceEnds(text, text.size() - kMaxRawSentenceBytes);
  // White space, and nothing else that long.
  if (ends.empty()) return std::min(text.find_first_not_of(kSpace), text.size());
  const size_t end = inline_phonemes ? BesidePhonemes(text, ends.back()) : ends.back();
  return std::min(text.find_first_not_of(kSpace, end), text.size());
}

size_t CertainPrefix(std::string_view text, bool inline_phonemes) {
  const size_t last_space = text.find_last_of(kSpace);
  if (last_space == std::string_view::npos) return 0;
  std::string_view known = text.substr(0, last_space + 1);  // the last word may go on
  if (inline_phonemes) known = WithoutOpenPhonemes(known);
  std::vector<size_t> stable;
  bool first = true;
  for (const std::string_view probe : kProbes) {
    std::vector<size_t> ends = SentenceEnds(std::string(known) + std::string(probe), known.size());
    if (!std::exchange(first, false)) {
      std::vector<size_t> both;
      std::set_intersection(stable.begin(), stable.end(), ends.begin(), ends.end(), std::back_inserter(both));
      ends = std::move(both);
    }
    if (ends.empty()) return 0;
    stable = std::move(ends);
  }
  return std::min(text.find_first_not_of(kSpace, stable.back()), known.size());
}

void Shift(TextRange* range, size_t by) {
  range->begin += by;
  range->end += by;
}

void Shift(Sentence* sentence, size_t by) {
  Shift(&sentence->source, by);
  for (Word& word : sentence->words) Shift(&word.source, by);
  for (SentenceMark& mark : sentence->marks) Shift(&mark.source, by);
  for (TextWarning& warning : sentence->warnings) Shift(&warning.range, by);
}

}  // namespace

size_t SafePrefix(std::string_view text, bool inline_phonemes) {
  const size_t certain = CertainPrefix(text, inline_phonemes);
  return certain > 0 || text.size() < kMaxUnsafeBytes ? certain : CutAnyway(text, inline_phonemes);
}

void LivePieces::Add(Piece piece) {
  bytes_ += piece.text.size() + (piece.flush ? kFlushBytes : 0);
  if (pieces_.empty() || pieces_.back().flush) {
    pieces_.push_back(std::move(piece));
  } else {
    pieces_.back().text += piece.text;
    pieces_.back().flush = piece.flush;
  }
}

LivePieces::Piece LivePieces::Take(size_t most) {
  Piece& first = pieces_.front();
  Piece piece;
  if (first.text.size() <= most) {
    piece = std::move(first);
    pieces_.pop_front();
  } else {
    size_t end = CutBetweenCharacters(first.text, most);
    if (end == 0) end = EndOfCharacter(first.text, 1);
    piece.text = first.text.substr(0, end);
    first.text.erase(0, end);
  }
  bytes_ -= piece.text.size() + (piece.flush ? kFlushBytes : 0);
  return piece;
}

void LivePieces::Clear() {
  pieces_.clear();
  bytes_ = 0;
}

LiveText::LiveText(const TextFrontend* frontend, ReadOptions options, size_t ahead, PostTask post,
                   std::function<void()> on_change)
    : frontend_(frontend),
      options_(std::move(options)),
      ahead_(ahead),
      post_(std::move(post)),
      on_change_(std::move(on_change)) {}

void LiveText::Append(const std::string& text, bool flush) {
  {
    MutexLock lock(&mutex_);
    received_ += text.size();
    pending_ -= pieces_.bytes();
    pieces_.Add({text, flush});
    pending_ += pieces_.bytes();
  }
  Schedule();
}

void LiveText::End() {
  {
    MutexLock lock(&mutex_);
    ending_ = true;
  }
  Schedule();
}

void LiveText::Interrupt() {
  MutexLock lock(&mutex_);
  ++generation_;
  base_ = received_;
  pieces_.Clear();
  items_.clear();
  pending_ = 0;
}

size_t LiveText::pending_bytes() const {
  MutexLock lock(&mutex_);
  return pending_;
}

void LiveText::OnRoom(std::function<void()> listener) {
  MutexLock lock(&listener_mutex_);
  on_room_ = std::move(listener);
}

bool LiveText::ready() const {
  MutexLock lock(&mutex_);
  return ended_ || !items_.empty();
}

bool LiveText::reading() const {
  MutexLock lock(&mutex_);
  return scheduled_;
}

bool LiveText::ended() const {
  MutexLock lock(&mutex_);
  return ended_ && items_.empty();
}

uint64_t LiveText::interrupts() const {
  MutexLock lock(&mutex_);
  return generation_;
}

NextSentence LiveText::Pop() {
  NextSentence next;
  {
    MutexLock lock(&mutex_);
    next.interrupts = generation_;
    for (; !items_.empty() && !items_.front().sentence.has_value(); items_.pop_front()) ++next.flushes;
    if (!items_.empty()) {
      next.sentence = std::move(items_.front().sentence);
      items_.pop_front();
    }
  }
  Schedule();
  return next;
}

void LiveText::Stop() {
  MutexLock lock(&mutex_);
  ended_ = true;
  items_.clear();
  pieces_.Clear();
}

Status LiveText::error() const {
  MutexLock lock(&mutex_);
  return error_;
}

std::vector<TextWarning> LiveText::trailing_warnings() const {
  MutexLock lock(&mutex_);
  return trailing_;
}

double LiveText::seconds() const {
  MutexLock lock(&mutex_);
  return seconds_;
}

bool LiveText::HasWork() const {
  return !ended_ && items_.size() < ahead_ && (!pieces_.empty() || !idle_ || ending_);
}

void LiveText::Schedule() {
  {
    MutexLock lock(&mutex_);
    if (scheduled_ || !HasWork()) return;
    scheduled_ = true;
  }
  post_([self = shared_from_this()] { self->Run(); });
}

// One sentence a task, so that requests share the pool's threads fairly.
void LiveText::Run() {
  const auto start = std::chrono::steady_clock::now();
  const bool ending = Take();
  Join();
  Status status;
  std::optional<Item> item;
  searched_in_vain_ = false;
  if (!stretch_.has_value()) {
    status = BeginStretch(ending);
    searched_in_vain_ = !stretch_.has_value();
  }
  if (stretch_.has_value()) item = NextItem();
  Finish(std::move(item), status,
         std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

// Moves what has arrived to the task. True: nothing more will.
bool LiveText::Take() {
  MutexLock lock(&mutex_);
  if (generation_ != task_generation_) {
    task_generation_ = generation_;
    taken_.Clear();
    buffer_.clear();
    buffer_base_ = base_;
    flush_ = false;
    stretch_.reset();
  }
  while (!pieces_.empty()) taken_.Add(pieces_.Take());
  return ending_;
}

// Pieces to one text, up to the first flush.
void LiveText::Join() {
  while (!flush_ && !taken_.empty()) {
    const LivePieces::Piece piece = taken_.Take();
    buffer_ += piece.text;
    flush_ = piece.flush;
  }
}

Status LiveText::BeginStretch(bool ending) {
  const bool all = flush_ || (ending && taken_.empty());
  const size_t cut = all ? buffer_.size() : SafePrefix(buffer_, options_.inline_phonemes);
  if (cut == 0 && !flush_) return OkStatus();
  Stretch stretch;
  stretch.base = buffer_base_;
  stretch.flush = flush_;
  std::string text = buffer_.substr(0, cut);
  stretch.text_end = text.find_last_not_of(kSpace) + 1;  // npos + 1 is 0: nothing but white space
  stretch.paragraph =
      std::count(text.begin() + static_cast<ptrdiff_t>(stretch.text_end), text.end(), '\n') > 1;
  buffer_.erase(0, cut);
  buffer_base_ += cut;
  flush_ = false;
  if (stretch.text_end > 0) {
    M2TTS_ASSIGN_OR_RETURN(stretch.reader, frontend_->Read(std::move(text), options_));
  }
  stretch_ = std::move(stretch);
  return OkStatus();
}

std::optional<LiveText::Item> LiveText::NextItem() {
  if (stretch_->reader != nullptr) {
    if (std::optional<Sentence> sentence = stretch_->reader->Next()) {
      // To the reader, the stretch is all there is.
      if (sentence->source.end >= stretch_->text_end) sentence->ends_paragraph = stretch_->paragraph;
      Shift(&*sentence, stretch_->base);
      return Item{std::move(sentence)};
    }
    for (TextWarning warning : stretch_->reader->trailing_warnings()) {
      Shift(&warning.range, stretch_->base);
      if (task_warnings_.size() < kMaxWarnings) task_warnings_.push_back(std::move(warning));
    }
  }
  const bool flush = stretch_->flush;
  stretch_.reset();
  return flush ? std::optional<Item>(Item()) : std::nullopt;
}

size_t LiveText::TaskBytes() const {
  return buffer_.size() + taken_.bytes();
}

void LiveText::Finish(std::optional<Item> item, const Status& status, double seconds) {
  {
    MutexLock lock(&mutex_);
    seconds_ += seconds;
    scheduled_ = false;
    if (ended_) return;  // stopped meanwhile
    const bool interrupted = generation_ != task_generation_;
    if (!interrupted) {
      if (item.has_value()) {
        if (item->sentence.has_value()) TellRead(*item->sentence);
        items_.push_back(*std::move(item));
      }
      pending_ = pieces_.bytes() + TaskBytes();
      idle_ = searched_in_vain_ && taken_.empty();
      if (idle_ && status.ok()) TellRead(buffer_base_ + buffer_.size());
    } else {
      idle_ = true;
    }
    const bool nothing_left = pieces_.empty() && (interrupted || (!stretch_ && TaskBytes() == 0 && !flush_));
    if (!status.ok() || (ending_ && nothing_left)) {
      ended_ = true;
      error_ = status;
      trailing_ = task_warnings_;
    }
  }
  on_change_();
  {
    MutexLock lock(&listener_mutex_);
    if (on_room_) on_room_();
  }
  Schedule();
}

}  // namespace m2tts
