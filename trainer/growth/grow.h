// A trained acoustic model made wider and deeper without changing what it computes (Net2Net, Chen et al.
// 2016), to be trained on from there.
//
//   width   each channel is repeated; where the copies come together again, each weight is split between
//           them in random shares, so that the copies learn different things. All channels are repeated
//           equally often: mean and deviation in the layer norms stay.
//   depth   blocks are added behind the others; the projections that end their residual branches are zero, so
//           that they pass on what they get.
#pragma once

#include <cstdint>

#include "core/audio/audio_config.h"
#include "core/base/status.h"
#include "core/model/model_config.h"
#include "core/voice/safetensors.h"

namespace m2tts {

// weights: of AcousticModel(from, audio), by name. Returns those of AcousticModel(to, audio), which makes the
// same of every input, within rounding. Random shares follow `seed`. INVALID_ARGUMENT as CheckGrowth, or
// naming a tensor that is missing or has another shape.
StatusOr<TensorMap> GrowAcoustic(const TensorMap& weights, const ModelConfig& from, const ModelConfig& to,
                                 const AudioConfig& audio, uint64_t seed);

// How much more than `from` `to` keeps in memory for a step, about: values of all layers for the backward
// pass.
double GrowthOfMemory(const ModelConfig& from, const ModelConfig& to);

}  // namespace m2tts
