// Shows the progress of a corpus to a person.
#pragma once

#include <cstdio>
#include <string>

#include "trainer/corpus/corpus.h"

namespace m2tts {

// "1200 of 3400 sentences (0 kept), 1.9 h of audio, ETA 2:05".
std::string FormatCorpusProgress(const CorpusProgress& progress);

// On a terminal one line that is rewritten; elsewhere a line at each tenth of the way.
CorpusProgressFn PrintCorpusProgress(std::FILE* stream);

}  // namespace m2tts
