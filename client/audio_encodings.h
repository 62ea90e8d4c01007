// The encodings of audio by the names that people know: of flags and of files.
#pragma once

#include <map>
#include <string>

#include "m2tts/v1/synthesizer.pb.h"

namespace m2tts {

// Lower-case names for --encoding, with the usual synonyms.
const std::map<std::string, v1::AudioEncoding>& NamedEncodings();

// What the suffix of a file asks for; WAV when it does not say.
v1::AudioEncoding EncodingForFile(const std::string& name);

}  // namespace m2tts
