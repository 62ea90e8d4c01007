#include "core/text/sign_names.h"

#include <array>
#include <cstddef>

namespace m2tts {

const char* GreekName(int32_t c) {
  static constexpr std::array<const char*, 25> kNames = {
      "alpha", "beta",   "gamma",   "delta", "epsilon", "zeta",    "eta",  "theta", "iota",
      "kappa", "lambda", "mu",      "nu",    "xi",      "omicron", "pi",   "rho",   "sigma",
      "sigma", "tau",    "upsilon", "phi",   "chi",     "psi",     "omega"};
  if (c >= 0x3B1 && c <= 0x3C9) return kNames[static_cast<size_t>(c - 0x3B1)];
  if (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) return kNames[static_cast<size_t>(c - 0x391)];
  return nullptr;
}

bool IsGreek(int32_t c) {
  return (c >= 0x370 && c <= 0x3FF) || (c >= 0x1F00 && c <= 0x1FFF);
}

const char* SignName(int32_t c) {
  switch (c) {
    case 0x2190:
      return "left arrow";
    case 0x2192:
    case 0x21D2:
    case 0x27A1:
      return "to";
    case 0x221A:
      return "square root of";
    case 0x221E:
      return "infinity";
    case 0x2211:
      return "sum of";
    case 0x222B:
      return "integral of";
    case 0x2202:
      return "partial";
    case 0x2208:
      return "in";
    case 0x266D:
      return "flat";
    case 0x266F:
      return "sharp";
    case 0x2116:
      return "number";
    case 0x20BF:
      return "bitcoin";
    case 0x2713:
    case 0x2714:
      return "check";
    default:
      return nullptr;
  }
}

int SuperscriptDigit(int32_t c) {
  if (c == 0xB9) return 1;
  if (c == 0x2070) return 0;
  if (c >= 0x2074 && c <= 0x2079) return static_cast<int>(c - 0x2070);
  return -1;
}

}  // namespace m2tts
