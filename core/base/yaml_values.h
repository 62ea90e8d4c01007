// What a config means, whether its text says so or leaves it to a default.
#pragma once

#include <map>
#include <string>

namespace m2tts {

// While it lives, it notes each value that a StrictYaml of this thread reads. The innermost one notes.
class YamlValues {
 public:
  YamlValues();
  ~YamlValues();
  YamlValues(const YamlValues&) = delete;
  YamlValues& operator=(const YamlValues&) = delete;

  // By dotted path, as "model.hidden"; equal values are equal text, 1e-3 and 0.001 too.
  const std::map<std::string, std::string>& values() const { return values_; }

  // For StrictYaml: the one that notes, or nullptr.
  static YamlValues* Current();
  void Note(const std::string& path, const std::string& value) { values_[path] = value; }

 private:
  YamlValues* const outer_;
  std::map<std::string, std::string> values_;
};

}  // namespace m2tts
