#include "trainer/loop/process_group.h"

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>

#ifdef M2TTS_HAVE_GLOO
#ifndef USE_C10D_GLOO
#define USE_C10D_GLOO  // LibTorch's own build sets it; the header is empty without
#endif
#include <torch/version.h>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef M2TTS_HAVE_NCCL
#ifndef USE_C10D_NCCL
#define USE_C10D_NCCL
#endif
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif
#endif

namespace m2tts {
namespace {

StatusOr<std::string> Variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    return InvalidArgument("{}: not set, but WORLD_SIZE says that there are several processes", name);
  }
  return std::string(value);
}

StatusOr<int> NumberVariable(const char* name, int least, int most) {
  M2TTS_ASSIGN_OR_RETURN(const std::string text, Variable(name));
  int value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size() || value < least || value > most) {
    return InvalidArgument("{}: '{}' is not a whole number from {} to {}", name, text, least, most);
  }
  return value;
}

struct Place {
  std::string address;
  int port = 0;
  int rank = 0;
  int size = 1;
};

StatusOr<Place> PlaceFromEnvironment() {
  constexpr int kMaxProcesses = 4096;
  Place place;
  if (std::getenv("WORLD_SIZE") == nullptr) return place;
  M2TTS_ASSIGN_OR_RETURN(place.size, NumberVariable("WORLD_SIZE", 1, kMaxProcesses));
  if (place.size == 1) return place;
  M2TTS_ASSIGN_OR_RETURN(place.rank, NumberVariable("RANK", 0, place.size - 1));
  M2TTS_ASSIGN_OR_RETURN(place.address, Variable("MASTER_ADDR"));
  M2TTS_ASSIGN_OR_RETURN(place.port, NumberVariable("MASTER_PORT", 1, 65535));
  return place;
}

#ifdef M2TTS_HAVE_GLOO

constexpr std::chrono::milliseconds kJoinTimeout = std::chrono::minutes(5);
// One that died is noticed at once by its connection. This long another may pause, for heat or a full disk.
constexpr std::chrono::milliseconds kTimeout = std::chrono::hours(4);

std::shared_ptr<gloo::transport::Device> NetworkDevice(const std::string& address) {
  const char* const interface = std::getenv("GLOO_SOCKET_IFNAME");
  if (interface != nullptr && *interface != '\0') {
    return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
  }
  const bool loopback = address == "localhost" || address == "::1" || address.rfind("127.", 0) == 0;
  return loopback ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                  : c10d::ProcessGroupGloo::createDefaultDevice();
}

c10d::TCPStoreOptions StoreOptions(const Place& place) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(place.port);
  options.isServer = place.rank == 0;
  options.numWorkers = static_cast<size_t>(place.size);
  options.timeout = kJoinTimeout;
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  options.useLibUV = false;  // its default, which not every build of LibTorch has
#endif
  return options;
}

class GlooGroup : public ProcessGroup {
 public:
  explicit GlooGroup(const Place& place) : place_(place) {
    store_ = c10::make_intrusive<c10d::TCPStore>(place.address, StoreOptions(place));
    const auto gloo = c10d::ProcessGroupGloo::Options::create(kTimeout);
    gloo->devices.push_back(NetworkDevice(place.address));
    group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store_, place.rank, place.size, gloo);
  }

  int rank() const override { return place_.rank; }
  int size() const override { return place_.size; }
  const char* backend() const override { return "gloo"; }
  torch::Device device() const override { return torch::kCPU; }

  Status Sum(torch::Tensor values) override {
    return Guarded([&] {
      std::vector<at::Tensor> tensors = {std::move(values)};
      group_->allreduce(tensors)->wait();
    });
  }

  Status Broadcast(std::string* bytes) override {
    return Guarded([&] {
      auto length = torch::tensor({static_cast<int64_t>(bytes->size())}, torch::kInt64);
      std::vector<at::Tensor> lengths = {length};
      group_->broadcast(lengths)->wait();
      const auto count = length.item<int64_t>();
      if (count == 0) {
        bytes->clear();
        return;
      }
      auto content = torch::empty({count}, torch::kUInt8);
      if (rank() == 0) std::memcpy(content.data_ptr<uint8_t>(), bytes->data(), bytes->size());
      std::vector<at::Tensor> contents = {content};
      group_->broadcast(contents)->wait();
      bytes->assign(reinterpret_cast<const char*>(content.data_ptr<uint8_t>()), static_cast<size_t>(count));
    });
  }

 protected:
  template <typename Fn>
  Status Guarded(Fn&& fn) {
    torch::NoGradGuard no_grad;
    try {
      fn();
      return OkStatus();
    } catch (const std::exception& error) {
      const std::string what = error.what();
      return Errorf(StatusCode::kUnavailable,
                    "another process of the run is gone, or was silent for four hours ({})",
                    what.substr(0, what.find('\n')));
    }
  }

  const c10::intrusive_ptr<c10d::TCPStore>& store() const { return store_; }

 private:
  const Place place_;
  c10::intrusive_ptr<c10d::TCPStore> store_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

#ifdef M2TTS_HAVE_NCCL

// Gradients go from GPU to GPU; the rest, which is little, by Gloo, which also notices at once when another
// process is gone: NCCL would wait for it.
class NcclGroup : public GlooGroup {
 public:
  NcclGroup(const Place& place, const torch::Device& device)
      : GlooGroup(place),
        device_(device),
        nccl_(c10::make_intrusive<c10d::ProcessGroupNCCL>(
            c10::make_intrusive<c10d::PrefixStore>("nccl", store()), place.rank, place.size)) {}

  const char* backend() const override { return "nccl"; }
  torch::Device device() const override { return device_; }

  Status Sum(torch::Tensor values) override {
    M2TTS_RETURN_IF_ERROR(GlooGroup::Sum(torch::zeros({1})));
    return Guarded([&] {
      std::vector<at::Tensor> tensors = {values};
      nccl_->allreduce(tensors)->wait();
    });
  }

 private:
  const torch::Device device_;
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl_;
};

#endif

std::unique_ptr<ProcessGroup> MakeGroup(const Place& place, [[maybe_unused]] const torch::Device& device) {
#ifdef M2TTS_HAVE_NCCL
  if (device.is_cuda()) return std::make_unique<NcclGroup>(place, device);
#endif
  return std::make_unique<GlooGroup>(place);
}

StatusOr<std::unique_ptr<ProcessGroup>> Join(const Place& place, const torch::Device& device) {
  try {
    return MakeGroup(place, device);
  } catch (const std::exception& error) {
    const std::string what = error.what();
    return Errorf(StatusCode::kUnavailable, "process {} of {} could not meet the others at {}:{} ({})",
                  place.rank, place.size, place.address, place.port, what.substr(0, what.find('\n')));
  }
}

#else

StatusOr<std::unique_ptr<ProcessGroup>> Join(const Place& place, const torch::Device&) {
  return Errorf(StatusCode::kFailedPrecondition,
                "WORLD_SIZE: {}, but this m2tts-trainer was built without Gloo and trains in one process",
                place.size);
}

#endif

}  // namespace

StatusOr<std::unique_ptr<ProcessGroup>> ProcessGroup::FromEnvironment(const torch::Device& device) {
  M2TTS_ASSIGN_OR_RETURN(const Place place, PlaceFromEnvironment());
  if (place.size == 1) return std::unique_ptr<ProcessGroup>();
  return Join(place, device);
}

}  // namespace m2tts
