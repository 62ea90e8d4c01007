#include "core/voice/weight_storage.h"

namespace m2tts {
namespace {

constexpr char kScale[] = ".row_scale";
constexpr double kLargest = 127.0;

bool EndsWith(const std::string& name, const std::string& ending) {
  return name.size() > ending.size() && name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
}

bool IsMatrix(const std::string& name, const torch::Tensor& tensor) {
  return EndsWith(name, ".weight") && tensor.dim() >= 2;
}

// [rows, 1, ...]: the shape of one scale per row.
std::vector<int64_t> ScaleShape(const torch::Tensor& matrix) {
  std::vector<int64_t> shape(matrix.dim(), 1);
  shape[0] = matrix.size(0);
  return shape;
}

void Quantize(const std::string& name, const torch::Tensor& matrix, TensorMap* stored) {
  const auto rows = matrix.to(torch::kFloat).flatten(1);
  auto scale = std::get<0>(rows.abs().max(1)) / kLargest;
  scale = torch::where(scale > 0, scale, torch::ones_like(scale)).reshape(ScaleShape(matrix));
  stored->emplace(name, (matrix / scale).round().clamp(-kLargest, kLargest).to(torch::kChar));
  stored->emplace(name + kScale, scale);
}

Status WrongType(const std::string& name, const torch::Tensor& tensor, const std::string& dtype) {
  return DataLoss("tensor '{}' is {}, which does not fit weights.dtype {} of voice.json", name,
                  c10::toString(tensor.scalar_type()), dtype);
}

StatusOr<torch::Tensor> Dequantize(const std::string& name, const torch::Tensor& matrix,
                                   const TensorMap& stored) {
  const auto found = stored.find(name + kScale);
  if (found == stored.end()) return DataLoss("tensor '{}' has no '{}{}'", name, name, kScale);
  const torch::Tensor& scale = found->second;
  if (scale.scalar_type() != torch::kFloat || matrix.dim() < 1 || scale.sizes().vec() != ScaleShape(matrix) ||
      !torch::isfinite(scale).all().item<bool>()) {
    return DataLoss("tensor '{}{}' does not give each row of '{}' a finite float32", name, kScale, name);
  }
  return matrix.to(torch::kFloat) * scale;
}

}  // namespace

bool IsWeightDtype(const std::string& dtype) {
  return dtype == "fp32" || dtype == "fp16" || dtype == "int8";
}

StatusOr<TensorMap> StoreWeights(const TensorMap& weights, const std::string& dtype) {
  const c10::ScalarType plain = dtype == "fp32" ? torch::kFloat : torch::kHalf;
  TensorMap stored;
  for (const auto& [name, tensor] : weights) {
    if (!tensor.defined() || !tensor.is_floating_point()) {
      return InvalidArgument("tensor '{}' is not of floating-point numbers", name);
    }
    const torch::Tensor value = tensor.detach().to(torch::kCPU);
    const torch::Tensor narrowed = value.to(plain);
    if (!torch::isfinite(narrowed).all().item<bool>()) {
      return InvalidArgument("tensor '{}' is not finite as {}", name, c10::toString(plain));
    }
    if (dtype == "int8" && IsMatrix(name, value)) {
      Quantize(name, value, &stored);
    } else {
      stored.emplace(name, narrowed);
    }
  }
  return stored;
}

StatusOr<TensorMap> WidenWeights(TensorMap stored, const std::string& dtype) {
  const bool quantized = dtype == "int8";
  const c10::ScalarType plain = dtype == "fp32" ? torch::kFloat : torch::kHalf;
  TensorMap weights;
  for (const auto& [name, tensor] : stored) {
    if (quantized && EndsWith(name, kScale)) {
      const auto matrix = stored.find(name.substr(0, name.size() - (sizeof(kScale) - 1)));
      if (matrix == stored.end() || matrix->second.scalar_type() != torch::kChar) {
        return DataLoss("tensor '{}' scales no tensor", name);
      }
    } else if (quantized && tensor.scalar_type() == torch::kChar) {
      M2TTS_ASSIGN_OR_RETURN(auto widened, Dequantize(name, tensor, stored));
      weights.emplace(name, std::move(widened));
    } else if (tensor.scalar_type() == plain) {
      weights.emplace(name, tensor.to(torch::kFloat));
    } else {
      return WrongType(name, tensor, dtype);
    }
  }
  return weights;
}

}  // namespace m2tts
