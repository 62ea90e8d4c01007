// Strict reading of YAML (and so of JSON) into option structs.
//
//   StrictYaml yaml(node, "model");
//   yaml.Optional("hidden", &config.hidden, Range{8, 512});
//   M2TTS_RETURN_IF_ERROR(yaml.Finish());
//
// The first error is kept and returned by Finish(): wrong type, value out of range, missing
// required key, and, for keys that no call asked for, "line 7: unknown key 'hiden' (did you
// mean 'hidden'?)". Not thread-safe; make one per mapping.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// Inclusive bounds.
struct Range {
  double min;
  double max;
};

class StrictYaml {
 public:
  // `path` is the dotted name of this mapping, "" for the top; it starts every message.
  StrictYaml(const YAML::Node& node, std::string path);

  // Each leaves `*value` alone when the key is absent, and does nothing after an error.
  void Optional(const std::string& key, bool* value);
  void Optional(const std::string& key, int* value, Range range);
  void Optional(const std::string& key, int64_t* value, Range range);
  void Optional(const std::string& key, double* value, Range range);
  void Optional(const std::string& key, std::string* value);
  void Optional(const std::string& key, std::string* value, const std::vector<std::string>& allowed);
  void Optional(const std::string& key, std::vector<int>* value, Range range);
  void Optional(const std::string& key, std::vector<std::string>* value);

  // Makes the absence of `key` an error.
  void Require(const std::string& key);

  // The mapping under `key` (empty when absent), to be read by a StrictYaml of its own.
  YAML::Node Child(const std::string& key);
  // The mappings of the list under `key` (none when absent).
  std::vector<YAML::Node> Children(const std::string& key);
  std::string ChildPath(const std::string& key) const;

  // Records an error about `key`, with its line.
  void Fail(const std::string& key, const std::string& what);
  // Takes over the error of a child.
  void Merge(const Status& status);

  // The first error, or an unknown-key error, or OK.
  Status Finish();

 private:
  template <typename T>
  bool Get(const std::string& key, const char* type, T* value);
  template <typename T>
  void GetNumber(const std::string& key, const char* type, T* value, Range range);

  YAML::Node node_;
  std::string path_;
  std::set<std::string> known_;
  Status status_;
};

// Parses YAML text; a syntax error names `source`, line and column.
StatusOr<YAML::Node> ParseYaml(const std::string& text, const std::string& source);
StatusOr<YAML::Node> LoadYamlFile(const std::filesystem::path& path);

}  // namespace m2tts
