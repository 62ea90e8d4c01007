#include "client/training/follow_job.h"

#include <unistd.h>

#include <chrono>
#include <thread>

#include "client/terminal.h"
#include "client/training/job_display.h"
#include "client/training/job_text.h"

namespace m2tts {
namespace {

constexpr int kMaxRetries = 120;  // while the daemon restarts

ExitCode ResultOf(v1::JobState state) {
  if (state == v1::JOB_STATE_SUCCEEDED) return kExitOk;
  return state == v1::JOB_STATE_CANCELLED ? kExitJobCancelled : kExitJobFailed;
}

// Also a daemon that is stopped in the middle of a call, which ends as if somebody had cancelled it.
bool IsAway(const Status& status) {
  return status.code() == StatusCode::kUnavailable || status.code() == StatusCode::kCancelled;
}

class Follower {
 public:
  Follower(const FollowOptions& options, const CliContext& context)
      : options_(options),
        context_(context),
        display_(context.io.err, context.io.err_is_terminal, [] { return TerminalColumns(STDERR_FILENO); }),
        next_(options.from_sequence) {}

  Status Take(const v1::JobEvent& event) {
    connected_ = true;
    next_ = event.sequence() + 1;
    if (event.has_transition()) state_ = event.transition().to();
    const bool wanted = !options_.only_log || event.event_case() == v1::JobEvent::kLogLine;
    if (options_.json_lines) {
      if (wanted)
        *context_.io.out << ToJson(event).dump(-1, ' ', false, Json::error_handler_t::replace) << "\n"
                         << std::flush;
    } else if (options_.only_log) {
      if (wanted) *context_.io.out << Harmless(event.log_line()) << "\n" << std::flush;
    } else {
      display_.Show(event);
    }
    // Nobody reads any more.
    if (!context_.io.out->good()) return Errorf(StatusCode::kAborted, "standard output: cannot write");
    enough_ = options_.until_now && event.sequence() >= last_;
    return enough_ ? Errorf(StatusCode::kCancelled, "that is all") : OkStatus();
  }

  JobDisplay& display() { return display_; }
  int64_t next() const { return next_; }
  bool connected() const { return connected_; }
  bool enough() const { return enough_; }
  v1::JobState state() const { return state_; }
  void set_last(int64_t last) { last_ = last; }

 private:
  const FollowOptions options_;
  const CliContext& context_;
  JobDisplay display_;
  int64_t next_;
  int64_t last_ = 0;
  bool connected_ = false;
  bool enough_ = false;  // until_now, and that was the last
  v1::JobState state_ = v1::JOB_STATE_UNSPECIFIED;
};

}  // namespace

ExitCode FollowJob(const std::string& id, const FollowOptions& options, TrainingClient* client,
                   const CliContext& context) {
  Follower follower(options, context);
  if (options.until_now) {
    const auto job = client->Get(id);
    if (!job.ok()) return context.FailCall(job.status());
    follower.set_last(job->last_sequence());
  }
  Status status;
  for (int retry = 0; retry <= kMaxRetries; ++retry) {
    const int64_t before = follower.next();
    status =
        client->Watch(id, follower.next(), [&](const v1::JobEvent& event) { return follower.Take(event); });
    if (follower.next() > before) retry = 0;
    if (follower.enough() || client->cancelled() || !IsAway(status) || !follower.connected()) break;
    if (retry == 0 && !options.json_lines && !options.only_log) {
      follower.display().Note("the daemon is away; waiting for it (Ctrl-C detaches)");
    }
    std::this_thread::sleep_for(options.retry_every);
  }
  follower.display().Finish();
  if (follower.enough()) return kExitOk;
  if (!context.io.out->good()) return context.Fail(kExitOutput, status);
  if (client->cancelled() && !status.ok()) {
    *context.io.err << fmt::format("m2tts: detached; job {} goes on. Come back with: m2tts train watch {}\n",
                                   id, id)
                    << std::flush;
    return kExitInterrupted;
  }
  if (!status.ok()) return context.FailCall(status);
  if (HasEnded(follower.state())) return ResultOf(follower.state());
  // Asked to begin after the last event.
  const auto job = client->Get(id);
  return job.ok() ? ResultOf(job->state()) : context.FailCall(job.status());
}

}  // namespace m2tts
