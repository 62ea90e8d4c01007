// Opening files with libsndfile, which keeps in globals what it has to say of one that it cannot open:
// several threads at a time would write over each other's errors.
#pragma once

#include <sndfile.h>

#include <functional>
#include <string>

#include "core/base/mutex.h"

namespace m2tts {

// What `open` returns; when that is nullptr, *error says why. Any thread.
inline SNDFILE* OpenSound(const std::function<SNDFILE*()>& open, std::string* error) {
  static Mutex* const mutex = new Mutex;
  const MutexLock lock(mutex);
  SNDFILE* const file = open();
  if (file == nullptr) *error = sf_strerror(nullptr);
  return file;
}

}  // namespace m2tts
