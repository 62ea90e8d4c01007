#include "server/voices/voice_demand.h"

#include <utility>

namespace m2tts {
namespace {

constexpr std::chrono::seconds kTellErrorAgain(5);

}  // namespace

void VoiceDemand::Get(const std::string& name, Ready ready) {
  bool begin = false;
  Status error;
  {
    MutexLock lock(&mutex_);
    Wanted& wanted = wanted_[name];
    if (!wanted.loading && !wanted.error.ok() && now_() < wanted.retry_at) {
      error = wanted.error;
    } else {
      wanted.waiting.push_back(std::move(ready));
      begin = !std::exchange(wanted.loading, true);
    }
  }
  // Handed on above only where there is no error.
  if (!error.ok()) return ready(error);  // NOLINT(bugprone-use-after-move)
  if (begin) {
    post_([this, name] { Run(name); });
  }
}

void VoiceDemand::Run(const std::string& name) {
  const Result voice = load_(name);
  std::vector<Ready> waiting;
  {
    MutexLock lock(&mutex_);
    Wanted& wanted = wanted_[name];
    waiting.swap(wanted.waiting);
    wanted.loading = false;
    wanted.error = voice.status();
    wanted.retry_at = now_() + kTellErrorAgain;
    if (voice.ok()) wanted_.erase(name);
  }
  for (const Ready& ready : waiting) ready(voice);
}

void VoiceDemand::GiveUp(const Status& reason) {
  std::vector<Ready> waiting;
  {
    MutexLock lock(&mutex_);
    for (auto& [name, wanted] : wanted_) {
      std::move(wanted.waiting.begin(), wanted.waiting.end(), std::back_inserter(waiting));
      wanted.waiting.clear();
    }
  }
  for (const Ready& ready : waiting) ready(reason);
}

}  // namespace m2tts
