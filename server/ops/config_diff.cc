#include "server/ops/config_diff.h"

#include <map>

#include "core/base/strict_yaml.h"

namespace m2tts {
namespace {

using Values = std::map<std::string, std::string>;

// Mappings go into dotted names; anything else is compared as text.
void Flatten(const YAML::Node& node, const std::string& name, Values* values) {
  if (!node.IsMap()) {
    if (!name.empty()) (*values)[name] = YAML::Dump(node);
    return;
  }
  for (const auto& entry : node) {
    const auto key = entry.first.as<std::string>("");
    Flatten(entry.second, name.empty() ? key : name + "." + key, values);
  }
}

StatusOr<Values> ValuesOf(const std::string& text) {
  Values values;
  if (text.empty()) return values;
  M2TTS_ASSIGN_OR_RETURN(const YAML::Node root, ParseYaml(text, "configuration"));
  Flatten(root, "", &values);
  return values;
}

}  // namespace

StatusOr<std::vector<std::string>> ChangedKeys(const std::string& before, const std::string& after) {
  M2TTS_ASSIGN_OR_RETURN(const Values old_values, ValuesOf(before));
  M2TTS_ASSIGN_OR_RETURN(Values values, ValuesOf(after));
  Values changed;
  for (const auto& [key, value] : old_values) {
    const auto now = values.find(key);
    if (now == values.end() || now->second != value) changed[key];
    if (now != values.end()) values.erase(now);
  }
  changed.insert(values.begin(), values.end());
  std::vector<std::string> keys;
  for (const auto& entry : changed) keys.push_back(entry.first);
  return keys;
}

}  // namespace m2tts
