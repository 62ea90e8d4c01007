#include "core/voice/safetensors.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/device/guard.h"
#include "core/voice/safetensors_header.h"

namespace m2tts {
namespace {

constexpr size_t kLengthBytes = 8;
constexpr size_t kHeaderAlignment = 8;

// The header length, little-endian.
uint64_t DecodeLength(std::string_view bytes) {
  uint64_t length = 0;
  for (size_t i = kLengthBytes; i-- > 0;) length = length << 8 | static_cast<unsigned char>(bytes[i]);
  return length;
}

void AppendLength(uint64_t length, std::string* out) {
  for (size_t i = 0; i < kLengthBytes; ++i) out->push_back(static_cast<char>(length >> (8 * i) & 0xff));
}

// Any other byte than 0 or 1 in a C++ bool is undefined behaviour.
bool AreBools(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0 || byte == 1; });
}

// A view of `bytes`, or a copy when they are not aligned for their type.
torch::Tensor MakeTensor(const TensorEntry& entry, std::string_view bytes,
                         const std::shared_ptr<const MappedFile>& file) {
  const auto options = torch::TensorOptions().dtype(entry.dtype);
  if (bytes.empty()) return torch::empty(entry.shape, options);
  const bool aligned = reinterpret_cast<uintptr_t>(bytes.data()) % c10::elementSize(entry.dtype) == 0;
  if (aligned) {
    return torch::from_blob(
        const_cast<char*>(bytes.data()), entry.shape, [file](void*) {}, options);
  }
  torch::Tensor copy = torch::empty(entry.shape, options);
  std::memcpy(copy.data_ptr(), bytes.data(), bytes.size());
  return copy;
}

StatusOr<SafetensorsFile> Parse(const std::shared_ptr<const MappedFile>& file) {
  const std::string_view bytes = file->bytes();
  if (bytes.size() < kLengthBytes) return DataLoss("{} bytes, shorter than the header length", bytes.size());
  const uint64_t length = DecodeLength(bytes);
  if (length > kMaxSafetensorsHeaderBytes || length > bytes.size() - kLengthBytes) {
    return DataLoss("header length {} at byte 0 exceeds the file of {} bytes or the limit of {}", length,
                    bytes.size(), kMaxSafetensorsHeaderBytes);
  }
  const std::string_view data = bytes.substr(kLengthBytes + length);
  M2TTS_ASSIGN_OR_RETURN(SafetensorsHeader header,
                         ParseSafetensorsHeader(bytes.substr(kLengthBytes, length), data.size()));
  SafetensorsFile result;
  result.metadata = std::move(header.metadata);
  for (const TensorEntry& entry : header.entries) {
    const std::string_view content = data.substr(entry.begin, entry.end - entry.begin);
    if (entry.dtype == torch::kBool && !AreBools(content)) {
      return DataLoss("tensor '{}': a BOOL byte is neither 0 nor 1", entry.name);
    }
    result.tensors[entry.name] = MakeTensor(entry, content, file);
  }
  return result;
}

struct NamedTensor {
  std::string name;
  torch::Tensor tensor;  // contiguous, on CPU
};

StatusOr<std::vector<NamedTensor>> InFileOrder(const TensorMap& tensors) {
  std::vector<NamedTensor> ordered;
  for (const auto& [name, tensor] : tensors) {
    if (name == kSafetensorsMetadataKey) return InvalidArgument("tensor name '{}' is reserved", name);
    if (!tensor.defined()) return InvalidArgument("tensor '{}' is undefined", name);
    if (SafetensorsDtype(tensor.scalar_type()) == nullptr) {
      return InvalidArgument("tensor '{}': type {} cannot be stored", name,
                             c10::toString(tensor.scalar_type()));
    }
    ordered.push_back({name, tensor.detach().to(torch::kCPU).contiguous()});
  }
  // The map is sorted by name, and a stable sort keeps that within each element size.
  std::stable_sort(ordered.begin(), ordered.end(), [](const NamedTensor& a, const NamedTensor& b) {
    return a.tensor.element_size() > b.tensor.element_size();
  });
  return ordered;
}

StatusOr<std::string> Serialize(const TensorMap& tensors,
                                const std::map<std::string, std::string>& metadata) {
  M2TTS_ASSIGN_OR_RETURN(const std::vector<NamedTensor> ordered, InFileOrder(tensors));
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[kSafetensorsMetadataKey] = metadata;
  uint64_t offset = 0;
  for (const auto& [name, tensor] : ordered) {
    const uint64_t end = offset + tensor.nbytes();
    header[name] = {{"dtype", SafetensorsDtype(tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", std::vector<uint64_t>{offset, end}}};
    offset = end;
  }
  std::string json = header.dump();
  json.resize((json.size() + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment, ' ');
  if (json.size() > kMaxSafetensorsHeaderBytes)
    return InvalidArgument("too many tensors: {}", tensors.size());

  std::string out;
  out.reserve(kLengthBytes + json.size() + offset);
  AppendLength(json.size(), &out);
  out += json;
  for (const auto& [name, tensor] : ordered) {
    if (tensor.nbytes() > 0) out.append(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes());
  }
  return out;
}

}  // namespace

StatusOr<SafetensorsFile> ParseSafetensors(const std::shared_ptr<const MappedFile>& file,
                                           const std::string& source) {
  auto result = Guard("tensors", [&] { return Parse(file); });
  if (!result.ok()) return Annotate(result.status(), source);
  return result;
}

StatusOr<SafetensorsFile> ReadSafetensors(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  return ParseSafetensors(file, path.string());
}

StatusOr<std::string> SerializeSafetensors(const TensorMap& tensors,
                                           const std::map<std::string, std::string>& metadata) {
  return Guard("safetensors", [&] { return Serialize(tensors, metadata); });
}

}  // namespace m2tts
