#include <sched.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <set>
#include <string>
#include <thread>

#include "core/base/file.h"
#include "core/device/host.h"

namespace m2tts {

int PhysicalCores() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof(mask), &mask) != 0) {  // more CPUs than the mask can hold
    return std::max(1u, std::thread::hardware_concurrency());
  }
  // The CPUs of one core all name the same list of siblings.
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &mask)) continue;
    const auto siblings =
        ReadFile(fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu), 4096);
    cores.insert(siblings.ok() ? *siblings : fmt::format("cpu{}", cpu));
  }
  return std::max<int>(1, static_cast<int>(cores.size()));
}

std::string ProcessorName() {
  const auto info = ReadFile("/proc/cpuinfo");
  if (info.ok()) {
    for (const std::string key : {"model name", "Model", "Hardware"}) {  // the last two: ARM boards
      const size_t line = ("\n" + *info).find("\n" + key + "\t");
      if (line == std::string::npos) continue;
      const size_t begin = info->find(": ", line), end = info->find('\n', line);
      if (begin < end) return info->substr(begin + 2, end - begin - 2);
    }
  }
  return "unknown processor";
}

void KeepHeap() {
#ifdef __GLIBC__
  // The first is where glibc's own ends when a block of that size was freed once. The second is what each
  // thread may keep; TrimHeap does not reach it, so it is no more than a window of synthesis needs.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
#endif
}

void TrimHeap() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace m2tts
