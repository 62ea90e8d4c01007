// The JSON header of a safetensors file, parsed and checked without touching the data.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

inline constexpr uint64_t kMaxSafetensorsHeaderBytes = 100'000'000;  // the reference implementation's
inline constexpr char kSafetensorsMetadataKey[] = "__metadata__";

struct TensorEntry {
  std::string name;
  c10::ScalarType dtype;
  std::vector<int64_t> shape;
  uint64_t begin;  // bytes from the start of the data
  uint64_t end;
};

struct SafetensorsHeader {
  std::vector<TensorEntry> entries;  // in the order of their data, which they tile exactly
  std::map<std::string, std::string> metadata;
};

// "F32" <-> torch::kFloat; nullopt and nullptr for types that the format or we do not have.
std::optional<c10::ScalarType> DtypeFromSafetensors(std::string_view name);
const char* SafetensorsDtype(c10::ScalarType dtype);

// `json`: the header with its padding. `data_bytes`: length of what follows it in the file.
StatusOr<SafetensorsHeader> ParseSafetensorsHeader(std::string_view json, uint64_t data_bytes);

}  // namespace m2tts
