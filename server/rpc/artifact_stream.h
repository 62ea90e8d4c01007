// The reactor of one GetArtifact call: a file in pieces, as fast as the client reads.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <filesystem>
#include <memory>

#include "m2tts/v1/training.pb.h"
#include "server/rpc/call_tracker.h"

namespace m2tts {

// Deletes itself in OnDone. Calls of gRPC come one after the other.
class ArtifactStream : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  // Ends at once with the error of `file`, if it has one. An empty file is one empty piece.
  ArtifactStream(std::unique_ptr<CallScope> call, const StatusOr<std::filesystem::path>& file,
                 int64_t offset);
  ~ArtifactStream() override;

 private:
  void OnWriteDone(bool ok) override;
  void OnDone() override { delete this; }

  Status Open(const std::filesystem::path& file);
  void Next();
  void End(const Status& status);

  const std::unique_ptr<CallScope> call_;
  int fd_ = -1;
  int64_t offset_;
  bool sent_ = false;
  v1::ArtifactChunk chunk_;
  grpc::ByteBuffer bytes_;  // of the chunk, being written
};

}  // namespace m2tts
