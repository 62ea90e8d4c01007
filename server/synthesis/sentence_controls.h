// What a request and the markup of its text together ask of one sentence. Pure functions.
#pragma once

#include "core/synthesis_controls.h"
#include "core/text/sentence.h"
#include "server/synthesis/synthesis_request.h"

namespace m2tts {

// The request's controls with the sentence's prosody on top, within what voices can do.
SynthesisControls ControlsFor(const SynthesisRequest& request, const Prosody& prosody);

// Silence after a sentence that is spoken at `speed`, before the next one. What the text (<break>) or the
// request gives in seconds does not depend on the speed; what the request gives is exact.
double PauseSecondsAfter(const Sentence& sentence, const SynthesisRequest& request, double speed);

}  // namespace m2tts
