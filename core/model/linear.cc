#include "core/model/linear.h"

#include <ATen/Parallel.h>

#include <limits>

#include "core/model/cpu_kernels.h"
#include "core/model/fused_ops.h"

namespace m2tts {
namespace {

torch::Tensor Rows(const torch::Tensor& x) {
  return x.reshape({-1, x.size(-1)});
}

std::vector<int64_t> WithLast(torch::IntArrayRef shape, int64_t last) {
  auto changed = shape.vec();
  changed.back() = last;
  return changed;
}

}  // namespace

torch::Tensor LinearImpl::forward(const torch::Tensor& x) {
  if (packed_.defined() && Fusable(*this, x)) return Packed(x, {}, false);
  return torch::nn::LinearImpl::forward(x);
}

torch::Tensor LinearImpl::Gelu(const torch::Tensor& x) {
  if (!Fusable(*this, x)) return torch::gelu(forward(x));
  if (packed_.defined()) return Packed(x, {}, true);
  const auto product = torch::mm(Rows(x), weight.t());
  const int64_t columns = product.size(1);
  at::parallel_for(0, product.size(0), kRowsPerThread, [&](int64_t begin, int64_t end) {
    BiasGelu(product.data_ptr<float>() + begin * columns, bias.data_ptr<float>(), end - begin, columns);
  });
  return product.view(WithLast(x.sizes(), columns));
}

torch::Tensor LinearImpl::AddTo(const torch::Tensor& sum, const torch::Tensor& x) {
  if (!Fusable(*this, x)) return sum + forward(x);
  if (packed_.defined()) return Packed(x, sum, false);
  auto result = (sum + bias).contiguous();
  Rows(result).addmm_(Rows(x), weight.t());
  return result;
}

torch::Tensor LinearImpl::Packed(const torch::Tensor& x, const torch::Tensor& add, bool gelu) const {
  const auto in = x.contiguous(), sum = add.defined() ? add.contiguous() : add;
  PackedProductCall all;
  all.in = weight.size(1);
  all.out = weight.size(0);
  all.rows = in.numel() / all.in;
  auto result = torch::empty(WithLast(x.sizes(), all.out), x.options());
  all.x = in.data_ptr<float>();
  all.packed = packed_.data_ptr<float>();
  all.bias = padded_bias_.data_ptr<float>();
  all.add = sum.defined() ? sum.data_ptr<float>() : nullptr;
  all.result = result.data_ptr<float>();
  all.gelu = gelu;
  at::parallel_for(0, all.rows, kRowsPerThread, [&](int64_t begin, int64_t end) {
    PackedProductCall part = all;
    part.rows = end - begin;
    part.x += begin * all.in;
    part.result += begin * all.out;
    if (part.add != nullptr) part.add += begin * all.out;
    PackedProduct(part);
  });
  return result;
}

void LinearImpl::Prepare() {
  const torch::NoGradGuard no_grad;
  const int64_t panel = PanelColumns();
  if (!weight.is_cpu() || weight.scalar_type() != torch::kFloat32 || panel == 0) {
    weight.set_data(weight.t().contiguous().t());
    return;
  }
  const int64_t out = weight.size(0), in = weight.size(1), panels = (out + panel - 1) / panel;
  packed_ = torch::empty({panels, in, panel});
  PackWeight(weight.contiguous().data_ptr<float>(), out, in, packed_.data_ptr<float>());
  padded_bias_ = torch::constant_pad_nd(bias, {0, panels * panel - out});
  weight.set_data(torch::full({1, 1}, std::numeric_limits<float>::quiet_NaN()).expand({out, in}));
}

}  // namespace m2tts
