#include "core/base/strict_yaml.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "core/base/edit_distance.h"
#include "core/base/file.h"
#include "core/base/yaml_values.h"

namespace m2tts {
namespace {

constexpr size_t kMaxYamlBytes = size_t{4} << 20;

// "line 7: ", or nothing for a node that was not parsed from text.
std::string LinePrefix(const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  if (mark.line < 0) return "";
  return fmt::format("line {}: ", mark.line + 1);
}

// " (did you mean 'hidden'?)", when a known key is near enough.
std::string Suggestion(const std::string& key, const std::set<std::string>& known) {
  constexpr size_t kLongestKey = 64;  // bounds the work that a hostile file can cause
  if (key.size() > kLongestKey) return "";
  size_t best = std::max<size_t>(2, key.size() / 3) + 1;
  std::string nearest;
  for (const std::string& candidate : known) {
    const size_t distance = EditDistance(key, candidate);
    if (distance < best && distance < candidate.size()) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest);
}

// Long values are cut, so that a message stays readable.
std::string Shorten(const std::string& text) {
  constexpr size_t kLongest = 64;
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

std::string Describe(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return fmt::format("'{}'", Shorten(node.Scalar()));
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Map:
      return "a mapping";
    default:
      return "nothing";
  }
}

// Converts without exceptions; a quoted "5" is a string, not a number.
template <typename T>
bool Convert(const YAML::Node& node, T* value) {
  if (!node.IsScalar()) return false;
  if constexpr (!std::is_same_v<T, std::string>) {
    if (node.Tag() == "!") return false;
  }
  return YAML::convert<T>::decode(node, *value);
}

template <typename T>
bool Convert(const YAML::Node& node, std::vector<T>* value) {
  if (!node.IsSequence()) return false;
  value->clear();
  for (const YAML::Node& item : node) {
    T element;
    if (!Convert(item, &element)) return false;
    value->push_back(std::move(element));
  }
  return true;
}

template <typename T>
bool InRange(T value, Range range) {
  const double number = static_cast<double>(value);
  return number >= range.min && number <= range.max;  // false for NaN
}

std::string OutOfRange(double value, Range range) {
  return fmt::format("{} is outside [{}, {}]", value, range.min, range.max);
}

thread_local YamlValues* current_values = nullptr;

template <typename T>
void Note(const std::string& path, const T& value) {
  if (YamlValues* const values = YamlValues::Current()) values->Note(path, fmt::format("{}", value));
}

}  // namespace

YamlValues::YamlValues() : outer_(std::exchange(current_values, this)) {}

YamlValues::~YamlValues() {
  current_values = outer_;
}

YamlValues* YamlValues::Current() {
  return current_values;
}

StrictYaml::StrictYaml(const YAML::Node& node, std::string path) : node_(node), path_(std::move(path)) {
  if (!node_.IsDefined() || node_.IsNull()) {
    node_.reset(YAML::Node(YAML::NodeType::Map));
  } else if (!node_.IsMap()) {
    status_ = InvalidArgument("{}{} must be a mapping, not {}", LinePrefix(node_),
                              path_.empty() ? "the document" : path_, Describe(node_));
  }
}

std::string StrictYaml::ChildPath(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void StrictYaml::Merge(const Status& status) {
  if (status_.ok()) status_ = status;
}

void StrictYaml::Fail(const std::string& key, const std::string& what) {
  if (!status_.ok()) return;
  const YAML::Node value = std::as_const(node_)[key];
  const YAML::Node& place = value.IsDefined() ? value : node_;
  status_ = InvalidArgument("{}{}: {}", LinePrefix(place), ChildPath(key), what);
}

template <typename T>
bool StrictYaml::Get(const std::string& key, const char* type, T* value) {
  known_.insert(key);
  if (!status_.ok()) return false;
  const YAML::Node node = std::as_const(node_)[key];
  if (!node.IsDefined()) return false;
  T converted;
  if (!Convert(node, &converted)) {
    Fail(key, fmt::format("expected {}, found {}", type, Describe(node)));
    return false;
  }
  *value = std::move(converted);
  return true;
}

template <typename T>
void StrictYaml::GetNumber(const std::string& key, const char* type, T* value, Range range) {
  T number = *value;
  if (Get(key, type, &number) && !InRange(number, range)) {
    Fail(key, OutOfRange(static_cast<double>(number), range));
    return;
  }
  *value = number;
  Note(ChildPath(key), *value);
}

void StrictYaml::Optional(const std::string& key, bool* value) {
  Get(key, "true or false", value);
  Note(ChildPath(key), *value);
}

void StrictYaml::Optional(const std::string& key, int* value, Range range) {
  GetNumber(key, "an integer", value, range);
}

void StrictYaml::Optional(const std::string& key, int64_t* value, Range range) {
  GetNumber(key, "an integer", value, range);
}

void StrictYaml::Optional(const std::string& key, double* value, Range range) {
  GetNumber(key, "a number", value, range);
}

void StrictYaml::Optional(const std::string& key, std::string* value) {
  Get(key, "a string", value);
  Note(ChildPath(key), *value);
}

void StrictYaml::Optional(const std::string& key, std::string* value,
                          const std::vector<std::string>& allowed) {
  std::string word;
  if (Get(key, "a string", &word)) {
    if (std::find(allowed.begin(), allowed.end(), word) == allowed.end()) {
      Fail(key, fmt::format("'{}' is not one of {}", Shorten(word), fmt::join(allowed, ", ")));
      return;
    }
    *value = word;
  }
  Note(ChildPath(key), *value);
}

void StrictYaml::Optional(const std::string& key, std::vector<int>* value, Range range) {
  std::vector<int> numbers;
  if (Get(key, "a list of integers", &numbers)) {
    for (const int number : numbers) {
      if (!InRange(number, range)) return Fail(key, OutOfRange(number, range));
    }
    *value = std::move(numbers);
  }
  Note(ChildPath(key), *value);
}

void StrictYaml::Optional(const std::string& key, std::vector<std::string>* value) {
  Get(key, "a list of strings", value);
  Note(ChildPath(key), *value);
}

void StrictYaml::Require(const std::string& key) {
  known_.insert(key);
  if (!status_.ok()) return;
  if (!std::as_const(node_)[key].IsDefined()) Fail(key, "missing");
}

std::vector<YAML::Node> StrictYaml::Children(const std::string& key) {
  known_.insert(key);
  if (!status_.ok()) return {};
  const YAML::Node node = std::as_const(node_)[key];
  if (!node.IsDefined() || node.IsNull()) return {};
  std::vector<YAML::Node> children;
  for (size_t i = 0; node.IsSequence() && i < node.size(); ++i) {
    const YAML::Node child = node[i];
    children.push_back(child);
    if (!child.IsMap()) Fail(key, fmt::format("expected mappings in the list, found {}", Describe(child)));
  }
  if (!node.IsSequence()) Fail(key, fmt::format("expected a list of mappings, found {}", Describe(node)));
  return status_.ok() ? children : std::vector<YAML::Node>();
}

YAML::Node StrictYaml::Child(const std::string& key) {
  known_.insert(key);
  const YAML::Node empty(YAML::NodeType::Map);
  if (!status_.ok()) return empty;
  const YAML::Node node = std::as_const(node_)[key];
  if (!node.IsDefined() || node.IsNull()) return empty;
  if (!node.IsMap()) {
    Fail(key, fmt::format("expected a mapping, found {}", Describe(node)));
    return empty;
  }
  return node;
}

Status StrictYaml::Finish() {
  if (!status_.ok()) return status_;
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    const std::string place = LinePrefix(entry.first) + (path_.empty() ? "" : path_ + ": ");
    if (!entry.first.IsScalar()) {
      return status_ = InvalidArgument("{}a key must be a word, not {}", place, Describe(entry.first));
    }
    const std::string& key = entry.first.Scalar();
    if (known_.count(key) == 0) {
      return status_ = InvalidArgument("{}unknown key '{}'{}", place, Shorten(key), Suggestion(key, known_));
    }
    if (!seen.insert(key).second) {
      return status_ = InvalidArgument("{}key '{}' is given twice", place, key);
    }
  }
  return OkStatus();
}

StatusOr<YAML::Node> ParseYaml(const std::string& text, const std::string& source) {
  try {
    return YAML::Load(text);
  } catch (const YAML::Exception& error) {
    if (error.mark.is_null()) return InvalidArgument("{}: {}", source, error.msg);
    return InvalidArgument("{}: line {}, column {}: {}", source, error.mark.line + 1, error.mark.column + 1,
                           error.msg);
  } catch (const std::exception& error) {
    return InvalidArgument("{}: not YAML: {}", source, error.what());
  }
}

StatusOr<YAML::Node> LoadYamlFile(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxYamlBytes));
  return ParseYaml(text, path.string());
}

}  // namespace m2tts
