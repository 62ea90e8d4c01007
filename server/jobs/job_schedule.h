// When a job may run: hours of the day, mains power.
#pragma once

#include <ctime>
#include <filesystem>
#include <optional>
#include <string>

#include "core/base/status.h"
#include "m2tts/v1/training.pb.h"

namespace m2tts {

// Minutes of the day, [begin, end); begin > end passes midnight.
struct DayHours {
  int begin = 0;
  int end = 0;

  bool Contains(int minute) const {
    return begin <= end ? minute >= begin && minute < end : minute >= begin || minute < end;
  }
};

// "22:00-06:00". INVALID_ARGUMENT for anything else, and for an empty span.
StatusOr<DayHours> ParseDayHours(const std::string& text);

// Whether the machine runs on mains power; nullopt where the system does not tell. Linux: power
// supplies below `root`/sys/class/power_supply, where any that feeds decides, then a mains supply that
// does not, or a battery that is being emptied.
std::optional<bool> OnMainsPower(const std::filesystem::path& root = "/");

// Why the job may not run at local time `now`; empty: it may. What is not known has no say.
std::string WhyNotNow(const v1::JobSchedule& schedule, const std::tm& now, std::optional<bool> mains_power);

}  // namespace m2tts
