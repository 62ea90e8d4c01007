#include "server/daemon.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "core/base/install_paths.h"
#include "core/base/version.h"
#include "core/device/host.h"
#include "core/device/runtime.h"
#include "server/jobs/engine_activity.h"
#include "server/jobs/governor.h"
#include "server/jobs/job_metrics.h"
#include "server/jobs/job_system.h"
#include "server/ops/drain.h"
#include "server/ops/exit_deadline.h"
#include "server/ops/http_server.h"
#include "server/ops/idle_heap.h"
#include "server/ops/open_files.h"
#include "server/ops/process_stats.h"
#include "server/ops/reloader.h"
#include "server/ops/server_health.h"
#include "server/ops/service_notifier.h"
#include "server/ops/signals.h"
#include "server/ops/state_dir.h"
#include "server/reload_parts.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/server_context.h"
#include "server/voices/voice_demand.h"
#include "server/voices/warm_up.h"

namespace m2tts {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr int kMaxPendingControl = 16;
constexpr std::chrono::milliseconds kWatch(500);  // between two looks at the device
// After our calls have ended: for others' (health watches, reflection).
constexpr std::chrono::milliseconds kLastCalls(100);
// After everything is stored: for connections and the device to end by themselves.
constexpr std::chrono::seconds kLetGo(2);
// That jobs may take to be stored, beyond what their workers get: the voice of one may be on its way to a
// device that hangs.
constexpr std::chrono::seconds kStoreJobs(30);

// Everything that lives as long as the daemon, in the order in which it depends on each other.
struct Daemon {
  explicit Daemon(const CommandLine& command_line)
      : config(command_line.config),
        live_config(std::make_shared<ServerConfig>(config)),
        calls(&metrics, &authorizer),
        client_limits(config.clients, [this](const char* reason) { metrics.RecordRejection(reason); }),
        reloader(command_line.read_again, &live_config) {}

  Status Prepare();
  Status ListenHttp();
  std::filesystem::path VoicesFolder() const;
  // A voice that a job has published.
  Status GoLive(const std::string& name, bool make_default);
  Status OpenJobs();
  Status Serve();
  // NOT_SERVING while the device is stuck or has failed, or when connections are not accepted; begins
  // attempts to recover the device.
  void WatchState();
  void RecoverDevice();  // control thread
  void ShowState(ServerState now);
  // Ends calls whose clients take nothing.
  void WatchReaders();
  void WatchHeap();
  // Until a signal, or until serving is hopeless: UNAVAILABLE.
  Status Run(const ServiceNotifier& notifier);
  // OK, or that the daemon has not served for give_up_seconds.
  Status CheckHope() const;
  // `exit` begins once nothing is left to be stored, and ends the process with `code`.
  void Stop(int code, std::optional<ExitDeadline>* exit);
  std::string RenderMetrics();

  const ServerConfig& config;  // as at the start
  Snapshot<ServerConfig> live_config;
  const system_clock::time_point start_time = system_clock::now();
  AtomicServerState state{ServerState::kStarting};
  Metrics metrics;
  Authorizer authorizer;
  std::shared_ptr<TlsFiles> tls;
  CallTracker calls;
  ClientLimits client_limits;
  std::unique_ptr<StateDir> state_dir;
  AtomicServingPressure pressure{ServingPressure::kNone};
  std::unique_ptr<SynthesisEngine> engine;
  TextSettings text;
  std::unique_ptr<VoiceRegistry> voices;
  std::unique_ptr<VoiceDemand> voice_demand;
  std::unique_ptr<Governor> governor;
  JobMetrics job_metrics{metrics.registry.get()};
  std::unique_ptr<EngineActivity> activity;
  std::unique_ptr<JobSystem> jobs;  // none without state_dir
  Reloader reloader;
  std::unique_ptr<HttpServer> http;
  ServerContext context;
  WorkerPool control{1, kMaxPendingControl};
  IdleHeap idle_heap;
  ServerHealth health;
  std::unique_ptr<GrpcServer> grpc;
};

Status Daemon::Prepare() {
  if (!config.state_dir.empty()) {
    M2TTS_ASSIGN_OR_RETURN(state_dir, StateDir::Lock(config.state_dir));
  }
  if (!config.auth.tokens.empty()) {
    auto tokens = TokenFile::Load(config.auth.tokens);
    if (!tokens.ok()) return Annotate(tokens.status(), "auth.tokens");
    spdlog::info("auth.tokens: {} tokens", (*tokens)->size());
    authorizer.SetTokens(*std::move(tokens));
  }
  if (config.tls.on()) {
    M2TTS_ASSIGN_OR_RETURN(tls, TlsFiles::Open(config.tls));
  }
  TextFrontendOptions text_options;
  text_options.lexicon_path =
      config.voices.lexicon.empty() ? FindInstallPaths().lexicon : config.voices.lexicon;
  M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<TextFrontend> frontend, TextFrontend::Create(text_options));
  M2TTS_ASSIGN_OR_RETURN(text, TextSettings::ForServer(config.text.style, config.text.lexicons));
  engine = std::make_unique<SynthesisEngine>(config, std::move(frontend), &metrics);
  VoiceRegistryOptions options;
  options.folder = VoicesFolder();
  options.default_voice = config.voices.default_voice;
  options.device = config.device;
  options.text_style = config.text.style;
  options.max_resident_bytes = config.voices.max_resident_bytes;
  options.run_on_device = [this](std::function<Status()> task) {
    return engine->executor().Run(std::move(task));
  };
  options.warm_up = [this](const Voice& voice) -> Status {
    const int together = voice.device == "cpu" ? 1 : config.device.max_batch;
    M2TTS_ASSIGN_OR_RETURN(const WarmUp warm_up, WarmUpVoice(voice, engine->frontend(), together));
    engine->admission().RecordDevice(warm_up.device_seconds, warm_up.audio_seconds);
    return OkStatus();
  };
  voices = std::make_unique<VoiceRegistry>(std::move(options));
  voice_demand =
      std::make_unique<VoiceDemand>([this](const std::string& name) { return voices->LoadKnown(name); },
                                    [this](Task task) { control.Post(std::move(task)); });
  engine->set_voice_loader([this](const std::string& name, SynthesisEngine::VoiceReady ready) {
    voice_demand->Get(name, std::move(ready));
  });
  return OkStatus();
}

Status Daemon::ListenHttp() {
  if (config.metrics_listen == "off") return OkStatus();
  M2TTS_ASSIGN_OR_RETURN(const ListenAddress address, ParseListenAddress(config.metrics_listen));
  M2TTS_ASSIGN_OR_RETURN(http, HttpServer::Start(address, &state, [this] { return RenderMetrics(); }));
  return OkStatus();
}

std::filesystem::path Daemon::VoicesFolder() const {
  return config.voices.folder.empty() ? FindInstallPaths().voices : config.voices.folder;
}

Status Daemon::GoLive(const std::string& name, bool make_default) {
  M2TTS_ASSIGN_OR_RETURN(const auto unloaded, voices->Load(name));
  for (const std::string& other : unloaded) spdlog::info("voice {} makes room for {}", other, name);
  return make_default ? voices->SetDefault(name) : OkStatus();
}

Status Daemon::OpenJobs() {
  GovernorHooks hooks;
  hooks.clear_caches = [this] {
    (void)engine->executor().Run([] {
      ClearDeviceCaches();
      return OkStatus();
    });
  };
  hooks.pressure_changed = [this](ServingPressure now) {
    engine->executor().SetMaxBatch(now >= ServingPressure::kShrinkBatches ? 1 : config.device.max_batch);
  };
  hooks.device_percent = [device = voices->device().device] { return DeviceMemoryPercent(device); };
  M2TTS_ASSIGN_OR_RETURN(governor, Governor::Create(config.governor, &pressure, std::move(hooks)));
  engine->set_pressure(&pressure);
  if (config.state_dir.empty()) return OkStatus();
  activity = std::make_unique<EngineActivity>(&engine->executor(),
                                              [this] { return engine->admission().snapshot().admitted; });
  JobEnvironment environment;
  environment.state_dir = std::filesystem::absolute(config.state_dir);
  environment.voices = std::filesystem::absolute(VoicesFolder());
  environment.trainer = config.jobs.trainer.empty() ? FindInstallPaths().trainer : config.jobs.trainer;
  environment.data_roots = config.jobs.data_roots;
  M2TTS_ASSIGN_OR_RETURN(
      jobs, JobSystem::Open(
                config.jobs, std::move(environment), governor.get(), activity.get(), &job_metrics,
                [this](const std::string& name, bool make_default) { return GoLive(name, make_default); }));
  return OkStatus();
}

Status Daemon::Serve() {
  M2TTS_RETURN_IF_ERROR(OpenJobs());
  const DeviceReport device = voices->device();
  metrics.SetBuild(Version(), Commit(), device.torch_version);
  metrics.SetDevice(device.device, device.reason);
  metrics.start_time_seconds.Set(std::chrono::duration<double>(start_time.time_since_epoch()).count());
  spdlog::info("device {} ({}), {} CPU thread(s)", device.device, device.reason, device.cpu_threads);

  AddReloadParts({&config, engine.get(), &client_limits, &authorizer, tls, &text, voices.get()}, &reloader);
  context = {&live_config,   voices.get(), &text,    engine.get(), &calls,     &metrics,      &state,
             &client_limits, &reloader,    &control, start_time,   jobs.get(), governor.get()};
  GrpcServerOptions options;
  M2TTS_ASSIGN_OR_RETURN(options.addresses, ParseListenAddresses(config.listen));
  options.unix_access = config.unix_access;
  options.tls = tls;
  const bool local = std::all_of(options.addresses.begin(), options.addresses.end(),
                                 [](const ListenAddress& address) { return address.IsLocal(); });
  options.reflection = config.reflection == "on" || (config.reflection == "auto" && local);
  WatchReaders();  // takes over their limits
  M2TTS_ASSIGN_OR_RETURN(grpc, GrpcServer::Start(options, &context));
  governor->Start();
  if (jobs != nullptr) jobs->Start();
  state = ServerState::kServing;
  metrics.ready.Set(1);
  grpc->SetServing(true);
  if (http != nullptr) std::printf("http listening on %s\n", http->address().ToString().c_str());
  for (const ListenAddress& address : grpc->addresses()) {
    std::printf("grpc listening on %s\n", address.ToString().c_str());
  }
  std::fflush(stdout);
  return OkStatus();
}

std::string Daemon::RenderMetrics() {
  metrics.resident_bytes.Set(static_cast<double>(ResidentBytes().value_or(0)));
  const Admission::Snapshot queue = engine->admission().snapshot();
  metrics.queue_requests.Set(queue.requests);
  metrics.unread_bytes.Set(static_cast<double>(calls.write_watch().unread_bytes()));
  metrics.queue_audio_seconds.Set(queue.audio_seconds);
  if (tls != nullptr) {
    metrics.certificate_not_after_seconds.Set(static_cast<double>(tls->Current()->not_after_seconds));
  }
  const VoiceMap loaded = voices->voices();
  metrics.cache_bytes.Set(static_cast<double>(engine->cache().snapshot().bytes));
  int lexicon_failures = text.failures();
  for (const auto& voice : loaded) lexicon_failures += voice.second->text.failures();
  metrics.voices.Set(static_cast<double>(loaded.size()));
  metrics.voice_loads.Set(voices->loads());
  metrics.voice_load_failures.Set(voices->failures());
  metrics.lexicon_load_failures.Set(lexicon_failures);
  if (state != ServerState::kStarting) {
    job_metrics.SetGovernor(governor->status());
    if (jobs != nullptr) {
      const auto counts = jobs->board().store().Counts();
      if (counts.ok()) job_metrics.SetCounts(*counts);
      job_metrics.SetPaused(jobs->board().Active());
    }
  }
  return metrics.Serialize();
}

void Daemon::WatchState() {
  DeviceRecovery& recovery = engine->recovery();
  if (recovery.Watch(engine->executor().CheckStalls(), steady_clock::now())) {
    // Not here: it waits for the device, which may not answer.
    control.Post([this] { RecoverDevice(); });
  }
  const DeviceRecovery::State device = recovery.snapshot().state;
  ServerHealth::Signs signs;
  signs.device_stuck = device == DeviceRecovery::State::kStuck;
  signs.device_failed = device == DeviceRecovery::State::kFailed;
  signs.files_left = HasOpenFilesLeft();
  if (const auto changed = health.Look(signs, steady_clock::now())) ShowState(*changed);
}

void Daemon::RecoverDevice() {
  spdlog::warn("loading all voices again, since the device has failed");
  const Status status = voices->ReloadAll();
  engine->recovery().OnAttempt(status, steady_clock::now());
  (status.ok() ? metrics.device_recoveries : metrics.device_recovery_failures).Increment();
  if (!status.ok()) spdlog::error("the device has not recovered: {}", std::string(status.message()));
}

void Daemon::ShowState(ServerState now) {
  if (now == ServerState::kStuck) {
    spdlog::error("the device does not answer: not serving");
  } else if (now == ServerState::kDeaf) {
    spdlog::error(
        "there are no open files left: new connections are not accepted any more; raise the limit "
        "(ulimit -n, systemd's LimitNOFILE) and restart");
  } else if (now == ServerState::kRecovering) {
    spdlog::error("the device has failed, not serving; the last error: {}",
                  engine->recovery().snapshot().last_error);
  } else {
    spdlog::info("the device works again: serving");
  }
  if (now == ServerState::kStuck || now == ServerState::kRecovering)
    voice_demand->GiveUp(engine->recovery().Check(steady_clock::now()));
  state = now;
  metrics.ready.Set(now == ServerState::kServing ? 1 : 0);
  grpc->SetServing(now == ServerState::kServing);
}

void Daemon::WatchReaders() {
  const auto now_config = live_config.Get();
  calls.write_watch().SetMaxUnread(now_config->limits.max_unread_bytes);
  calls.write_watch().Look(steady_clock::now(), now_config->limits.reader_timeout_seconds);
}

void Daemon::WatchHeap() {
  if (!idle_heap.Due(engine->executor().busy(), ResidentBytes(), steady_clock::now())) return;
  TrimHeap();
  idle_heap.SetBase(ResidentBytes());
}

Status Daemon::Run(const ServiceNotifier& notifier) {
  idle_heap.SetBase(ResidentBytes());
  const std::string ready = fmt::format("serving on {}", grpc->addresses().front().ToString());
  notifier.Ready(ready);
  const auto wait = std::min(notifier.alive_every().value_or(kWatch), kWatch);
  while (true) {
    notifier.Alive();
    const Signal signal = Signals::WaitFor(wait);
    if (signal == Signal::kStop) break;
    WatchState();
    if (Status hope = CheckHope(); !hope.ok()) {
      notifier.Stopping();
      return hope;
    }
    WatchReaders();
    WatchHeap();
    if (signal != Signal::kReload) continue;
    notifier.Reloading();
    (void)reloader.Reload();  // logs what came of it
    notifier.Ready(ready);
  }
  notifier.Stopping();
  return OkStatus();
}

// A new process helps, which a supervisor makes.
Status Daemon::CheckHope() const {
  const double seconds = live_config.Get()->give_up_seconds;
  if (seconds == 0.0 || !health.Hopeless(steady_clock::now(), std::chrono::duration<double>(seconds))) {
    return OkStatus();
  }
  return Errorf(StatusCode::kUnavailable,
                "the daemon has not served for {:g} s (give_up_seconds), and ends to be started anew",
                seconds);
}

void LeaveAtOnce(int code) {
  spdlog::warn(
      "something keeps the daemon from ending, like a client that does not read or a device that hangs: "
      "leaving without it");
  spdlog::default_logger()->flush();
  std::fflush(nullptr);
  std::_Exit(code);
}

void Daemon::Stop(int code, std::optional<ExitDeadline>* exit) {
  const auto leave = [code] { LeaveAtOnce(code); };
  const double seconds = live_config.Get()->drain_seconds;
  spdlog::info("draining for {} s at most; another signal stops at once", seconds);
  DrainHooks hooks;
  hooks.refuse_new = [this] {
    state = ServerState::kDraining;
    metrics.ready.Set(0);
    engine->admission().Close();
    calls.drain_bell().Ring();
    grpc->SetServing(false);
    // Workers save and end while the last listeners are served.
    if (jobs != nullptr) jobs->BeginStop();
    if (jobs != nullptr) jobs->CloseWatchers();
  };
  hooks.idle = [this] {
    // Stuck lanes and stalled readers would otherwise hold this up until the deadline.
    const TimePoint now = steady_clock::now();
    (void)engine->recovery().Watch(engine->executor().CheckStalls(), now);
    WatchReaders();
    return calls.WaitIdle(now);
  };
  hooks.wait = [](std::chrono::milliseconds time) { return Signals::WaitFor(time) == Signal::kStop; };
  hooks.finish = [this, leave, exit](bool idle) {
    if (!idle) spdlog::warn("cutting the calls that have not finished");
    std::thread closing([this] { grpc->Shutdown(system_clock::now() + kLastCalls); });
    if (jobs != nullptr) {
      const auto worker =
          std::chrono::ceil<std::chrono::seconds>(std::chrono::duration<double>(config.jobs.stop_seconds));
      exit->emplace(worker + kStoreJobs, leave);
      jobs->Stop();
    }
    exit->emplace(kLetGo, leave);
    closing.join();
  };
  Drain(hooks, seconds);
}

}  // namespace

Status RunDaemon(const CommandLine& command_line) {
  const ServiceNotifier notifier = ServiceNotifier::FromEnvironment();
  std::optional<ExitDeadline> exit;  // outlives what may hang
  Daemon daemon(command_line);
  M2TTS_RETURN_IF_ERROR(daemon.Prepare());
  M2TTS_RETURN_IF_ERROR(daemon.ListenHttp());
  M2TTS_RETURN_IF_ERROR(daemon.voices->LoadAll());
  M2TTS_RETURN_IF_ERROR(daemon.Serve());
  Status ended = daemon.Run(notifier);
  if (!ended.ok()) spdlog::error("{}", std::string(ended.message()));
  daemon.Stop(ended.ok() ? EXIT_SUCCESS : EXIT_FAILURE, &exit);
  spdlog::info("stopped");
  return ended;
}

}  // namespace m2tts
