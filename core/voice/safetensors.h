// The safetensors format (huggingface/safetensors, README "Format"): 8-byte little-endian header length,
// JSON header {name: {dtype, shape, data_offsets}, "__metadata__": {...}}, then the data.
//
// Reading executes nothing and trusts nothing: header length, JSON, dtypes, shapes, offsets
// (in range, matching the shape, no overlap, no hole) are checked before a tensor is seen.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "core/base/file.h"
#include "core/base/status.h"

namespace m2tts {

using TensorMap = std::map<std::string, torch::Tensor>;

struct SafetensorsFile {
  TensorMap tensors;  // views of the mapping, which they keep alive; read-only memory
  std::map<std::string, std::string> metadata;
};

// dtypes F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL. DATA_LOSS naming tensor and offset.
StatusOr<SafetensorsFile> ReadSafetensors(const std::filesystem::path& path);

// The same for a mapping that is open already; `source` starts every message. A file that
// another process truncates while it is mapped kills this one (SIGBUS): replace by rename.
StatusOr<SafetensorsFile> ParseSafetensors(const std::shared_ptr<const MappedFile>& file,
                                           const std::string& source);

// Canonical bytes: tensors by falling alignment, then name; header padded with spaces to 8.
StatusOr<std::string> SerializeSafetensors(const TensorMap& tensors,
                                           const std::map<std::string, std::string>& metadata);

}  // namespace m2tts
