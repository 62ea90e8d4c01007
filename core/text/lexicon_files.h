// The models of a front end, which lie beside its compiled lexicon under the same name. Whoever opens them,
// or lets a process open them, takes them from here.
#pragma once

#include <array>
#include <filesystem>

namespace m2tts {

inline constexpr const char* kG2pExtension = ".g2p";            // words that no lexicon has
inline constexpr const char* kPhrasingExtension = ".phrasing";  // pauses without punctuation
inline constexpr std::array<const char*, 2> kModelExtensions = {kG2pExtension, kPhrasingExtension};

inline std::filesystem::path ModelBeside(std::filesystem::path lexicon, const char* extension) {
  return lexicon.replace_extension(extension);
}

}  // namespace m2tts
