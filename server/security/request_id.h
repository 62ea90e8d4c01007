// The name of one call, by which client, log and error speak of the same thing.
#pragma once

#include <string>
#include <string_view>

namespace m2tts {

inline constexpr char kRequestIdKey[] = "x-request-id";  // of the metadata, both ways

// [A-Za-z0-9._-]{1,64}: safe in a log line.
bool IsValidRequestId(std::string_view id);

// 16 hexadecimal digits, unlike any other for practical purposes. Any thread.
std::string NewRequestId();

// `wanted` if it is valid, else a new one.
std::string RequestIdOrNew(std::string_view wanted);

}  // namespace m2tts
