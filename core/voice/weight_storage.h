// How the weights of a voice are stored: as they are, in half precision, or in 8 bits.
//
// int8: each matrix ("....weight" of two or more dimensions) is kept as whole numbers q in [-127, 127] with
// one scale per row (its first dimension, the output channel): w = q * scale. The scales stand beside it
// as "NAME.row_scale", float32 [rows, 1, ...]. What is not a matrix (biases, norms, statistics) is fp16. This
// is symmetric per-channel quantization (Jacob et al. 2018, section 2), of the storage only: weights are
// widened to fp32 when a voice is loaded, and computed with as such.
#pragma once

#include <string>

#include "core/base/status.h"
#include "core/voice/safetensors.h"

namespace m2tts {

// "fp32", "fp16", "int8".
bool IsWeightDtype(const std::string& dtype);

// Finite float weights -> what is written. INVALID_ARGUMENT names a tensor that is not of floating-point
// numbers, or not finite in the dtype.
StatusOr<TensorMap> StoreWeights(const TensorMap& weights, const std::string& dtype);

// What was read -> float32. DATA_LOSS names a tensor of another type than `dtype` says, a matrix
// without scales, scales that do not fit or are not finite, or scales without a matrix.
StatusOr<TensorMap> WidenWeights(TensorMap stored, const std::string& dtype);

}  // namespace m2tts
