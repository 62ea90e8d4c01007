#include "core/voice/safetensors_header.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "core/voice/strict_json.h"

namespace m2tts {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxRank = 64;  // LibTorch's iterators take no more
constexpr int kHeaderDepth = 3;  // header, tensor, shape

constexpr std::array<std::pair<std::string_view, c10::ScalarType>, 10> kDtypes = {{
    {"F64", c10::ScalarType::Double},
    {"F32", c10::ScalarType::Float},
    {"F16", c10::ScalarType::Half},
    {"BF16", c10::ScalarType::BFloat16},
    {"I64", c10::ScalarType::Long},
    {"I32", c10::ScalarType::Int},
    {"I16", c10::ScalarType::Short},
    {"I8", c10::ScalarType::Char},
    {"U8", c10::ScalarType::Byte},
    {"BOOL", c10::ScalarType::Bool},
}};

// True for a JSON number without sign or fraction that fits int64.
bool IsSize(const Json& value) {
  return value.is_number_unsigned() &&
         value.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
}

// Bytes of a tensor. A dimension of 0 counts as 1 on the way: strides overflow all the same.
StatusOr<uint64_t> TensorBytes(const TensorEntry& entry) {
  int64_t bytes = static_cast<int64_t>(c10::elementSize(entry.dtype));
  bool empty = false;
  for (const int64_t size : entry.shape) {
    empty = empty || size == 0;
    if (__builtin_mul_overflow(bytes, std::max<int64_t>(size, 1), &bytes)) {
      return DataLoss("tensor '{}': the product of its shape overflows", entry.name);
    }
  }
  return empty ? 0 : static_cast<uint64_t>(bytes);
}

Status ParseShape(const Json& shape, TensorEntry* entry) {
  if (!shape.is_array() || shape.size() > kMaxRank || !std::all_of(shape.begin(), shape.end(), IsSize)) {
    return DataLoss("tensor '{}': shape must be a list of at most {} sizes", entry->name, kMaxRank);
  }
  for (const Json& size : shape) entry->shape.push_back(size.get<int64_t>());
  return OkStatus();
}

Status ParseOffsets(const Json& offsets, uint64_t data_bytes, TensorEntry* entry) {
  if (!offsets.is_array() || offsets.size() != 2 || !IsSize(offsets[0]) || !IsSize(offsets[1])) {
    return DataLoss("tensor '{}': data_offsets must be [begin, end]", entry->name);
  }
  entry->begin = offsets[0].get<uint64_t>();
  entry->end = offsets[1].get<uint64_t>();
  if (entry->begin > entry->end || entry->end > data_bytes) {
    return DataLoss("tensor '{}': data_offsets [{}, {}] lie outside the {} bytes of data (truncated file?)",
                    entry->name, entry->begin, entry->end, data_bytes);
  }
  return OkStatus();
}

StatusOr<TensorEntry> ParseEntry(const std::string& name, const Json& json, uint64_t data_bytes) {
  TensorEntry entry;
  entry.name = name;
  if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets")) {
    return DataLoss("tensor '{}': needs exactly dtype, shape and data_offsets", name);
  }
  const Json& dtype = json["dtype"];
  const auto type =
      dtype.is_string() ? DtypeFromSafetensors(dtype.get_ref<const std::string&>()) : std::nullopt;
  if (!type) return DataLoss("tensor '{}': dtype {} is not supported", name, dtype.dump().substr(0, 32));
  entry.dtype = *type;
  M2TTS_RETURN_IF_ERROR(ParseShape(json["shape"], &entry));
  M2TTS_RETURN_IF_ERROR(ParseOffsets(json["data_offsets"], data_bytes, &entry));
  M2TTS_ASSIGN_OR_RETURN(const uint64_t bytes, TensorBytes(entry));
  if (bytes != entry.end - entry.begin) {
    return DataLoss("tensor '{}': its shape needs {} bytes, data_offsets [{}, {}] hold {}", name, bytes,
                    entry.begin, entry.end, entry.end - entry.begin);
  }
  return entry;
}

Status ParseMetadata(const Json& json, std::map<std::string, std::string>* metadata) {
  if (!json.is_object()) return DataLoss("__metadata__ must be a mapping of strings");
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) return DataLoss("__metadata__: the value of '{}' must be a string", key);
    (*metadata)[key] = value.get<std::string>();
  }
  return OkStatus();
}

// Sorted by begin, the tensors must tile the data: no overlap, no hole, nothing after.
Status CheckTiling(const std::vector<TensorEntry>& entries, uint64_t data_bytes) {
  uint64_t next = 0;
  for (const TensorEntry& entry : entries) {
    if (entry.begin != next) {
      return DataLoss("tensor '{}': begins at byte {} of the data, {} byte {}", entry.name, entry.begin,
                      entry.begin < next ? "overlapping another that ends at" : "leaving a hole after", next);
    }
    next = entry.end;
  }
  if (next != data_bytes) {
    return DataLoss("{} bytes of data belong to no tensor, from byte {} on", data_bytes - next, next);
  }
  return OkStatus();
}

}  // namespace

std::optional<c10::ScalarType> DtypeFromSafetensors(std::string_view name) {
  for (const auto& [dtype_name, dtype] : kDtypes) {
    if (dtype_name == name) return dtype;
  }
  return std::nullopt;
}

const char* SafetensorsDtype(c10::ScalarType type) {
  for (const auto& [name, dtype] : kDtypes) {
    if (dtype == type) return name.data();
  }
  return nullptr;
}

StatusOr<SafetensorsHeader> ParseSafetensorsHeader(std::string_view json, uint64_t data_bytes) {
  if (json.empty() || json.front() != '{') return DataLoss("header: must begin with '{{'");
  const Status strict = CheckStrictJson(json, kHeaderDepth);
  if (!strict.ok()) return DataLoss("header: {}", std::string(strict.message()));
  const Json parsed = Json::parse(json.data(), json.data() + json.size());
  SafetensorsHeader header;
  for (const auto& [name, value] : parsed.items()) {
    if (name == kSafetensorsMetadataKey) {
      M2TTS_RETURN_IF_ERROR(ParseMetadata(value, &header.metadata));
      continue;
    }
    M2TTS_ASSIGN_OR_RETURN(TensorEntry entry, ParseEntry(name, value, data_bytes));
    header.entries.push_back(std::move(entry));
  }
  std::sort(header.entries.begin(), header.entries.end(), [](const TensorEntry& a, const TensorEntry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  M2TTS_RETURN_IF_ERROR(CheckTiling(header.entries, data_bytes));
  return header;
}

}  // namespace m2tts
