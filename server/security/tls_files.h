// The certificates of the gRPC port, read again when their files change.
//
// A pair that is damaged, does not match or is being replaced is refused as a whole, logged, and
// what was in use stays: a mistake costs nobody the connection. Any thread may call.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/base/mutex.h"
#include "core/base/status.h"

namespace m2tts {

struct TlsPaths {
  std::filesystem::path certificate;  // PEM: the server's certificate, then intermediate ones
  std::filesystem::path key;          // PEM, without a passphrase
  // PEM: clients must show a certificate that one of these has signed; empty: they show none.
  std::filesystem::path client_ca;

  bool on() const { return !certificate.empty(); }
  bool operator==(const TlsPaths& other) const {
    return certificate == other.certificate && key == other.key && client_ca == other.client_ca;
  }
  // INVALID_ARGUMENT when parts are missing.
  Status Validate() const;
};

// PEM that has been parsed and fits together.
struct TlsMaterial {
  std::string certificate;
  std::string key;
  std::string client_ca;
  std::string subject;            // "CN=tts.example.org", for the log
  std::string not_after;          // "Jan 31 12:00:00 2027 GMT"
  int64_t not_after_seconds = 0;  // the same as Unix time
  bool operator==(const TlsMaterial& other) const {
    return certificate == other.certificate && key == other.key && client_ca == other.client_ca;
  }
};

// NOT_FOUND, PERMISSION_DENIED, or INVALID_ARGUMENT that names the file: no PEM, an encrypted key, a key
// of another certificate, an expired certificate.
StatusOr<std::shared_ptr<const TlsMaterial>> LoadTlsMaterial(const TlsPaths& paths);

class TlsFiles {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  static StatusOr<std::shared_ptr<TlsFiles>> Open(TlsPaths paths,
                                                  Clock now = &std::chrono::steady_clock::now);

  // What new connections use; looks at the files once a second at most.
  std::shared_ptr<const TlsMaterial> Current();
  // Reads the files now. True when they hold something new.
  StatusOr<bool> Reload();
  bool asks_clients() const { return !paths_.client_ca.empty(); }

 private:
  TlsFiles(TlsPaths paths, Clock now) : paths_(std::move(paths)), now_(std::move(now)) {}
  // Times and sizes of the files.
  std::string Stamp() const;

  const TlsPaths paths_;
  const Clock now_;
  Mutex mutex_;
  std::shared_ptr<const TlsMaterial> current_ ABSL_GUARDED_BY(mutex_);
  std::string stamp_ ABSL_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point next_look_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
