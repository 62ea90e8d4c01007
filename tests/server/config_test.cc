#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

namespace m2tts {
namespace {

using testing::HasSubstr;

std::string ConfigError(const std::string& text) {
  const auto config = ServerConfig::Parse(text, "test.yaml");
  EXPECT_FALSE(config.ok());
  return std::string(config.status().message());
}

TEST(ConfigTest, ShippedFileIsValidAndSaysTheDefaults) {
  const auto shipped = ServerConfig::Load(M2TTS_SOURCE_DIR "/configs/m2ttsd.yaml");
  ASSERT_TRUE(shipped.ok()) << shipped.status();
  const ServerConfig defaults;
  EXPECT_EQ(shipped->listen, defaults.listen);
  EXPECT_EQ(shipped->metrics_listen, defaults.metrics_listen);
  EXPECT_EQ(shipped->insecure_public, defaults.insecure_public);
  EXPECT_EQ(shipped->metrics_public, defaults.metrics_public);
  EXPECT_EQ(shipped->unix_access, defaults.unix_access);
  EXPECT_EQ(shipped->auth.tokens, defaults.auth.tokens);
  EXPECT_TRUE(shipped->tls == defaults.tls);
  EXPECT_EQ(shipped->reflection, defaults.reflection);
  EXPECT_EQ(shipped->state_dir, defaults.state_dir);
  EXPECT_EQ(shipped->drain_seconds, defaults.drain_seconds);
  EXPECT_EQ(shipped->give_up_seconds, defaults.give_up_seconds);
  EXPECT_EQ(shipped->log_level, defaults.log_level);
  EXPECT_EQ(shipped->log_text, defaults.log_text);
  EXPECT_EQ(shipped->worker_threads, defaults.worker_threads);
  EXPECT_EQ(shipped->voices.folder, defaults.voices.folder);
  EXPECT_EQ(shipped->voices.lexicon, defaults.voices.lexicon);
  EXPECT_EQ(shipped->voices.default_voice, defaults.voices.default_voice);
  EXPECT_EQ(shipped->voices.max_resident_bytes, defaults.voices.max_resident_bytes);
  EXPECT_TRUE(shipped->text.lexicons.empty());
  EXPECT_EQ(shipped->text.style.say_and, defaults.text.style.say_and);
  EXPECT_EQ(shipped->text.style.date_order, defaults.text.style.date_order);
  EXPECT_EQ(shipped->text.style.digits, defaults.text.style.digits);
  EXPECT_EQ(shipped->limits.max_lexicon_bytes, defaults.limits.max_lexicon_bytes);
  EXPECT_EQ(shipped->device.device, defaults.device.device);
  EXPECT_EQ(shipped->device.threads, defaults.device.threads);
  EXPECT_EQ(shipped->limits.reader_timeout_seconds, defaults.limits.reader_timeout_seconds);
  EXPECT_EQ(shipped->device.lanes, defaults.device.lanes);
  EXPECT_EQ(shipped->device.max_batch, defaults.device.max_batch);
  EXPECT_EQ(shipped->device.max_batch_frames, defaults.device.max_batch_frames);
  EXPECT_EQ(shipped->device.stall_seconds, defaults.device.stall_seconds);
  EXPECT_EQ(shipped->device.first_window_frames, defaults.device.first_window_frames);
  EXPECT_EQ(shipped->device.max_window_frames, defaults.device.max_window_frames);
  EXPECT_EQ(shipped->limits.max_text_bytes, defaults.limits.max_text_bytes);
  EXPECT_EQ(shipped->limits.max_unary_bytes, defaults.limits.max_unary_bytes);
  EXPECT_EQ(shipped->limits.max_unread_bytes, defaults.limits.max_unread_bytes);
  EXPECT_EQ(shipped->limits.stream_buffer_seconds, defaults.limits.stream_buffer_seconds);
  EXPECT_EQ(shipped->limits.sentences_ahead, defaults.limits.sentences_ahead);
  EXPECT_EQ(shipped->limits.result_cache_bytes, defaults.limits.result_cache_bytes);
  EXPECT_EQ(shipped->limits.max_pending_analyses, defaults.limits.max_pending_analyses);
  EXPECT_EQ(shipped->jobs.sandbox, defaults.jobs.sandbox);
  EXPECT_TRUE(shipped->client_weights.empty());
  EXPECT_EQ(shipped->clients.max_requests, defaults.clients.max_requests);
  EXPECT_EQ(shipped->clients.characters_per_minute, defaults.clients.characters_per_minute);
  EXPECT_EQ(shipped->clients.max_queue_audio_seconds, defaults.clients.max_queue_audio_seconds);
  EXPECT_EQ(shipped->limits.admission.max_live, defaults.limits.admission.max_live);
  EXPECT_EQ(shipped->limits.admission.max_requests, defaults.limits.admission.max_requests);
  EXPECT_EQ(shipped->limits.admission.max_audio_seconds, defaults.limits.admission.max_audio_seconds);
  EXPECT_EQ(shipped->limits.admission.request_audio_seconds, defaults.limits.admission.request_audio_seconds);
}

TEST(ConfigTest, ShippedFileSaysTheDefaultsOfJobsAndOfTheGovernor) {
  const auto shipped = ServerConfig::Load(M2TTS_SOURCE_DIR "/configs/m2ttsd.yaml");
  ASSERT_TRUE(shipped.ok()) << shipped.status();
  const ServerConfig defaults;
  EXPECT_EQ(shipped->device.vocoder, defaults.device.vocoder);
  const JobsConfig &jobs = shipped->jobs, &usual = defaults.jobs;
  EXPECT_TRUE(jobs.data_roots.empty());
  EXPECT_TRUE(jobs.trainer.empty());
  EXPECT_EQ(jobs.max_running, usual.max_running);
  EXPECT_EQ(jobs.memory_limit_mb, usual.memory_limit_mb);
  EXPECT_EQ(jobs.min_free_mb, usual.min_free_mb);
  EXPECT_EQ(jobs.heartbeat_seconds, usual.heartbeat_seconds);
  EXPECT_EQ(jobs.stop_seconds, usual.stop_seconds);
  EXPECT_EQ(jobs.release_seconds, usual.release_seconds);
  EXPECT_EQ(jobs.max_arrival_probability, usual.max_arrival_probability);
  EXPECT_EQ(jobs.max_step_ms, usual.max_step_ms);
  EXPECT_EQ(jobs.keep_days, usual.keep_days);
  EXPECT_EQ(jobs.forget_days, usual.forget_days);
  EXPECT_EQ(jobs.max_unfinished, usual.max_unfinished);
  const GovernorConfig &governor = shipped->governor, &mild = defaults.governor;
  EXPECT_EQ(governor.enabled, mild.enabled);
  EXPECT_EQ(governor.sensors, mild.sensors);
  EXPECT_EQ(governor.sample_seconds, mild.sample_seconds);
  EXPECT_EQ(governor.recovery_seconds, mild.recovery_seconds);
  EXPECT_EQ(governor.actions, mild.actions);
  EXPECT_EQ(governor.levels.min_dwell, mild.levels.min_dwell);
  const auto limits = [](const LevelLimits& of) {
    return std::make_tuple(of.fair, of.serious, of.critical, of.hysteresis);
  };
  EXPECT_EQ(limits(governor.levels.celsius), limits(mild.levels.celsius));
  EXPECT_EQ(limits(governor.levels.memory_percent), limits(mild.levels.memory_percent));
  EXPECT_EQ(limits(governor.levels.stall_percent), limits(mild.levels.stall_percent));
  EXPECT_EQ(limits(governor.levels.device_percent), limits(mild.levels.device_percent));
}

TEST(ConfigTest, WeightsOfClients) {
  const auto parse = [](const std::string& weights) {
    return ServerConfig::Parse("clients: {weights: " + weights + "}", "test.yaml");
  };
  const auto config = parse("{reader-app: 2, 192.0.2.7: 0.5}");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->WeightOf("reader-app"), 2.0);
  EXPECT_EQ(config->WeightOf("192.0.2.7"), 0.5);
  EXPECT_EQ(config->WeightOf("somebody"), 1.0);
  EXPECT_THAT(std::string(parse("{a: 0}").status().message()),
              HasSubstr("clients.weights.a: 0 is outside [0.01, 100]"));
  EXPECT_THAT(std::string(parse("{a: much}").status().message()), HasSubstr("clients.weights.a"));
  EXPECT_THAT(std::string(parse("[a, b]").status().message()),
              HasSubstr("clients.weights: expected a mapping, found a list"));
}

TEST(ConfigTest, EmptyFileGivesTheDefaults) {
  EXPECT_TRUE(ServerConfig::Parse("{}", "test.yaml").ok());
}

TEST(ConfigTest, UnknownKeyNamesFileLineAndKey) {
  const std::string error = ConfigError("listen: 127.0.0.1:1\nlimits:\n  max_request: 3\n");
  EXPECT_THAT(error, HasSubstr("test.yaml"));
  EXPECT_THAT(error, HasSubstr("line 3"));
  EXPECT_THAT(error, HasSubstr("max_request"));
}

TEST(ConfigTest, BadValuesNameTheKey) {
  EXPECT_THAT(ConfigError("worker_threads: 0\n"), HasSubstr("worker_threads"));
  EXPECT_THAT(ConfigError("drain_seconds: soon\n"), HasSubstr("drain_seconds"));
  EXPECT_THAT(ConfigError("log_level: loud\n"), HasSubstr("log_level"));
  EXPECT_THAT(ConfigError("limits: {max_text_bytes: -1}\n"), HasSubstr("limits.max_text_bytes"));
  EXPECT_THAT(ConfigError("device: {max_window_frames: 8}\n"), HasSubstr("max_window_frames"));
  EXPECT_THAT(ConfigError("voices: 3\n"), HasSubstr("voices"));
  EXPECT_THAT(ConfigError("jobs: {sandbox: maybe}\n"), HasSubstr("jobs.sandbox"));
  EXPECT_THAT(ConfigError("jobs: {max_step_ms: -1}\n"), HasSubstr("jobs.max_step_ms"));
  EXPECT_THAT(ConfigError("text: {date_order: iso}\n"), HasSubstr("text.date_order"));
  EXPECT_THAT(ConfigError("text: {lexicons: ['']}\n"), HasSubstr("text.lexicons"));
}

TEST(ConfigTest, JobsAreForgottenAfterTheirFiles) {
  EXPECT_THAT(ConfigError("jobs: {keep_days: 30, forget_days: 10}\n"),
              HasSubstr("jobs.forget_days: 10 is less than keep_days, 30"));
  EXPECT_TRUE(ServerConfig::Parse("jobs: {keep_days: 30, forget_days: 0}\n", "test.yaml").ok()) << "never";
  EXPECT_TRUE(ServerConfig::Parse("jobs: {keep_days: 30, forget_days: 30}\n", "test.yaml").ok());
}

TEST(ConfigTest, AFolderOfDataHasAName) {
  EXPECT_THAT(ConfigError("jobs: {data_roots: [corpora, '']}\n"),
              HasSubstr("jobs.data_roots: the name of a folder is empty"));
}

TEST(ConfigTest, PoliciesOfTheGovernorGoUpTheLadder) {
  const std::string ladder = "which are, in this order: no_leases, clear_caches, shrink_batches";
  const std::string skipped = ConfigError("governor: {policy: {fair: [refuse_new]}}\n");
  EXPECT_THAT(skipped, HasSubstr("governor.policy.fair: 'refuse_new' is not the next of the actions"));
  EXPECT_THAT(skipped, HasSubstr(ladder));
  EXPECT_THAT(ConfigError("governor: {policy: {serious: [no_leases, no_leases]}}\n"),
              HasSubstr("governor.policy.serious: 'no_leases' is not the next"));
  EXPECT_THAT(ConfigError("governor: {policy: {critical: [no_leases]}}\n"),
              HasSubstr("governor.policy.critical: a higher level must do what the lower ones do"));
}

TEST(ConfigTest, HostileYamlIsAnError) {
  ConfigError("listen: [\n");
  ConfigError("- a\n- b\n");
  ConfigError("\t: x");
  ConfigError(std::string("listen: \0", 9));
}

TEST(ConfigTest, PublicAddressNeedsTheFlagThatSaysInsecure) {
  EXPECT_THAT(ConfigError("listen: 0.0.0.0:50551\n"), HasSubstr("insecure_public"));
  EXPECT_THAT(ConfigError("metrics_listen: '[::]:9551'\n"), HasSubstr("metrics_listen"));
  EXPECT_TRUE(ServerConfig::Parse("listen: 0.0.0.0:50551\ninsecure_public: true\n", "test.yaml").ok());
  const std::string tls = "listen: 0.0.0.0:50551\ntls: {certificate: a.pem, key: a.key";
  EXPECT_THAT(ConfigError(tls + "}"), HasSubstr("auth.tokens"));
  EXPECT_TRUE(ServerConfig::Parse(tls + "}\nauth: {tokens: tokens}", "test.yaml").ok());
  EXPECT_TRUE(ServerConfig::Parse(tls + ", client_ca: ca.pem}", "test.yaml").ok());
  EXPECT_THAT(ConfigError("listen: 0.0.0.0:50551\nauth: {tokens: tokens}"), HasSubstr("tls.certificate"));
  EXPECT_THAT(ConfigError("listen: '127.0.0.1:1,0.0.0.0:50551'"), HasSubstr("0.0.0.0:50551 can be reached"));
  EXPECT_TRUE(ServerConfig::Parse("metrics_listen: '[::]:9551'\nmetrics_public: true", "test.yaml").ok());
  EXPECT_TRUE(ServerConfig::Parse("listen: 'unix:/run/m2ttsd.sock'", "test.yaml").ok());
}

TEST(ConfigTest, TlsNeedsAllItsParts) {
  EXPECT_THAT(ConfigError("tls: {certificate: a.pem}"), HasSubstr("go together"));
  EXPECT_THAT(ConfigError("tls: {key: a.key}"), HasSubstr("go together"));
  EXPECT_THAT(ConfigError("tls: {client_ca: ca.pem}"), HasSubstr("tls.client_ca"));
  EXPECT_THAT(ConfigError("metrics_listen: 'unix:/x'"), HasSubstr("metrics_listen"));
  EXPECT_THAT(ConfigError("unix_access: all"), HasSubstr("everyone"));
}

TEST(ConfigTest, RelativePathsStartAtTheFile) {
  const auto config =
      ServerConfig::Parse("voices: {folder: ../v}\nstate_dir: /abs\ntext: {lexicons: [names.txt, /w]}\n",
                          "test.yaml", "/etc/m2tts");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->voices.folder, "/etc/v");
  EXPECT_EQ(config->state_dir, "/abs");
  EXPECT_EQ(config->text.lexicons, (std::vector<std::filesystem::path>{"/etc/m2tts/names.txt", "/w"}));
  EXPECT_TRUE(config->voices.lexicon.empty());
}

TEST(ConfigTest, EveryRelativePathStartsAtTheFile) {
  const auto config = ServerConfig::Parse(
      "auth: {tokens: tokens}\n"
      "tls: {certificate: tls/a.pem, key: ../a.key, client_ca: /abs/ca.pem}\n"
      "voices: {lexicon: en.lex}\n"
      "jobs: {data_roots: [corpora, /data], trainer: bin/trainer}\n"
      "governor: {sensors: sensors.yaml}\n",
      "test.yaml", "/etc/m2tts");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->auth.tokens, "/etc/m2tts/tokens");
  EXPECT_EQ(config->tls.certificate, "/etc/m2tts/tls/a.pem");
  EXPECT_EQ(config->tls.key, "/etc/a.key");
  EXPECT_EQ(config->tls.client_ca, "/abs/ca.pem");
  EXPECT_EQ(config->voices.lexicon, "/etc/m2tts/en.lex");
  EXPECT_EQ(config->jobs.data_roots, (std::vector<std::filesystem::path>{"/etc/m2tts/corpora", "/data"}));
  EXPECT_EQ(config->jobs.trainer, "/etc/m2tts/bin/trainer");
  EXPECT_EQ(config->governor.sensors, "/etc/m2tts/sensors.yaml");
}

TEST(ConfigTest, MissingFileNamesItsPath) {
  const auto config = ServerConfig::Load("/nonexistent/m2ttsd.yaml");
  EXPECT_EQ(config.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("/nonexistent/m2ttsd.yaml"));
}

}  // namespace
}  // namespace m2tts
