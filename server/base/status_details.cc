#include "server/base/status_details.h"

#include <cmath>

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "server/base/error_text.h"

namespace m2tts {
namespace {

constexpr char kTypePrefix[] = "type.googleapis.com/";

void Attach(Status* status, const google::protobuf::Message& detail) {
  status->SetPayload(kTypePrefix + detail.GetDescriptor()->full_name(),
                     absl::Cord(detail.SerializeAsString()));
}

google::rpc::BadRequest Violations(const Status& status) {
  google::rpc::BadRequest detail;
  const auto payload = status.GetPayload(kTypePrefix + detail.GetDescriptor()->full_name());
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) detail.Clear();
  return detail;
}

}  // namespace

Status FieldError(const std::string& field, const std::string& what) {
  const std::string text = ErrorText(what);
  Status status = InvalidArgument("{}: {}", field, text);
  google::rpc::BadRequest detail;
  auto* violation = detail.add_field_violations();
  violation->set_field(field);
  violation->set_description(text);
  Attach(&status, detail);
  return status;
}

bool FieldViolations::Add(const Status& status) {
  if (status.ok()) return true;
  if (Violations(status).field_violations_size() > 0) {
    violations_.push_back(status);
  } else if (other_.ok()) {
    other_ = status;
  }
  return false;
}

Status FieldViolations::status() const {
  if (!other_.ok() || violations_.empty()) return other_;
  std::string text;
  google::rpc::BadRequest detail;
  for (const Status& status : violations_) {
    text += (text.empty() ? "" : "; ") + std::string(status.message());
    detail.MergeFrom(Violations(status));
  }
  Status all = InvalidArgument("{}", text);
  Attach(&all, detail);
  return all;
}

Status WithRetryDelay(Status status, double seconds) {
  google::rpc::RetryInfo detail;
  const double whole = std::floor(seconds);
  detail.mutable_retry_delay()->set_seconds(static_cast<int64_t>(whole));
  detail.mutable_retry_delay()->set_nanos(static_cast<int32_t>((seconds - whole) * 1e9));
  Attach(&status, detail);
  return status;
}

std::optional<double> RetryDelayOf(const Status& status) {
  google::rpc::RetryInfo detail;
  const auto payload = status.GetPayload(kTypePrefix + detail.GetDescriptor()->full_name());
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return static_cast<double>(detail.retry_delay().seconds()) + 1e-9 * detail.retry_delay().nanos();
}

Status WithRequestId(Status status, const std::string& request_id) {
  if (status.ok()) return status;
  google::rpc::RequestInfo detail;
  detail.set_request_id(request_id);
  Attach(&status, detail);
  return status;
}

}  // namespace m2tts
