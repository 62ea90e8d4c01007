#include "client/bench/load_generator.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "client/bench/bench_call.h"

namespace m2tts {
namespace {

// More on their way than any daemon admits: the open loop then waits, and says so as "sent too late".
constexpr size_t kMaxCalls = 20'000;

std::chrono::steady_clock::time_point After(std::chrono::steady_clock::time_point start, double seconds) {
  return start + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                     std::chrono::duration<double>(seconds));
}

// Of this process so far, in all its threads.
double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

LoadGenerator::LoadGenerator(ClientOptions client, LoadOptions load)
    : client_(std::move(client)), load_(std::move(load)), plan_(load_) {
  for (int i = 0; i < std::max(1, load_.connections); ++i) {
    stubs_.push_back(v1::Synthesizer::NewStub(Connect(client_, i)));
  }
}

// gRPC 1.51 aborts now and then when the last channel that made callback calls goes: it then ends the
// completion queue of all of them, and miscounts it. So these stay until the process ends.
LoadGenerator::~LoadGenerator() {
  // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new): nothing goes on without memory
  static auto* const mutex = new Mutex;
  // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new)
  static auto* const kept = new std::vector<std::unique_ptr<v1::Synthesizer::Stub>>;
  MutexLock lock(mutex);
  for (auto& stub : stubs_) kept->push_back(std::move(stub));
}

double LoadGenerator::Now() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

StatusOr<LoadResult> LoadGenerator::Run() {
  SynthesisClient admin(client_);
  M2TTS_ASSIGN_OR_RETURN(const v1::ServerStatus before, admin.GetStatus());
  start_ = std::chrono::steady_clock::now();
  WarmUp();
  M2TTS_ASSIGN_OR_RETURN(const double idle_stream_bytes, OpenIdleStreams(&admin));
  M2TTS_ASSIGN_OR_RETURN(const auto stops_before, CancelToStop());
  start_ = std::chrono::steady_clock::now();
  counting_ = true;
  const double cpu_before = CpuSeconds();
  if (load_.rate > 0.0) {
    RunOpen();
  } else {
    RunClosed();
  }
  WaitForFewer(1);
  LoadResult result;
  {
    MutexLock lock(&mutex_);
    result = std::move(result_);
  }
  result.seconds = Now();
  result.cpu_seconds = CpuSeconds() - cpu_before;
  result.open_loop = load_.rate > 0.0;
  result.rss_bytes_before = before.resident_bytes();
  result.idle_streams = load_.idle_streams;
  result.idle_stream_bytes = idle_stream_bytes;
  if (stops_before.has_value()) WaitIdle(&admin);
  M2TTS_ASSIGN_OR_RETURN(const auto stops, CancelToStop());
  if (stops.has_value()) result.cancel_to_stop = stops->Since(*stops_before);
  const auto after = admin.GetStatus();
  if (after.ok()) result.rss_bytes = after->resident_bytes();
  return result;
}

StatusOr<double> LoadGenerator::OpenIdleStreams(SynthesisClient* admin) {
  if (load_.idle_streams == 0) return 0.0;
  M2TTS_ASSIGN_OR_RETURN(const v1::ServerStatus before, admin->GetStatus());
  M2TTS_ASSIGN_OR_RETURN(idle_, IdleStreams::Open(stubs_, client_, load_.request, load_.idle_streams));
  M2TTS_ASSIGN_OR_RETURN(const v1::ServerStatus after, admin->GetStatus());
  return static_cast<double>(after.resident_bytes() - before.resident_bytes()) / load_.idle_streams;
}

void LoadGenerator::WaitIdle(SynthesisClient* admin) {
  constexpr double kIdleSeconds = 10.0, kLookEverySeconds = 0.01;
  const double until = Now() + kIdleSeconds;
  while (Now() < until) {
    const auto status = admin->GetStatus();
    if (!status.ok() || status->queue().requests() == 0) return;
    if (!WaitUntil(Now() + kLookEverySeconds)) return;
  }
}

StatusOr<std::optional<MetricHistogram>> LoadGenerator::CancelToStop() const {
  constexpr char kName[] = "m2tts_cancel_to_stop_seconds";
  constexpr double kFetchSeconds = 10.0;
  if (load_.metrics_address.empty()) return std::optional<MetricHistogram>();
  M2TTS_ASSIGN_OR_RETURN(const std::string page, FetchMetrics(load_.metrics_address, kFetchSeconds));
  auto histogram = MetricHistogram::Find(page, kName);
  if (!histogram.has_value()) return NotFound("metrics of {}: there is no {}", load_.metrics_address, kName);
  return histogram;
}

void LoadGenerator::Cancel() {
  MutexLock lock(&mutex_);
  cancelled_ = true;
  for (BenchCall* call : calls_) call->Cancel();
  changed_.NotifyAll();
}

bool LoadGenerator::MayStart(int64_t started) const {
  return (load_.requests == 0 || started < load_.requests) && (load_.seconds == 0.0 || Now() < load_.seconds);
}

void LoadGenerator::WarmUp() {
  LoadOptions plain = load_;
  plain.rate = plain.cancel_share = plain.invalid_share = 0.0;
  LoadPlan plan(plain);
  for (int64_t i = 0; i < load_.warm_up; ++i) {
    if (!WaitUntil(0.0)) return;
    Start(plan.Next());
    WaitForFewer(1);
  }
}

void LoadGenerator::RunOpen() {
  for (int64_t started = 0; MayStart(started); ++started) {
    PlannedRequest planned = plan_.Next();
    if (load_.seconds > 0.0 && planned.scheduled >= load_.seconds) return;
    if (!WaitUntil(planned.scheduled)) return;
    WaitForFewer(kMaxCalls);
    Start(std::move(planned));
  }
}

void LoadGenerator::RunClosed() {
  for (int64_t started = 0; MayStart(started); ++started) {
    WaitForFewer(static_cast<size_t>(std::max(1, load_.concurrency)));
    if (!WaitUntil(0.0)) return;
    Start(plan_.Next());
  }
}

bool LoadGenerator::WaitUntil(double time) {
  const auto deadline = After(start_, time);
  MutexLock lock(&mutex_);
  while (!cancelled_ && std::chrono::steady_clock::now() < deadline) changed_.WaitUntil(&mutex_, deadline);
  return !cancelled_;
}

void LoadGenerator::WaitForFewer(size_t calls) {
  MutexLock lock(&mutex_);
  while (calls_.size() >= calls) changed_.Wait(&mutex_);
}

void LoadGenerator::Start(PlannedRequest planned) {
  auto* call = new BenchCall(this, std::move(planned), start_, client_);
  v1::Synthesizer::Stub* const stub = stubs_[next_stub_++ % stubs_.size()].get();
  {
    MutexLock lock(&mutex_);
    calls_.insert(call);
    if (cancelled_) call->Cancel();
  }
  call->Begin(stub);
}

void LoadGenerator::Finished(BenchCall* call, const CallRecord& record) {
  MutexLock lock(&mutex_);
  calls_.erase(call);
  // What the person cut off says nothing about the daemon.
  const bool cut = cancelled_ && record.status.code() == StatusCode::kCancelled;
  if (counting_ && !cut) result_.Add(record);
  // Under the lock: afterwards the generator may be gone.
  changed_.NotifyAll();
}

}  // namespace m2tts
