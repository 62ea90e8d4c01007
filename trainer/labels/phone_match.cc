#include "trainer/labels/phone_match.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "core/text/arpabet.h"

namespace m2tts {
namespace {

constexpr double kMaxUnmatched = 1.0 / 3.0;
constexpr size_t kMostLabels = 8;  // for each phoneme; bounds what matching costs
constexpr int kFirstShown = 3;     // labels of unknown names in a message

// What a label can be: a phone, silence, or nothing that we know.
struct Heard {
  bool silence = false;
  PhonemeId phone = kPad;  // kPad: unknown
};

Heard Interpret(const Label& label) {
  static const std::set<std::string> kSilences = {"",  "SIL",     "SP",    "SPN", "PAU", "H#",   "#",
                                                  "_", "SILENCE", "<EPS>", "<P>", "EPI", "BRTH", "SSIL"};
  // TIMIT's and others' names for sounds that we write otherwise.
  static const std::map<std::string, std::string> kOthers = {
      {"DX", "T"},   {"NX", "N"},  {"EL", "L"},  {"EM", "M"},   {"EN", "N"},
      {"ENG", "NG"}, {"HV", "HH"}, {"UX", "UW"}, {"AXH", "AX"}, {"H", "HH"}};
  std::string name = label.name;
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (kSilences.count(name) > 0) return {true, kPad};
  while (!name.empty() && std::isdigit(static_cast<unsigned char>(name.back())) != 0) name.pop_back();
  const auto other = kOthers.find(name);
  const auto id = PhonemeFromSymbol(other == kOthers.end() ? name : other->second);
  return {false, id.has_value() && !IsSpecial(*id) ? FullVowel(*id) : kPad};
}

// Of putting phoneme and label together; infinite where they cannot be.
constexpr double kNever = 1e9;
double MatchCost(PhonemeId phoneme, const Heard& heard) {
  if (IsSpecial(phoneme)) return heard.silence ? 0.0 : kNever;
  if (heard.silence || heard.phone == kPad) return kNever;
  if (FullVowel(phoneme) == heard.phone) return 0.0;
  return IsVowel(phoneme) == IsVowel(heard.phone) ? 0.7 : kNever;
}
double PhonemeAloneCost(PhonemeId phoneme) {
  return IsSpecial(phoneme) ? 0.01 : 1.0;
}
double LabelAloneCost(const Heard& heard) {
  return heard.silence ? 0.1 : 1.0;
}

// The label of each phoneme, -1 for none, by the cheapest edit.
std::vector<int> Match(const std::vector<Phoneme>& phonemes, const std::vector<Heard>& heard) {
  const size_t rows = phonemes.size() + 1, cols = heard.size() + 1;
  std::vector<double> cost(rows * cols, 0.0);
  const auto at = [&](size_t i, size_t j) -> double& { return cost[i * cols + j]; };
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < cols; ++j) {
      if (i == 0 && j == 0) continue;
      double best = kNever;
      if (i > 0) best = std::min(best, at(i - 1, j) + PhonemeAloneCost(phonemes[i - 1].id));
      if (j > 0) best = std::min(best, at(i, j - 1) + LabelAloneCost(heard[j - 1]));
      if (i > 0 && j > 0)
        best = std::min(best, at(i - 1, j - 1) + MatchCost(phonemes[i - 1].id, heard[j - 1]));
      at(i, j) = best;
    }
  }
  std::vector<int> label(phonemes.size(), -1);
  for (size_t i = phonemes.size(), j = heard.size(); i > 0;) {
    const auto& phoneme = phonemes[i - 1];
    // Of two pauses and one silence, the first has it.
    if (IsSpecial(phoneme.id) && at(i, j) == at(i - 1, j) + PhonemeAloneCost(phoneme.id)) {
      --i;
    } else if (j > 0 && at(i, j) == at(i - 1, j - 1) + MatchCost(phoneme.id, heard[j - 1])) {
      label[--i] = static_cast<int>(--j);
    } else if (at(i, j) == at(i - 1, j) + PhonemeAloneCost(phoneme.id)) {
      --i;
    } else {
      --j;
    }
  }
  return label;
}

Status CheckFit(const std::vector<Phoneme>& phonemes, const std::vector<Label>& labels,
                const std::vector<Heard>& heard, const std::vector<int>& matched, const std::string& source) {
  int phones = 0, alone = 0, sounds = 0;
  for (size_t i = 0; i < phonemes.size(); ++i) {
    if (IsSpecial(phonemes[i].id)) continue;
    ++phones;
    alone += matched[i] < 0;
  }
  std::string unknown;
  int shown = 0;
  for (size_t j = 0; j < heard.size(); ++j) {
    if (heard[j].silence) continue;
    ++sounds;
    if (heard[j].phone == kPad && shown++ < kFirstShown) unknown += " '" + labels[j].name + "'";
  }
  const int unused = sounds - (phones - alone);
  if (alone <= kMaxUnmatched * phones && unused <= kMaxUnmatched * std::max(1, sounds)) return OkStatus();
  return Errorf(
      StatusCode::kFailedPrecondition,
      "{}: the labels do not fit the transcript: {} of {} phonemes and {} of {} labels have no partner{}{}",
      source, alone, phones, unused, sounds, unknown.empty() ? "" : "; not ARPAbet:", unknown);
}

}  // namespace

StatusOr<std::vector<double>> MatchLabels(const std::vector<Label>& labels, const Sentence& sentence,
                                          const std::string& source) {
  const auto& phonemes = sentence.phonemes;
  if (labels.size() > kMostLabels * phonemes.size()) {
    return Errorf(StatusCode::kFailedPrecondition,
                  "{}: the labels do not fit the transcript: {} labels for {} phonemes", source,
                  labels.size(), phonemes.size());
  }
  std::vector<Heard> heard;
  for (const Label& label : labels) heard.push_back(Interpret(label));
  const std::vector<int> matched = Match(phonemes, heard);
  M2TTS_RETURN_IF_ERROR(CheckFit(phonemes, labels, heard, matched, source));

  std::vector<double> starts(phonemes.size());
  double known = labels.front().begin;  // where the phoneme before starts
  for (size_t i = 0; i < phonemes.size();) {
    if (matched[i] >= 0) {
      known = starts[i] = labels[matched[i]].begin;
      ++i;
      continue;
    }
    // A stretch without labels, up to the next that has one.
    size_t end = i, sounding = 0;
    for (; end < phonemes.size() && matched[end] < 0; ++end) sounding += !IsSpecial(phonemes[end].id);
    const double until = end < phonemes.size() ? labels[matched[end]].begin : labels.back().end;
    // Sounds share the time with the phoneme before; boundaries take none of it, but start where the next
    // sound does.
    size_t count = 0;
    for (size_t k = i; k < end; ++k) {
      const bool boundary = IsSpecial(phonemes[k].id);
      if (!boundary) ++count;
      const double share =
          static_cast<double>(count + (boundary ? 1 : 0)) / static_cast<double>(sounding + 1);
      starts[k] = known + (until - known) * share;
    }
    i = end;
  }
  return starts;
}

}  // namespace m2tts
