#include "core/model/recompute.h"

#include <memory>
#include <mutex>

#include "core/device/autocast.h"

namespace m2tts {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

torch::Tensor RandomState(const torch::Device& device) {
  auto generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get_state();
}

void SetRandomState(const torch::Device& device, const torch::Tensor& state) {
  auto generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(state);
}

// While it lives, random numbers are those that followed `state`.
class ReplayedRandomness {
 public:
  ReplayedRandomness(const torch::Device& device, const torch::Tensor& state)
      : device_(device), present_(RandomState(device)) {
    SetRandomState(device_, state);
  }
  ~ReplayedRandomness() { SetRandomState(device_, present_); }
  ReplayedRandomness(const ReplayedRandomness&) = delete;
  ReplayedRandomness& operator=(const ReplayedRandomness&) = delete;

 private:
  const torch::Device device_;
  const torch::Tensor present_;
};

struct Replay : torch::CustomClassHolder {
  std::function<torch::Tensor(const torch::Tensor&)> block;
  torch::Tensor random_state;
  AutocastMode autocast;
};

class Recomputed : public torch::autograd::Function<Recomputed> {
 public:
  static torch::Tensor forward(AutogradContext* context, const c10::intrusive_ptr<Replay>& replay,
                               const torch::Tensor& x, at::TensorList parameters) {
    variable_list saved = {x};
    saved.insert(saved.end(), parameters.begin(), parameters.end());
    context->save_for_backward(saved);
    context->saved_data["replay"] = c10::IValue::make_capsule(replay);
    return replay->block(x);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto replay = c10::static_intrusive_pointer_cast<Replay>(context->saved_data["replay"].toCapsule());
    const variable_list saved = context->get_saved_variables();
    const auto x = saved[0].detach().requires_grad_(saved[0].requires_grad());
    torch::Tensor output;
    {
      const ReplayedRandomness randomness(x.device(), replay->random_state);
      const Autocast autocast(x.device(), replay->autocast);
      const torch::AutoGradMode with_graph(true);
      output = replay->block(x);
    }
    variable_list learning(saved.begin() + 1, saved.end());
    if (x.requires_grad()) learning.push_back(x);
    auto of_learning = torch::autograd::grad({output}, learning, gradients, false, false, true);
    // In the order of forward's arguments; `replay` has none.
    variable_list result = {torch::Tensor(), x.requires_grad() ? of_learning.back() : torch::Tensor()};
    result.insert(result.end(), of_learning.begin(), of_learning.begin() + (saved.size() - 1));
    return result;
  }
};

}  // namespace

torch::Tensor Recompute(const std::function<torch::Tensor(const torch::Tensor&)>& block,
                        const torch::Tensor& x, const std::vector<torch::Tensor>& parameters) {
  std::vector<torch::Tensor> learning;
  for (const auto& parameter : parameters) {
    if (parameter.requires_grad()) learning.push_back(parameter);
  }
  if (!torch::GradMode::is_enabled() || (learning.empty() && !x.requires_grad())) return block(x);
  const auto replay = c10::make_intrusive<Replay>();
  replay->block = block;
  replay->random_state = RandomState(x.device());
  replay->autocast = CurrentAutocast(x.device());
  return Recomputed::apply(replay, x, at::TensorList(learning));
}

}  // namespace m2tts
