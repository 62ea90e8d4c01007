#include "core/voice/voice_manifest.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/strict_yaml.h"
#include "core/text/phoneme.h"
#include "core/voice/strict_json.h"
#include "core/voice/weight_storage.h"

namespace m2tts {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr int kMaxDepth = 16;
constexpr size_t kMaxIdLength = 64;
constexpr size_t kSha256Digits = 64;
constexpr Range kAnyVersion = {0, std::numeric_limits<int>::max()};

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsSha256(const std::string& text) {
  return text.size() == kSha256Digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Status ValidateSpeakers(const VoiceManifest& manifest) {
  if (manifest.speakers.empty()) return InvalidArgument("speakers: at least one name is needed");
  if (manifest.speakers.size() != static_cast<size_t>(manifest.model.speakers)) {
    return InvalidArgument("speakers: {} names, but model.speakers is {}", manifest.speakers.size(),
                           manifest.model.speakers);
  }
  std::set<std::string> seen;
  for (const std::string& speaker : manifest.speakers) {
    if (!IsValidId(speaker)) {
      return InvalidArgument("speakers: '{}' does not match [A-Za-z0-9][A-Za-z0-9._-]{{0,63}}", speaker);
    }
    if (!seen.insert(speaker).second) return InvalidArgument("speakers: '{}' is given twice", speaker);
  }
  return OkStatus();
}

Status CheckSchemaVersion(int version) {
  if (version == kVoiceSchemaVersion) return OkStatus();
  return InvalidArgument("schema_version: {} is not supported, this program reads {}", version,
                         kVoiceSchemaVersion);
}

}  // namespace

bool IsValidId(std::string_view id) {
  if (id.empty() || id.size() > kMaxIdLength || !IsAlphanumeric(id[0])) return false;
  return std::all_of(id.begin(), id.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

Status VoiceManifest::Validate() const {
  if (!IsValidId(name)) {
    return InvalidArgument("name: '{}' does not match [A-Za-z0-9][A-Za-z0-9._-]{{0,63}}", name);
  }
  if (language.empty()) return InvalidArgument("language: empty, expected a BCP 47 tag such as en-US");
  if (licence.empty()) return InvalidArgument("licence: empty");
  if (phoneme_set_version != kPhonemeSetVersion) {
    return InvalidArgument(
        "phoneme_set_version: the voice has {}, this program has {}; retrain or convert it",
        phoneme_set_version, kPhonemeSetVersion);
  }
  if (!IsWeightDtype(weights_dtype)) {
    return InvalidArgument("weights.dtype: '{}' is not fp32, fp16 or int8", weights_dtype);
  }
  M2TTS_RETURN_IF_ERROR(Annotate(audio.Validate(), "audio"));
  M2TTS_RETURN_IF_ERROR(Annotate(model.Validate(), "model"));
  M2TTS_RETURN_IF_ERROR(ValidateSpeakers(*this));
  M2TTS_RETURN_IF_ERROR(Annotate(CheckStrictJson(provenance_json, kMaxDepth - 1), "provenance"));
  if (!OrderedJson::parse(provenance_json).is_object())
    return InvalidArgument("provenance: must be a mapping");
  return OkStatus();
}

StatusOr<VoiceManifest> ParseVoiceManifest(const std::string& text) {
  M2TTS_RETURN_IF_ERROR(CheckStrictJson(text, kMaxDepth));
  OrderedJson json = OrderedJson::parse(text);
  if (!json.is_object()) return InvalidArgument("the document must be a mapping");
  VoiceManifest manifest;
  if (json.contains("provenance")) {
    manifest.provenance_json = json["provenance"].dump();
    json.erase("provenance");
  }
  // Written anew, the text is JSON that YAML surely reads: no tabs, no escaped surrogates.
  M2TTS_ASSIGN_OR_RETURN(const YAML::Node node, ParseYaml(json.dump(2), "json"));
  StrictYaml yaml(node, "");
  for (const char* key : {"schema_version", "name", "language", "licence", "speakers", "phoneme_set_version",
                          "audio", "model", "weights"}) {
    yaml.Require(key);
  }
  int schema_version = 0;
  yaml.Optional("schema_version", &schema_version, kAnyVersion);
  if (schema_version != 0) yaml.Merge(CheckSchemaVersion(schema_version));
  yaml.Optional("name", &manifest.name);
  yaml.Optional("language", &manifest.language);
  yaml.Optional("description", &manifest.description);
  yaml.Optional("licence", &manifest.licence);
  yaml.Optional("speakers", &manifest.speakers);
  yaml.Optional("phoneme_set_version", &manifest.phoneme_set_version, kAnyVersion);
  yaml.Optional("phrase_breaks", &manifest.phrase_breaks);

  const YAML::Node audio = yaml.Child("audio");
  const YAML::Node model = yaml.Child("model");
  StrictYaml weights(yaml.Child("weights"), "weights");
  weights.Require("dtype");
  weights.Require("sha256");
  weights.Optional("dtype", &manifest.weights_dtype);
  weights.Optional("sha256", &manifest.weights_sha256);
  yaml.Merge(weights.Finish());
  M2TTS_RETURN_IF_ERROR(yaml.Finish());

  M2TTS_RETURN_IF_ERROR(CheckSchemaVersion(schema_version));
  M2TTS_ASSIGN_OR_RETURN(manifest.audio, AudioConfig::FromYaml(audio, "audio"));
  M2TTS_ASSIGN_OR_RETURN(manifest.model, ModelConfig::FromYaml(model, "model"));
  if (!IsSha256(manifest.weights_sha256)) {
    return InvalidArgument("weights.sha256: expected 64 lower-case hexadecimal digits");
  }
  M2TTS_RETURN_IF_ERROR(manifest.Validate());
  return manifest;
}

StatusOr<std::string> FormatVoiceManifest(const VoiceManifest& manifest) {
  M2TTS_RETURN_IF_ERROR(manifest.Validate());
  OrderedJson json;
  json["schema_version"] = kVoiceSchemaVersion;
  json["name"] = manifest.name;
  json["language"] = manifest.language;
  json["description"] = manifest.description;
  json["licence"] = manifest.licence;
  json["speakers"] = manifest.speakers;
  json["phoneme_set_version"] = manifest.phoneme_set_version;
  if (manifest.phrase_breaks) json["phrase_breaks"] = true;
  json["audio"] = OrderedJson::parse(manifest.audio.ToJson());
  json["model"] = OrderedJson::parse(manifest.model.ToJson());
  json["weights"] = {{"dtype", manifest.weights_dtype}, {"sha256", manifest.weights_sha256}};
  json["provenance"] = OrderedJson::parse(manifest.provenance_json);
  // Text that is not UTF-8 becomes U+FFFD, so that dump() cannot throw.
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace m2tts
