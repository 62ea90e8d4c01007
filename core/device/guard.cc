#include "core/device/guard.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

#include "core/device/device.h"

namespace m2tts {
namespace {

// Says so in every such Status; IsOutOfMemory looks for it, and Annotate keeps it.
constexpr std::string_view kOutOfMemory = "out of memory";

std::string FirstLine(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

// Allocators of LibTorch that throw a plain error are known by their words.
bool SoundsLikeOutOfMemory(std::string_view message) {
  constexpr std::array<std::string_view, 5> kPhrases = {
      "out of memory",               // "CUDA out of memory", "MPS backend out of memory"
      "can't allocate memory",       // DefaultCPUAllocator
      "not enough memory",           // DefaultCPUAllocator on other systems
      "CUBLAS_STATUS_ALLOC_FAILED",  // cuBLAS workspace
      "Invalid buffer size",         // Metal: a buffer over the limit
  };
  return std::any_of(kPhrases.begin(), kPhrases.end(), [message](std::string_view phrase) {
    return message.find(phrase) != std::string_view::npos;
  });
}

Status OutOfMemory(const std::string& what, const std::string& detail) {
  return Errorf(StatusCode::kResourceExhausted, "{}: {}: {}", what, kOutOfMemory, detail);
}

}  // namespace

Status StatusFromCurrentException(const std::string& what) {
  try {
    throw;
  } catch (const c10::OutOfMemoryError& error) {
    return OutOfMemory(what, FirstLine(error.what_without_backtrace()));
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (SoundsLikeOutOfMemory(message)) return OutOfMemory(what, FirstLine(message));
    return Internal("{}: {}", what, FirstLine(message));
  } catch (const std::bad_alloc& error) {
    return OutOfMemory(what, error.what());
  } catch (const std::exception& error) {
    if (SoundsLikeOutOfMemory(error.what())) return OutOfMemory(what, FirstLine(error.what()));
    return Internal("{}: {}", what, FirstLine(error.what()));
  } catch (...) {
    return Internal("{}: unknown exception", what);
  }
}

bool IsOutOfMemory(const Status& status) {
  return status.code() == StatusCode::kResourceExhausted &&
         std::string(status.message()).find(kOutOfMemory) != std::string::npos;
}

}  // namespace m2tts
