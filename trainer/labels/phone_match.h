// Labels of a recording to the phonemes that our front end has for its text. The two seldom agree wholly:
// labels come from another dictionary and phone set, and know nothing of our word boundaries.
#pragma once

#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/text/sentence.h"
#include "trainer/labels/label_file.h"

namespace m2tts {

// Where each phoneme of the sentence starts, in seconds, ascending. Phones are ARPAbet in any case, with or
// without stress digits, reduced vowels or TIMIT's variants; "sil", "pau", "sp" and their like, and labels
// without a name, are silence.
//
// The two rows are matched by the cheapest edit: a vowel may stand for another vowel and a consonant for
// another at some cost, boundaries and pauses of the sentence match silence or nothing. Phonemes without a
// label share the time of their neighbours; labels without a phoneme belong to the one before.
// FAILED_PRECONDITION (naming `source`) when more than a third of the phonemes or labels find no partner:
// what was said is not what is written.
StatusOr<std::vector<double>> MatchLabels(const std::vector<Label>& labels, const Sentence& sentence,
                                          const std::string& source);

}  // namespace m2tts
