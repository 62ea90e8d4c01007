#include "client/exit_codes.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace m2tts {
namespace {

TEST(ExitCodesTest, EveryStatusCodeHasOne) {
  const std::pair<StatusCode, ExitCode> expected[] = {
      {StatusCode::kOk, kExitOk},
      {StatusCode::kCancelled, kExitInterrupted},
      {StatusCode::kUnknown, kExitInternal},
      {StatusCode::kInvalidArgument, kExitRefused},
      {StatusCode::kDeadlineExceeded, kExitTryLater},
      {StatusCode::kNotFound, kExitRefused},
      {StatusCode::kAlreadyExists, kExitInternal},
      {StatusCode::kPermissionDenied, kExitNoPermission},
      {StatusCode::kResourceExhausted, kExitTryLater},
      {StatusCode::kFailedPrecondition, kExitRefused},
      {StatusCode::kAborted, kExitTryLater},
      {StatusCode::kOutOfRange, kExitRefused},
      {StatusCode::kUnimplemented, kExitInternal},
      {StatusCode::kInternal, kExitInternal},
      {StatusCode::kUnavailable, kExitUnavailable},
      {StatusCode::kDataLoss, kExitInternal},
      {StatusCode::kUnauthenticated, kExitNoPermission},
  };
  for (const auto& [status, code] : expected) {
    EXPECT_EQ(ExitCodeFor(Status(status, "x")), code) << static_cast<int>(status);
  }
}

// The help and the manual name exactly the codes that exist.
TEST(ExitCodesTest, HelpAndManualNameAllCodes) {
  std::ifstream file(M2TTS_SOURCE_DIR "/docs/cli.md");
  std::stringstream manual;
  manual << file.rdbuf();
  for (const int code : {kExitOk, kExitNotServing, kExitUsage, kExitRefused, kExitNoInput, kExitUnavailable,
                         kExitInternal, kExitOutput, kExitTryLater, kExitNoPermission, kExitInterrupted}) {
    EXPECT_NE(ExitCodeHelp().find("\n  " + std::to_string(code) + " "), std::string::npos) << code;
    EXPECT_NE(manual.str().find("\n| " + std::to_string(code) + " |"), std::string::npos) << code;
  }
}

}  // namespace
}  // namespace m2tts
