#include "client/bench/load_result.h"

#include <fmt/core.h>

#include <algorithm>

namespace m2tts {
namespace {

constexpr double kPercents[] = {50.0, 75.0, 90.0, 99.0, 99.9};

std::string PercentName(double percent) {
  std::string name = fmt::format("p{}", percent);
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
}

Json Milliseconds(const LatencyHistogram& histogram) {
  Json json;
  for (const double percent : kPercents) json[PercentName(percent)] = 1e3 * histogram.Percentile(percent);
  json["max"] = 1e3 * histogram.max();
  json["mean"] = 1e3 * histogram.mean();
  json["count"] = histogram.count();
  return json;
}

Json Milliseconds(const MetricHistogram& histogram) {
  Json json;
  for (const double percent : kPercents) json[PercentName(percent)] = 1e3 * histogram.Percentile(percent);
  json["count"] = static_cast<int64_t>(histogram.count());
  return json;
}

std::string Row(const char* name, const LatencyHistogram& histogram) {
  std::string row = fmt::format("{:<22}", name);
  for (const double percent : kPercents) row += fmt::format(" {:>9.2f}", 1e3 * histogram.Percentile(percent));
  return row + fmt::format(" {:>9.2f}\n", 1e3 * histogram.max());
}

}  // namespace

void LoadResult::Add(const CallRecord& record) {
  ++calls_;
  ++codes_[std::string(absl::StatusCodeToString(record.status.code()))];
  bytes_ += record.bytes;
  lag_.Record(record.sent - record.scheduled);
  sent_until_ = std::max(sent_until_, record.scheduled);
  const StatusCode code = record.status.code();
  if (record.invalid && (code == StatusCode::kInvalidArgument || code == StatusCode::kNotFound)) {
    ++invalid_;
    return;
  }
  if (code == StatusCode::kResourceExhausted) {
    ++refused_;
    refusal_.Record(record.finished - record.scheduled);
    return;
  }
  if (record.first_audio >= 0.0) first_audio_.Record(record.first_audio - record.scheduled);
  if (record.cancelled && code == StatusCode::kCancelled) {
    ++cancelled_;
    return;
  }
  if (!record.status.ok() || record.invalid) {
    ++errors_;
    if (first_error_.ok()) {
      first_error_ = record.status.ok() ? Internal("an invalid request was answered") : record.status;
    }
    return;
  }
  ++ok_;
  total_.Record(record.finished - record.scheduled);
  if (record.gaps.count() > 0) gap_.Record(record.gaps.max());
  if (record.underruns > 0) ++underrun_calls_;
  underrun_seconds_ += record.underrun_seconds;
  audio_seconds_ += record.audio_seconds;
  device_seconds_ += record.device_seconds;
}

Json LoadResult::ToJson() const {
  Json json = {{"loop", open_loop ? "open" : "closed"},
               {"seconds", seconds},
               {"cpu_seconds", cpu_seconds},
               {"requests", calls_},
               {"ok", ok_},
               {"cancelled", cancelled_},
               {"invalid", invalid_},
               {"refused", refused_},
               {"errors", errors_},
               {"codes", codes_},
               {"ttfa_ms", Milliseconds(first_audio_)},
               {"total_ms", Milliseconds(total_)},
               {"gap_ms", Milliseconds(gap_)},
               {"send_lag_ms", Milliseconds(lag_)},
               {"underrun_calls", underrun_calls_},
               {"underrun_seconds", underrun_seconds_},
               {"audio_seconds", audio_seconds_},
               {"rtf", RealTimeFactor()},
               {"throughput_audio_s_per_s", Throughput()},
               {"requests_per_s", seconds > 0.0 ? static_cast<double>(ok_) / seconds : 0.0},
               {"offered_per_s", OfferedPerSecond()},
               {"refusal_ms", Milliseconds(refusal_)},
               {"bytes", bytes_},
               {"rss_bytes_before", rss_bytes_before},
               {"rss_bytes", rss_bytes}};
  if (idle_streams > 0) json["idle_streams"] = {{"count", idle_streams}, {"bytes_each", idle_stream_bytes}};
  if (cancel_to_stop.has_value()) json["cancel_to_stop_ms"] = Milliseconds(*cancel_to_stop);
  return json;
}

std::string LoadResult::ToText() const {
  std::string text = fmt::format(
      "{} loop, {:.1f} s: {} requests, {} complete, {} cancelled, {} invalid, {} refused, {} errors\n",
      open_loop ? "open" : "closed", seconds, calls_, ok_, cancelled_, invalid_, refused_, errors_);
  for (const auto& [code, count] : codes_) text += fmt::format("  {:<20} {}\n", code, count);
  text += fmt::format("\n{:<22}", "ms");
  for (const double percent : kPercents) text += fmt::format(" {:>9}", fmt::format("p{}", percent));
  text += fmt::format(" {:>9}\n", "max");
  text += Row("first audio", first_audio_) + Row("whole answer", total_) + Row("longest gap of chunks", gap_);
  text += Row("sent too late", lag_);
  if (refused_ > 0) text += Row("refusal", refusal_);
  text += fmt::format(
      "\noffered          {:.1f} requests a second, {:.1f} % refused\n"
      "goodput          {:.1f} s of audio, {:.2f} s a second; {:.1f} complete requests a second\n"
      "real-time factor {:.4f} (seconds of the device per second of audio)\n"
      "ran dry          {} of {} playbacks, {:.2f} s in all\n",
      OfferedPerSecond(),
      calls_ > 0 ? 100.0 * static_cast<double>(refused_) / static_cast<double>(calls_) : 0.0, audio_seconds_,
      Throughput(), seconds > 0.0 ? static_cast<double>(ok_) / seconds : 0.0, RealTimeFactor(),
      underrun_calls_, ok_, underrun_seconds_);
  if (rss_bytes > 0) {
    text += fmt::format("daemon's memory  {:.1f} MB, {:.1f} before\n", 1e-6 * static_cast<double>(rss_bytes),
                        1e-6 * static_cast<double>(rss_bytes_before));
  }
  if (cancel_to_stop.has_value()) {
    text += fmt::format("cancel to stop   p50 {:.1f} ms, p99 {:.1f} ms, of {} requests, by the daemon\n",
                        1e3 * cancel_to_stop->Percentile(50), 1e3 * cancel_to_stop->Percentile(99),
                        cancel_to_stop->count());
  }
  if (idle_streams > 0) {
    text += fmt::format("idle streams     {}, {:.1f} kB each in the daemon\n", idle_streams,
                        1e-3 * idle_stream_bytes);
  }
  if (first_audio_.count() > 0) text += "\nfirst audio\n" + first_audio_.Bars("  ");
  return text;
}

}  // namespace m2tts
