#include "core/audio/dft_matrix.h"

#include <cmath>
#include <map>
#include <string>
#include <tuple>

#include "core/base/mutex.h"

namespace m2tts {
namespace {

// float64 on CPU, [n, 2 * (n/2 + 1)]: cos and -sin columns.
torch::Tensor ForwardMatrix(int64_t n) {
  const auto options = torch::TensorOptions(torch::kFloat64);
  const auto sample = torch::arange(n, torch::kInt64).unsqueeze(1);
  const auto bin = torch::arange(n / 2 + 1, torch::kInt64).unsqueeze(0);
  // The product is reduced as an integer: a large angle would lose digits.
  const auto angle = (sample * bin).remainder(n).to(options.dtype()) * (2.0 * M_PI / static_cast<double>(n));
  return torch::cat({angle.cos(), -angle.sin()}, 1);
}

// float64 on CPU, [2 * (n/2 + 1), n]: interior bins count twice, for their mirror images.
torch::Tensor InverseMatrix(int64_t n) {
  auto weight = torch::full({n / 2 + 1}, 2.0 / static_cast<double>(n), torch::kFloat64);
  weight[0] = 1.0 / static_cast<double>(n);
  weight[n / 2] = 1.0 / static_cast<double>(n);
  return ForwardMatrix(n).t() * torch::cat({weight, weight}).unsqueeze(1);
}

torch::Tensor CachedMatrix(bool inverse, int64_t n, const torch::Tensor& like) {
  using Key = std::tuple<bool, int64_t, torch::ScalarType, std::string>;
  // Never destroyed: device tensors must not outlive their backend at exit.
  static auto* mutex = new Mutex;
  static auto* cache = new std::map<Key, torch::Tensor>;
  MutexLock lock(mutex);
  torch::Tensor& matrix = (*cache)[Key(inverse, n, like.scalar_type(), like.device().str())];
  if (!matrix.defined()) {
    torch::NoGradGuard no_grad;
    // Cast first: MPS has no float64.
    matrix = (inverse ? InverseMatrix(n) : ForwardMatrix(n)).to(like.scalar_type()).to(like.device());
  }
  return matrix;
}

}  // namespace

torch::Tensor DftByMatrix(const torch::Tensor& frames) {
  return torch::matmul(frames, CachedMatrix(false, frames.size(-1), frames));
}

torch::Tensor InverseDftByMatrix(const torch::Tensor& parts, int64_t n) {
  return torch::matmul(parts, CachedMatrix(true, n, parts));
}

}  // namespace m2tts
