#include "tests/integration/daemon.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

namespace m2tts {

std::string DaemonPath() {
  return M2TTS_BINARY_DIR "/server/m2ttsd";
}

std::filesystem::path VoicesFolder() {
  const char* const override_folder = std::getenv("M2TTS_VOICES");
  return override_folder != nullptr ? override_folder : M2TTS_SOURCE_DIR "/voices";
}

DaemonUnderTest::DaemonUnderTest(const std::string& config,
                                 const std::map<std::string, std::string>& environment,
                                 const std::vector<std::string>& flags) {
  WriteConfig(config);
  std::vector<std::string> command = {DaemonPath(), "--config", dir_ / "m2ttsd.yaml", "--metrics-listen",
                                      "127.0.0.1:0"};
  command.insert(command.end(), flags.begin(), flags.end());
  if (std::find(flags.begin(), flags.end(), "--listen") == flags.end()) {
    command.insert(command.end(), {"--listen", "127.0.0.1:0"});
  }
  process_ = std::make_unique<Process>(command, environment);
  const std::string http = "http listening on ";
  const std::string grpc = "grpc listening on ";
  for (std::string line = process_->ReadLine(); !line.empty(); line = process_->ReadLine()) {
    if (line.compare(0, http.size(), http) == 0) http_address_ = line.substr(http.size());
    if (line.compare(0, grpc.size(), grpc) == 0) {
      address_ = line.substr(grpc.size());
      break;
    }
  }
  if (!ready()) {
    ADD_FAILURE() << "m2ttsd did not become ready:\n" << process_->Errors();
    return;
  }
  const auto channel = NewChannel();
  synthesizer_ = v1::Synthesizer::NewStub(channel);
  training_ = v1::Training::NewStub(channel);
  admin_ = v1::Admin::NewStub(channel);
}

DaemonUnderTest::~DaemonUnderTest() {
  if (!ready() || process_->pid() < 0) return;
  const int code = process_->Wait(0.0);
  if (code >= 0) ADD_FAILURE() << "m2ttsd ended with " << code << " by itself:\n" << process_->Errors();
}

void DaemonUnderTest::Stop() {
  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->Wait(), 0) << process_->Errors();
}

void DaemonUnderTest::WriteConfig(const std::string& config) const {
  const bool has_device = config.find("device:") != std::string::npos;
  std::ofstream(dir_ / "m2ttsd.yaml") << (has_device ? "" : "device: {threads: 1}\n") << config << "\n";
}

int DaemonUnderTest::http_port() const {
  return std::atoi(http_address_.substr(http_address_.rfind(':') + 1).c_str());
}

std::shared_ptr<grpc::Channel> DaemonUnderTest::NewChannel() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  return grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
}

std::string DaemonUnderTest::HttpGet(const std::string& path) const {
  httplib::Client client("127.0.0.1", http_port());
  const auto result = client.Get(path);
  return result && result->status == 200 ? result->body : "";
}

double DaemonUnderTest::Metric(const std::string& name) const {
  std::istringstream lines(HttpGet("/metrics"));
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, name.size() + 1, name + " ") == 0) return std::atof(line.c_str() + name.size() + 1);
  }
  return -1.0;
}

bool DaemonUnderTest::WaitIdle(double seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < deadline) {
    grpc::ClientContext context;
    v1::ServerStatus status;
    if (admin_->GetStatus(&context, {}, &status).ok() && status.queue().requests() == 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // another process: nothing to wait on
  }
  return false;
}

StreamResult ReadStream(grpc::ClientReader<v1::SynthesizeStreamResponse>* reader) {
  StreamResult result;
  for (v1::SynthesizeStreamResponse message; reader->Read(&message);) {
    if (message.has_header()) {
      result.order += 'h';
      result.header = message.header();
    } else if (message.has_chunk()) {
      result.order += 'c';
      result.audio += message.chunk().audio();
      result.chunks.push_back(message.chunk());
    } else {
      result.order += 's';
      result.summary = message.summary();
    }
  }
  result.status = reader->Finish();
  return result;
}

StreamResult Stream(v1::Synthesizer::Stub* stub, const v1::SynthesizeRequest& request) {
  grpc::ClientContext context;
  return ReadStream(stub->SynthesizeStream(&context, request).get());
}

v1::SynthesizeRequest Request(const std::string& text, v1::AudioEncoding encoding) {
  v1::SynthesizeRequest request;
  request.set_text(text);
  request.mutable_audio_format()->set_encoding(encoding);
  return request;
}

std::string LongText(int count) {
  const char* const words[] = {"river", "mountain", "garden", "window", "letter", "teacher", "island"};
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += "The old " + std::string(words[i % 7]) + " stood beside the quiet " + words[(i / 7 + 3) % 7] +
            " for many years. ";
  }
  return text;
}

double Loudness(const std::string& pcm) {
  double sum = 0.0;
  for (size_t i = 0; i + 1 < pcm.size(); i += 2) {
    const auto sample = static_cast<int16_t>(static_cast<unsigned char>(pcm[i]) |
                                             static_cast<unsigned char>(pcm[i + 1]) << 8);
    sum += (sample / 32768.0) * (sample / 32768.0);
  }
  return pcm.size() < 2 ? 0.0 : std::sqrt(sum / (pcm.size() / 2));
}

std::string CopyVoice(const std::string& shipped, const std::filesystem::path& to, const std::string& name) {
  const std::string copy = name.empty() ? shipped : name;
  std::filesystem::create_directories(to);
  std::filesystem::remove_all(to / copy);
  std::filesystem::copy(VoicesFolder() / shipped, to / copy, std::filesystem::copy_options::recursive);
  std::string manifest;
  {
    std::ifstream file(to / copy / "voice.json");
    manifest.assign(std::istreambuf_iterator<char>(file), {});
  }
  const size_t at = manifest.find('"' + shipped + '"');
  EXPECT_NE(at, std::string::npos) << "voice.json names the voice";
  manifest.replace(at, shipped.size() + 2, '"' + copy + '"');
  std::ofstream(to / copy / "voice.json") << manifest;
  return copy;
}

void FlipByteInTheMiddle(const std::filesystem::path& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
  file.seekg(middle);
  const char byte = static_cast<char>(file.get() ^ 0x55);
  file.seekp(middle);
  file.put(byte);
}

}  // namespace m2tts
