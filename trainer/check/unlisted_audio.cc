#include "trainer/check/unlisted_audio.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace m2tts {
namespace {

namespace fs = std::filesystem;

bool IsAudio(const fs::path& path) {
  static const std::set<std::string> kEndings = {".wav", ".flac", ".mp3", ".ogg", ".opus", ".aif", ".aiff"};
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return kEndings.count(ending) > 0;
}

bool IsSecondMicrophone(const fs::path& path) {
  const std::string stem = path.stem().string();
  return stem.size() > 5 && stem.compare(stem.size() - 5, 5, "_mic2") == 0;
}

}  // namespace

std::vector<fs::path> UnlistedAudio(const fs::path& root, const std::vector<Clip>& clips) {
  std::set<std::string> listed, folders;
  for (const Clip& clip : clips) {
    const fs::path relative = clip.audio.lexically_relative(root);
    listed.insert(relative.lexically_normal().string());
    // "wavs" of wavs/a.wav, "wav48" of wav48/p225/a.wav; a clip in the root itself names no folder.
    if (relative.has_parent_path()) folders.insert(relative.begin()->string());
  }
  std::vector<fs::path> unlisted;
  for (const std::string& folder : folders) {
    std::error_code error;
    fs::recursive_directory_iterator it(root / folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      std::error_code unreadable;
      if (!it->is_regular_file(unreadable) || !IsAudio(it->path()) || IsSecondMicrophone(it->path()))
        continue;
      const fs::path relative = it->path().lexically_relative(root);
      if (listed.count(relative.lexically_normal().string()) == 0) unlisted.push_back(relative);
    }
  }
  std::sort(unlisted.begin(), unlisted.end());
  return unlisted;
}

}  // namespace m2tts
