// Figures of a benchmark: a line each as they come, or all as JSON at the end.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace m2tts {

class Figures {
 public:
  // What a figure should at least, or at most, be.
  struct Goal {
    enum class Kind { kAtLeast, kAtMost } kind;
    double value;
  };
  static Goal AtLeast(double value) { return {Goal::Kind::kAtLeast, value}; }
  static Goal AtMost(double value) { return {Goal::Kind::kAtMost, value}; }

  explicit Figures(bool json) : json_(json) {
    if (!json_) fmt::print("{:<44} {:>10}  {:<12} {}\n", "", "measured", "", "goal");
  }

  // `key` is for programs, `what` for people, who see `digits` behind the point.
  void Add(const std::string& key, const std::string& what, double value, const std::string& unit, int digits,
           std::optional<Goal> goal = {}) {
    values_[key] = value;
    bool met = true;
    std::string wanted;
    if (goal) {
      const bool least = goal->kind == Goal::Kind::kAtLeast;
      met = least ? value >= goal->value : value <= goal->value;
      missed_ += met ? 0 : 1;
      wanted = fmt::format("{} {:g}{}", least ? ">=" : "<=", goal->value, met ? "" : "  MISSED");
      goals_[key] = {{least ? "at_least" : "at_most", goal->value}, {"met", met}};
    }
    if (json_) return;
    fmt::print("{:<44} {:>10.{}f}  {:<12} {}\n", what, value, digits, unit, wanted);
    std::fflush(stdout);
  }
  void Say(const std::string& key, const std::string& text) {
    values_[key] = text;
    if (!json_) fmt::print("{}\n", text);
  }

  // Goals that were not reached so far.
  int missed() const { return missed_; }

  void Finish() {
    values_["goals"] = goals_;
    if (json_) fmt::print("{}\n", values_.dump(2));
  }

 private:
  const bool json_;
  int missed_ = 0;
  nlohmann::ordered_json values_ = nlohmann::ordered_json::object();
  nlohmann::ordered_json goals_ = nlohmann::ordered_json::object();
};

}  // namespace m2tts
