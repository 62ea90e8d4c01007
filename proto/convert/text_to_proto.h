// What the text front end found, as messages. Shared by the daemon and by `m2tts analyze
// --offline`, so that both answer alike. Pure functions.
#pragma once

#include "core/text/sentence.h"
#include "m2tts/v1/synthesizer.pb.h"

namespace m2tts {

v1::TextWarning ToProto(const TextWarning& warning);
v1::TextRange ToProto(const TextRange& range);
v1::AnalyzedSentence ToProto(const Sentence& sentence);

}  // namespace m2tts
