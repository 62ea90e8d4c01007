#include "core/device/autocast.h"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace m2tts {
namespace {

// Since 2.4 every kind of device has the same calls; before, CUDA and CPU have their own, others none.
#define M2TTS_AUTOCAST_BY_DEVICE \
  (TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4))

void SetAutocast(const torch::Device& device, const AutocastMode& mode) {
#if M2TTS_AUTOCAST_BY_DEVICE
  at::autocast::set_autocast_enabled(device.type(), mode.enabled);
  if (mode.enabled) at::autocast::set_autocast_dtype(device.type(), mode.dtype);
#else
  if (device.is_cuda()) {
    at::autocast::set_enabled(mode.enabled);
    if (mode.enabled) at::autocast::set_autocast_gpu_dtype(mode.dtype);
  } else if (device.is_cpu()) {
    at::autocast::set_cpu_enabled(mode.enabled);
    if (mode.enabled) at::autocast::set_autocast_cpu_dtype(mode.dtype);
  }
#endif
}

AutocastMode ModeOf(Precision precision) {
  switch (precision) {
    case Precision::kBf16:
      return {true, at::kBFloat16};
    case Precision::kFp16:
      return {true, at::kHalf};
    case Precision::kFp32:
      break;
  }
  return {};
}

}  // namespace

StatusOr<Precision> ParsePrecision(const std::string& name) {
  if (name == "fp32") return Precision::kFp32;
  if (name == "bf16") return Precision::kBf16;
  if (name == "fp16") return Precision::kFp16;
  return InvalidArgument("precision: '{}' is not one of fp32, bf16, fp16", name);
}

Status CheckPrecision(Precision precision, const torch::Device& device) {
  if (precision == Precision::kFp32) return OkStatus();
  if (device.is_cpu() && precision == Precision::kFp16) {
    return Errorf(StatusCode::kFailedPrecondition, "precision: a CPU computes in fp32 or bf16, not in fp16");
  }
  if (!M2TTS_AUTOCAST_BY_DEVICE && !device.is_cpu() && !device.is_cuda()) {
    return Errorf(StatusCode::kFailedPrecondition,
                  "precision: LibTorch {} computes in fp32 on '{}'; 2.4 has more", TORCH_VERSION,
                  device.str());
  }
  return OkStatus();
}

AutocastMode CurrentAutocast(const torch::Device& device) {
#if M2TTS_AUTOCAST_BY_DEVICE
  return {at::autocast::is_autocast_enabled(device.type()), at::autocast::get_autocast_dtype(device.type())};
#else
  if (device.is_cuda()) return {at::autocast::is_enabled(), at::autocast::get_autocast_gpu_dtype()};
  if (device.is_cpu()) return {at::autocast::is_cpu_enabled(), at::autocast::get_autocast_cpu_dtype()};
  return {};
#endif
}

Autocast::Autocast(const torch::Device& device, const AutocastMode& mode)
    : device_(device),
      before_(CurrentAutocast(device)),
      cached_before_(at::autocast::is_autocast_cache_enabled()) {
  at::autocast::set_autocast_cache_enabled(false);
  SetAutocast(device_, mode);
}

Autocast::Autocast(const torch::Device& device, Precision precision) : Autocast(device, ModeOf(precision)) {}

Autocast::~Autocast() {
  SetAutocast(device_, before_);
  at::autocast::set_autocast_cache_enabled(cached_before_);
}

}  // namespace m2tts
