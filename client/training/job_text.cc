#include "client/training/job_text.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include "client/terminal.h"

namespace m2tts {
namespace {

std::string Shortened(const std::string& name, const std::string& prefix, bool lower) {
  std::string text = name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name;
  if (text == "UNSPECIFIED") return "";
  if (lower) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  return text;
}

double UnixSeconds(const google::protobuf::Timestamp& time) {
  return static_cast<double>(time.seconds()) + 1e-9 * time.nanos();
}

Json TimeOrNull(bool has, const google::protobuf::Timestamp& time) {
  return has ? Json(UnixSeconds(time)) : Json();
}

Json ToJson(const v1::JobProgress& progress) {
  Json metrics = Json::object();
  for (const auto& [name, value] :
       std::map<std::string, double>(progress.metrics().begin(), progress.metrics().end())) {
    metrics[name] = value;
  }
  return {{"stage", progress.stage()},
          {"step", progress.step()},
          {"total_steps", progress.total_steps()},
          {"loss", progress.loss()},
          {"eta_seconds", Seconds(progress.eta())},
          {"frames_per_second", progress.frames_per_second()},
          {"device_share", progress.device_share()},
          {"celsius", progress.has_celsius() ? Json(progress.celsius()) : Json()},
          {"resident_bytes", progress.resident_bytes()},
          {"last_sample", progress.last_sample()},
          {"metrics", metrics}};
}

Json ToJson(const v1::JobTransition& transition) {
  return {{"from", JobStateText(transition.from())},
          {"to", JobStateText(transition.to())},
          {"reason", transition.reason()},
          {"time", UnixSeconds(transition.time())}};
}

}  // namespace

std::string JobStateText(v1::JobState state) {
  return Shortened(v1::JobState_Name(state), "JOB_STATE_", false);
}

std::string JobKindText(v1::JobKind kind) {
  return Shortened(v1::JobKind_Name(kind == v1::JOB_KIND_UNSPECIFIED ? v1::JOB_KIND_TRAIN : kind),
                   "JOB_KIND_", true);
}

std::string PauseReasonText(v1::PauseReason reason) {
  return Shortened(v1::PauseReason_Name(reason), "PAUSE_REASON_", true);
}

bool HasEnded(v1::JobState state) {
  return state == v1::JOB_STATE_SUCCEEDED || state == v1::JOB_STATE_FAILED ||
         state == v1::JOB_STATE_CANCELLED;
}

Json ToJson(const v1::Job& job) {
  Json labels = Json::object();
  for (const auto& [name, value] :
       std::map<std::string, std::string>(job.labels().begin(), job.labels().end())) {
    labels[name] = value;
  }
  Json history = Json::array();
  for (const auto& transition : job.history()) history.push_back(ToJson(transition));
  const v1::JobSpec& spec = job.spec();
  return {{"id", job.id()},
          {"state", JobStateText(job.state())},
          {"pause_reason", PauseReasonText(job.pause_reason())},
          {"reason", job.message()},
          {"step", job.progress().step()},
          {"loss", job.progress().loss()},
          {"kind", JobKindText(spec.kind())},
          {"voice_name", spec.voice_name().empty() ? job.id() : spec.voice_name()},
          {"published_voice", job.published_voice()},
          {"priority", job.priority()},
          {"attempt", job.attempt()},
          {"create_time", TimeOrNull(job.has_create_time(), job.create_time())},
          {"start_time", TimeOrNull(job.has_start_time(), job.start_time())},
          {"end_time", TimeOrNull(job.has_end_time(), job.end_time())},
          {"labels", labels},
          {"progress", ToJson(job.progress())},
          {"history", history}};
}

Json ToJson(const v1::JobEvent& event) {
  Json json = {{"sequence", event.sequence()}, {"time", UnixSeconds(event.time())}};
  if (event.has_transition()) json["transition"] = ToJson(event.transition());
  if (event.has_progress()) json["progress"] = ToJson(event.progress());
  if (event.event_case() == v1::JobEvent::kLogLine) json["log_line"] = event.log_line();
  return json;
}

Json ToJson(const v1::Artifact& artifact) {
  return {{"name", artifact.name()}, {"size_bytes", artifact.size_bytes()}, {"sha256", artifact.sha256()}};
}

std::string DurationText(double seconds) {
  const auto total = std::llround(std::max(0.0, seconds));
  if (total >= 3600) return fmt::format("{} h {:02d} min", total / 3600, total % 3600 / 60);
  if (total >= 60) return fmt::format("{} min {:02d} s", total / 60, total % 60);
  return fmt::format("{} s", total);
}

std::string Sparkline(const std::vector<double>& values, size_t width) {
  static constexpr const char* kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const size_t first = values.size() > width ? values.size() - width : 0;
  double least = HUGE_VAL, greatest = -HUGE_VAL;
  for (size_t i = first; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    least = std::min(least, values[i]);
    greatest = std::max(greatest, values[i]);
  }
  std::string line;
  for (size_t i = first; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      line += "?";
      continue;
    }
    const double share = greatest > least ? (values[i] - least) / (greatest - least) : 0.0;
    line += kBlocks[std::min<size_t>(7, static_cast<size_t>(share * 8.0))];
  }
  return line;
}

std::string ProgressBar(double share, int width) {
  const double within = std::isfinite(share) ? std::min(1.0, std::max(0.0, share)) : 0.0;
  const int full = static_cast<int>(std::lround(within * width));
  return "[" + std::string(static_cast<size_t>(full), '#') +
         std::string(static_cast<size_t>(width - full), '.') + "]";
}

std::string StateLine(v1::JobState state, v1::PauseReason reason, const std::string& message) {
  std::string line = JobStateText(state);
  if (const std::string why = PauseReasonText(reason); !why.empty()) line += " (" + why + ")";
  return message.empty() ? line : line + ": " + Harmless(message);
}

}  // namespace m2tts
