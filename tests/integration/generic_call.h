// Any method of the daemon, whatever its kind, with bytes for its only message.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>

namespace m2tts {

// Sends `bytes`, reads whatever comes, and returns how the call ended, within 30 s.
inline grpc::Status CallWith(grpc::GenericStub* stub, grpc::ClientContext* context, const std::string& method,
                             const std::string& bytes) {
  grpc::CompletionQueue queue;
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  const auto call = stub->PrepareCall(context, method, &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(nullptr);
  queue.Next(&tag, &ok);
  const grpc::Slice slice(bytes);
  call->WriteLast(grpc::ByteBuffer(&slice, 1), {}, nullptr);
  queue.Next(&tag, &ok);
  grpc::ByteBuffer answer;
  do {
    call->Read(&answer, nullptr);
    queue.Next(&tag, &ok);
  } while (ok);
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  return status;
}

}  // namespace m2tts
