#include "server/ops/metrics.h"

#include <prometheus/text_serializer.h>

#include "server/ops/make_metric.h"

namespace m2tts {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Histogram;

const Histogram::BucketBoundaries kSeconds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                              1,     2.5,  5,     10,   30,  60};
const Histogram::BucketBoundaries kStopSeconds = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.015, 0.02,
                                                  0.03,   0.05,  0.1,   0.2,   0.5,  1};
const Histogram::BucketBoundaries kBatchSizes = {1, 2, 4, 8, 16, 32, 64};
const Histogram::BucketBoundaries kRealTimeFactors = {0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2};

Histogram& MakeHistogram(prometheus::Registry& registry, const char* name, const char* help,
                         const Histogram::BucketBoundaries& buckets) {
  return BuildHistogram().Name(name).Help(help).Register(registry).Add({}, buckets);
}

}  // namespace

Metrics::Metrics()
    : registry(std::make_shared<prometheus::Registry>()),
      calls(BuildCounter()
                .Name("m2tts_requests_total")
                .Help("Calls that ended, by method and status code")
                .Register(*registry)),
      call_seconds(BuildHistogram()
                       .Name("m2tts_request_seconds")
                       .Help("Duration of calls from arrival to the last byte, by method")
                       .Register(*registry)),
      rejections(BuildCounter()
                     .Name("m2tts_rejections_total")
                     .Help("Requests refused at admission, by reason")
                     .Register(*registry)),
      unread_bytes(
          MakeGauge(registry.get(), "m2tts_unread_bytes", "Bytes of unary answers that wait for readers")),
      queue_requests(MakeGauge(registry.get(), "m2tts_queue_requests", "Requests admitted and not finished")),
      queue_audio_seconds(MakeGauge(registry.get(), "m2tts_queue_audio_seconds",
                                    "Predicted audio still to be made, capped per request")),
      streams(MakeGauge(registry.get(), "m2tts_streams", "Calls that stream audio and have not ended")),
      queue_wait_seconds(MakeHistogram(*registry, "m2tts_queue_wait_seconds",
                                       "From arrival to the first use of the device", kSeconds)),
      first_audio_seconds(MakeHistogram(*registry, "m2tts_first_audio_seconds",
                                        "From arrival to the first encoded audio", kSeconds)),
      real_time_factor(MakeHistogram(*registry, "m2tts_real_time_factor",
                                     "Device seconds per second of audio, per finished request",
                                     kRealTimeFactors)),
      audio_seconds(MakeCounter(registry.get(), "m2tts_audio_seconds_total", "Audio made, seconds")),
      device_seconds(
          MakeCounter(registry.get(), "m2tts_device_seconds_total", "Time spent on the device, seconds")),
      cancelled(MakeCounter(registry.get(), "m2tts_cancelled_total",
                            "Requests cancelled or cut by their deadline")),
      cancelled_audio_seconds(MakeCounter(registry.get(), "m2tts_cancelled_audio_seconds_total",
                                          "Audio that had been made for those, seconds")),
      cancel_to_stop_seconds(
          MakeHistogram(*registry, "m2tts_cancel_to_stop_seconds",
                        "From cancelling a request that was being spoken to the end of its "
                        "last window on the device",
                        kStopSeconds)),
      out_of_memory(MakeCounter(registry.get(), "m2tts_device_out_of_memory_total",
                                "Out-of-memory errors of the device")),
      device_failures(MakeCounter(registry.get(), "m2tts_device_failures_total",
                                  "Batches that ended with an error of the device")),
      device_recoveries(MakeCounter(registry.get(), "m2tts_device_recoveries_total",
                                    "Times that a failed device was made to serve again")),
      device_recovery_failures(MakeCounter(registry.get(), "m2tts_device_recovery_failures_total",
                                           "Attempts at that which failed")),
      batch_size(MakeHistogram(*registry, "m2tts_device_batch_size",
                               "Sentences that shared a batch on the device", kBatchSizes)),
      cache_hits(
          MakeCounter(registry.get(), "m2tts_result_cache_hits_total", "Answers found in the result cache")),
      cache_misses(
          MakeCounter(registry.get(), "m2tts_result_cache_misses_total", "Answers looked for in vain")),
      cache_bytes(
          MakeGauge(registry.get(), "m2tts_result_cache_bytes", "Memory of the answers in the result cache")),
      voices(MakeGauge(registry.get(), "m2tts_voices", "Loaded voices")),
      voice_loads(
          MakeGauge(registry.get(), "m2tts_voice_loads",
                    "Voice bundles loaded since the start: at the start, by command, and for requests")),
      voice_load_failures(
          MakeGauge(registry.get(), "m2tts_voice_load_failures", "Voice bundles that could not be loaded")),
      lexicon_load_failures(MakeGauge(registry.get(), "m2tts_lexicon_load_failures",
                                      "Times that a user lexicon could not be read")),
      certificate_not_after_seconds(
          MakeGauge(registry.get(), "m2tts_tls_certificate_not_after_seconds",
                    "Unix time at which the TLS certificate expires; 0 without TLS")),
      resident_bytes(MakeGauge(registry.get(), "m2tts_resident_memory_bytes",
                               "Memory of the process in RAM; 0 if unknown")),
      start_time_seconds(MakeGauge(registry.get(), "m2tts_start_time_seconds", "Unix time of the start")),
      ready(MakeGauge(registry.get(), "m2tts_ready",
                      "1 while requests are served, 0 at start and while draining")) {}

void Metrics::RecordCall(const std::string& method, const std::string& code, double seconds) {
  calls.Add({{"method", method}, {"code", code}}).Increment();
  call_seconds.Add({{"method", method}}, kSeconds).Observe(seconds);
}

void Metrics::RecordRejection(const std::string& reason) {
  rejections.Add({{"reason", reason}}).Increment();
}

void Metrics::SetBuild(const std::string& version, const std::string& commit, const std::string& torch) {
  BuildGauge()
      .Name("m2tts_build_info")
      .Help("1; the labels say what runs")
      .Register(*registry)
      .Add({{"version", version}, {"commit", commit}, {"torch", torch}})
      .Set(1);
}

void Metrics::SetDevice(const std::string& device, const std::string& reason) {
  BuildGauge()
      .Name("m2tts_device_info")
      .Help("1; the labels name the compute device and why it was chosen")
      .Register(*registry)
      .Add({{"device", device}, {"reason", reason}})
      .Set(1);
}

std::string Metrics::Serialize() const {
  return prometheus::TextSerializer().Serialize(registry->Collect());
}

}  // namespace m2tts
