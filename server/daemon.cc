#include "server/daemon.h"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "core/base/install_paths.h"
#include "core/base/version.h"
#include "server/ops/http_server.h"
#include "server/ops/process_stats.h"
#include "server/ops/shutdown_signals.h"
#include "server/ops/state_dir.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/server_context.h"
#include "server/voices/warm_up.h"

namespace m2tts {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::chrono::milliseconds kDrainPoll(20);
// After our calls have ended: for others' (health watches, reflection).
constexpr std::chrono::milliseconds kLastCalls(100);

// Everything that lives as long as the daemon, in the order in which it depends on each other.
struct Daemon {
  explicit Daemon(const ServerConfig& server_config) : config(server_config), calls(&metrics) {}

  Status Prepare();
  Status ListenHttp();
  Status LoadVoices();
  Status Serve();
  void Drain();
  std::string RenderMetrics();

  const ServerConfig& config;
  const system_clock::time_point start_time = system_clock::now();
  AtomicServerState state{ServerState::kStarting};
  Metrics metrics;
  CallTracker calls;
  std::unique_ptr<StateDir> state_dir;
  std::unique_ptr<SynthesisEngine> engine;
  TextSettings text;
  std::unique_ptr<VoiceRegistry> voices;
  std::unique_ptr<HttpServer> http;
  ServerContext context;
  std::unique_ptr<GrpcServer> grpc;
};

Status Daemon::Prepare() {
  if (!config.state_dir.empty()) {
    M2TTS_ASSIGN_OR_RETURN(state_dir, StateDir::Lock(config.state_dir));
  }
  TextFrontendOptions text_options;
  text_options.lexicon_path =
      config.voices.lexicon.empty() ? FindInstallPaths().lexicon : config.voices.lexicon;
  M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<TextFrontend> frontend, TextFrontend::Create(text_options));
  M2TTS_ASSIGN_OR_RETURN(text, TextSettings::ForServer(config.text.style, config.text.lexicons));
  engine = std::make_unique<SynthesisEngine>(config, std::move(frontend), &metrics);
  return OkStatus();
}

Status Daemon::ListenHttp() {
  if (config.metrics_listen == "off") return OkStatus();
  M2TTS_ASSIGN_OR_RETURN(const ListenAddress address, ParseListenAddress(config.metrics_listen));
  M2TTS_ASSIGN_OR_RETURN(http, HttpServer::Start(address, &state, [this] { return RenderMetrics(); }));
  return OkStatus();
}

Status Daemon::LoadVoices() {
  const std::filesystem::path folder =
      config.voices.folder.empty() ? FindInstallPaths().voices : config.voices.folder;
  return engine->executor().Run([this, &folder]() -> Status {
    M2TTS_ASSIGN_OR_RETURN(
        voices, VoiceRegistry::Load(folder, config.voices.default_voice, config.device, config.text.style));
    for (const auto& voice : voices->voices()) {
      M2TTS_ASSIGN_OR_RETURN(const WarmUp warm_up, WarmUpVoice(*voice.second, engine->frontend()));
      engine->admission().RecordDevice(warm_up.device_seconds, warm_up.audio_seconds);
    }
    return OkStatus();
  });
}

Status Daemon::Serve() {
  const DeviceReport& device = voices->device();
  metrics.SetBuild(Version(), Commit(), device.torch_version);
  metrics.SetDevice(device.device, device.reason);
  metrics.voices.Set(static_cast<double>(voices->voices().size()));
  metrics.voice_load_failures.Set(voices->failures());
  metrics.start_time_seconds.Set(std::chrono::duration<double>(start_time.time_since_epoch()).count());
  spdlog::info("device {} ({}), {} CPU thread(s)", device.device, device.reason, device.cpu_threads);

  context = {&config, voices.get(), &text, engine.get(), &calls, &metrics, &state, start_time};
  M2TTS_ASSIGN_OR_RETURN(const ListenAddress address, ParseListenAddress(config.listen));
  const bool reflection = config.reflection == "on" || (config.reflection == "auto" && address.IsLoopback());
  M2TTS_ASSIGN_OR_RETURN(grpc, GrpcServer::Start(address, reflection, &context));
  state = ServerState::kServing;
  metrics.ready.Set(1);
  grpc->SetServing(true);
  if (http != nullptr) std::printf("http listening on %s\n", http->address().ToString().c_str());
  std::printf("grpc listening on %s\n", grpc->address().ToString().c_str());
  std::fflush(stdout);
  return OkStatus();
}

std::string Daemon::RenderMetrics() {
  metrics.resident_bytes.Set(static_cast<double>(ResidentBytes().value_or(0)));
  const Admission::Snapshot queue = engine->admission().snapshot();
  metrics.queue_requests.Set(queue.requests);
  metrics.queue_audio_seconds.Set(queue.audio_seconds);
  metrics.cache_bytes.Set(static_cast<double>(engine->cache().snapshot().bytes));
  int lexicon_failures = text.failures();
  if (state != ServerState::kStarting) {
    for (const auto& voice : voices->voices()) lexicon_failures += voice.second->text.failures();
  }
  metrics.lexicon_load_failures.Set(lexicon_failures);
  return metrics.Serialize();
}

void Daemon::Drain() {
  spdlog::info("draining for {} s at most; another signal stops at once", config.drain_seconds);
  state = ServerState::kDraining;
  metrics.ready.Set(0);
  engine->admission().Close();
  grpc->SetServing(false);
  const auto deadline = steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(
                                                  std::chrono::duration<double>(config.drain_seconds));
  bool idle = calls.WaitIdle(steady_clock::now());
  while (!idle && steady_clock::now() < deadline && !ShutdownSignals::WaitFor(kDrainPoll)) {
    idle = calls.WaitIdle(steady_clock::now());
  }
  if (!idle) spdlog::warn("cutting the calls that have not finished");
  grpc->Shutdown(system_clock::now() + kLastCalls);
}

}  // namespace

Status RunDaemon(const ServerConfig& config) {
  Daemon daemon(config);
  M2TTS_RETURN_IF_ERROR(daemon.Prepare());
  M2TTS_RETURN_IF_ERROR(daemon.ListenHttp());
  M2TTS_RETURN_IF_ERROR(daemon.LoadVoices());
  M2TTS_RETURN_IF_ERROR(daemon.Serve());
  ShutdownSignals::Wait();
  daemon.Drain();
  spdlog::info("stopped");
  return OkStatus();
}

}  // namespace m2tts
