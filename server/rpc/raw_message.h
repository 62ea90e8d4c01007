// Messages of methods that the generated code hands over unparsed ("raw").
//
// gRPC's callback API answers a request that does not parse, for example one with invalid
// UTF-8 in a string field, with UNIMPLEMENTED and no message. All methods of ours are
// therefore registered raw, and parsed here into an error that helps.
#pragma once

#if __has_include(<grpcpp/impl/proto_utils.h>)
#include <grpcpp/impl/proto_utils.h>
#else  // before gRPC 1.53
#include <grpcpp/impl/codegen/proto_utils.h>
#endif
#include <grpcpp/support/byte_buffer.h>

#include "core/base/status.h"

namespace m2tts {

template <typename Message>
StatusOr<Message> ParseMessage(const grpc::ByteBuffer& bytes) {
  grpc::ByteBuffer copy = bytes;  // shares the slices; parsing consumes them
  Message message;
  if (!grpc::SerializationTraits<Message>::Deserialize(&copy, &message).ok()) {
    return InvalidArgument("the request is not a valid {}: its strings must be UTF-8 and its bytes complete",
                           Message::descriptor()->full_name());
  }
  return message;
}

// What `bytes` held goes.
template <typename Message>
Status SerializeMessage(const Message& message, grpc::ByteBuffer* bytes) {
  bytes->Clear();  // gRPC aborts when it is to fill a buffer that is not empty
  bool own_buffer = false;
  if (!grpc::SerializationTraits<Message>::Serialize(message, bytes, &own_buffer).ok()) {
    return Internal("cannot serialize a {}", Message::descriptor()->full_name());
  }
  return OkStatus();
}

}  // namespace m2tts
