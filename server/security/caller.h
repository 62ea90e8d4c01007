// Who makes a call, and what that allows.
#pragma once

#include <cstdint>
#include <string>

#include "server/base/priority.h"

namespace m2tts {

// What a method asks for. Roles do not include each other: a token lists all that it has.
enum class Role : uint8_t {
  kSynthesize,  // speak, read text
  kTrain,       // submit and control training jobs
  kAdmin,       // change the running daemon
  kAny,         // any of them: what every user of the daemon may see
};

struct Roles {
  bool synthesize = false;
  bool train = false;
  bool admin = false;
  Priority highest = Priority::kInteractive;  // class of what it speaks; one asked for above it is lowered

  static Roles All() { return {true, true, true, Priority::kInteractive}; }
  bool Has(Role role) const {
    switch (role) {
      case Role::kSynthesize:
        return synthesize;
      case Role::kTrain:
        return train;
      case Role::kAdmin:
        return admin;
      case Role::kAny:
        return synthesize || train || admin;
    }
    return false;
  }
};

// "synthesize", "train", "admin"; for kAny "any".
const char* RoleName(Role role);

struct Caller {
  // Whom limits and fairness count: the name of the token, else the common name of the client's
  // certificate, else the peer's address without its port ("192.0.2.7", "2001:db8::1"), or "unix" for a Unix
  // socket.
  std::string name;
  Roles roles;
  // Of this call, [A-Za-z0-9._-]{1,64}: from the client, or made here. For every log line of the call.
  std::string request_id;
};

}  // namespace m2tts
