// Gradient checkpointing (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"): a block
// that keeps its input alone, and computes its inside again when gradients come back.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <vector>

namespace m2tts {

// block(x), with the gradients that it would have had. `parameters`: all that learn in the block. Randomness
// (dropout) and autocast are the same in both computations. Costs one more forward pass of the block,
// and keeps what its graph points at (masks) alive until the backward pass. Without gradients asked
// for, the same as block(x). Errors of the block are exceptions, in either pass.
torch::Tensor Recompute(const std::function<torch::Tensor(const torch::Tensor&)>& block,
                        const torch::Tensor& x, const std::vector<torch::Tensor>& parameters);

}  // namespace m2tts
