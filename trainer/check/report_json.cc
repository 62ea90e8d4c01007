// The report of a check for programs.
#include <nlohmann/json.hpp>

#include "trainer/check/check_report.h"

namespace m2tts {
namespace {

using Json = nlohmann::ordered_json;

Json Spread(const Distribution& d) {
  if (d.count == 0) return nullptr;
  return {{"p5", d.low}, {"median", d.median}, {"p95", d.high}};
}

Json List(const std::vector<Occurrence>& found, const char* key) {
  Json list = Json::array();
  for (const Occurrence& one : found) {
    list.push_back({{key, one.what}, {"count", one.count}, {"where", one.where}, {"text", one.text}});
  }
  return list;
}

Json Findings(const CheckReport& report) {
  Json list = Json::array();
  for (int k = 0; k < kFindingKinds; ++k) {
    const auto kind = static_cast<FindingKind>(k);
    const FindingText& about = Describe(kind);
    for (const Finding& finding : report.of(kind)) {
      Json entry = {{"kind", about.key}, {"problem", about.problem}};
      if (!finding.where.empty()) entry["where"] = finding.where;
      if (!finding.id.empty()) entry["id"] = finding.id;
      entry["detail"] = finding.detail;
      list.push_back(std::move(entry));
    }
  }
  return list;
}

}  // namespace

std::string FormatCheckJson(const CheckReport& report) {
  Json json = {{"root", report.root.string()},
               {"problems", report.problems()},
               {"notes", report.notes()},
               {"clips", report.clips},
               {"seconds", report.seconds},
               {"words", report.word_count},
               {"guessed_words", report.guessed_count}};
  for (int k = 0; k < kFindingKinds; ++k) {
    const auto kind = static_cast<FindingKind>(k);
    json["counts"][Describe(kind).key] = report.of(kind).size();
  }
  json["formats"] = Json::array();
  for (const auto& [format, count] : report.formats) {
    json["formats"].push_back({{"sample_rate", format.first}, {"channels", format.second}, {"clips", count}});
  }
  json["duration_seconds"] = Spread(report.duration);
  json["duration_histogram"] = report.duration_histogram;
  json["level_dbfs"] = Spread(report.level_dbfs);
  json["phonemes_per_second"] = Spread(report.phonemes_per_second);
  json["characters_per_second"] = Spread(report.characters_per_second);
  json["speakers"] = Json::array();
  for (const SpeakerTotals& speaker : report.speakers) {
    json["speakers"].push_back({{"name", speaker.name},
                                {"clips", speaker.clips},
                                {"seconds", speaker.seconds},
                                {"words", speaker.words},
                                {"level_dbfs", Spread(speaker.level_dbfs)},
                                {"phonemes_per_second", Spread(speaker.phonemes_per_second)}});
  }
  json["characters"] = List(report.characters, "character");
  json["guesses"] = List(report.guessed_words, "word");
  json["findings"] = Findings(report);
  // Rows may hold any bytes: those that are not UTF-8 are replaced.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace m2tts
