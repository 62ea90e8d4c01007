#include "server/rpc/admin_service.h"

#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

#include "core/base/version.h"
#include "server/base/error_text.h"
#include "server/base/status_details.h"
#include "server/ops/process_stats.h"
#include "server/rpc/job_status.h"
#include "server/rpc/proto_convert.h"

namespace m2tts {
namespace {

v1::LogLevel ToProto(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return v1::LOG_LEVEL_DEBUG;
    case spdlog::level::info:
      return v1::LOG_LEVEL_INFO;
    case spdlog::level::warn:
      return v1::LOG_LEVEL_WARNING;
    default:
      return v1::LOG_LEVEL_ERROR;
  }
}

std::optional<spdlog::level::level_enum> FromProto(v1::LogLevel level) {
  switch (level) {
    case v1::LOG_LEVEL_DEBUG:
      return spdlog::level::debug;
    case v1::LOG_LEVEL_INFO:
      return spdlog::level::info;
    case v1::LOG_LEVEL_WARNING:
      return spdlog::level::warn;
    case v1::LOG_LEVEL_ERROR:
      return spdlog::level::err;
    default:
      return std::nullopt;
  }
}

v1::ServerState ToProto(ServerState state) {
  switch (state) {
    case ServerState::kStarting:
      return v1::SERVER_STATE_STARTING;
    case ServerState::kServing:
      return v1::SERVER_STATE_SERVING;
    case ServerState::kDraining:
      return v1::SERVER_STATE_DRAINING;
    case ServerState::kStuck:
      return v1::SERVER_STATE_STUCK;
    case ServerState::kRecovering:
      return v1::SERVER_STATE_RECOVERING;
    case ServerState::kDeaf:
      return v1::SERVER_STATE_DEAF;
  }
  return v1::SERVER_STATE_UNSPECIFIED;
}

void FillDevice(const DeviceReport& report, v1::DeviceStatus* proto) {
  proto->set_device(report.device);
  proto->set_reason(report.reason);
  proto->set_cpu_threads(report.cpu_threads);
  const DeviceBytes bytes = QueryDeviceBytes(report.device);
  if (bytes.allocated.has_value()) proto->set_allocated_bytes(*bytes.allocated);
  if (bytes.limit.has_value()) proto->set_limit_bytes(*bytes.limit);
  for (const DeviceReport::Trial& trial : report.trials) {
    v1::DeviceTrial* const out = proto->add_trials();
    out->set_device(trial.device);
    out->set_agrees(trial.agrees);
    out->set_seconds(trial.seconds);
    out->set_max_difference(trial.max_difference);
    out->set_error(trial.error);
  }
}

void FillRecovery(const DeviceRecovery::Snapshot& recovery, v1::DeviceStatus* proto) {
  proto->set_failures(recovery.failures);
  proto->set_recoveries(recovery.recoveries);
  proto->set_failed_recoveries(recovery.failed_attempts);
  proto->set_last_error(recovery.last_error);
}

void FillQueue(const Admission& admission, v1::QueueStatus* proto) {
  const Admission::Snapshot now = admission.snapshot();
  proto->set_requests(now.requests);
  const AdmissionOptions options = admission.options();
  proto->set_max_requests(options.max_requests);
  proto->set_audio_seconds(now.audio_seconds);
  proto->set_max_audio_seconds(options.max_audio_seconds);
  proto->set_real_time_factor(now.real_time_factor);
}

}  // namespace

grpc::ServerUnaryReactor* AdminService::GetStatus(grpc::CallbackServerContext* call,
                                                  const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  return AnswerNow<v1::GetStatusRequest, v1::ServerStatus>(
      context_->calls, "GetStatus", Role::kAny, {call, request, response},
      [this](const v1::GetStatusRequest&, v1::ServerStatus* status) {
        FillStatus(status);
        return OkStatus();
      });
}

void AdminService::FillStatus(v1::ServerStatus* status) const {
  const auto now = std::chrono::system_clock::now();
  status->set_state(ToProto(*context_->state));
  status->set_version(Version());
  status->set_commit(Commit());
  const DeviceReport device = context_->voices->device();
  status->set_torch_version(device.torch_version);
  status->mutable_start_time()->set_seconds(std::chrono::system_clock::to_time_t(context_->start_time));
  *status->mutable_uptime() = ToDuration(std::chrono::duration<double>(now - context_->start_time).count());
  FillDevice(device, status->mutable_device());
  FillRecovery(context_->engine->recovery().snapshot(), status->mutable_device());
  FillQueue(context_->engine->admission(), status->mutable_queue());
  status->mutable_queue()->set_streams(static_cast<int32_t>(context_->metrics->streams.Value()));
  status->set_default_voice(context_->voices->default_voice());
  for (const auto& voice : context_->voices->voices()) status->add_voices(voice.first);
  status->set_resident_bytes(ResidentBytes().value_or(0));
  status->set_requests_total(context_->calls->total());
  status->set_audio_seconds_total(context_->metrics->audio_seconds.Value());
  FillJobStatus(*context_, status);
}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* AdminService::Control(const char* method, const RawCall& call,
                                                std::function<Status(const Request&, Response*)> work) const {
  return new PooledAnswer<Request, Response>(
      context_->calls, method, Role::kAdmin, call,
      [this](const Request&) -> StatusOr<WorkerPool*> { return context_->control; }, std::move(work));
}

grpc::ServerUnaryReactor* AdminService::LoadVoice(grpc::CallbackServerContext* call,
                                                  const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  return Control<v1::LoadVoiceRequest, v1::LoadVoiceResponse>(
      "LoadVoice", {call, request, response}, [this](const auto& wanted, auto* answer) -> Status {
        M2TTS_ASSIGN_OR_RETURN(const auto unloaded, context_->voices->Load(wanted.name()));
        for (const std::string& name : unloaded) answer->add_unloaded(name);
        return OkStatus();
      });
}

grpc::ServerUnaryReactor* AdminService::UnloadVoice(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return Control<v1::UnloadVoiceRequest, v1::UnloadVoiceResponse>(
      "UnloadVoice", {call, request, response},
      [this](const auto& wanted, auto*) { return context_->voices->Unload(wanted.name()); });
}

grpc::ServerUnaryReactor* AdminService::SetDefaultVoice(grpc::CallbackServerContext* call,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* response) {
  return Control<v1::SetDefaultVoiceRequest, v1::SetDefaultVoiceResponse>(
      "SetDefaultVoice", {call, request, response},
      [this](const auto& wanted, auto*) { return context_->voices->SetDefault(wanted.name()); });
}

grpc::ServerUnaryReactor* AdminService::RescanVoices(grpc::CallbackServerContext* call,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return Control<v1::RescanVoicesRequest, v1::RescanVoicesResponse>(
      "RescanVoices", {call, request, response}, [this](const auto&, auto* answer) -> Status {
        M2TTS_ASSIGN_OR_RETURN(const VoiceRegistry::Changes changes, context_->voices->Rescan());
        for (const std::string& name : changes.added) answer->add_added(name);
        for (const std::string& name : changes.changed) answer->add_changed(name);
        for (const std::string& name : changes.removed) answer->add_removed(name);
        for (const auto& [name, error] : changes.failed) {
          v1::VoiceFailure* const failure = answer->add_failed();
          failure->set_name(name);
          failure->set_error(ErrorText(error));
        }
        return OkStatus();
      });
}

grpc::ServerUnaryReactor* AdminService::Reload(grpc::CallbackServerContext* call,
                                               const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return Control<v1::ReloadRequest, v1::ReloadResponse>(
      "Reload", {call, request, response}, [this](const auto&, auto* answer) -> Status {
        M2TTS_ASSIGN_OR_RETURN(const Reloader::Report report, context_->reloader->Reload());
        for (const std::string& key : report.changed) answer->add_changed(key);
        for (const std::string& key : report.needs_restart) answer->add_needs_restart(key);
        for (const Reloader::Failure& failure : report.failed) {
          v1::ReloadFailure* const proto = answer->add_failed();
          proto->set_what(failure.what);
          proto->set_error(ErrorText(std::string(failure.error.message())));
        }
        return OkStatus();
      });
}

grpc::ServerUnaryReactor* AdminService::SetLogLevel(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return Control<v1::SetLogLevelRequest, v1::SetLogLevelResponse>(
      "SetLogLevel", {call, request, response}, [](const auto& wanted, auto* answer) -> Status {
        const auto level = FromProto(wanted.level());
        if (!level.has_value()) {
          return FieldErrorf("level", "{} is not DEBUG, INFO, WARNING or ERROR",
                             static_cast<int>(wanted.level()));
        }
        answer->set_previous(ToProto(spdlog::get_level()));
        spdlog::set_level(*level);
        return OkStatus();
      });
}

}  // namespace m2tts
