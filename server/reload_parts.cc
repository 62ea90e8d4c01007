#include "server/reload_parts.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "server/security/token_file.h"

namespace m2tts {
namespace {

using NextConfig = std::shared_ptr<const ServerConfig>;

Reloader::Part LimitsPart(SynthesisEngine* engine) {
  return {"limits",
          {"limits.max_text_bytes", "limits.max_lexicon_bytes", "limits.max_unary_bytes",
           "limits.max_unread_bytes", "limits.stream_buffer_seconds", "limits.reader_timeout_seconds",
           "limits.sentences_ahead", "limits.max_requests", "limits.max_live",
           "limits.max_queue_audio_seconds", "drain_seconds", "give_up_seconds"},
          [engine](const NextConfig& next) -> StatusOr<Reloader::Change> {
            return Reloader::Change{[engine, next] { engine->SetLimits(next->limits); }, {}, {}};
          }};
}

Reloader::Part ClientsPart(ClientLimits* limits) {
  return {"clients", {"clients."}, [limits](const NextConfig& next) -> StatusOr<Reloader::Change> {
            return Reloader::Change{[limits, next] { limits->SetOptions(next->clients); }, {}, {}};
          }};
}

Reloader::Part LogPart() {
  return {"log", {"log_level", "log_text"}, [](const NextConfig& next) -> StatusOr<Reloader::Change> {
            const auto level = spdlog::level::from_str(next->log_level);
            return Reloader::Change{[level] { spdlog::set_level(level); }, {}, {}};
          }};
}

Reloader::Part TokensPart(bool asks, Authorizer* authorizer) {
  return {"auth.tokens",
          {"auth.tokens"},
          [asks, authorizer](const NextConfig& next) -> StatusOr<Reloader::Change> {
            if (next->auth.tokens.empty() == asks) {
              return InvalidArgument("auth.tokens: asking for tokens begins and ends with a restart");
            }
            if (!asks) return Reloader::Change{};
            auto tokens = TokenFile::Load(next->auth.tokens);
            if (!tokens.ok()) return Annotate(tokens.status(), "auth.tokens");
            Reloader::Change change;
            if (!authorizer->HasTokens(**tokens)) change.changed = {"auth.tokens"};
            change.take_over = [authorizer, tokens = *std::move(tokens)] { authorizer->SetTokens(tokens); };
            return change;
          }};
}

Reloader::Part CertificatesPart(std::shared_ptr<TlsFiles> tls) {
  return {"tls", {}, [tls = std::move(tls)](const NextConfig&) -> StatusOr<Reloader::Change> {
            if (tls == nullptr) return Reloader::Change{};
            // Keeps what it has when the files are bad, so that it may go first.
            M2TTS_ASSIGN_OR_RETURN(const bool changed, tls->Reload());
            Reloader::Change change;
            if (changed) change.changed = {"tls"};
            return change;
          }};
}

Reloader::Part LexiconsPart(const TextSettings* text, const VoiceRegistry* voices) {
  return {"lexicons", {}, [text, voices](const NextConfig&) -> StatusOr<Reloader::Change> {
            Reloader::Change change;
            const auto refresh = [&change](const TextSettings& settings) {
              for (const auto& [path, error] : settings.Refresh(&change.changed)) {
                change.failed.push_back({path, error});
              }
            };
            refresh(*text);
            for (const auto& voice : voices->known()) refresh(voice.second->text);
            return change;
          }};
}

}  // namespace

void AddReloadParts(const ReloadTargets& targets, Reloader* reloader) {
  reloader->AddPart(LimitsPart(targets.engine));
  reloader->AddPart(ClientsPart(targets.client_limits));
  reloader->AddPart(LogPart());
  reloader->AddPart(TokensPart(!targets.started_with->auth.tokens.empty(), targets.authorizer));
  reloader->AddPart(CertificatesPart(targets.tls));
  reloader->AddPart(LexiconsPart(targets.text, targets.voices));
}

}  // namespace m2tts
