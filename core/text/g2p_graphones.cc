#include "core/text/g2p_graphones.h"

#include <algorithm>
#include <tuple>

#include "core/text/arpabet.h"

namespace m2tts {

bool operator==(const Graphone& a, const Graphone& b) {
  return a.letter == b.letter && a.chunk == b.chunk;
}

bool operator<(const Graphone& a, const Graphone& b) {
  return std::tie(a.letter, a.chunk) < std::tie(b.letter, b.chunk);
}

Graphone PlainGraphone(const Graphone& graphone) {
  Graphone plain = graphone;
  for (uint8_t& byte : plain.chunk) {
    if (byte != 0) byte = FullVowel(byte & g2p_format::kIdMask);
  }
  return plain;
}

PlainAlphabet MergeStress(const std::vector<Graphone>& graphones) {
  PlainAlphabet plain;
  for (const Graphone& graphone : graphones) plain.graphones.push_back(PlainGraphone(graphone));
  std::sort(plain.graphones.begin(), plain.graphones.end());
  plain.graphones.erase(std::unique(plain.graphones.begin(), plain.graphones.end()), plain.graphones.end());
  for (const Graphone& graphone : graphones) {
    const auto at = std::lower_bound(plain.graphones.begin(), plain.graphones.end(), PlainGraphone(graphone));
    plain.of.push_back(static_cast<uint16_t>(at - plain.graphones.begin()));
  }
  return plain;
}

}  // namespace m2tts
