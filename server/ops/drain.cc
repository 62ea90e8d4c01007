#include "server/ops/drain.h"

namespace m2tts {
namespace {

constexpr std::chrono::milliseconds kPoll(20);

DrainResult WaitForIdle(const DrainHooks& hooks, double seconds) {
  const auto deadline = hooks.now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                          std::chrono::duration<double>(seconds));
  while (!hooks.idle()) {
    if (hooks.now() >= deadline) return DrainResult::kDeadline;
    if (hooks.wait(kPoll)) return hooks.idle() ? DrainResult::kIdle : DrainResult::kHurried;
  }
  return DrainResult::kIdle;
}

}  // namespace

DrainResult Drain(const DrainHooks& hooks, double seconds) {
  hooks.refuse_new();
  const DrainResult result = WaitForIdle(hooks, seconds);
  hooks.finish(result == DrainResult::kIdle);
  return result;
}

}  // namespace m2tts
