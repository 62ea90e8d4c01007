// Time as the loop sees it, so that tests need not wait for it.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace m2tts {

struct LoopClock {
  using Time = std::chrono::steady_clock::time_point;
  using Seconds = std::chrono::duration<double>;

  std::function<Time()> now = [] { return std::chrono::steady_clock::now(); };
  std::function<void(Seconds)> sleep = [](Seconds time) { std::this_thread::sleep_for(time); };
};

}  // namespace m2tts
