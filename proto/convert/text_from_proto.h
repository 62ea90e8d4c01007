// How a request wants its text read, from messages. Shared by the daemon and by `m2tts analyze
// --offline`. Pure functions.
#pragma once

#include "core/base/status.h"
#include "core/text/frontend.h"
#include "m2tts/v1/synthesizer.pb.h"

namespace m2tts {

// What `options` leave open is as in `style`. INVALID_ARGUMENT for values that are not known, and with
// every bad line of the lexicon; the message begins with the name of the field.
StatusOr<ReadOptions> FromProto(const v1::TextOptions& options, const TextStyle& style);

}  // namespace m2tts
