// Which requests a load generator sends, and when: drawn from a seed, so that a run can be repeated.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "m2tts/v1/synthesizer.pb.h"

namespace m2tts {

struct LoadOptions {
  v1::SynthesizeRequest request;   // what all have in common
  std::vector<std::string> texts;  // at least one, none empty
  // Characters of the texts, which are then put together from `texts`; empty: those as they are, in turn.
  std::vector<int> lengths;
  std::vector<v1::AudioEncoding> encodings;  // chosen among at random; empty: that of `request`
  // Open loop: requests a second, with Poisson arrivals. 0: closed loop, `concurrency` requests at a time.
  double rate = 0.0;
  int concurrency = 1;
  int64_t requests = 0;        // 0: no limit
  double seconds = 0.0;        // of sending; 0: no limit
  int64_t warm_up = 0;         // first requests, sent one after another and not counted
  double cancel_share = 0.0;   // of requests that are cancelled on their way, 0 to 1
  double invalid_share = 0.0;  // of requests that must be refused as invalid
  int connections = 1;
  int idle_streams = 0;         // live answers that are open and say nothing, beside all that
  std::string metrics_address;  // HOST:PORT of the daemon's /metrics; empty: not asked
  uint64_t seed = 1;
};

struct PlannedRequest {
  v1::SynthesizeRequest request;
  double scheduled = 0.0;           // seconds from the start; open loop only
  std::optional<int> cancel_after;  // chunks
  bool invalid = false;
};

// Not synchronized.
class LoadPlan {
 public:
  explicit LoadPlan(LoadOptions options) : options_(std::move(options)), random_(options_.seed) {}
  PlannedRequest Next();

 private:
  std::string NextText();
  void MakeInvalid(v1::SynthesizeRequest* request);
  // In [0, 1).
  double Uniform();

  const LoadOptions options_;
  std::mt19937_64 random_;
  double clock_ = 0.0;
  size_t next_text_ = 0;
};

// `text` repeated and cut at a blank so that it has at most `characters` bytes; at least one word.
std::string TextOfLength(const std::vector<std::string>& texts, size_t first, int characters);

}  // namespace m2tts
