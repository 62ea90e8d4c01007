#include "server/rpc/status_to_grpc.h"

#include "absl/strings/cord.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/status.pb.h"
#include "server/base/error_text.h"

namespace m2tts {

grpc::Status ToGrpcStatus(const Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(ErrorText(std::string(status.message())));
  status.ForEachPayload([&wire](absl::string_view type_url, const absl::Cord& value) {
    auto* detail = wire.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(value));
  });
  const std::string details = wire.details_size() > 0 ? wire.SerializeAsString() : "";
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), wire.message(), details);
}

std::string StatusCodeName(grpc::StatusCode code) {
  const std::string& name = google::rpc::Code_Name(static_cast<google::rpc::Code>(code));
  return name.empty() ? "UNKNOWN" : name;
}

}  // namespace m2tts
