#include "trainer/evaluation/report.h"

#include <nlohmann/json.hpp>

namespace m2tts {
namespace {

using Json = nlohmann::ordered_json;

std::string WordRow(const char* name, const WordErrors& errors) {
  return fmt::format("{:<12}{:>7.2f} %{:>8}{:>6}{:>6}{:>6}\n", name, 100 * errors.rate(), errors.errors(),
                     errors.substitutions, errors.deletions, errors.insertions);
}

Json ToJson(const WordErrors& errors) {
  return {{"rate", errors.rate()},
          {"errors", errors.errors()},
          {"substitutions", errors.substitutions},
          {"deletions", errors.deletions},
          {"insertions", errors.insertions},
          {"words", errors.words}};
}

}  // namespace

std::string FormatEvalTable(const EvalReport& report) {
  std::string table = fmt::format("{} sentences\n\n", report.sentences.size());
  if (report.recognized) {
    table += fmt::format("{:<12}{:>9}{:>8}{:>6}{:>6}{:>6}   of {} words\n", "", "WER", "errors", "sub", "del",
                         "ins", report.recording_errors.words);
    table += WordRow("recordings", report.recording_errors);
    table += WordRow("voice", report.voice_errors);
    table +=
        fmt::format("difference  {:>+7.2f} points, 95 % interval {:+.2f} to {:+.2f}\n\n",
                    100 * report.difference.value, 100 * report.difference.low, 100 * report.difference.high);
  }
  table += fmt::format("MCD             {:>7.2f} dB\n", report.mcd_db);
  table += fmt::format("F0 RMSE         {:>7.1f} Hz, {:.0f} cents\n", report.pitch.rmse_hz(),
                       report.pitch.rmse_cents());
  table += fmt::format("voicing error   {:>7.2f} %\n", 100 * report.pitch.voicing_error());
  table += fmt::format("duration error  {:>7.2f} %\n", 100 * report.duration_error);
  return table;
}

std::string FormatEvalJson(const EvalReport& report) {
  Json json;
  json["sentence_count"] = report.sentences.size();
  if (report.recognized) {
    json["wer"] = {{"recordings", ToJson(report.recording_errors)}, {"voice", ToJson(report.voice_errors)}};
    json["difference"] = {
        {"value", report.difference.value}, {"low", report.difference.low}, {"high", report.difference.high}};
  }
  json["mcd_db"] = report.mcd_db;
  json["f0_rmse_hz"] = report.pitch.rmse_hz();
  json["f0_rmse_cents"] = report.pitch.rmse_cents();
  json["voicing_error"] = report.pitch.voicing_error();
  json["duration_error"] = report.duration_error;
  json["sentences"] = Json::array();
  for (const EvalSentence& sentence : report.sentences) {
    Json row = {{"id", sentence.item.id}, {"text", sentence.item.text}, {"mcd_db", sentence.acoustic.mcd_db}};
    if (report.recognized) {
      row["heard_in_recording"] = sentence.heard_in_recording;
      row["heard_in_voice"] = sentence.heard_in_voice;
      row["recording_errors"] = sentence.recording_errors.errors();
      row["voice_errors"] = sentence.voice_errors.errors();
    }
    json["sentences"].push_back(std::move(row));
  }
  // A recognizer may print anything: bytes that are not UTF-8 are replaced.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace m2tts
