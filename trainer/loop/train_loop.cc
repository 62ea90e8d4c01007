#include "trainer/loop/train_loop.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/file.h"
#include "core/device/guard.h"
#include "core/device/runtime.h"
#include "trainer/loop/checkpoint_writer.h"
#include "trainer/loop/config_change.h"
#include "trainer/loop/piece_plan.h"
#include "trainer/loop/piece_timer.h"

namespace m2tts {
namespace {

constexpr int kMaxParts = 64;
constexpr double kRollbackRate = 0.5;
constexpr int64_t kStayParts = 10;  // of the steps, for each time that a stage stays

bool IsFinite(const Metrics& metrics) {
  if (!std::isfinite(metrics.front().second)) return false;
  for (const auto& [name, value] : metrics) {
    if (name == "gradient_norm") return std::isfinite(value);
  }
  return true;
}

class Loop {
 public:
  Loop(Stage* stage, const LoopOptions& options, RunLog* log)
      : stage_(stage),
        config_(stage->config()),
        options_(options),
        log_(log),
        writer_({options.folder, config_.keep_checkpoints, options.stop,
                 [this](const std::string& text) { log_->Message(fmt::format("{}: {}", name(), text)); },
                 options.clock}),
        plan_(options.max_piece_seconds, kMaxParts) {
    if (options.gate == nullptr || options.max_piece_seconds <= 0) return;
    timer_.emplace(options.gate, options.clock);
    stage_->set_gate(&*timer_);
  }
  ~Loop() {
    if (timer_) stage_->set_gate(options_.gate);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Status Run() {
    if (IsFirst(options_.group)) {
      M2TTS_RETURN_IF_ERROR(Resume());
      current_.parts = std::max(current_.parts, options_.min_parts);
    }
    M2TTS_RETURN_IF_ERROR(Share());
    plan_.Restore(current_.piece_plan);
    bad_steps_ = current_.bad_steps;
    started_ = options_.clock.now();
    last_step_ = std::max(config_.steps, current_.step);  // one that stayed before goes on from there
    bool stays = true;
    while (stays) {
      M2TTS_RETURN_IF_ERROR(TrainToLastStep());
      M2TTS_ASSIGN_OR_RETURN(stays, Stay());
    }
    return OkStatus();
  }

 private:
  Status TrainToLastStep() {
    while (current_.step < last_step_) {
      M2TTS_RETURN_IF_ERROR(StopIfAsked());
      M2TTS_RETURN_IF_ERROR(Protect());
      M2TTS_RETURN_IF_ERROR(AwaitTurn());
      M2TTS_RETURN_IF_ERROR(Step());
      if (bad_steps_ == kMaxBadSteps) {
        M2TTS_RETURN_IF_ERROR(RollBack());
        continue;
      }
      const bool last = current_.step == last_step_;
      bool best = false;
      if (last || current_.step % config_.validate_every == 0) {
        const Status validated = Validate(last, &best);
        // What was learned since the newest checkpoint must not go with it.
        if (!validated.ok()) SaveIfNew().IgnoreError();
        M2TTS_RETURN_IF_ERROR(validated);
      }
      const bool due = best || IsMilestone() || current_.step % config_.checkpoint_every == 0;
      // While losses are not finite, the newest checkpoint stays one from before that, to return to.
      if (last || (due && bad_steps_ == 0)) M2TTS_RETURN_IF_ERROR(Save(best, /*behind=*/!last));
      const int64_t shown = config_.samples_every;
      if (shown > 0 && (last || current_.step % shown == 0)) Show();
    }
    return OkStatus();
  }

  // Whether there is a reason to go on beyond the last step, to a new one.
  StatusOr<bool> Stay() {
    if (!options_.stay) return false;
    std::string reason = IsFirst(options_.group) ? options_.stay() : "";
    if (options_.group != nullptr) M2TTS_RETURN_IF_ERROR(options_.group->Broadcast(&reason));
    if (reason.empty()) return false;
    last_step_ = current_.step + std::max<int64_t>(1, config_.steps / kStayParts);
    log_->Event("stayed", name(), current_.step, {{"until", static_cast<double>(last_step_)}}, reason);
    log_->Message(fmt::format("{}: goes on as it is until step {}: {}", name(), last_step_, reason));
    return true;
  }

  std::string name() const { return stage_->name(); }
  bool IsMilestone() const {
    return config_.milestone_every > 0 && current_.step > 0 && current_.step % config_.milestone_every == 0;
  }
  bool StopRequested() const { return options_.stop != nullptr && options_.stop->load(); }
  double SecondsSince(LoopClock::Time time) const {
    return LoopClock::Seconds(options_.clock.now() - time).count();
  }

  Status Resume() {
    M2TTS_ASSIGN_OR_RETURN(const bool found, Load());
    // The first checkpoint tells at once whether the folder can be written.
    if (!found) return Save(false, false);
    M2TTS_RETURN_IF_ERROR(CheckUnchanged(current_.config, options_.config_text, name()));
    saved_step_ = current_.step;
    log_->Message(fmt::format("{}: going on from step {}", name(), current_.step));
    return OkStatus();
  }

  // The newest good checkpoint, if any, becomes the state of the stage.
  StatusOr<bool> Load() {
    M2TTS_ASSIGN_OR_RETURN(auto found, writer_.Resume());
    if (!found.has_value()) return false;
    current_ = *std::move(found);
    M2TTS_RETURN_IF_ERROR(Annotate(stage_->LoadState(current_.state), options_.folder.string()));
    current_.state.clear();
    return true;
  }

  // All processes go on from what the first one has.
  Status Share() {
    if (options_.group == nullptr) return OkStatus();
    std::string bytes;
    if (IsFirst(options_.group)) {
      current_.config = options_.config_text;
      M2TTS_ASSIGN_OR_RETURN(current_.state, stage_->State());
      M2TTS_ASSIGN_OR_RETURN(bytes, SerializeCheckpoint(current_));
      current_.state.clear();
    }
    M2TTS_RETURN_IF_ERROR(options_.group->Broadcast(&bytes));
    if (IsFirst(options_.group)) return OkStatus();
    const auto received = options_.folder / "received.safetensors";
    M2TTS_RETURN_IF_ERROR(WriteFileAtomic(received, bytes));
    M2TTS_ASSIGN_OR_RETURN(current_, ReadCheckpoint(received));
    M2TTS_RETURN_IF_ERROR(CheckUnchanged(current_.config, options_.config_text, name()));
    M2TTS_RETURN_IF_ERROR(Annotate(stage_->LoadState(current_.state), received.string()));
    current_.state.clear();
    std::error_code ignored;
    std::filesystem::remove(received, ignored);
    return OkStatus();
  }

  // The step in hand is lost; what was learned before it is not.
  Status EndWithout(const Status& gone) {
    const bool asked = StopRequested() || BudgetSpent();
    const bool whole = stage_->Untouched(current_.step);
    if (IsFirst(options_.group) && !whole) {
      log_->Message(fmt::format("{}: {}; step {} was half done, the newest checkpoint is older", name(),
                                std::string(gone.message()), current_.step));
      return gone;
    }
    if (asked) return StopIfAsked();
    return Stop(StatusCode::kUnavailable, std::string(gone.message()) + ": stopped");
  }

  Status StopIfAsked() {
    const std::string spent = options_.budget == nullptr ? "" : options_.budget->Spent();
    if (StopRequested()) return Stop(StatusCode::kCancelled, "stopped");
    if (!spent.empty()) return Stop(StatusCode::kAborted, spent + " are spent: stopped");
    return OkStatus();
  }

  Status Stop(StatusCode code, const std::string& why) {
    M2TTS_RETURN_IF_ERROR(SaveIfNew());
    log_->Event("stopped", name(), current_.step, {}, why);
    return Errorf(code, "{} after step {} of {} of '{}'; run the same command to go on", why, current_.step,
                  last_step_, name());
  }

  Status Protect() {
    if (options_.protection == nullptr) return OkStatus();
    const auto action = options_.protection->Look();
    if (action == Protection::Action::kGoOn) return OkStatus();
    if (action == Protection::Action::kStop) {
      return Stop(StatusCode::kUnavailable, options_.protection->reason() + ": stopped");
    }
    M2TTS_RETURN_IF_ERROR(SaveIfNew());
    const auto since = options_.clock.now();
    log_->Event("paused", name(), current_.step, {}, options_.protection->reason());
    log_->Message(fmt::format("{}: paused, {}", name(), options_.protection->reason()));
    ClearDeviceCaches();
    while (options_.protection->Look() == Protection::Action::kPause && !StopRequested() && !BudgetSpent()) {
      options_.clock.sleep(options_.protection->interval());
    }
    const double seconds = SecondsSince(since);
    paused_seconds_ += seconds;
    log_->Event("resumed", name(), current_.step, {{"seconds", seconds}});
    log_->Message(fmt::format("{}: going on after {}", name(), FormatDuration(seconds)));
    M2TTS_RETURN_IF_ERROR(StopIfAsked());
    return Protect();  // in case it became critical meanwhile
  }

  Status AwaitTurn() {
    if (options_.gate == nullptr) return OkStatus();
    const auto since = options_.clock.now();
    M2TTS_RETURN_IF_ERROR(options_.gate->BeforeStep([this] { return SaveIfNew(); }));
    paused_seconds_ += SecondsSince(since);
    return StopIfAsked();
  }

  bool BudgetSpent() const { return options_.budget != nullptr && !options_.budget->Spent().empty(); }

  // A step that ran out of memory is repeated in smaller pieces.
  StatusOr<Metrics> Attempt(double rate) {
    while (true) {
      if (timer_) timer_->StartStep();
      const int parts = std::max(current_.parts, plan_.parts());
      auto metrics = stage_->Step(current_.step, rate, parts);
      if (metrics.ok() && timer_) KeepToLimit(parts, timer_->EndStep());
      if (!IsOutOfMemory(metrics.status())) return metrics;
      const std::string reason(metrics.status().message());
      if (parts >= kMaxParts) {
        return Errorf(StatusCode::kResourceExhausted,
                      "{} even in {} pieces; lower data.max_seconds, {}.frames_per_batch or the sizes of the "
                      "model, and train "
                      "into another folder (--run)",
                      reason, parts, name());
      }
      ClearDeviceCaches();
      current_.parts = 2 * parts;
      log_->Event("out_of_memory", name(), current_.step, {{"parts", static_cast<double>(current_.parts)}},
                  reason);
      log_->Message(
          fmt::format("{}: {}; trying step {} in {} pieces", name(), reason, current_.step, current_.parts));
    }
  }

  // Nothing preempts a piece on a GPU: they follow the time that requests may wait.
  void KeepToLimit(int parts, double longest_seconds) {
    const bool changed = plan_.Observe(parts, longest_seconds);
    current_.piece_plan = plan_.ToText();
    if (!changed) return;
    log_->Event("pieces", name(), current_.step,
                {{"parts", static_cast<double>(plan_.parts())}, {"longest_seconds", longest_seconds}});
  }

  Status Step() {
    const double rate = current_.rate_scale * LearningRate(config_, current_.step);
    auto attempt = Attempt(rate);
    if (options_.group != nullptr && absl::IsUnavailable(attempt.status()))
      return EndWithout(attempt.status());
    M2TTS_ASSIGN_OR_RETURN(Metrics metrics, std::move(attempt));
    ++current_.step;
    ++steps_done_;
    if (options_.budget != nullptr) options_.budget->CountStep();
    const bool finite = IsFinite(metrics);
    bad_steps_ = finite ? 0 : bad_steps_ + 1;
    if (!finite) log_->Event("skipped", name(), current_.step, metrics);
    const double seconds =
        std::max(1e-9, SecondsSince(started_) - paused_seconds_ - writer_.waited_seconds());
    const double per_step = seconds / static_cast<double>(steps_done_);
    const double speed = static_cast<double>(stage_->frames_seen()) / seconds;
    log_->Progress(name(), current_.step, last_step_, metrics, speed, per_step,
                   options_.protection == nullptr ? "" : options_.protection->Machine());
    if (current_.step % config_.log_every == 0) {
      metrics.emplace_back("learning_rate", rate);
      metrics.emplace_back("frames_per_second", speed);
      log_->Event("step", name(), current_.step, metrics);
    }
    return OkStatus();
  }

  Status RollBack() {
    if (++rollbacks_ > kMaxRollbacks) {
      return Internal(
          "{}: the loss was not a number for {} steps, and again after {} returns to a checkpoint "
          "with lower learning rates; lower {}.learning_rate and train into another folder (--run), which "
          "may start "
          "from this one (init_from)",
          name(), kMaxBadSteps, kMaxRollbacks, name());
    }
    const int64_t from = current_.step;
    const int parts = current_.parts;
    const double scale = current_.rate_scale * kRollbackRate;
    if (IsFirst(options_.group)) {
      writer_.DropAside();
      M2TTS_ASSIGN_OR_RETURN(const bool found, Load());
      if (!found) return DataLoss("{}: no checkpoint left to return to", options_.folder.string());
    }
    M2TTS_RETURN_IF_ERROR(Share());
    current_.parts = parts;
    current_.rate_scale = scale;
    bad_steps_ = 0;
    saved_step_ = current_.step;
    log_->Event("rollback", name(), current_.step,
                {{"from", static_cast<double>(from)}, {"rate_scale", scale}}, "no finite loss");
    log_->Message(
        fmt::format("{}: no finite loss for {} steps; back to step {} with {:g} of the learning rate", name(),
                    kMaxBadSteps, current_.step, scale));
    return OkStatus();
  }

  // Memory that is not enough for it ends no run: the next validation may find more.
  Status Validate(bool last, bool* best) {
    if (!IsFirst(options_.group)) return OkStatus();
    auto validated = stage_->Validate();
    if (IsOutOfMemory(validated.status())) {
      ClearDeviceCaches();
      validated = stage_->Validate();
    }
    if (IsOutOfMemory(validated.status())) {
      const std::string reason(validated.status().message());
      log_->Event("no_validation", name(), current_.step, {}, reason);
      log_->Message(fmt::format("{} step {}: not validated: {}", name(), current_.step, reason));
      return OkStatus();
    }
    M2TTS_ASSIGN_OR_RETURN(const Metrics metrics, std::move(validated));
    log_->Event("validation", name(), current_.step, metrics);
    std::string text = fmt::format("{} step {}: validation", name(), current_.step);
    for (const auto& [name, value] : metrics) text += fmt::format("  {} {:.4f}", name, value);
    const double value = metrics.front().second;
    // Of steps without a finite loss only the last is saved.
    *best =
        std::isfinite(value) && (bad_steps_ == 0 || last) && (!current_.has_best || value < current_.best);
    if (*best) {
      current_.best = value;
      current_.has_best = true;
    }
    log_->Message(text + (*best ? "  (best)" : ""));
    return OkStatus();
  }

  // A picture that cannot be made ends no run.
  void Show() {
    if (!IsFirst(options_.group)) return;
    const auto samples = stage_->MakeSamples();
    if (samples.ok()) {
      log_->Show(name(), current_.step, *samples);
    } else {
      log_->Message(fmt::format("{}: no samples: {}", name(), std::string(samples.status().message())));
    }
  }

  Status SaveIfNew() {
    // One that found no room is not saved.
    Status before = writer_.Finish();
    if (before.ok() && saved_step_ == current_.step) return OkStatus();
    if (!before.ok() && before.code() != StatusCode::kResourceExhausted) return before;
    return bad_steps_ > 0 ? SaveAside() : Save(false, false);
  }

  // For a run that stops here: it goes on exactly so, and does not return to this.
  Status SaveAside() {
    if (IsFirst(options_.group)) {
      current_.bad_steps = bad_steps_;
      M2TTS_ASSIGN_OR_RETURN(current_.state, stage_->State());
      current_.config = options_.config_text;
      const Status saved = writer_.WriteAside(current_);
      current_.state.clear();
      M2TTS_RETURN_IF_ERROR(saved);
    }
    saved_step_ = current_.step;
    return OkStatus();
  }

  // behind: steps go on while it is written.
  Status Save(bool is_best, bool behind) {
    if (IsFirst(options_.group)) {
      current_.bad_steps = 0;
      M2TTS_ASSIGN_OR_RETURN(current_.state, stage_->State());
      current_.config = options_.config_text;
      const Status saved = behind ? writer_.WriteBehind(current_, is_best, IsMilestone())
                                  : writer_.Write(current_, is_best, IsMilestone());
      current_.state.clear();
      M2TTS_RETURN_IF_ERROR(saved);
    }
    saved_step_ = current_.step;
    rollbacks_ = 0;
    return OkStatus();
  }

  Stage* const stage_;
  const StageConfig& config_;
  const LoopOptions& options_;
  RunLog* const log_;
  CheckpointWriter writer_;
  PiecePlan plan_;                   // without a limit it stays what it was in the checkpoint
  std::optional<PieceTimer> timer_;  // with a limit
  Checkpoint current_;
  int bad_steps_ = 0;      // in a row, without a finite loss
  int rollbacks_ = 0;      // since the newest checkpoint
  int64_t last_step_ = 0;  // config_.steps, or more where the stage stays
  int64_t saved_step_ = -1;
  int64_t steps_done_ = 0;
  double paused_seconds_ = 0.0;
  LoopClock::Time started_;
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
