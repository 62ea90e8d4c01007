#include "trainer/phrasing/phrasing_training.h"

#include <array>

#include "core/base/little_endian.h"
#include "core/base/sha256.h"
#include "core/text/phrasing/phrase_model.h"
#include "trainer/phrasing/tag_counts.h"

namespace m2tts {
namespace {

namespace format = phrase_format;

// A row of bytes, filled up to 4.
void PutBytes(const std::vector<uint8_t>& bytes, std::string* out) {
  out->append(bytes.begin(), bytes.end());
  out->append((4 - bytes.size() % 4) % 4, '\0');
}

std::string Serialize(const TagTables& tables, const BreakScores& scores) {
  std::string payload;
  for (std::string name : tables.names) {
    name.resize(format::kTagNameSize);
    payload += name;
  }
  PutBytes(tables.classes, &payload);
  for (const float score : scores.by_context) PutF32(score, &payload);
  for (const auto& row : scores.history) {
    for (const float score : row) PutF32(score, &payload);
  }
  PutBytes(tables.transitions, &payload);
  std::string entries;
  for (const auto& [key, candidates] : tables.entries) {
    PutU32(static_cast<uint32_t>(entries.size()), &payload);
    entries.push_back(static_cast<char>(key.size()));
    entries += key;
    entries.push_back(static_cast<char>(candidates.size()));
    for (const TagCandidate& candidate : candidates) {
      entries.push_back(static_cast<char>(candidate.tag));
      entries.push_back(static_cast<char>(candidate.cost));
    }
  }
  payload += entries;
  std::array<uint32_t, format::kHeaderFields> fields{};
  fields[format::kTags] = static_cast<uint32_t>(tables.names.size());
  fields[format::kClasses] = tables.class_count;
  fields[format::kPunctuationTag] = tables.pause_tag;
  fields[format::kEntries] = static_cast<uint32_t>(tables.entries.size());
  fields[format::kEntryBytes] = static_cast<uint32_t>(entries.size());
  std::string out(format::kMagic);
  PutU32(format::kVersion, &out);
  for (const uint32_t field : fields) PutU32(field, &out);
  out += payload;
  return out + Sha256Hex(out);
}

BreakExample ExampleOf(const PhraseModel& tagger, const TaggedSentence& sentence) {
  BreakExample example;
  const std::vector<std::string_view> tokens = TokensOf(sentence);
  for (const uint8_t tag : tagger.Tag(tokens)) example.classes.push_back(tagger.ClassOf(tag));
  example.junctures = GivenJunctures(tokens);
  for (size_t i = 0; i < sentence.size(); ++i) {
    const Juncture::Given given = example.junctures[i].given;
    example.breaks.push_back(given == Juncture::Given::kOpen ? sentence[i].break_after
                                                             : given == Juncture::Given::kBreak);
  }
  return example;
}

}  // namespace

StatusOr<std::string> TrainPhrasing(const std::vector<TaggedSentence>& sentences, const BreakOptions& options,
                                    const std::function<void(const std::string&)>& progress) {
  const auto say = [&](const std::string& line) {
    if (progress) progress(line);
  };
  M2TTS_ASSIGN_OR_RETURN(const TagTables tables, CountTags(sentences));
  say(fmt::format("{} sentences, {} tags, {} words and endings", sentences.size(), tables.names.size(),
                  tables.entries.size()));
  BreakScores scores;
  scores.by_context.assign(size_t{tables.class_count} * tables.class_count * tables.class_count, 0.0F);
  M2TTS_ASSIGN_OR_RETURN(const auto tagger, PhraseModel::Parse(Serialize(tables, scores), "its tagger"));
  std::vector<BreakExample> examples;
  examples.reserve(sentences.size());
  for (const TaggedSentence& sentence : sentences) examples.push_back(ExampleOf(*tagger, sentence));
  scores = TrainBreaks(examples, tagger->class_count(), tagger->PauseClass(), options,
                       [&](int epoch, double wrong) {
                         say(fmt::format("breaks, pass {} of {}: {:.2f} % of the places decided wrongly",
                                         epoch, options.epochs, 100 * wrong));
                       });
  return Serialize(tables, scores);
}

}  // namespace m2tts
