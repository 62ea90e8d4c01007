// Line charts as inline SVG, without script: for pages that are one file.
#pragma once

#include <string>
#include <vector>

#include "trainer/monitor/run_history.h"

namespace m2tts {

struct ChartLine {
  const Curve* curve;
  std::string label;      // beside the last value
  std::string css_class;  // colours it; "train" or "validation" in the page's style
  bool dots = false;      // a dot at each point, which tells its value when pointed at
};

// An <svg> element. Lines of many points are drawn as the means of at most some 300 stretches. The axis is
// logarithmic when all values are positive and span more than a factor of 8. Names are escaped.
std::string DrawChart(const std::string& title, const std::vector<ChartLine>& lines);

// & < > " ' as entities.
std::string EscapeHtml(const std::string& text);

}  // namespace m2tts
