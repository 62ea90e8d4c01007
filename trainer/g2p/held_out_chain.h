// The whole front end as a reader of words that it has never seen: the way a user meets the model.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/status.h"
#include "core/text/frontend.h"
#include "core/text/lexicon_compiler.h"

namespace m2tts {

// A front end over `model` and a lexicon of all `entries` but `held_out`. Homographs, parts of words and the
// model then have their say in their usual order. Writes a lexicon file of a few MB into the temporary folder
// of the system and deletes it before returning.
StatusOr<std::unique_ptr<TextFrontend>> MakeHeldOutFrontend(const std::vector<DictionaryEntry>& entries,
                                                            const std::vector<DictionaryEntry>& held_out,
                                                            const std::filesystem::path& model);

// The phonemes of all words that `frontend` finds in `text`.
Pronunciation ReadByFrontend(const TextFrontend& frontend, std::string_view text);

}  // namespace m2tts
