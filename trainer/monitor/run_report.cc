#include "trainer/monitor/run_report.h"

#include <algorithm>
#include <ctime>
#include <map>

#include "absl/strings/escaping.h"
#include "core/base/file.h"
#include "trainer/monitor/chart.h"
#include "trainer/monitor/run_history.h"
#include "trainer/monitor/sample_files.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostEvents = 40;
constexpr size_t kMostWarnings = 20;

// Two colours that tell training from validation on both backgrounds; everything else is grey.
constexpr char kStyle[] = R"(
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1f23; --faint: #667; --rule: #d9dce1;
  --card: #f6f7f9; --train: #2a6f97; --validation: #c2410c; }
@media (prefers-color-scheme: dark) { :root { --paper: #15171a; --ink: #e4e6ea; --faint: #9aa1ab;
  --rule: #33373d; --card: #1d2024; --train: #7cc4f0; --validation: #ffa266; } }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
  max-width: 1060px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.6em; margin-bottom: 0.2em; } h2 { margin-top: 2em; border-bottom: 1px solid var(--rule); }
h3 { font-size: 1em; margin-bottom: 0.3em; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(460px, 100%), 1fr)); gap: 10px; }
.chart { background: var(--card); border-radius: 6px; width: 100%; }
.chart text { font-size: 12px; fill: var(--ink); } .chart .name { font-weight: 600; }
.chart .tick { fill: var(--faint); font-weight: 400; } .chart .grid { stroke: var(--rule); }
.chart polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.chart polyline.train { stroke: var(--train); } .chart polyline.validation { stroke: var(--validation); }
.chart circle { fill: var(--validation); }
.chart tspan.train { fill: var(--train); font-weight: 400; }
.chart tspan.validation { fill: var(--validation); font-weight: 400; }
.samples { display: flex; flex-wrap: wrap; gap: 14px; } figure { margin: 0; max-width: 100%; }
figure img { max-width: 100%; border-radius: 4px; display: block; } figcaption { color: var(--faint); }
table { border-collapse: collapse; } td, th { text-align: left; padding: 2px 14px 2px 0; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: var(--card); padding: 12px; border-radius: 6px; overflow-x: auto; font-size: 13px; }
.warning { border-left: 4px solid var(--validation); padding-left: 10px; } .faint { color: var(--faint); }
)";

std::string LocalTime(double unix_seconds) {
  const auto seconds = static_cast<std::time_t>(unix_seconds);
  std::tm local = {};
  localtime_r(&seconds, &local);
  char text[32];
  return std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &local) > 0 ? text : "";
}

std::string Duration(double seconds) {
  const auto minutes = static_cast<int64_t>(seconds / 60);
  if (minutes >= 60) return fmt::format("{} h {:02d} min", minutes / 60, minutes % 60);
  return minutes > 0 ? fmt::format("{} min", minutes) : fmt::format("{:.0f} s", seconds);
}

std::string Fact(const RunHistory& history, const std::string& name) {
  for (const auto& [key, value] : history.facts) {
    if (key == name) return value;
  }
  return "";
}

// Embeds files until the budget is spent.
class Media {
 public:
  Media(int64_t budget, std::vector<std::string>* warnings) : left_(budget), warnings_(warnings) {}

  // Takes room for a file; call for the most important first.
  void Reserve(const SampleFile& file) {
    auto bytes = ReadFile(file.path, static_cast<size_t>(std::max<int64_t>(0, left_)));
    if (bytes.ok()) {
      left_ -= static_cast<int64_t>(bytes->size());
      contents_[file.path.string()] = *std::move(bytes);
    } else if (bytes.status().code() == StatusCode::kResourceExhausted) {
      ++left_out_;
    } else {
      warnings_->emplace_back(bytes.status().message());
    }
  }

  // <img> or <audio>, or a word about its absence.
  std::string Embed(const SampleFile& file, const std::string& caption) const {
    const auto found = contents_.find(file.path.string());
    std::string body = fmt::format("<p class='faint'>not embedded: samples/{}</p>",
                                   EscapeHtml(file.path.filename().string()));
    if (found != contents_.end()) {
      const std::string data = absl::Base64Escape(found->second);
      body =
          file.path.extension() == ".png"
              ? fmt::format("<img alt='{}' src='data:image/png;base64,{}'>", EscapeHtml(file.name), data)
              : fmt::format("<audio controls preload='none' src='data:audio/wav;base64,{}'></audio>", data);
    }
    return fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", body, EscapeHtml(caption));
  }
  int left_out() const { return left_out_; }

 private:
  int64_t left_;
  std::vector<std::string>* const warnings_;
  std::map<std::string, std::string> contents_;
  int left_out_ = 0;
};

// Of one stage, name and kind.
struct SampleGroup {
  std::string stage;
  std::string name;
  bool picture = false;
  std::vector<const SampleFile*> shown;  // natural, first, latest; as far as there are any
};

std::vector<SampleGroup> GroupSamples(const std::vector<SampleFile>& files) {
  std::vector<SampleGroup> groups;
  for (const SampleFile& file : files) {
    const bool picture = file.path.extension() == ".png";
    const bool same = !groups.empty() && groups.back().stage == file.stage &&
                      groups.back().name == file.name && groups.back().picture == picture;
    if (!same) groups.push_back({file.stage, file.name, picture, {}});
    auto& shown = groups.back().shown;
    // The files of a group come with rising steps: a later one takes the place of the latest.
    const size_t kept = (!shown.empty() && shown.front()->step < 0) ? 2 : 1;
    if (shown.size() > kept) shown.pop_back();
    shown.push_back(&file);
  }
  return groups;
}

std::string Caption(const SampleFile& file) {
  return file.step < 0 ? file.name + ", recording" : fmt::format("{}, step {}", file.name, file.step);
}

std::string Charts(const StageHistory& stage) {
  std::vector<std::string> names;
  const auto add = [&](const std::vector<Curve>& curves) {
    for (const Curve& curve : curves) {
      if (std::find(names.begin(), names.end(), curve.name) == names.end()) names.push_back(curve.name);
    }
  };
  add(stage.training);
  add(stage.validation);
  std::string html = "<div class='charts'>";
  for (const std::string& name : names) {
    std::vector<ChartLine> lines;
    for (const Curve& curve : stage.training) {
      if (curve.name == name) lines.push_back({&curve, "training", "train", false});
    }
    for (const Curve& curve : stage.validation) {
      if (curve.name == name) lines.push_back({&curve, "validation", "validation", true});
    }
    html += DrawChart(name, lines);
  }
  return html + "</div>\n";
}

std::string Samples(const std::vector<SampleGroup>& groups, const std::string& stage, const Media& media) {
  std::string html;
  for (const SampleGroup& group : groups) {
    if (group.stage != stage) continue;
    html += "<div class='samples'>";
    for (const SampleFile* file : group.shown) html += media.Embed(*file, Caption(*file));
    html += "</div>\n";
  }
  return html.empty() ? "" : "<h3>Samples</h3>\n" + html;
}

std::string Checkpoints(const fs::path& run, const std::vector<StageHistory>& stages) {
  std::string rows;
  for (const StageHistory& stage : stages) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator it(run / stage.name, error), end; !error && it != end; it.increment(error)) {
      if (it->path().extension() == ".safetensors") files.push_back(it->path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      const auto size = fs::file_size(file, error);
      if (error) continue;  // deleted meanwhile by the running training
      rows += fmt::format("<tr><td>{}</td><td class='number'>{:.1f} MB</td></tr>\n",
                          EscapeHtml(stage.name + "/" + file.filename().string()),
                          static_cast<double>(size) / 1e6);
    }
  }
  return rows.empty() ? "" : "<h2>Checkpoints</h2>\n<table>" + rows + "</table>\n";
}

std::string Events(const RunHistory& history) {
  if (history.events.empty()) return "";
  const size_t count = history.events.size(), from = count > kMostEvents ? count - kMostEvents : 0;
  std::string html = "<h2>Events</h2>\n";
  if (from > 0) html += fmt::format("<p class='faint'>The last {} of {}.</p>\n", kMostEvents, count);
  html += "<table><tr><th>time</th><th>stage</th><th>step</th><th>event</th><th></th></tr>\n";
  for (size_t i = from; i < count; ++i) {
    const RunEvent& event = history.events[i];
    html += fmt::format("<tr><td>{}</td><td>{}</td><td class='number'>{}</td><td>{}</td><td>{}</td></tr>\n",
                        LocalTime(event.time), EscapeHtml(event.stage), event.step, EscapeHtml(event.event),
                        EscapeHtml(event.detail));
  }
  return html + "</table>\n";
}

std::string Overview(const RunHistory& history) {
  std::string rows;
  const auto row = [&](const std::string& name, const std::string& value) {
    if (!value.empty())
      rows += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", EscapeHtml(name), EscapeHtml(value));
  };
  row("started", history.started > 0 ? LocalTime(history.started) : "");
  row("trained for", fmt::format("{}{}", Duration(history.active_seconds),
                                 history.calls > 1 ? fmt::format(" in {} calls", history.calls) : ""));
  for (const auto& [key, value] : history.facts) {
    if (key != "config" && key != "name") row(key, value);
  }
  for (const StageHistory& stage : history.stages) row(stage.name, fmt::format("step {}", stage.last_step));
  return "<table>" + rows + "</table>\n";
}

std::string Warnings(const std::vector<std::string>& warnings) {
  if (warnings.empty()) return "";
  std::string html = "<div class='warning'><p>";
  for (size_t i = 0; i < std::min(warnings.size(), kMostWarnings); ++i) {
    html += EscapeHtml(warnings[i]) + "<br>\n";
  }
  if (warnings.size() > kMostWarnings) {
    html += fmt::format("and {} more<br>\n", warnings.size() - kMostWarnings);
  }
  return html + "</p></div>\n";
}

}  // namespace

StatusOr<RunReport> MakeRunReport(const fs::path& run, const RunReportOptions& options) {
  M2TTS_ASSIGN_OR_RETURN(const std::string log, ReadFile(run / "log.jsonl"));
  const RunHistory history = ParseRunLog(log, "log.jsonl");
  RunReport report;
  report.warnings = history.warnings;

  const std::vector<SampleFile> files = ListSamples(run / "samples");
  const std::vector<SampleGroup> groups = GroupSamples(files);
  Media media(options.max_media_bytes, &report.warnings);
  // The latest of every group first, then those that it is to be compared with.
  for (const SampleGroup& group : groups) media.Reserve(*group.shown.back());
  for (const SampleGroup& group : groups) {
    for (size_t i = 0; i + 1 < group.shown.size(); ++i) media.Reserve(*group.shown[i]);
  }

  const std::string name = Fact(history, "name");
  const std::string title = EscapeHtml(name.empty() ? run.filename().string() : name);
  std::string body = fmt::format("<h1>{}</h1>\n", title) + Overview(history) + Warnings(report.warnings);
  if (media.left_out() > 0) {
    body +=
        fmt::format("<p class='faint'>{} pictures and sounds are left out for size; they are in {}.</p>\n",
                    media.left_out(), EscapeHtml((run / "samples").string()));
  }
  for (const StageHistory& stage : history.stages) {
    body += fmt::format("<h2>{}</h2>\n", EscapeHtml(stage.name)) + Charts(stage) +
            Samples(groups, stage.name, media);
  }
  body += Checkpoints(run, history.stages) + Events(history);
  const std::string config = Fact(history, "config");
  if (!config.empty()) body += "<h2>Config</h2>\n<pre>" + EscapeHtml(config) + "</pre>\n";
  report.html = fmt::format(
      "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>\n"
      "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
      "<title>{}</title>\n<style>{}</style></head>\n<body>\n{}</body></html>\n",
      title, kStyle, body);
  return report;
}

}  // namespace m2tts
