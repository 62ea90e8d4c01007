#include "trainer/loop/config_change.h"

#include <fmt/ranges.h>

#include <charconv>
#include <map>
#include <set>

#include "core/base/strict_yaml.h"
#include "core/base/yaml_values.h"
#include "trainer/config/train_config.h"

namespace m2tts {
namespace {

using Fields = std::map<std::string, std::string>;  // dotted path -> value

// Deeper and longer than configs are. The one in a checkpoint may be anything, such as a node that holds
// itself.
constexpr int kDeepest = 16;
constexpr int kMostNodes = 20000;

// False when there is more than that. nodes: how many may still come.
bool Flatten(const YAML::Node& node, const std::string& path, int depth, int* nodes, Fields* fields) {
  if (depth > kDeepest || --*nodes < 0) return false;
  bool whole = true;
  if (node.IsMap()) {
    for (const auto& item : node) {
      const std::string key = item.first.Scalar();
      whole = whole && Flatten(item.second, path.empty() ? key : path + "." + key, depth + 1, nodes, fields);
    }
  } else if (node.IsSequence()) {
    for (size_t i = 0; whole && i < node.size(); ++i) {
      whole = Flatten(node[i], fmt::format("{}[{}]", path, i), depth + 1, nodes, fields);
    }
  } else {
    (*fields)[path] = node.IsScalar() ? node.Scalar() : "";
  }
  return whole;
}

StatusOr<Fields> ReadFields(const std::string& text) {
  M2TTS_ASSIGN_OR_RETURN(const YAML::Node root, ParseYaml(text, "config"));
  Fields fields;
  int nodes = kMostNodes;
  if (!Flatten(root, "", 0, &nodes, &fields))
    return InvalidArgument("config: nested too deeply, or too long");
  return fields;
}

// Defaults included; nothing when the text is no config of this version.
Fields ReadMeaning(const std::string& text) {
  const YamlValues read;
  return ParseTrainConfig(text, "config").ok() ? read.values() : Fields();
}

// Whether both texts are known to mean the same by a field, whatever they say.
bool EqualMeaning(const Fields& before, const Fields& after, const std::string& name) {
  // A list is read as a whole.
  const std::string whole = !name.empty() && name.back() == ']' ? name.substr(0, name.rfind('[')) : name;
  const auto was = before.find(whole), is = after.find(whole);
  return was != before.end() && is != after.end() && was->second == is->second;
}

bool EqualValues(const std::string& a, const std::string& b) {
  if (a == b) return true;
  double x = 0.0, y = 0.0;  // 1e-3 is 0.001
  const auto number = [](const std::string& text, double* value) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), *value);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
  };
  return number(a, &x) && number(b, &y) && x == y;
}

bool Under(const std::string& field, const std::string& section) {
  return field == section || field.rfind(section + ".", 0) == 0 || field.rfind(section + "[", 0) == 0;
}

// Whether a field has no say in what the stage learns from here on.
bool Indifferent(const std::string& field, const std::string& name) {
  // Phases in which the acoustic model grows.
  const std::string stage = name.rfind("grow-", 0) == 0 ? "acoustic" : name;
  static const std::set<std::string> kAnywhere = {"name",
                                                  "description",
                                                  "licence",
                                                  "threads",
                                                  "device",
                                                  "init_from",
                                                  "protection",
                                                  "monitoring",
                                                  "data.root",
                                                  "data.cache",
                                                  "data.cache_gigabytes"};
  static const std::set<std::string> kOfStage = {"steps",         "validate_every",   "checkpoint_every",
                                                 "samples_every", "keep_checkpoints", "milestone_every",
                                                 "log_every",     "recompute"};
  static const std::map<std::string, std::vector<std::string>> kOthers = {
      {"aligner", {"model", "acoustic", "acoustic_loss", "progressive", "vocoder", "vocoder_loss"}},
      {"acoustic", {"model.vocoder", "aligner", "vocoder", "vocoder_loss"}},
      {"vocoder", {"aligner", "acoustic", "acoustic_loss", "progressive"}}};
  for (const std::string& section : kAnywhere) {
    if (Under(field, section)) return true;
  }
  if (Under(field, stage)) return kOfStage.count(field.substr(stage.size() + 1)) > 0;
  // The place of a corpus, not which speaker it has.
  if (Under(field, "data.sources") && field.size() > 5 && field.rfind(".root") == field.size() - 5)
    return true;
  if (stage == "vocoder" && Under(field, "model")) return !Under(field, "model.vocoder");
  const auto others = kOthers.find(stage);
  if (others == kOthers.end()) return false;
  for (const std::string& section : others->second) {
    if (Under(field, section)) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> ChangedFields(const std::string& before, const std::string& after,
                                       const std::string& stage) {
  const auto old_fields = ReadFields(before), new_fields = ReadFields(after);
  if (!old_fields.ok() || !new_fields.ok()) return {"the config of the checkpoint cannot be read"};
  const Fields meant_before = ReadMeaning(before), meant_after = ReadMeaning(after);
  std::set<std::string> names;
  for (const auto& [name, value] : *old_fields) names.insert(name);
  for (const auto& [name, value] : *new_fields) names.insert(name);
  std::vector<std::string> changed;
  for (const std::string& name : names) {
    if (Indifferent(name, stage) || EqualMeaning(meant_before, meant_after, name)) continue;
    const auto was = old_fields->find(name), is = new_fields->find(name);
    const bool had = was != old_fields->end(), has = is != new_fields->end();
    if (had && has && EqualValues(was->second, is->second)) continue;
    changed.push_back(fmt::format("{}: was {}, is {}", name, had ? was->second : "not given",
                                  has ? is->second : "not given"));
  }
  return changed;
}

Status CheckUnchanged(const std::string& before, const std::string& after, const std::string& stage) {
  const auto changed = ChangedFields(before, after, stage);
  if (changed.empty()) return OkStatus();
  return Errorf(
      StatusCode::kFailedPrecondition,
      "the config is not the one that '{}' was started with: {}; put it back, or train into another "
      "folder with --run",
      stage, fmt::join(changed, "; "));
}

}  // namespace m2tts
