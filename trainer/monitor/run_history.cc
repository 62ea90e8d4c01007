#include "trainer/monitor/run_history.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace m2tts {
namespace {

using Json = nlohmann::ordered_json;

// What a line may say; beyond, it is damaged. Charts and clocks rely on these bounds.
constexpr double kLastSecond = 253402300799.0;    // of the year 9999
constexpr double kMostSteps = 281474976710656.0;  // 2^48
constexpr double kLargestValue = 1e300;

StageHistory* FindStage(const std::string& name, RunHistory* history) {
  for (StageHistory& stage : history->stages) {
    if (stage.name == name) return &stage;
  }
  history->stages.push_back({name, {}, {}, 0});
  return &history->stages.back();
}

Curve* FindCurve(const std::string& name, std::vector<Curve>* curves) {
  for (Curve& curve : *curves) {
    if (curve.name == name) return &curve;
  }
  curves->push_back({name, {}});
  return &curves->back();
}

bool IsHead(const std::string& key) {
  return key == "time" || key == "event" || key == "stage" || key == "step";
}

void AddPoints(const Json& line, int64_t step, std::vector<Curve>* curves) {
  for (Curve& curve : *curves) {
    while (!curve.points.empty() && curve.points.back().first >= step) curve.points.pop_back();
  }
  for (const auto& [key, value] : line.items()) {
    if (IsHead(key) || !value.is_number()) continue;
    const auto number = value.get<double>();
    if (std::abs(number) <= kLargestValue) FindCurve(key, curves)->points.emplace_back(step, number);
  }
}

std::string Text(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void AddEvent(const Json& line, double time, const std::string& stage, int64_t step, RunHistory* history) {
  RunEvent event = {time, line["event"].get<std::string>(), stage, step, ""};
  for (const auto& [key, value] : line.items()) {
    if (IsHead(key)) continue;
    event.detail += (event.detail.empty() ? "" : ", ") + key + " " + Text(value);
  }
  history->events.push_back(std::move(event));
}

// The running call of `train`.
struct Call {
  double begin = 0.0;
  double end = 0.0;
};

void Close(const Call& call, RunHistory* history) {
  history->active_seconds += std::max(0.0, call.end - call.begin);
}

bool InRange(const Json& number, double most) {
  const auto value = number.get<double>();
  return value >= 0 && value <= most;
}

// What is wrong with a line; empty when nothing is.
std::string Complaint(const Json& line) {
  if (line.is_discarded()) return "not JSON";
  if (!line.is_object()) return "not a JSON object";
  if (!line.contains("event") || !line["event"].is_string()) return "no text 'event'";
  if (!line.contains("time") || !line["time"].is_number()) return "no number 'time'";
  if (!InRange(line["time"], kLastSecond)) return "'time' is none of Unix seconds up to the year 9999";
  if (line["event"] == "run") return "";
  if (!line.contains("stage") || !line["stage"].is_string()) return "no text 'stage'";
  if (!line.contains("step") || !line["step"].is_number_integer()) return "no whole number 'step'";
  if (!InRange(line["step"], kMostSteps)) return "'step' is outside [0, 2^48]";
  return "";
}

void Take(const Json& line, Call* call, RunHistory* history) {
  const auto time = line["time"].get<double>();
  const auto event = line["event"].get<std::string>();
  if (history->started == 0.0) history->started = time;
  if (event == "run" || history->calls == 0) {
    Close(*call, history);
    *call = {time, time};
    ++history->calls;
  }
  call->end = std::max(call->end, time);
  if (event == "run") {
    history->facts.clear();
    for (const auto& [key, value] : line.items()) {
      if (!IsHead(key)) history->facts.emplace_back(key, Text(value));
    }
    return;
  }
  const auto step = line["step"].get<int64_t>();
  StageHistory* stage = FindStage(line["stage"].get<std::string>(), history);
  stage->last_step = step;
  if (event == "step") {
    AddPoints(line, step, &stage->training);
  } else if (event == "validation") {
    AddPoints(line, step, &stage->validation);
  } else {
    AddEvent(line, time, stage->name, step, history);
  }
}

}  // namespace

RunHistory ParseRunLog(std::string_view text, const std::string& source) {
  RunHistory history;
  Call call;
  int number = 0;
  while (!text.empty()) {
    const std::string_view row = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), row.size() + 1));
    ++number;
    if (row.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const Json line = Json::parse(row, nullptr, false);
    const std::string complaint = Complaint(line);
    if (complaint.empty()) {
      Take(line, &call, &history);
    } else {
      history.warnings.push_back(fmt::format("{}:{}: {}; passed over", source, number, complaint));
    }
  }
  Close(call, &history);
  return history;
}

}  // namespace m2tts
