// Whether the tags of a piece of HTML or SVG match; for what this project writes.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace m2tts {

// Empty when every tag that is opened is closed in order; otherwise what is wrong first.
inline std::string MarkupErrors(const std::string& markup) {
  static const std::set<std::string> kVoid = {"meta", "img", "br"};
  std::vector<std::string> open;
  for (size_t at = markup.find('<'); at != std::string::npos; at = markup.find('<', at + 1)) {
    const size_t end = markup.find('>', at);
    if (end == std::string::npos) return "a tag without an end";
    std::string tag = markup.substr(at + 1, end - at - 1);
    if (tag.rfind("!DOCTYPE", 0) == 0 || tag.back() == '/') continue;
    const bool closes = tag.front() == '/';
    tag = tag.substr(closes ? 1 : 0);
    tag = tag.substr(0, tag.find(' '));
    if (kVoid.count(tag) > 0) continue;
    if (!closes) {
      open.push_back(tag);
    } else if (open.empty() || open.back() != tag) {
      return "</" + tag + "> closes nothing";
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is left open";
}

}  // namespace m2tts
