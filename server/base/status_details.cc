#include "server/base/status_details.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "server/base/error_text.h"

namespace m2tts {
namespace {

constexpr char kTypePrefix[] = "type.googleapis.com/";
constexpr size_t kMaxViolations = 32;
constexpr size_t kMinShare = 16;  // bytes of a description: kMaxViolations of our fields fit with it
constexpr size_t kFraming = 8;    // bytes about a violation, on the wire and in a message

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
  const google::rpc::BadRequest detail = Violations(status);
  for (const auto& violation : detail.field_violations()) {
    if (violations_.size() > kMaxViolations) break;
    const bool last = violations_.size() == kMaxViolations;
    violations_.push_back({violation.field(), last ? "and more is wrong" : violation.description()});
  }
  if (detail.field_violations_size() == 0 && other_.ok()) other_ = status;
  return false;
}

size_t FieldViolations::Share(size_t total) const {
  size_t share = kMaxErrorBytes;
  const auto size = [&] {
    size_t bytes = 0;
    for (const auto& [field, description] : violations_) {
      bytes += field.size() + kFraming + std::min(description.size(), share);
    }
    return bytes;
  };
  while (share > kMinShare && size() > total) share /= 2;
  return share;
}

Status FieldViolations::status() const {
  if (!other_.ok() || violations_.empty()) return other_;
  std::string text;
  google::rpc::BadRequest detail;
  const size_t of_message = Share(kMaxErrorBytes), of_detail = Share(kMaxViolationBytes);
  for (const auto& [field, description] : violations_) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", field, ErrorText(description, of_message));
    auto* violation = detail.add_field_violations();
    violation->set_field(field);
    violation->set_description(ErrorText(description, of_detail));
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
