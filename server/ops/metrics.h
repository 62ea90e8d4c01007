// The daemon's Prometheus metrics: one struct, made at start, any thread may update it.
//
// Names are m2tts_*, units are base units, labels are bounded.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>

namespace m2tts {

struct Metrics {
  Metrics();

  // A call of `method` ended with `code` after `seconds`.
  void RecordCall(const std::string& method, const std::string& code, double seconds);
  void RecordRejection(const std::string& reason);
  // Labels of m2tts_build_info and m2tts_device_info; call once.
  void SetBuild(const std::string& version, const std::string& commit, const std::string& torch);
  void SetDevice(const std::string& device, const std::string& reason);
  // All metrics in Prometheus' text format.
  std::string Serialize() const;

  const std::shared_ptr<prometheus::Registry> registry;
  prometheus::Family<prometheus::Counter>& calls;
  prometheus::Family<prometheus::Histogram>& call_seconds;
  prometheus::Family<prometheus::Counter>& rejections;
  prometheus::Gauge& unread_bytes;
  prometheus::Gauge& queue_requests;
  prometheus::Gauge& queue_audio_seconds;
  prometheus::Gauge& streams;
  prometheus::Histogram& queue_wait_seconds;
  prometheus::Histogram& first_audio_seconds;
  prometheus::Histogram& real_time_factor;
  prometheus::Counter& audio_seconds;
  prometheus::Counter& device_seconds;
  prometheus::Counter& cancelled;
  prometheus::Counter& cancelled_audio_seconds;
  prometheus::Histogram& cancel_to_stop_seconds;
  prometheus::Counter& out_of_memory;
  prometheus::Counter& device_failures;
  prometheus::Counter& device_recoveries;
  prometheus::Counter& device_recovery_failures;
  prometheus::Histogram& batch_size;
  prometheus::Counter& cache_hits;
  prometheus::Counter& cache_misses;
  prometheus::Gauge& cache_bytes;
  prometheus::Gauge& voices;
  prometheus::Gauge& voice_loads;
  prometheus::Gauge& voice_load_failures;
  prometheus::Gauge& lexicon_load_failures;
  prometheus::Gauge& certificate_not_after_seconds;
  prometheus::Gauge& resident_bytes;
  prometheus::Gauge& start_time_seconds;
  prometheus::Gauge& ready;
};

}  // namespace m2tts
