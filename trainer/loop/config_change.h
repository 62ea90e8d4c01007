// Which fields of a config differ between the start of a run and its resumption. A run whose
// model, data or schedule change midway is neither the old run nor the new one.
#pragma once

#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// Fields of two YAML texts that differ and that stage `stage` depends on, as "acoustic.accumulate:
// was 1, is 2", in the order of their names. Left out: sections of other stages, and what may change
// on the way: paths, threads, steps, protection, and how often is validated, logged and saved. A default that
// only one of the texts spells out is no difference.
std::vector<std::string> ChangedFields(const std::string& before, const std::string& after,
                                       const std::string& stage);

// FAILED_PRECONDITION that names the fields, when there are any.
Status CheckUnchanged(const std::string& before, const std::string& after, const std::string& stage);

}  // namespace m2tts
