// A real gRPC server on a free port, in this process, that plays m2tts.v1.Training with one job.
#pragma once

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/mutex.h"
#include "m2tts/v1/training.grpc.pb.h"

namespace m2tts::testing {

class FakeTraining : public v1::Training::Service {
 public:
  FakeTraining() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
  }
  ~FakeTraining() override { server_->Shutdown(); }

  const std::string& address() const { return address_; }

  // The next event of the job, numbered from 1. Before the first call.
  v1::JobEvent* Add() {
    events_.emplace_back();
    events_.back().set_sequence(static_cast<int64_t>(events_.size()));
    return &events_.back();
  }
  // What the stream number `stream`, from 1, does before it writes event `sequence`, or ends (last + 1): the
  // end with that error, or OK to go on. Set before the first call.
  std::function<grpc::Status(grpc::ServerContext* context, int stream, int64_t sequence)> before_event;

  // What each stream was asked to begin with.
  std::vector<int64_t> begins() {
    MutexLock lock(&mutex_);
    return begins_;
  }

  // The state of the last transition.
  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest* request, v1::Job* job) override {
    job->set_id(request->job_id());
    for (const v1::JobEvent& event : events_) {
      if (event.has_transition()) job->set_state(event.transition().to());
    }
    job->set_last_sequence(static_cast<int64_t>(events_.size()));
    return grpc::Status::OK;
  }
  grpc::Status WatchJob(grpc::ServerContext* context, const v1::WatchJobRequest* request,
                        grpc::ServerWriter<v1::JobEvent>* writer) override {
    int stream = 0;
    {
      MutexLock lock(&mutex_);
      begins_.push_back(request->from_sequence());
      stream = static_cast<int>(begins_.size());
    }
    const auto last = static_cast<int64_t>(events_.size());
    for (int64_t next = std::max<int64_t>(1, request->from_sequence()); next <= last + 1; ++next) {
      if (before_event) {
        if (const grpc::Status status = before_event(context, stream, next); !status.ok()) return status;
      }
      if (next <= last) writer->Write(events_[static_cast<size_t>(next - 1)]);
    }
    return grpc::Status::OK;
  }

 private:
  std::vector<v1::JobEvent> events_;
  std::string address_;
  Mutex mutex_;
  std::vector<int64_t> begins_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace m2tts::testing
