// The loaded voices, and how they change while the daemon runs.
//
// Reading (Find, voices) costs a lock for a moment and may be done by any thread; what was handed out
// stays as it was. A change makes a new set beside the old one and swaps: a request finds the old voice or
// the new one, whole, and the one that it found lives as long as the request.
//
// Changes (Load, Unload, SetDefault, Rescan, ReloadAll) wait for each other, and load and warm up on the
// device thread between two windows of audio. They may be called by any thread but the device's own, and take
// a fraction of a second: not by gRPC's threads. A bundle that is damaged, or makes no audio, is refused,
// and the voice of that name that was there stays.
//
// A voice that makes room for others, within max_resident_bytes, stays known: it is listed and found, without
// its model, and LoadKnown brings it back (voice_demand.h).
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "server/base/snapshot.h"
#include "server/config.h"
#include "server/voices/device_report.h"
#include "server/voices/voice.h"

namespace m2tts {

using VoiceMap = std::map<std::string, std::shared_ptr<const Voice>>;

struct VoiceRegistryOptions {
  std::filesystem::path folder;  // of the bundles
  std::string default_voice;     // empty: what the folder's file DEFAULT names, else the first by name
  ServerConfig::Device device;
  TextStyle text_style;            // where a voice has none of its own
  int64_t max_resident_bytes = 0;  // of all voices; the least recently used go first. 0: no limit
  // Runs a task on the device thread and waits for it.
  std::function<Status(std::function<Status()>)> run_on_device;
  // Makes a voice ready, on the device thread; an error refuses the voice.
  std::function<Status(const Voice&)> warm_up;
};

class VoiceRegistry {
 public:
  explicit VoiceRegistry(VoiceRegistryOptions options);
  // Of voices that are loaded already; nothing changes.
  VoiceRegistry(VoiceMap voices, std::string default_voice);

  // Loads every bundle of the folder, as long as memory allows. One that does not load is logged and
  // left out; when it is the default one, or none is left, that is the error. Once, at the start.
  Status LoadAll();

  // Nullptr when there is none of that name; "" is the default voice. Counts as use. One that made room comes
  // without a synthesizer.
  std::shared_ptr<const Voice> Find(const std::string& name) const;
  // Those that are loaded.
  VoiceMap voices() const;
  // These, and those that made room.
  VoiceMap known() const;
  std::string default_voice() const;

  // Loads the bundle NAME of the folder, or loads it again in place of the one of that name. Returns the
  // voices that were unloaded to make room. NOT_FOUND, INVALID_ARGUMENT, DATA_LOSS say what is wrong with
  // the bundle; RESOURCE_EXHAUSTED when it does not fit beside the default voice.
  StatusOr<std::vector<std::string>> Load(const std::string& name);
  // A voice that made room, with its model again; what is loaded already is returned as it is. NOT_FOUND when
  // it is not known any more, RESOURCE_EXHAUSTED when it does not fit, FAILED_PRECONDITION or DATA_LOSS when
  // its files are damaged by now, UNAVAILABLE when the device fails with it.
  StatusOr<std::shared_ptr<const Voice>> LoadKnown(const std::string& name);
  // Requests in flight finish with it, and later ones do not find it. FAILED_PRECONDITION for the default
  // voice.
  Status Unload(const std::string& name);
  // The voice of requests that name none, until the next start. NOT_FOUND when it is not loaded.
  Status SetDefault(const std::string& name);

  struct Changes {
    std::vector<std::string> added;
    std::vector<std::string> changed;
    std::vector<std::string> removed;
    std::map<std::string, std::string> failed;  // name -> why; what was loaded before stays
  };
  // Loads new and changed bundles, and forgets those whose folder is gone (but the default one). What Unload
  // or the limit of memory took away stays away until it changes.
  StatusOr<Changes> Rescan();

  // Loads every loaded voice from disk again, in place of the models in memory: what a failed device, or a
  // new one chosen instead, begins with. A voice whose files are damaged by now keeps its model, if that
  // still speaks. The first error of the device.
  Status ReloadAll();

  DeviceReport device() const;
  // Bundles that were loaded, and that could not be, since the start.
  int loads() const { return loads_; }
  int failures() const { return failures_; }

 private:
  struct VoiceSet {
    VoiceMap voices;
    std::string default_voice;
    VoiceMap made_room;  // known, and not loaded
  };

  StatusOr<std::shared_ptr<const Voice>> LoadFolder(const std::string& name);
  Status ReloadLocked(const std::string& name, const std::shared_ptr<const Voice>& old)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(control_);
  StatusOr<std::vector<std::string>> LoadLocked(const std::string& name)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(control_);
  Status NoRoom(const std::string& name, int64_t bytes) const;
  Status MakeRoom(VoiceSet* set, const std::string& keep, std::vector<std::string>* unloaded)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(control_);
  void Publish(VoiceSet set);

  const VoiceRegistryOptions options_;
  Snapshot<VoiceSet> set_;
  std::atomic<int> loads_{0};
  std::atomic<int> failures_{0};
  mutable std::atomic<int64_t> uses_{0};
  Mutex control_;  // held while voices change
  // What Unload took away, with the stamp of its files: Rescan leaves it alone until they change.
  std::map<std::string, std::string> set_aside_ ABSL_GUARDED_BY(control_);
  mutable Mutex device_mutex_;
  DeviceReport device_ ABSL_GUARDED_BY(device_mutex_);
};

}  // namespace m2tts
