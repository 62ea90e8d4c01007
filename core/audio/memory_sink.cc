#include "core/audio/memory_sink.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

namespace m2tts {
namespace {

sf_count_t SinkLength(void* user) {
  return static_cast<MemorySink*>(user)->size();
}
sf_count_t SinkSeek(sf_count_t offset, int whence, void* user) {
  auto* sink = static_cast<MemorySink*>(user);
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? sink->position : sink->size();
  if (base + offset < 0 || base + offset > sink->size()) return -1;
  return sink->position = base + offset;
}
sf_count_t SinkRead(void*, sf_count_t, void*) {
  return 0;
}  // an encoder never reads
sf_count_t SinkWrite(const void* data, sf_count_t count, void* user) {
  static_cast<MemorySink*>(user)->Write(static_cast<const char*>(data), count);
  return count;
}
sf_count_t SinkTell(void* user) {
  return static_cast<MemorySink*>(user)->position;
}

}  // namespace

void MemorySink::Write(const char* data, sf_count_t count) {
  const sf_count_t gone = std::clamp<sf_count_t>(taken - position, 0, count);
  const size_t offset = static_cast<size_t>(position + gone - taken);
  if (gone < count) {
    bytes.resize(std::max(bytes.size(), offset + static_cast<size_t>(count - gone)));
    std::memcpy(bytes.data() + offset, data + gone, static_cast<size_t>(count - gone));
  }
  position += count;
}

std::string MemorySink::Take() {
  taken += static_cast<sf_count_t>(bytes.size());
  return std::exchange(bytes, {});
}

SF_VIRTUAL_IO MemorySink::Io() {
  return {SinkLength, SinkSeek, SinkRead, SinkWrite, SinkTell};
}

}  // namespace m2tts
