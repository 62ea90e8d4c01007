#include "trainer/loop/optimizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <sstream>

#include "core/device/guard.h"
#include "core/model/m2tts_model.h"

namespace m2tts {
namespace {

constexpr char kWeights[] = "weights.";
constexpr char kAverage[] = "average.";
constexpr char kAdam[] = "adam";
constexpr char kUpdates[] = "updates";
constexpr char kLossScale[] = "loss_scale";

// Whether `name` holds one of the `parts`; with none, all learn.
bool Learns(const std::string& name, const std::vector<std::string>& parts) {
  const auto in_name = [&](const std::string& part) { return name.find(part) != std::string::npos; };
  return parts.empty() || std::any_of(parts.begin(), parts.end(), in_name);
}

}  // namespace

Optimizer::Optimizer(std::shared_ptr<torch::nn::Module> module, const StageConfig& config)
    : module_(std::move(module)), config_(config) {
  std::vector<torch::Tensor> learning;
  for (const auto& item : module_->named_parameters()) {
    item.value().set_requires_grad(Learns(item.key(), config.trainable));
    if (item.value().requires_grad()) learning.push_back(item.value());
  }
  adam_ = std::make_unique<torch::optim::AdamW>(learning, torch::optim::AdamWOptions(config.learning_rate)
                                                              .betas(std::make_tuple(0.9, 0.98))
                                                              .eps(1e-9)
                                                              .weight_decay(config.weight_decay));
  if (config.precision == "fp16") scaler_.emplace();
  if (config.ema_decay > 0) {
    for (const auto& item : module_->named_parameters())
      average_.emplace(item.key(), item.value().detach().clone());
  }
}

void Optimizer::ZeroGrad() {
  adam_->zero_grad();
  finite_ = true;
}

void Optimizer::Backward(const torch::Tensor& loss) {
  finite_ = finite_ && std::isfinite(loss.item<double>());
  if (finite_) (scaler_ ? loss * scaler_->scale() : loss).backward();
}

Status Optimizer::SumOverProcesses(ProcessGroup* group, std::vector<double>* sums) {
  if (group == nullptr) return OkStatus();
  torch::NoGradGuard no_grad;
  // One message: gradients, sums, and in the last place how many processes had a loss that was not finite.
  const auto place = torch::TensorOptions(group->device());
  std::vector<torch::Tensor> parts;
  std::vector<torch::Tensor> gradients;
  for (auto& parameter : module_->parameters()) {
    if (!parameter.requires_grad()) continue;
    if (!parameter.grad().defined()) parameter.mutable_grad() = torch::zeros_like(parameter);
    gradients.push_back(parameter.grad());
    parts.push_back(parameter.grad().flatten().to(group->device()));
  }
  for (const double sum : *sums) parts.push_back(torch::tensor({static_cast<float>(sum)}, place));
  parts.push_back(torch::tensor({finite_ ? 0.0f : 1.0f}, place));
  const auto message = torch::cat(parts).contiguous();
  M2TTS_RETURN_IF_ERROR(group->Sum(message));
  int64_t at = 0;
  for (auto& gradient : gradients) {
    gradient.copy_(message.narrow(0, at, gradient.numel()).view_as(gradient));
    at += gradient.numel();
  }
  for (double& sum : *sums) sum = message[at++].item<double>();
  finite_ = message[at].item<float>() == 0.0f;
  return OkStatus();
}

double Optimizer::Update(double learning_rate) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  if (!finite_) return kNaN;
  if (scaler_) {
    torch::NoGradGuard no_grad;
    for (const auto& parameter : module_->parameters()) {
      if (parameter.grad().defined()) parameter.grad().mul_(1.0 / scaler_->scale());
    }
  }
  const double limit =
      config_.gradient_clip > 0 ? config_.gradient_clip : std::numeric_limits<double>::infinity();
  const double norm = torch::nn::utils::clip_grad_norm_(module_->parameters(), limit);
  if (!std::isfinite(norm)) {
    if (scaler_) scaler_->Overflowed();
    return kNaN;
  }
  if (scaler_) scaler_->Good();
  for (auto& group : adam_->param_groups()) {
    static_cast<torch::optim::AdamWOptions&>(group.options()).lr(learning_rate);
  }
  adam_->step();
  ++updates_;
  UpdateAverage();
  return norm;
}

void Optimizer::UpdateAverage() {
  torch::NoGradGuard no_grad;
  // Early on the average follows faster, so that the random start is soon forgotten.
  const double decay = std::min(config_.ema_decay, (1.0 + updates_) / (10.0 + updates_));
  for (const auto& item : module_->named_parameters()) {
    const auto found = average_.find(item.key());
    if (found != average_.end()) found->second.lerp_(item.value(), 1.0 - decay);
  }
}

void Optimizer::SwapAverage() {
  torch::NoGradGuard no_grad;
  for (const auto& item : module_->named_parameters()) {
    const auto found = average_.find(item.key());
    if (found == average_.end()) continue;
    const auto current = item.value().detach().clone();
    item.value().copy_(found->second);
    found->second.copy_(current);
  }
}

StatusOr<TensorMap> Optimizer::State(const std::string& prefix) const {
  return Guard("saving optimizer state", [&]() -> StatusOr<TensorMap> {
    TensorMap state;
    for (const auto& [name, tensor] : NamedTensors(*module_, prefix + kWeights)) {
      state.emplace(name, tensor.detach().to(torch::kCPU));
    }
    for (const auto& [name, tensor] : average_) {
      state.emplace(prefix + kAverage + name, tensor.to(torch::kCPU));
    }
    std::ostringstream bytes;
    torch::save(*adam_, bytes);
    const std::string text = bytes.str();
    auto adam = torch::empty({static_cast<int64_t>(text.size())}, torch::kUInt8);
    std::copy(text.begin(), text.end(), adam.data_ptr<uint8_t>());
    state.emplace(prefix + kAdam, adam);
    state.emplace(prefix + kUpdates, torch::tensor({updates_}));
    if (scaler_) {
      const auto steps = static_cast<double>(scaler_->good_steps());
      state.emplace(prefix + kLossScale, torch::tensor({scaler_->scale(), steps}, torch::kFloat64));
    }
    return state;
  });
}

Status Optimizer::LoadState(const TensorMap& state, const std::string& prefix) {
  const auto own = WithPrefix(state, prefix);
  const auto adam = own.find(kAdam), updates = own.find(kUpdates);
  if (adam == own.end() || updates == own.end()) return DataLoss("no optimizer state '{}{}'", prefix, kAdam);
  M2TTS_RETURN_IF_ERROR(CopyTensors(WithPrefix(own, kWeights), NamedTensors(*module_, "")));
  if (!average_.empty()) M2TTS_RETURN_IF_ERROR(CopyTensors(WithPrefix(own, kAverage), average_));
  return Guard("loading optimizer state", [&]() -> Status {
    const auto bytes = adam->second.contiguous();
    std::istringstream stream(
        std::string(reinterpret_cast<const char*>(bytes.data_ptr<uint8_t>()), bytes.numel()));
    adam_->state().clear();  // loading adds to it, and a checkpoint of step 0 has no moments
    torch::load(*adam_, stream, Device());
    updates_ = updates->second.item<int64_t>();
    const auto scale = own.find(kLossScale);
    if (scaler_ && scale != own.end() && scale->second.numel() == 2) {
      scaler_->Restore(scale->second[0].item<double>(), scale->second[1].item<int64_t>());
    }
    return OkStatus();
  });
}

std::vector<std::string> Optimizer::StartFrom(const TensorMap& weights) {
  torch::NoGradGuard no_grad;
  std::vector<std::string> notes;
  std::set<std::string> surplus;
  for (const auto& [name, value] : weights) surplus.insert(name);
  for (const auto& item : module_->named_buffers()) surplus.erase(item.key());
  for (const auto& item : module_->named_parameters()) {
    surplus.erase(item.key());
    const auto found = weights.find(item.key());
    if (found == weights.end()) {
      notes.push_back(fmt::format("{}: new, starts at random", item.key()));
    } else if (found->second.sizes() != item.value().sizes()) {
      notes.push_back(fmt::format("{}: has shape {}, {} is wanted; starts at random", item.key(),
                                  ShapeText(found->second), ShapeText(item.value())));
    } else {
      item.value().copy_(found->second);
      const auto average = average_.find(item.key());
      if (average != average_.end()) average->second.copy_(found->second);
    }
  }
  for (const std::string& name : surplus) notes.push_back(name + ": not part of the model, passed over");
  return notes;
}

torch::Device Optimizer::Device() const {
  const auto parameters = module_->parameters();
  return parameters.empty() ? torch::Device(torch::kCPU) : parameters.front().device();
}

TensorMap Optimizer::AveragedWeights(const std::string& prefix) const {
  TensorMap weights;
  for (const auto& [name, tensor] : NamedTensors(*module_, "")) {
    const auto averaged = average_.find(name);
    const auto& source = averaged == average_.end() ? tensor : averaged->second;
    weights.emplace(prefix + name, source.detach().to(torch::kCPU).clone());
  }
  return weights;
}

TensorMap WithPrefix(const TensorMap& tensors, const std::string& prefix) {
  TensorMap part;
  for (const auto& [name, tensor] : tensors) {
    if (name.rfind(prefix, 0) == 0) part.emplace(name.substr(prefix.size()), tensor);
  }
  return part;
}

}  // namespace m2tts
