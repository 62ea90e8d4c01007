#include "tests/integration/job_daemon.h"

#include <signal.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "trainer/data/dataset.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

}  // namespace

std::string CliPath() {
  return M2TTS_BINARY_DIR "/client/m2tts";
}

std::string TinyConfig(int steps) {
  return "threads: 1\nlicence: CC0\n"
         "data: {validation: 3}\n"
         "model: {hidden: 32, heads: 2, encoder_layers: 1, decoder_layers: 1, ffn_multiplier: 2,\n"
         "  predictor_hidden: 32, predictor_layers: 1,\n"
         "  vocoder: {type: hifigan, hidden: 32, upsample: [8, 8, 4], resblock_kernels: [3], "
         "resblock_dilations: 1}}\n"
         "aligner: {steps: " +
         std::to_string(steps) +
         ", learning_rate: 0.003, frames_per_batch: 1500, warmup_steps: 5, log_every: 1, checkpoint_every: "
         "5}\n"
         "acoustic: {steps: " +
         std::to_string(steps) +
         ", learning_rate: 0.003, frames_per_batch: 1500, warmup_steps: 5, log_every: 1, checkpoint_every: "
         "5}\n"
         "vocoder: {steps: 6, segments_per_batch: 2, segment_frames: 24, warmup_steps: 2, log_every: 1}\n";
}

void JobDaemon::Prepare() {
  ASSERT_TRUE(WriteDummyCorpus(dir_ / "data/corpus", 24, 22050).ok());
  const fs::path shipped = VoicesFolder() / "en_US-slt";
  fs::create_directories(dir_ / "voices");
  fs::copy(shipped, dir_ / "voices/en_US-slt", fs::copy_options::recursive);
  Heat(50);
}

void JobDaemon::StartDaemon(const std::string& jobs, const std::map<std::string, std::string>& environment) {
  daemon_ = std::make_unique<DaemonUnderTest>(
      "state_dir: " + (dir_ / "state").string() + "\nvoices: {folder: " + (dir_ / "voices").string() +
          "}\njobs: {data_roots: [" + (dir_ / "data").string() + "], min_free_mb: 0, stop_seconds: 20" +
          jobs + "}\ngovernor: {sensors: " + (dir_ / "sensors.yaml").string() +
          ", sample_seconds: 0.05, recovery_seconds: 0.05, min_dwell_seconds: 0.2}\n",
      environment);
  ASSERT_TRUE(daemon_->ready());
}

void JobDaemon::KillDaemon() {
  daemon_->process().Signal(SIGKILL);
  EXPECT_EQ(daemon_->process().Wait(), 128 + SIGKILL);
  daemon_.reset();
}

void JobDaemon::Heat(int celsius) {
  std::ofstream(dir_ / "sensors.tmp") << "thermal: {celsius: " << celsius << "}\n";
  fs::rename(dir_ / "sensors.tmp", dir_ / "sensors.yaml");
}

void JobDaemon::WriteSpeech() const {
  fs::create_directories(dir_ / "data/speech/wavs");
  fs::copy(M2TTS_SOURCE_DIR "/tests/data/ljspeech/LJ001-0008.wav", dir_ / "data/speech/wavs");
  std::ofstream(dir_ / "data/speech/metadata.csv")
      << "LJ001-0008|has never been surpassed.|has never been surpassed.\n";
}

fs::path JobDaemon::JobFile(const std::string& id, const std::string& name) const {
  return dir_ / ("state/jobs/" + id + "/" + name);
}

v1::SubmitJobRequest JobDaemon::Request(const std::string& id, int steps) const {
  v1::SubmitJobRequest request;
  request.set_job_id(id);
  request.mutable_spec()->set_config_yaml(TinyConfig(steps));
  request.mutable_spec()->set_dataset("corpus");
  request.mutable_spec()->mutable_retry()->mutable_backoff()->set_seconds(0);
  request.mutable_spec()->mutable_retry()->set_max_attempts(100);
  return request;
}

grpc::Status JobDaemon::Submit(const v1::SubmitJobRequest& request, v1::Job* job) {
  grpc::ClientContext context;
  v1::Job ignored;
  return daemon_->training().SubmitJob(&context, request, job == nullptr ? &ignored : job);
}

v1::Job JobDaemon::Get(const std::string& id) {
  grpc::ClientContext context;
  v1::GetJobRequest request;
  request.set_job_id(id);
  v1::Job job;
  const grpc::Status status = daemon_->training().GetJob(&context, request, &job);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return job;
}

bool JobDaemon::WatchUntilState(const std::string& id, v1::JobState state) {
  return WatchUntil(id, [state](const v1::JobEvent& event) {
    return event.has_transition() && event.transition().to() == state;
  });
}

bool JobDaemon::WatchUntilStep(const std::string& id, int64_t step) {
  return WatchUntil(id, [step](const v1::JobEvent& event) {
    return event.has_progress() && event.progress().step() >= step;
  });
}

v1::Job JobDaemon::WaitForEnd(const std::string& id) {
  (void)LogOf(id);
  return Get(id);
}

std::vector<std::string> JobDaemon::LogOf(const std::string& id) {
  std::vector<std::string> lines;
  WatchAnother();
  (void)WatchUntil(id, [&lines](const v1::JobEvent& event) {
    if (event.event_case() == v1::JobEvent::kLogLine) lines.push_back(event.log_line());
    return false;
  });
  return lines;
}

std::map<std::pair<std::string, int64_t>, double> JobDaemon::LossCurve(const std::string& id) const {
  std::map<std::pair<std::string, int64_t>, double> curve;
  std::ifstream log(JobFile(id, "run/log.jsonl"));
  for (std::string line; std::getline(log, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_discarded() || json["event"] != "step") continue;
    curve[{json["stage"], json["step"]}] = json["loss"];
  }
  return curve;
}

pid_t JobDaemon::WorkerOf(const std::string& id) const {
  std::ifstream lock(JobFile(id, "run/lock"));
  pid_t pid = 0;
  lock >> pid;
  std::ifstream command("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
  const std::string words((std::istreambuf_iterator<char>(command)), {});
  return words.find("jobs/" + id + "/run") == std::string::npos ? 0 : pid;  // it has ended
}

}  // namespace m2tts
