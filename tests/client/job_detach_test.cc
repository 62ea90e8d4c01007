// Ctrl-C while a job is followed: the job goes on, and the person is told how to come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <sstream>
#include <thread>

#include "client/cli.h"
#include "tests/client/fake_training.h"

namespace m2tts {
namespace {

TEST(JobDetachTest, CtrlCDetachesAndSaysHowToComeBack) {
  InterruptWatcher watcher;  // before gRPC's threads, which must not get the signal
  testing::FakeTraining job;
  job.Add()->mutable_transition()->set_to(v1::JOB_STATE_RUNNING);
  // After its only event the job goes on; now somebody presses Ctrl-C.
  std::atomic<bool> seen_by_server{false};
  job.before_event = [&](grpc::ServerContext* context, int, int64_t sequence) {
    if (sequence == 1) return grpc::Status::OK;
    kill(getpid(), SIGINT);
    while (!context->IsCancelled()) std::this_thread::yield();
    seen_by_server = true;
    return grpc::Status::CANCELLED;
  };
  std::istringstream in;
  std::ostringstream out, err;
  CliIo io{&in, &out, &err};
  io.interrupts = &watcher;
  EXPECT_EQ(RunCli({"--address", job.address(), "train", "watch", "night-run"}, io), kExitInterrupted);
  EXPECT_THAT(err.str(), ::testing::EndsWith("m2tts: detached; job night-run goes on. Come back with: "
                                             "m2tts train watch night-run\n"));
  EXPECT_EQ(job.begins().size(), 1u) << "a detached client comes back by itself";
  while (!seen_by_server) std::this_thread::yield();
}

}  // namespace
}  // namespace m2tts
