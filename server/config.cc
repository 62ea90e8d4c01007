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

Status ReadAuth(StrictYaml yaml, const std::filesystem::path& base, ServerConfig::Auth* auth) {
  ReadPath(&yaml, "tokens", base, &auth->tokens);
  return yaml.Finish();
}

Status ReadTls(StrictYaml yaml, const std::filesystem::path& base, TlsPaths* tls) {
  ReadPath(&yaml, "certificate", base, &tls->certificate);
  ReadPath(&yaml, "key", base, &tls->key);
  ReadPath(&yaml, "client_ca", base, &tls->client_ca);
  return yaml.Finish();
}

Status ReadVoices(StrictYaml yaml, const std::filesystem::path& base, ServerConfig::Voices* voices) {
  ReadPath(&yaml, "folder", base, &voices->folder);
  ReadPath(&yaml, "lexicon", base, &voices->lexicon);
  yaml.Optional("default", &voices->default_voice);
  yaml.Optional("max_resident_bytes", &voices->max_resident_bytes, Range{0, 1e13});
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
  yaml.Optional("lanes", &device->lanes, Range{0, 256});
  yaml.Optional("max_batch", &device->max_batch, Range{1, 256});
  yaml.Optional("max_batch_frames", &device->max_batch_frames, Range{0, 1e6});
  yaml.Optional("stall_seconds", &device->stall_seconds, Range{0.1, 3600});
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
  yaml.Optional("max_unread_bytes", &limits->max_unread_bytes, Range{0, 1e12});
  yaml.Optional("stream_buffer_seconds", &limits->stream_buffer_seconds, Range{1, 600});
  yaml.Optional("reader_timeout_seconds", &limits->reader_timeout_seconds, Range{0, 86400});
  yaml.Optional("sentences_ahead", &limits->sentences_ahead, Range{1, 64});
  yaml.Optional("max_pending_analyses", &limits->max_pending_analyses, Range{1, 10000});
  yaml.Optional("result_cache_bytes", &limits->result_cache_bytes, Range{0, 1e12});
  yaml.Optional("max_requests", &limits->admission.max_requests, Range{1, 10000});
  yaml.Optional("max_live", &limits->admission.max_live, Range{1, 100000});
  yaml.Optional("max_queue_audio_seconds", &limits->admission.max_audio_seconds, Range{1, 1e6});
  yaml.Optional("request_audio_seconds", &limits->admission.request_audio_seconds, Range{1, 1e6});
  return yaml.Finish();
}

Status ReadWeights(const YAML::Node& node, std::map<std::string, double>* weights) {
  StrictYaml yaml(node, "clients.weights");
  if (!node.IsMap()) return yaml.Finish();
  for (const auto& entry : node) {
    const auto client = entry.first.as<std::string>("");
    double weight = 1.0;
    yaml.Optional(client, &weight, Range{0.01, 100});
    (*weights)[client] = weight;
  }
  return yaml.Finish();
}

Status ReadClients(StrictYaml yaml, ServerConfig* config) {
  ClientLimitOptions* const clients = &config->clients;
  yaml.Optional("max_requests", &clients->max_requests, Range{0, 10000});
  yaml.Optional("characters_per_minute", &clients->characters_per_minute, Range{0, 1e9});
  yaml.Optional("max_queue_audio_seconds", &clients->max_queue_audio_seconds, Range{0, 1e6});
  yaml.Merge(ReadWeights(yaml.Child("weights"), &config->client_weights));
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
  yaml.Optional("metrics_public", &config.metrics_public);
  yaml.Optional("unix_access", &config.unix_access, {"owner", "group", "everyone"});
  yaml.Optional("reflection", &config.reflection, {"auto", "on", "off"});
  ReadPath(&yaml, "state_dir", base, &config.state_dir);
  yaml.Optional("drain_seconds", &config.drain_seconds, Range{0, 86400});
  yaml.Optional("give_up_seconds", &config.give_up_seconds, Range{0, 86400});
  yaml.Optional("log_level", &config.log_level, {"debug", "info", "warning", "error"});
  yaml.Optional("log_text", &config.log_text);
  yaml.Optional("worker_threads", &config.worker_threads, Range{1, 64});
  yaml.Merge(ReadAuth(StrictYaml(yaml.Child("auth"), "auth"), base, &config.auth));
  yaml.Merge(ReadTls(StrictYaml(yaml.Child("tls"), "tls"), base, &config.tls));
  yaml.Merge(ReadVoices(StrictYaml(yaml.Child("voices"), "voices"), base, &config.voices));
  yaml.Merge(ReadText(StrictYaml(yaml.Child("text"), "text"), base, &config.text));
  yaml.Merge(ReadDevice(StrictYaml(yaml.Child("device"), "device"), &config.device));
  yaml.Merge(ReadLimits(StrictYaml(yaml.Child("limits"), "limits"), &config.limits));
  yaml.Merge(ReadClients(StrictYaml(yaml.Child("clients"), "clients"), &config));
  auto jobs = JobsConfig::Read(StrictYaml(yaml.Child("jobs"), "jobs"), base);
  yaml.Merge(jobs.status());
  auto governor = GovernorConfig::Read(StrictYaml(yaml.Child("governor"), "governor"), base);
  yaml.Merge(governor.status());
  M2TTS_RETURN_IF_ERROR(Annotate(yaml.Finish(), source));
  config.jobs = *std::move(jobs);
  config.governor = *std::move(governor);
  M2TTS_RETURN_IF_ERROR(Annotate(config.Validate(), source));
  return config;
}

StatusOr<ServerConfig> ServerConfig::Load(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, size_t{1} << 20));
  M2TTS_ASSIGN_OR_RETURN(ServerConfig config,
                         Parse(text, path.string(), std::filesystem::absolute(path).parent_path()));
  config.file = path;
  config.file_text = text;
  return config;
}

Status ServerConfig::Validate() const {
  M2TTS_RETURN_IF_ERROR(tls.Validate());
  const auto grpc = ParseListenAddresses(listen);
  if (!grpc.ok()) return Annotate(grpc.status(), "listen");
  const bool secured = tls.on() && (!auth.tokens.empty() || !tls.client_ca.empty());
  for (const ListenAddress& address : *grpc) {
    M2TTS_RETURN_IF_ERROR(CheckReachable(
        address, insecure_public || secured, "listen",
        "set tls.certificate and tls.key, and auth.tokens or tls.client_ca (docs/security.md), or "
        "listen on 127.0.0.1; 'insecure_public: true' is for a network that you trust"));
  }
  if (metrics_listen == "off") return OkStatus();
  const auto http = ParseListenAddress(metrics_listen);
  if (!http.ok()) return Annotate(http.status(), "metrics_listen");
  if (http->IsUnix()) return InvalidArgument("metrics_listen: must be HOST:PORT or off");
  return CheckReachable(*http, insecure_public || metrics_public, "metrics_listen",
                        "its pages are for everybody; 'metrics_public: true' if that is meant");
}

}  // namespace m2tts
