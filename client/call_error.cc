#include "client/call_error.h"

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace m2tts {
namespace {

constexpr char kPayloadUrl[] = "type.googleapis.com/google.rpc.Status";

}  // namespace

Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return OkStatus();
  Status result(static_cast<StatusCode>(status.error_code()), status.error_message());
  if (!status.error_details().empty()) result.SetPayload(kPayloadUrl, absl::Cord(status.error_details()));
  return result;
}

CallErrorDetails DetailsOf(const Status& status) {
  CallErrorDetails details;
  const auto payload = status.GetPayload(kPayloadUrl);
  google::rpc::Status rpc_status;
  if (!payload.has_value() || !rpc_status.ParseFromString(std::string(*payload))) return details;
  for (const auto& any : rpc_status.details()) {
    google::rpc::BadRequest bad_request;
    google::rpc::RetryInfo retry;
    google::rpc::RequestInfo info;
    if (any.UnpackTo(&bad_request)) {
      for (const auto& violation : bad_request.field_violations()) {
        details.field_violations.push_back({violation.field(), violation.description()});
      }
    } else if (any.UnpackTo(&retry)) {
      details.retry_delay_s =
          static_cast<double>(retry.retry_delay().seconds()) + 1e-9 * retry.retry_delay().nanos();
    } else if (any.UnpackTo(&info)) {
      details.request_id = info.request_id();
    }
  }
  return details;
}

}  // namespace m2tts
