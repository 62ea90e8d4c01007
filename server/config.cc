#include "server/config.h"

#include "core/base/file.h"
#include "core/base/strict_yaml.h"
#include "server/voices/text_settings.h"

namespace m2tts {
namespace {

void ReadPath(StrictYaml* yaml, const std::string& key, const std::filesystem::path& base,
              std::filesystem::path* value) {
  std::string text = value->string();
  yaml->Optional(key, &text);
  *value = text.empty() || base.empty() ? std::filesystem::path(text) : (base / text).lexically_normal();
}

Status ReadVoices(StrictYaml yaml, const std::filesystem::path& base, ServerConfig::Voices* voices) {
  ReadPath(&yaml, "folder", base, &voices->folder);
  ReadPath(&yaml, "lexicon", base, &voices->lexicon);
  yaml.Optional("default", &voices->default_voice);
  return yaml.Finish();
}

Status ReadText(StrictYaml yaml, const std::filesystem::path& base, ServerConfig::Text* text) {
  ReadTextStyle(&yaml, &text->style);
  std::vector<std::string> lexicons;
  yaml.Optional("lexicons", &lexicons);
  for (const std::string& file : lexicons) {
    if (file.empty()) yaml.Fail("lexicons", "the name of a file is empty");
    text->lexicons.push_back(base.empty() ? std::filesystem::path(file) : (base / file).lexically_normal());
  }
  return yaml.Finish();
}

Status ReadDevice(StrictYaml yaml, ServerConfig::Device* device) {
  yaml.Optional("device", &device->device);
  yaml.Optional("threads", &device->threads, Range{0, 256});
  yaml.Optional("vocoder", &device->vocoder, {"", "griffin_lim"});
  yaml.Optional("first_window_frames", &device->first_window_frames, Range{4, 512});
  yaml.Optional("max_window_frames", &device->max_window_frames, Range{4, 512});
  if (device->max_window_frames < device->first_window_frames) {
    yaml.Fail("max_window_frames", "must not be less than first_window_frames");
  }
  return yaml.Finish();
}

Status ReadLimits(StrictYaml yaml, ServerConfig::Limits* limits) {
  yaml.Optional("max_text_bytes", &limits->max_text_bytes, Range{1, 4e6});
  yaml.Optional("max_lexicon_bytes", &limits->max_lexicon_bytes, Range{0, 4e6});
  yaml.Optional("max_unary_bytes", &limits->max_unary_bytes, Range{65536, 2e9});
  yaml.Optional("stream_buffer_seconds", &limits->stream_buffer_seconds, Range{1, 600});
  yaml.Optional("sentences_ahead", &limits->sentences_ahead, Range{1, 64});
  yaml.Optional("max_pending_analyses", &limits->max_pending_analyses, Range{1, 10000});
  yaml.Optional("result_cache_bytes", &limits->result_cache_bytes, Range{0, 1e12});
  yaml.Optional("max_requests", &limits->admission.max_requests, Range{1, 10000});
  yaml.Optional("max_queue_audio_seconds", &limits->admission.max_audio_seconds, Range{1, 1e6});
  yaml.Optional("request_audio_seconds", &limits->admission.request_audio_seconds, Range{1, 1e6});
  return yaml.Finish();
}

}  // namespace

StatusOr<ServerConfig> ServerConfig::Parse(const std::string& text, const std::string& source,
                                           const std::filesystem::path& base) {
  M2TTS_ASSIGN_OR_RETURN(const YAML::Node root, ParseYaml(text, source));
  ServerConfig config;
  StrictYaml yaml(root, "");
  yaml.Optional("listen", &config.listen);
  yaml.Optional("metrics_listen", &config.metrics_listen);
  yaml.Optional("insecure_public", &config.insecure_public);
  yaml.Optional("reflection", &config.reflection, {"auto", "on", "off"});
  ReadPath(&yaml, "state_dir", base, &config.state_dir);
  yaml.Optional("drain_seconds", &config.drain_seconds, Range{0, 86400});
  yaml.Optional("log_level", &config.log_level, {"debug", "info", "warning", "error"});
  yaml.Optional("worker_threads", &config.worker_threads, Range{1, 64});
  yaml.Merge(ReadVoices(StrictYaml(yaml.Child("voices"), "voices"), base, &config.voices));
  yaml.Merge(ReadText(StrictYaml(yaml.Child("text"), "text"), base, &config.text));
  yaml.Merge(ReadDevice(StrictYaml(yaml.Child("device"), "device"), &config.device));
  yaml.Merge(ReadLimits(StrictYaml(yaml.Child("limits"), "limits"), &config.limits));
  M2TTS_RETURN_IF_ERROR(Annotate(yaml.Finish(), source));
  M2TTS_RETURN_IF_ERROR(Annotate(config.Validate(), source));
  return config;
}

StatusOr<ServerConfig> ServerConfig::Load(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, size_t{1} << 20));
  return Parse(text, path.string(), std::filesystem::absolute(path).parent_path());
}

Status ServerConfig::Validate() const {
  const auto grpc = ParseListenAddress(listen);
  if (!grpc.ok()) return Annotate(grpc.status(), "listen");
  M2TTS_RETURN_IF_ERROR(CheckReachable(*grpc, insecure_public, "listen"));
  if (metrics_listen == "off") return OkStatus();
  const auto http = ParseListenAddress(metrics_listen);
  if (!http.ok()) return Annotate(http.status(), "metrics_listen");
  return CheckReachable(*http, insecure_public, "metrics_listen");
}

}  // namespace m2tts
