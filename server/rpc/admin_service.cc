#include "server/rpc/admin_service.h"

#include "core/base/version.h"
#include "server/ops/process_stats.h"
#include "server/rpc/job_status.h"
#include "server/rpc/proto_convert.h"
#include "server/rpc/unimplemented.h"

namespace m2tts {
namespace {

constexpr char kInstead[] = "restart the daemon instead";

v1::ServerState ToProto(ServerState state) {
  switch (state) {
    case ServerState::kStarting:
      return v1::SERVER_STATE_STARTING;
    case ServerState::kServing:
      return v1::SERVER_STATE_SERVING;
    case ServerState::kDraining:
      return v1::SERVER_STATE_DRAINING;
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

void FillQueue(const Admission& admission, v1::QueueStatus* proto) {
  const Admission::Snapshot now = admission.snapshot();
  proto->set_requests(now.requests);
  proto->set_max_requests(admission.options().max_requests);
  proto->set_audio_seconds(now.audio_seconds);
  proto->set_max_audio_seconds(admission.options().max_audio_seconds);
  proto->set_real_time_factor(now.real_time_factor);
}

}  // namespace

grpc::ServerUnaryReactor* AdminService::GetStatus(grpc::CallbackServerContext* call,
                                                  const v1::GetStatusRequest*, v1::ServerStatus* status) {
  CallScope scope(context_->calls, "GetStatus");
  const auto now = std::chrono::system_clock::now();
  status->set_state(ToProto(*context_->state));
  status->set_version(Version());
  status->set_commit(Commit());
  status->set_torch_version(context_->voices->device().torch_version);
  status->mutable_start_time()->set_seconds(std::chrono::system_clock::to_time_t(context_->start_time));
  *status->mutable_uptime() = ToDuration(std::chrono::duration<double>(now - context_->start_time).count());
  FillDevice(context_->voices->device(), status->mutable_device());
  FillQueue(context_->engine->admission(), status->mutable_queue());
  status->set_default_voice(context_->voices->default_voice());
  for (const auto& voice : context_->voices->voices()) status->add_voices(voice.first);
  status->set_resident_bytes(ResidentBytes().value_or(0));
  status->set_requests_total(context_->calls->total());
  status->set_audio_seconds_total(context_->metrics->audio_seconds.Value());
  FillJobStatus(*context_, status);
  grpc::ServerUnaryReactor* const reactor = call->DefaultReactor();
  reactor->Finish(scope.End(OkStatus()));
  return reactor;
}

grpc::ServerUnaryReactor* AdminService::LoadVoice(grpc::CallbackServerContext* call,
                                                  const v1::LoadVoiceRequest*, v1::LoadVoiceResponse*) {
  return Unimplemented(context_->calls, "LoadVoice", call, kInstead);
}

grpc::ServerUnaryReactor* AdminService::UnloadVoice(grpc::CallbackServerContext* call,
                                                    const v1::UnloadVoiceRequest*, v1::UnloadVoiceResponse*) {
  return Unimplemented(context_->calls, "UnloadVoice", call, kInstead);
}

grpc::ServerUnaryReactor* AdminService::SetDefaultVoice(grpc::CallbackServerContext* call,
                                                        const v1::SetDefaultVoiceRequest*,
                                                        v1::SetDefaultVoiceResponse*) {
  return Unimplemented(context_->calls, "SetDefaultVoice", call, kInstead);
}

grpc::ServerUnaryReactor* AdminService::RescanVoices(grpc::CallbackServerContext* call,
                                                     const v1::RescanVoicesRequest*,
                                                     v1::RescanVoicesResponse*) {
  return Unimplemented(context_->calls, "RescanVoices", call, kInstead);
}

grpc::ServerUnaryReactor* AdminService::Reload(grpc::CallbackServerContext* call, const v1::ReloadRequest*,
                                               v1::ReloadResponse*) {
  return Unimplemented(context_->calls, "Reload", call, kInstead);
}

grpc::ServerUnaryReactor* AdminService::SetLogLevel(grpc::CallbackServerContext* call,
                                                    const v1::SetLogLevelRequest*, v1::SetLogLevelResponse*) {
  return Unimplemented(context_->calls, "SetLogLevel", call, kInstead);
}

}  // namespace m2tts
