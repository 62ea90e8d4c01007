#include "trainer/evaluation/report.h"

#include <nlohmann/json.hpp>

namespace m2tts {
namespace {

using Json = nlohmann::ordered_json;

std::string Cell(const std::optional<double>& value, int decimals) {
  return value.has_value() ? fmt::format("{:>9.{}f}", *value, decimals) : fmt::format("{:>9}", "-");
}

std::string WordRow(const SystemReport& system, int width, bool reference) {
  const WordErrors& errors = system.errors;
  std::string row =
      fmt::format("{:<{}}{:>7.2f} %{:>8}{:>6}{:>6}{:>6}", system.name, width, 100 * errors.rate(),
                  errors.errors(), errors.substitutions, errors.deletions, errors.insertions);
  if (!reference) {
    row += fmt::format("   {:+.2f} points ({:+.2f} to {:+.2f})", 100 * system.difference.value,
                       100 * system.difference.low, 100 * system.difference.high);
  }
  return row + "\n";
}

std::string AcousticRow(const SystemReport& system, int width) {
  return fmt::format("{:<{}}", system.name, width) + Cell(system.mcd_db, 2) +
         Cell(system.mel_distance_db, 2) + Cell(system.pitch.rmse_hz(), 1) +
         Cell(system.pitch.rmse_cents(), 0) + Cell(100 * system.pitch.voicing_error(), 2) +
         Cell(100 * system.duration_error, 2) + Cell(system.stoi, 3) + Cell(system.mos_estimate, 2) +
         Cell(system.mos, 2) + "\n";
}

// The recordings are at no distance from themselves; what they have of their own is an opinion.
std::string ReferenceRow(const SystemReport& recordings, int width) {
  std::string row = fmt::format("{:<{}}", recordings.name, width);
  for (int column = 0; column < 8; ++column) row += Cell(std::nullopt, 0);
  return row + Cell(recordings.mos, 2) + "\n";
}

Json ToJson(const WordErrors& errors) {
  return {{"rate", errors.rate()},
          {"errors", errors.errors()},
          {"substitutions", errors.substitutions},
          {"deletions", errors.deletions},
          {"insertions", errors.insertions},
          {"words", errors.words}};
}

Json Totals(const SystemReport& system, bool recognized) {
  Json json;
  json["name"] = system.name;
  json["mcd_db"] = system.mcd_db;
  json["mel_distance_db"] = system.mel_distance_db;
  if (system.pitch.rmse_hz().has_value()) json["f0_rmse_hz"] = *system.pitch.rmse_hz();
  if (system.pitch.rmse_cents().has_value()) json["f0_rmse_cents"] = *system.pitch.rmse_cents();
  json["voicing_error"] = system.pitch.voicing_error();
  json["duration_error"] = system.duration_error;
  if (system.mos_estimate.has_value()) json["mos_estimate"] = *system.mos_estimate;
  if (system.stoi.has_value()) json["stoi"] = *system.stoi;
  if (system.mos.has_value()) json["mos"] = *system.mos;
  if (recognized) {
    json["wer"] = system.errors.rate();
    json["word_errors"] = ToJson(system.errors);
    json["wer_difference"] = {
        {"value", system.difference.value}, {"low", system.difference.low}, {"high", system.difference.high}};
  }
  return json;
}

Json Sentence(const EvalSentence& sentence, bool recognized) {
  Json json = {{"mcd_db", sentence.acoustic.mcd_db}};
  if (sentence.acoustic.mos_estimate.has_value()) json["mos_estimate"] = *sentence.acoustic.mos_estimate;
  if (sentence.mos.has_value()) json["mos"] = *sentence.mos;
  if (recognized) {
    json["heard"] = sentence.heard;
    json["errors"] = sentence.errors.errors();
  }
  return json;
}

}  // namespace

std::string FormatEvalTable(const EvalReport& report) {
  size_t width = report.recordings.name.size();
  for (const SystemReport& system : report.systems) width = std::max(width, system.name.size());
  const int column = static_cast<int>(width) + 2;
  std::string table = fmt::format("{} sentences\n\n", report.items.size());
  if (report.recognized) {
    table += fmt::format("{:<{}}{:>9}{:>8}{:>6}{:>6}{:>6}   against the recordings (95 %), of {} words\n", "",
                         column, "WER", "errors", "sub", "del", "ins", report.recordings.errors.words);
    table += WordRow(report.recordings, column, true);
    for (const SystemReport& system : report.systems) table += WordRow(system, column, false);
    table += "\n";
  }
  table += fmt::format("{:<{}}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "", column, "MCD", "mel",
                       "F0", "F0", "voicing", "length", "STOI", "MOS", "MOS");
  table += fmt::format("{:<{}}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "", column, "dB", "dB", "Hz",
                       "cents", "%", "%", "", "ViSQOL", "model");
  table += ReferenceRow(report.recordings, column);
  for (const SystemReport& system : report.systems) table += AcousticRow(system, column);
  return table;
}

std::string FormatEvalJson(const EvalReport& report) {
  // The first voice at the top: what most scripts want.
  const SystemReport* first = &report.systems.front();
  for (const SystemReport& system : report.systems) {
    if (!system.aligned) {
      first = &system;
      break;
    }
  }
  Json json = Totals(*first, report.recognized);
  json["sentence_count"] = report.items.size();
  if (report.recognized)
    json["recordings"] = {{"wer", report.recordings.errors.rate()},
                          {"word_errors", ToJson(report.recordings.errors)}};
  if (report.recordings.mos.has_value()) json["recordings"]["mos"] = *report.recordings.mos;
  json["systems"] = Json::array();
  for (const SystemReport& system : report.systems)
    json["systems"].push_back(Totals(system, report.recognized));
  json["sentences"] = Json::array();
  for (size_t i = 0; i < report.items.size(); ++i) {
    Json row = {{"id", report.items[i].id}, {"text", report.items[i].text}};
    if (report.recognized) row["heard_in_recording"] = report.recordings.sentences[i].heard;
    for (const SystemReport& system : report.systems) {
      row["systems"][system.name] = Sentence(system.sentences[i], report.recognized);
    }
    json["sentences"].push_back(std::move(row));
  }
  // A recognizer may print anything: bytes that are not UTF-8 are replaced.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace m2tts
