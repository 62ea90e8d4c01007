#include "trainer/evaluation/mel_warp.h"

#include <vector>

#include "trainer/evaluation/cepstrum.h"

namespace m2tts {
namespace {

std::vector<Cepstrum> Cepstra(const torch::Tensor& log_mel) {
  const torch::Tensor rows = log_mel.to(torch::kCPU, torch::kFloat64).contiguous();
  const auto bands = static_cast<int>(rows.size(1));
  std::vector<Cepstrum> cepstra;
  for (int64_t t = 0; t < rows.size(0); ++t) {
    cepstra.push_back(MelCepstrum(rows.data_ptr<double>() + t * bands, bands));
  }
  return cepstra;
}

}  // namespace

StatusOr<MelWarp> WarpMels(const torch::Tensor& reference, const torch::Tensor& system) {
  const std::vector<Cepstrum> a = Cepstra(reference), b = Cepstra(system);
  MelWarp warp;
  M2TTS_ASSIGN_OR_RETURN(warp.path, DynamicTimeWarp(a.size(), b.size(), [&](size_t i, size_t j) {
                           return CepstralDistance(a[i], b[j]);
                         }));
  for (const auto& [i, j] : warp.path) warp.mcd_db += MelCepstralDistortion(a[i], b[j]);
  warp.mcd_db /= static_cast<double>(warp.path.size());
  return warp;
}

}  // namespace m2tts
