// The daemon's configuration: configs/m2ttsd.yaml explains every key.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/text/style.h"
#include "server/base/listen_address.h"
#include "server/jobs/jobs_config.h"
#include "server/security/client_limits.h"
#include "server/security/tls_files.h"
#include "server/synthesis/admission.h"

namespace m2tts {

struct ServerConfig {
  std::string listen = "127.0.0.1:50551";         // gRPC; several with commas between
  std::string unix_access = "owner";              // of Unix sockets: owner, group, everyone
  std::string metrics_listen = "127.0.0.1:9551";  // HTTP; "off" for none
  bool insecure_public = false;                   // allow addresses that other machines can reach, without
                                                  // TLS and tokens
  bool metrics_public = false;                    // the same for metrics_listen alone
  std::string reflection = "auto";                // on, off, auto: on loopback and Unix sockets only
  std::filesystem::path state_dir;                // empty: none
  double drain_seconds = 30.0;                    // time that requests get to finish after SIGTERM
  double give_up_seconds = 300.0;                 // without serving, after which the daemon ends; 0: never
  std::string log_level = "info";
  bool log_text = false;   // the texts of requests, for finding faults
  int worker_threads = 2;  // text and encoding; the device has its own thread

  struct Auth {
    std::filesystem::path tokens;  // file of bearer tokens (security/token_file.h); empty: none are asked for
  } auth;

  TlsPaths tls;  // of the gRPC port; Unix sockets need none

  struct Voices {
    std::filesystem::path folder;   // empty: found relative to the program
    std::filesystem::path lexicon;  // empty: likewise
    std::string default_voice;  // empty: the one that the folder's file DEFAULT names, else the first by name
    int64_t max_resident_bytes = 0;  // of all voices in memory; 0: no limit
  } voices;

  struct Text {
    TextStyle style;                              // where neither voice nor request says
    std::vector<std::filesystem::path> lexicons;  // user lexicons, asked in this order
  } text;

  struct Device {
    std::string device = "auto";
    int threads = 1;  // CPU threads of one operator; 0 = physical cores
    int lanes = 0;    // threads that compute at a time; 0: one on a GPU, else one per core
    int max_batch = 8;
    int max_batch_frames = 0;     // of audio; 0 = as the device likes it: see synthesis_engine.cc
    double stall_seconds = 30.0;  // a window that takes longer: the device is stuck
    std::string vocoder;          // empty: the voice's own
    int first_window_frames = 24;
    int max_window_frames = 192;
  } device;

  struct Limits {
    int64_t max_text_bytes = 100'000;
    int64_t max_lexicon_bytes = 65'536;      // of a request's own words
    int64_t max_unary_bytes = 3'670'016;     // 3.5 MiB: gRPC clients take 4 MiB unless told otherwise
    int64_t max_unread_bytes = 268'435'456;  // of unary replies that wait for their readers
    double stream_buffer_seconds = 10.0;     // audio computed ahead of a slow reader
    double reader_timeout_seconds = 120.0;   // that a reader may take none of it
    int sentences_ahead = 2;                 // sentences of phonemes ahead of the device
    int max_pending_analyses = 64;
    int64_t result_cache_bytes = 0;  // of answers kept for the same request; 0: none
    AdmissionOptions admission;
  } limits;

  ClientLimitOptions clients;                    // of each client
  std::map<std::string, double> client_weights;  // shares of a busy device, by name of client
  double WeightOf(const std::string& client) const {
    const auto found = client_weights.find(client);
    return found == client_weights.end() ? 1.0 : found->second;
  }

  JobsConfig jobs;
  GovernorConfig governor;
  // The file that this was read from, and its text; empty without one.
  std::filesystem::path file;
  std::string file_text;

  // Reads strictly: an unknown key or a bad value is an error with file and line. Relative
  // paths are relative to the file. The result is valid.
  static StatusOr<ServerConfig> Load(const std::filesystem::path& path);
  static StatusOr<ServerConfig> Parse(const std::string& text, const std::string& source,
                                      const std::filesystem::path& base = {});

  // What no single key shows: addresses and their reachability.
  Status Validate() const;
};

}  // namespace m2tts
