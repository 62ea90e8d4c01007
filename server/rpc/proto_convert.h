// Plain structs -> messages.
#pragma once

#include "core/audio/codec.h"
#include "m2tts/v1/synthesizer.pb.h"
#include "server/synthesis/audio_sink.h"
#include "server/synthesis/synthesis_request.h"
#include "server/voices/voice.h"

namespace m2tts {

v1::StreamHeader ToHeader(const SynthesisRequest& request);
v1::SynthesisSummary ToSummary(const SynthesisReport& report);
v1::WordTiming ToWordTiming(const SpokenWord& word);
v1::MarkTiming ToMarkTiming(const SpokenMark& mark);
v1::SentenceTiming ToSentenceTiming(const SpokenSentence& sentence);
v1::LiveEvent ToLiveEvent(const LiveEvent& event);
v1::Voice ToVoice(const Voice& voice, bool is_default);
google::protobuf::Duration ToDuration(double seconds);

}  // namespace m2tts
