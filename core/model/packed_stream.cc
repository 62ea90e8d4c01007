#include "core/model/packed_stream.h"

#include <algorithm>
#include <utility>

namespace m2tts {
namespace {

// `length`, rounded up to one of eight values between two powers of two.
int64_t RoundUp(int64_t length) {
  constexpr int64_t kFinest = 32;
  int64_t power = 1;
  while (power * 2 <= length) power *= 2;
  const int64_t step = std::max(kFinest, power / 8);
  return (length + step - 1) / step * step;
}

}  // namespace

PackedStep::PackedStep(std::vector<StreamMemory*> memories, std::vector<bool> last, bool few_lengths)
    : memories_(std::move(memories)), last_(std::move(last)), few_lengths_(few_lengths) {}

torch::Tensor PackedStep::Pack(std::vector<torch::Tensor> parts, int64_t length) const {
  if (few_lengths_ && RoundUp(length) > length) {
    parts.push_back(torch::zeros({RoundUp(length) - length, parts[0].size(1)}, parts[0].options()));
  }
  return (parts.size() == 1 ? parts[0] : torch::cat(parts)).unsqueeze(0);
}

torch::Tensor PackedStep::Mask(const std::vector<Stretch>& stretches, const torch::Tensor& packed) const {
  const bool none = std::all_of(stretches.begin(), stretches.end(),
                                [](const Stretch& s) { return s.front == 0 && s.back == 0; });
  if (none) return {};
  auto mask = torch::ones({1, packed.size(1), 1}, packed.options().device(torch::kCPU));
  for (const Stretch& s : stretches) {
    mask.narrow(1, s.begin, s.front).zero_();
    mask.narrow(1, s.begin + s.length - s.back, s.back).zero_();
  }
  return mask.to(packed.device());
}

PackedStep::Rows PackedStep::Through(int64_t reach, const Layer& layer, const Rows& rows) {
  std::vector<torch::Tensor> parts;
  std::vector<Stretch> stretches;
  int64_t length = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    TORCH_CHECK(rows[i].size(0) > 0, "a stream without frames");
    if (memories_[i]->size() <= layer_) memories_[i]->resize(layer_ + 1);
    LayerMemory& memory = (*memories_[i])[layer_];
    const auto padding = [&] { return torch::zeros({reach, rows[i].size(1)}, rows[i].options()); };
    if (!memory.frames.defined()) memory = {padding(), reach};
    parts.push_back(memory.frames);
    parts.push_back(rows[i]);
    if (last_[i]) parts.push_back(padding());
    Stretch stretch;
    stretch.begin = length;
    stretch.front = memory.padding;
    stretch.back = last_[i] ? reach : 0;
    stretch.length = memory.frames.size(0) + rows[i].size(0) + stretch.back;
    length += stretch.length;
    stretches.push_back(stretch);
  }

  const auto packed = Pack(std::move(parts), length);
  const auto computed = layer(packed, Mask(stretches, packed))[0];
  Rows given;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Stretch& s = stretches[i];
    given.push_back(computed.narrow(0, s.begin + reach, std::max<int64_t>(0, s.length - 2 * reach)));
    const int64_t kept = std::min(2 * reach, s.length);
    // A copy: a part of the packed frames would keep all of them.
    (*memories_[i])[layer_] = {packed[0].narrow(0, s.begin + s.length - kept, kept).clone(),
                               std::max<int64_t>(0, s.front - (s.length - kept))};
  }
  ++layer_;
  return given;
}

PackedStep::Rows PackedStep::Each(const std::function<torch::Tensor(const torch::Tensor&)>& layer,
                                  const Rows& rows) const {
  int64_t length = 0;
  for (const auto& row : rows) length += row.size(0);
  const auto computed = layer(Pack(rows, length))[0];
  Rows given;
  int64_t begin = 0;
  for (const auto& row : rows) {
    given.push_back(computed.narrow(0, begin, row.size(0)));
    begin += row.size(0);
  }
  return given;
}

}  // namespace m2tts
