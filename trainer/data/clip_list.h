// Which clips a run learns from: RUN/clips.txt, a line for each, so that a run that goes on does so with the
// same clips, split as before.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/status.h"
#include "trainer/data/corpus.h"

namespace m2tts {

// "ID PART FEATURES PHONEMES:READING\n" of each clip in the order of the corpus. PART: "learn", "hold" (held
// out). FEATURES: key in the feature cache, hence of sound and settings. PHONEMES: their number. READING:
// HashOfReading.
std::string ListClips(const Corpus& corpus);

// Of the phonemes and their stress, 12 hexadecimal digits: another text, or another lexicon.
std::string HashOfReading(const Sentence& sentence);

// Writes the list when `file` is not there; else compares. FAILED_PRECONDITION names up to five clips that
// are gone, new, moved between the parts, or of other sound or text.
Status CheckClips(const std::filesystem::path& file, const Corpus& corpus);

}  // namespace m2tts
