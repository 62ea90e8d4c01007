#include "client/json.h"

#include "client/call_error.h"
#include "client/training/job_text.h"

namespace m2tts {
namespace {

Json ToJson(const v1::TextRange& range) {
  return Json::array({range.begin(), range.end()});
}

std::string WithoutPrefix(const std::string& name, const std::string& prefix) {
  return name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name;
}

template <typename Messages>
Json ToJsonArray(const Messages& messages) {
  Json array = Json::array();
  for (const auto& message : messages) array.push_back(m2tts::ToJson(message));
  return array;
}

Json ToJson(const v1::AnalyzedWord& word) {
  return {{"text", word.text()},
          {"source", ToJson(word.source())},
          {"phonemes", std::vector<std::string>(word.phonemes().begin(), word.phonemes().end())},
          {"ipa", word.ipa()},
          {"class", word.token_class()},
          {"pronunciation", v1::AnalyzedWord::PronunciationSource_Name(word.pronunciation())},
          {"pause_after", word.pause_after()}};
}

Json ToJson(const v1::AnalyzedMark& mark) {
  return {{"name", mark.name()}, {"source", ToJson(mark.source())}, {"before_word", mark.before_word()}};
}

Json ToJson(const v1::AnalyzedSentence& sentence) {
  Json words = Json::array();
  for (const auto& word : sentence.words()) words.push_back(ToJson(word));
  Json json = {{"normalized_text", sentence.normalized_text()},
               {"source", ToJson(sentence.source())},
               {"phonemes", sentence.phonemes()},
               {"ends_paragraph", sentence.ends_paragraph()},
               {"words", words},
               {"warnings", ToJsonArray(sentence.warnings())}};
  // Only where markup asks for them.
  if (sentence.has_prosody()) {
    const v1::Prosody& prosody = sentence.prosody();
    json["prosody"] = {{"rate", prosody.rate()}, {"pitch", prosody.pitch()}, {"volume", prosody.volume()}};
  }
  if (sentence.has_pause_before_seconds()) json["pause_before_seconds"] = sentence.pause_before_seconds();
  if (sentence.has_pause_after_seconds()) json["pause_after_seconds"] = sentence.pause_after_seconds();
  for (const auto& mark : sentence.marks()) json["marks"].push_back(ToJson(mark));
  return json;
}

Json ToJson(const v1::GovernorStatus& governor) {
  return {{"enabled", governor.enabled()},
          {"thermal_level", governor.thermal_level()},
          {"memory_level", governor.memory_level()},
          {"reason", governor.reason()},
          {"job_duty", governor.job_duty()},
          {"actions", std::vector<std::string>(governor.actions().begin(), governor.actions().end())},
          {"celsius", governor.has_celsius() ? Json(governor.celsius()) : Json()},
          {"available_bytes", governor.has_available_bytes() ? Json(governor.available_bytes()) : Json()},
          {"limit_bytes", governor.has_limit_bytes() ? Json(governor.limit_bytes()) : Json()},
          {"device_memory_percent",
           governor.has_device_memory_percent() ? Json(governor.device_memory_percent()) : Json()}};
}

Json ToJson(const v1::DeviceStatus& device) {
  Json trials = Json::array();
  for (const auto& trial : device.trials()) {
    trials.push_back({{"device", trial.device()},
                      {"agrees", trial.agrees()},
                      {"seconds", trial.seconds()},
                      {"max_difference", trial.max_difference()},
                      {"error", trial.error()}});
  }
  return {{"device", device.device()},
          {"reason", device.reason()},
          {"cpu_threads", device.cpu_threads()},
          {"allocated_bytes", device.has_allocated_bytes() ? Json(device.allocated_bytes()) : Json()},
          {"limit_bytes", device.has_limit_bytes() ? Json(device.limit_bytes()) : Json()},
          {"trials", trials},
          {"failures", device.failures()},
          {"recoveries", device.recoveries()},
          {"failed_recoveries", device.failed_recoveries()},
          {"last_error", device.last_error()}};
}

}  // namespace

double Seconds(const google::protobuf::Duration& duration) {
  return static_cast<double>(duration.seconds()) + 1e-9 * duration.nanos();
}

std::string ServerStateName(v1::ServerState state) {
  return WithoutPrefix(v1::ServerState_Name(state), "SERVER_STATE_");
}

Json ToJson(const v1::Voice& voice) {
  const Json provenance = Json::parse(voice.provenance_json(), nullptr, /*allow_exceptions=*/false);
  return {{"name", voice.name()},
          {"language", voice.language()},
          {"description", voice.description()},
          {"licence", voice.licence()},
          {"speakers", std::vector<std::string>(voice.speakers().begin(), voice.speakers().end())},
          {"sample_rate_hertz", voice.sample_rate_hertz()},
          {"is_default", voice.is_default()},
          {"unloaded", voice.unloaded()},
          {"size_bytes", voice.size_bytes()},
          {"resident_bytes", voice.resident_bytes()},
          {"device", voice.device()},
          {"weights_sha256", voice.weights_sha256()},
          {"sample_text", voice.sample_text()},
          {"provenance", provenance.is_discarded() ? Json() : provenance}};
}

Json ToJson(const v1::AnalyzeTextResponse& analysis) {
  Json sentences = Json::array();
  for (const auto& sentence : analysis.sentences()) sentences.push_back(ToJson(sentence));
  return {{"sentences", sentences}, {"warnings", ToJsonArray(analysis.warnings())}};
}

Json ToJson(const v1::ServerStatus& status) {
  const auto& queue = status.queue();
  Json json = {{"state", ServerStateName(status.state())},
               {"version", status.version()},
               {"commit", status.commit()},
               {"torch_version", status.torch_version()},
               {"start_time", status.start_time().seconds()},
               {"uptime_seconds", Seconds(status.uptime())},
               {"device", ToJson(status.device())},
               {"queue",
                {{"requests", queue.requests()},
                 {"max_requests", queue.max_requests()},
                 {"audio_seconds", queue.audio_seconds()},
                 {"max_audio_seconds", queue.max_audio_seconds()},
                 {"real_time_factor", queue.real_time_factor()},
                 {"streams", queue.streams()}}},
               {"default_voice", status.default_voice()},
               {"voices", std::vector<std::string>(status.voices().begin(), status.voices().end())},
               {"resident_bytes", status.resident_bytes()},
               {"requests_total", status.requests_total()},
               {"audio_seconds_total", status.audio_seconds_total()}};
  if (status.has_governor()) json["governor"] = ToJson(status.governor());
  if (status.has_jobs()) {
    json["jobs"] = {{"queued", status.jobs().queued()},
                    {"paused", status.jobs().paused()},
                    {"current", status.jobs().has_current() ? ToJson(status.jobs().current()) : Json()}};
  }
  return json;
}

Json ToJson(const v1::TextWarning& warning) {
  return {{"kind", v1::TextWarning::Kind_Name(warning.kind())},
          {"source", ToJson(warning.range())},
          {"message", warning.message()}};
}

namespace {

// Start and end of anything that has a place.
template <typename Timing>
void AddTimes(const Timing& timing, int sample_rate, Json* json) {
  (*json)["start_seconds"] = static_cast<double>(timing.first_sample()) / sample_rate;
  (*json)["end_seconds"] = static_cast<double>(timing.first_sample() + timing.sample_count()) / sample_rate;
}

}  // namespace

Json ToJson(const v1::WordTiming& word, int sample_rate) {
  Json json = {{"text", word.text()}, {"source", ToJson(word.source())}};
  AddTimes(word, sample_rate, &json);
  for (const auto& phoneme : word.phonemes()) {
    Json symbol = {{"symbol", phoneme.symbol()}};
    AddTimes(phoneme, sample_rate, &symbol);
    json["phonemes"].push_back(symbol);
  }
  return json;
}

Json ToJson(const v1::SentenceTiming& sentence, int sample_rate) {
  Json json = {{"text", sentence.text()}, {"source", ToJson(sentence.source())}};
  AddTimes(sentence, sample_rate, &json);
  return json;
}

Json ToJson(const v1::MarkTiming& mark, int sample_rate) {
  return {{"name", mark.name()},
          {"source", ToJson(mark.source())},
          {"seconds", static_cast<double>(mark.first_sample()) / sample_rate}};
}

Json ToJson(const v1::SynthesisTimings& timings) {
  return {{"queue_wait_seconds", Seconds(timings.queue_wait())},
          {"first_audio_seconds", Seconds(timings.first_audio())},
          {"total_seconds", Seconds(timings.total())},
          {"device_seconds", Seconds(timings.device())},
          {"text_seconds", Seconds(timings.text())},
          {"acoustic_seconds", Seconds(timings.acoustic())},
          {"vocoder_seconds", Seconds(timings.vocoder())},
          {"encode_seconds", Seconds(timings.encode())}};
}

Json ErrorToJson(const Status& status) {
  Json error = {{"code", absl::StatusCodeToString(status.code())},
                {"message", std::string(status.message())}};
  const CallErrorDetails details = DetailsOf(status);
  if (!details.field_violations.empty()) {
    Json& violations = error["field_violations"] = Json::array();
    for (const auto& violation : details.field_violations) {
      violations.push_back({{"field", violation.field}, {"description", violation.description}});
    }
  }
  if (details.retry_delay_s.has_value()) error["retry_delay_seconds"] = *details.retry_delay_s;
  if (!details.request_id.empty()) error["request_id"] = details.request_id;
  return {{"error", error}};
}

void PrintJson(const Json& json, std::ostream& out) {
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n" << std::flush;
}

}  // namespace m2tts
