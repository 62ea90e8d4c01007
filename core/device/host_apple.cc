#include <malloc/malloc.h>
#include <sys/sysctl.h>

#include <cstddef>

#include "core/device/host.h"

namespace m2tts {
namespace {

// 0 when this machine does not know the name.
int SysctlInt(const char* name) {
  int value = 0;
  size_t size = sizeof(value);
  return sysctlbyname(name, &value, &size, nullptr, 0) == 0 ? value : 0;
}

}  // namespace

int PhysicalCores() {
  const int performance = SysctlInt("hw.perflevel0.physicalcpu");  // Apple silicon
  if (performance > 0) return performance;
  const int all = SysctlInt("hw.physicalcpu");
  return all > 0 ? all : 1;
}

std::string ProcessorName() {
  char name[256] = {};
  size_t size = sizeof(name) - 1;
  return sysctlbyname("machdep.cpu.brand_string", name, &size, nullptr, 0) == 0 ? name : "unknown processor";
}

void KeepHeap() {}  // the system's allocator decides

void TrimHeap() {
  malloc_zone_pressure_relief(nullptr, 0);
}

}  // namespace m2tts
