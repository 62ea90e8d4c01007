#include "trainer/loop/train_loop.h"

#include <cmath>

#include "trainer/loop/checkpoint.h"

namespace m2tts {
namespace {

constexpr int kMaxBadSteps = 20;
constexpr int64_t kLogEvery = 20;  // steps between lines of log.jsonl

using Clock = std::chrono::steady_clock;

class Loop {
 public:
  Loop(Stage* stage, const LoopOptions& options, RunLog* log)
      : stage_(stage),
        options_(options),
        log_(log),
        folder_(options.folder, stage->config().keep_checkpoints) {}

  Status Run() {
    M2TTS_RETURN_IF_ERROR(Resume());
    const int64_t total = stage_->config().steps;
    started_ = Clock::now();
    first_step_ = current_.step;
    while (current_.step < total) {
      M2TTS_RETURN_IF_ERROR(Step());
      const bool last = current_.step == total;
      bool best = false;
      if (last || current_.step % stage_->config().validate_every == 0) {
        M2TTS_RETURN_IF_ERROR(Validate(&best));
      }
      const bool stopping = options_.stop != nullptr && options_.stop->load();
      if (best || last || stopping || current_.step % stage_->config().checkpoint_every == 0) {
        M2TTS_RETURN_IF_ERROR(Save(best));
      }
      if (stopping && !last) {
        return Status(
            StatusCode::kCancelled,
            fmt::format("stopped after step {} of {}; run the same command to go on", current_.step, total));
      }
    }
    return OkStatus();
  }

 private:
  Status Resume() {
    std::vector<std::string> messages;
    auto found = folder_.LoadLatest(&messages);
    for (const auto& message : messages) log_->Message(message);
    M2TTS_RETURN_IF_ERROR(found.status());
    if (!found->has_value()) return OkStatus();
    current_ = **std::move(found);
    M2TTS_RETURN_IF_ERROR(Annotate(stage_->LoadState(current_.state), options_.folder.string()));
    current_.state.clear();
    log_->Message(fmt::format("{}: going on from step {}", stage_->name(), current_.step));
    return OkStatus();
  }

  Status Step() {
    const double rate = LearningRate(stage_->config(), current_.step);
    M2TTS_ASSIGN_OR_RETURN(Metrics metrics, stage_->Step(current_.step, rate));
    ++current_.step;
    const bool finite = std::isfinite(metrics.front().second);
    bad_steps_ = finite ? 0 : bad_steps_ + 1;
    if (!finite) log_->Event("skipped", stage_->name(), current_.step, metrics);
    if (bad_steps_ == kMaxBadSteps) {
      return Internal("{}: the loss was not a number for {} steps; lower {}.learning_rate and run again",
                      stage_->name(), kMaxBadSteps, stage_->name());
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    const double per_step = seconds / static_cast<double>(current_.step - first_step_);
    const double speed = static_cast<double>(stage_->frames_seen()) / std::max(seconds, 1e-9);
    log_->Progress(stage_->name(), current_.step, stage_->config().steps, metrics, speed, per_step);
    if (current_.step % kLogEvery == 0) {
      metrics.emplace_back("learning_rate", rate);
      metrics.emplace_back("frames_per_second", speed);
      log_->Event("step", stage_->name(), current_.step, metrics);
    }
    return OkStatus();
  }

  Status Validate(bool* best) {
    M2TTS_ASSIGN_OR_RETURN(const Metrics metrics, stage_->Validate());
    log_->Event("validation", stage_->name(), current_.step, metrics);
    std::string text = fmt::format("{} step {}: validation", stage_->name(), current_.step);
    for (const auto& [name, value] : metrics) text += fmt::format("  {} {:.4f}", name, value);
    const double value = metrics.front().second;
    *best = std::isfinite(value) && (!current_.has_best || value < current_.best);
    if (*best) {
      current_.best = value;
      current_.has_best = true;
    }
    log_->Message(text + (*best ? "  (best)" : ""));
    return OkStatus();
  }

  Status Save(bool is_best) {
    M2TTS_ASSIGN_OR_RETURN(current_.state, stage_->State());
    current_.config = options_.config_text;
    const Status saved = folder_.Save(current_, is_best);
    current_.state.clear();
    return saved;
  }

  Stage* const stage_;
  const LoopOptions& options_;
  RunLog* const log_;
  CheckpointFolder folder_;
  Checkpoint current_;
  int bad_steps_ = 0;
  int64_t first_step_ = 0;
  Clock::time_point started_;
};

}  // namespace

double LearningRate(const StageConfig& config, int64_t step) {
  if (step < config.warmup_steps) {
    return config.learning_rate * static_cast<double>(step + 1) / static_cast<double>(config.warmup_steps);
  }
  const double span = static_cast<double>(std::max<int64_t>(1, config.steps - config.warmup_steps));
  const double progress = std::min(1.0, static_cast<double>(step - config.warmup_steps) / span);
  const double cosine = 0.5 * (1.0 + std::cos(M_PI * progress));
  return config.learning_rate * (config.final_ratio + (1.0 - config.final_ratio) * cosine);
}

Status RunStage(Stage* stage, const LoopOptions& options, RunLog* log) {
  return Loop(stage, options, log).Run();
}

}  // namespace m2tts
