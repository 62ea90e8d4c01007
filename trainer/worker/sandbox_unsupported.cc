#include "trainer/worker/sandbox_parts.h"

namespace m2tts {

StatusOr<std::string> RestrictFiles(const FileRules&) {
  return Errorf(StatusCode::kUnimplemented, "this system has no Landlock");
}

StatusOr<std::string> RestrictCalls() {
  return Errorf(StatusCode::kUnimplemented, "this system has no seccomp");
}

}  // namespace m2tts
