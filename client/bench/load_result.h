// What a load generator measured.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "client/bench/latency_histogram.h"
#include "client/bench/metric_page.h"
#include "client/json.h"
#include "core/base/status.h"

namespace m2tts {

// One finished call; times in seconds from the start of the run.
struct CallRecord {
  double scheduled = 0.0;  // when it should have been sent (open loop) or was (closed loop)
  double sent = 0.0;
  double first_audio = -1.0;  // below 0: none came
  double finished = 0.0;
  double audio_seconds = 0.0;
  double device_seconds = 0.0;  // as the server says
  int64_t bytes = 0;
  LatencyHistogram gaps;  // between chunks
  int underruns = 0;      // times that a player which began with the first chunk ran dry
  double underrun_seconds = 0.0;
  bool cancelled = false;  // by us
  bool invalid = false;    // on purpose
  Status status;
};

class LoadResult {
 public:
  void Add(const CallRecord& record);

  bool open_loop = false;
  double seconds = 0.0;      // from the first request to the last answer
  double cpu_seconds = 0.0;  // of the processor, that this program used meanwhile
  int64_t rss_bytes_before = 0;
  int64_t rss_bytes = 0;                          // of the daemon, after; 0 when it did not say
  int idle_streams = 0;                           // that were open beside the load
  double idle_stream_bytes = 0.0;                 // by which each made the daemon grow
  std::optional<MetricHistogram> cancel_to_stop;  // as the daemon measured it meanwhile; seconds

  int64_t calls() const { return calls_; }
  int64_t ok() const { return ok_; }
  int64_t refused() const { return refused_; }
  int64_t errors() const { return errors_; }
  // Of the first call that ended as none should.
  const Status& first_error() const { return first_error_; }

  // docs/cli.md documents the keys.
  Json ToJson() const;
  std::string ToText() const;

 private:
  double RealTimeFactor() const { return audio_seconds_ > 0.0 ? device_seconds_ / audio_seconds_ : 0.0; }
  double Throughput() const { return seconds > 0.0 ? audio_seconds_ / seconds : 0.0; }
  double OfferedPerSecond() const {
    const double span = open_loop ? sent_until_ : seconds;
    return span > 0.0 ? static_cast<double>(calls_) / span : 0.0;
  }

  LatencyHistogram first_audio_;
  LatencyHistogram total_;
  LatencyHistogram gap_;      // the longest of each call
  LatencyHistogram lag_;      // sent later than scheduled: of this program, not of the server
  LatencyHistogram refusal_;  // until it was told
  double sent_until_ = 0.0;   // when the last one was due
  std::map<std::string, int64_t> codes_;
  int64_t calls_ = 0, ok_ = 0, cancelled_ = 0, invalid_ = 0, refused_ = 0, errors_ = 0;
  int64_t underrun_calls_ = 0;
  double underrun_seconds_ = 0.0;
  double audio_seconds_ = 0.0;  // of complete calls
  double device_seconds_ = 0.0;
  int64_t bytes_ = 0;
  Status first_error_;
};

}  // namespace m2tts
