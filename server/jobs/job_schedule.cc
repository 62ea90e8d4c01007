#include "server/jobs/job_schedule.h"

#include <fstream>
#include <system_error>

namespace m2tts {
namespace {

// "HH:MM"; -1 for anything else. 24:00 is the end of the day.
int ParseMinute(const std::string& text) {
  if (text.size() != 5 || text[2] != ':') return -1;
  for (const size_t i : {0, 1, 3, 4}) {
    if (text[i] < '0' || text[i] > '9') return -1;
  }
  const int hour = std::stoi(text.substr(0, 2)), minute = std::stoi(text.substr(3));
  if (minute > 59 || hour > 24 || (hour == 24 && minute > 0)) return -1;
  return 60 * hour + minute;
}

#ifndef __APPLE__
std::string FirstWord(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}
#endif

}  // namespace

StatusOr<DayHours> ParseDayHours(const std::string& text) {
  const size_t dash = text.find('-');
  DayHours hours;
  hours.begin = dash == std::string::npos ? -1 : ParseMinute(text.substr(0, dash));
  hours.end = dash == std::string::npos ? -1 : ParseMinute(text.substr(dash + 1));
  if (hours.begin < 0 || hours.end < 0 || hours.begin == hours.end) {
    return InvalidArgument("'{}' is not a span of the day such as 22:00-06:00", text.substr(0, 32));
  }
  return hours;
}

#ifdef __APPLE__
std::optional<bool> OnMainsPower(const std::filesystem::path&) {
  return std::nullopt;
}
#else
std::optional<bool> OnMainsPower(const std::filesystem::path& root) {
  std::optional<bool> mains;
  std::error_code error;
  std::filesystem::directory_iterator supply(root / "sys/class/power_supply", error), end;
  for (; !error && supply != end; supply.increment(error)) {
    const std::filesystem::path& folder = supply->path();
    const std::string type = FirstWord(folder / "type"), online = FirstWord(folder / "online");
    const bool feeds = type == "Mains" || type == "USB";
    if (feeds && (online == "1" || online == "2")) return true;  // fixed, or programmable voltage
    // A USB port into which nothing feeds says nothing: desktops have them too. A mouse's battery neither.
    const bool own_battery = type == "Battery" && FirstWord(folder / "scope") != "Device";
    if (type == "Mains" && online == "0") mains = false;
    if (own_battery && FirstWord(folder / "status") == "Discharging") mains = false;
  }
  return mains;
}
#endif

std::string WhyNotNow(const v1::JobSchedule& schedule, const std::tm& now, std::optional<bool> mains_power) {
  if (schedule.on_mains_power() && mains_power == false) return "waits for mains power";
  if (schedule.hours().empty()) return "";
  const auto hours = ParseDayHours(schedule.hours());
  if (!hours.ok() || hours->Contains(60 * now.tm_hour + now.tm_min)) return "";
  return "waits for " + schedule.hours();
}

}  // namespace m2tts
