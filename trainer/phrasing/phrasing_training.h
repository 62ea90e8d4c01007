// From tagged sentences to the bytes of a phrasing model.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "trainer/phrasing/break_trainer.h"
#include "trainer/phrasing/tagged_text.h"

namespace m2tts {

// Half a minute on one core for 40 000 sentences, no LibTorch. The same sentences and options give the same
// bytes. Breaks are learned from the tags that the model itself finds, as it will have to use them.
// `progress` (may be empty) hears a line for each step. Errors of CountTags.
StatusOr<std::string> TrainPhrasing(const std::vector<TaggedSentence>& sentences, const BreakOptions& options,
                                    const std::function<void(const std::string&)>& progress);

}  // namespace m2tts
