// The real m2ttsd, for tests: started on free ports with the shipped voice.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "m2tts/v1/admin.grpc.pb.h"
#include "m2tts/v1/synthesizer.grpc.pb.h"
#include "m2tts/v1/training.grpc.pb.h"
#include "tests/integration/process.h"

namespace m2tts {

// Sanitizers keep memory of their own, and freed memory too: sizes say nothing then.
#if defined(__SANITIZE_ADDRESS__) || defined(M2TTS_THREAD_SANITIZER)
inline constexpr bool kMemoryIsOurs = false;
#else
inline constexpr bool kMemoryIsOurs = true;
#endif

// Path of the daemon that was built with the tests.
std::string DaemonPath();
// The folder of voices in use: $M2TTS_VOICES or the one of the source tree.
std::filesystem::path VoicesFolder();

class DaemonUnderTest {
 public:
  // `config` is YAML; without `device` in it, one thread, so that tests do not fight over the cores.
  // Ports are chosen by the system. Fails the test when the daemon does not become ready;
  // ready() tells.
  explicit DaemonUnderTest(const std::string& config = "",
                           const std::map<std::string, std::string>& environment = {},
                           const std::vector<std::string>& flags = {});
  // A daemon that has ended by itself, unseen by the test, fails it.
  ~DaemonUnderTest();

  // Writes its configuration anew, for a reload.
  void WriteConfig(const std::string& config) const;

  bool ready() const { return !address_.empty(); }
  const std::string& address() const { return address_; }
  const std::string& http_address() const { return http_address_; }
  int http_port() const;
  Process& process() { return *process_; }
  // Lets it drain, and fails the test unless it exits with 0.
  void Stop();

  std::shared_ptr<grpc::Channel> NewChannel() const;
  v1::Synthesizer::Stub& synthesizer() { return *synthesizer_; }
  v1::Training::Stub& training() { return *training_; }
  v1::Admin::Stub& admin() { return *admin_; }

  // Body of an HTTP page; "" when its status is not 200.
  std::string HttpGet(const std::string& path) const;
  // The value of a metric's line, "name" or "name{labels}"; -1 when there is none.
  double Metric(const std::string& name) const;
  // Waits until no request is inside; false when that takes longer than `seconds`.
  bool WaitIdle(double seconds = 10.0);

 private:
  TempDir dir_;
  std::unique_ptr<Process> process_;
  std::string address_;
  std::string http_address_;
  std::unique_ptr<v1::Synthesizer::Stub> synthesizer_;
  std::unique_ptr<v1::Training::Stub> training_;
  std::unique_ptr<v1::Admin::Stub> admin_;
};

// A copy of a shipped voice in the folder `to`, under `name` (its own when empty). Returns its name.
std::string CopyVoice(const std::string& shipped, const std::filesystem::path& to,
                      const std::string& name = "");
void FlipByteInTheMiddle(const std::filesystem::path& path);

// A whole stream, and how it ended.
struct StreamResult {
  grpc::Status status;
  v1::StreamHeader header;
  v1::SynthesisSummary summary;
  std::string audio;
  std::string order;  // a letter per message: h, c, s
  std::vector<v1::AudioChunk> chunks;
};
StreamResult ReadStream(grpc::ClientReader<v1::SynthesizeStreamResponse>* reader);
StreamResult Stream(v1::Synthesizer::Stub* stub, const v1::SynthesizeRequest& request);

v1::SynthesizeRequest Request(const std::string& text, v1::AudioEncoding encoding = v1::AUDIO_ENCODING_PCM16);

// `count` different sentences.
std::string LongText(int count);

// Root mean square of 16-bit PCM, 1 = full scale.
double Loudness(const std::string& pcm);

}  // namespace m2tts
