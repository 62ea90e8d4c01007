// What a daemon tells about itself on /metrics, in Prometheus' text format: as much of it as a load generator
// needs.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// GET http://ADDRESS/metrics, ADDRESS being HOST:PORT. Blocks for `timeout_s` at most. UNAVAILABLE,
// DEADLINE_EXCEEDED, or DATA_LOSS when what answers is no such page.
StatusOr<std::string> FetchMetrics(const std::string& address, double timeout_s);

// Of values that were counted in buckets.
class MetricHistogram {
 public:
  // The one called `name`, without labels; nullopt when the page has none.
  static std::optional<MetricHistogram> Find(const std::string& page, const std::string& name);

  // What has been counted since `before`, of the same daemon.
  MetricHistogram Since(const MetricHistogram& before) const;

  double count() const { return buckets_.empty() ? 0.0 : buckets_.back().second; }
  // The value that `percent` of those counted do not exceed, evenly spread within its bucket; 0 when there
  // are none. What is beyond the last bound counts as that bound.
  double Percentile(double percent) const;

 private:
  // Upper bounds, rising to infinity, and how many values are not above them.
  std::vector<std::pair<double, double>> buckets_;
};

}  // namespace m2tts
