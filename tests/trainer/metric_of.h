// A figure of what a stage tells.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "trainer/loop/stage.h"

namespace m2tts {

inline double MetricOf(const Metrics& metrics, const std::string& name) {
  for (const auto& [key, value] : metrics) {
    if (key == name) return value;
  }
  ADD_FAILURE() << "no " << name;
  return 0.0;
}

}  // namespace m2tts
