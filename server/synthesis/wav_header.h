// Makes the sizes of a streamed WAV exact, once its length is known.
#pragma once

#include <string>

namespace m2tts {

// Writes the lengths of the RIFF and data chunks into the header. `wav` is a whole WAV file
// whose last chunk is "data"; anything else is left alone.
void SetWavSizes(std::string* wav);

}  // namespace m2tts
