#include "core/text/web_text.h"

#include <algorithm>
#include <array>

#include "core/text/char_class.h"

namespace m2tts {
namespace {

template <size_t N>
bool IsIn(std::string_view word, const std::array<std::string_view, N>& list) {
  return std::any_of(list.begin(), list.end(), [&](std::string_view w) { return EqualsIgnoreCase(word, w); });
}

// Endings that make a host name of anything before them.
constexpr std::array<std::string_view, 19> kDomains = {"com",  "org", "net",  "edu",  "gov",   "mil", "int",
                                                       "info", "biz", "io",   "dev",  "app",   "xyz", "uk",
                                                       "tv",   "gg",  "club", "shop", "online"};
// Endings that are also short words or initials: only after a longer lower-case name, or with
// a path or a second full stop.
constexpr std::array<std::string_view, 25> kCountries = {"co", "de", "fr", "es", "nl", "jp", "cn", "ru", "br",
                                                         "au", "ca", "us", "eu", "me", "ai", "ly", "ch", "se",
                                                         "fi", "dk", "pl", "ie", "nz", "it", "be"};
constexpr std::array<std::string_view, 60> kFileEndings = {
    "txt",  "pdf", "doc", "docx", "xls",  "xlsx", "ppt", "pptx", "csv",  "tsv", "jpg",  "jpeg",
    "png",  "gif", "svg", "bmp",  "tiff", "mp3",  "mp4", "wav",  "flac", "ogg", "avi",  "mov",
    "mkv",  "zip", "tar", "gz",   "bz2",  "xz",   "7z",  "html", "htm",  "css", "js",   "ts",
    "json", "xml", "yml", "yaml", "py",   "cc",   "cpp", "java", "rs",   "sh",  "bat",  "exe",
    "dll",  "so",  "md",  "ini",  "cfg",  "conf", "log", "sql",  "php",  "rb",  "epub", "iso"};

bool IsNameChar(char c) {
  return IsAlnumChar(c) || c == '_';
}

bool LooksLikeEmail(std::string_view s) {
  const size_t at = s.find('@');
  return at != std::string_view::npos && at > 0 && IsAlnumChar(s[0]) &&
         s.find('@', at + 1) == std::string_view::npos && s.find('.', at) != std::string_view::npos;
}

bool LooksLikeHost(std::string_view s) {
  const std::string_view host = s.substr(0, s.find_first_of("/?#:"));
  const bool path = host.size() < s.size() && s[host.size()] == '/';
  const size_t dot = host.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == host.size()) return false;
  const bool chars =
      std::all_of(host.begin(), host.end(), [](char c) { return IsAlnumChar(c) || c == '.' || c == '-'; });
  if (!chars || !IsAlnumChar(host[0])) return false;
  const std::string_view ending = host.substr(dot + 1);
  // "end.Com" is two sentences without a blank.
  if (IsUpperChar(ending[0]) && !AllUpper(ending)) return false;
  if (IsIn(ending, kDomains)) return dot >= 2 || path;
  const bool lower = std::none_of(host.begin(), host.end(), IsUpperChar);
  const bool second_dot = host.find('.') != dot && dot >= 4;
  if (!IsIn(ending, kCountries)) return second_dot && path && AllAlpha(ending);
  return path || (lower && second_dot) ||
         (lower && dot >= 5 && ending != "me" && ending != "it" && ending != "be");
}

bool LooksLikeFile(std::string_view s) {
  const size_t slash = s.find_last_of("/\\");
  const std::string_view name = slash == std::string_view::npos ? s : s.substr(slash + 1);
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size()) return false;
  if (!IsIn(name.substr(dot + 1), kFileEndings)) return false;
  if (dot < 2 && name[0] != 'a' && slash == std::string_view::npos) return false;  // "I.so"
  return std::all_of(s.begin(), s.end(), [](char c) {
    return IsNameChar(c) || c == '.' || c == '-' || c == '/' || c == '\\' || c == '~' || c == '+';
  });
}

bool LooksLikePath(std::string_view s) {
  if (s.size() >= 4 && IsAlphaChar(s[0]) && s[1] == ':' && s[2] == '\\') return true;
  std::string_view rest = s;
  for (const std::string_view start : {"~/", "../", "./", "/"}) {
    if (rest.substr(0, start.size()) != start) continue;
    rest.remove_prefix(start.size());
    return !rest.empty() && (IsAlphaChar(rest[0]) || rest[0] == '.') &&
           std::all_of(rest.begin(), rest.end(),
                       [](char c) { return IsNameChar(c) || c == '.' || c == '-' || c == '/' || c == '+'; });
  }
  return false;
}

// "@name", "#tag": the sign and the name; a tag begins with a letter, or it is a number.
size_t SignedNameLength(std::string_view s) {
  if (s.size() < 2 || (s[0] != '@' && s[0] != '#')) return 0;
  if (!(s[0] == '#' ? IsAlphaChar(s[1]) : IsNameChar(s[1]))) return 0;
  if (s[0] == '@' && IsDigitChar(s[1])) return 0;
  size_t end = 1;
  while (end < s.size() && (IsNameChar(s[end]) ||
                            (s[0] == '@' && s[end] == '.' && end + 1 < s.size() && IsNameChar(s[end + 1])))) {
    ++end;
  }
  return end;
}

// ".net", ".pdf": an ending on its own.
size_t EndingLength(std::string_view s) {
  if (s.size() < 3 || s[0] != '.' || !IsAlphaChar(s[1])) return 0;
  size_t end = 1;
  while (end < s.size() && IsAlnumChar(s[end])) ++end;
  const std::string_view name = s.substr(1, end - 1);
  const bool known = IsIn(name, kDomains) || IsIn(name, kFileEndings) || AllUpper(name);
  return known ? end : 0;
}

}  // namespace

size_t WebLength(std::string_view chunk) {
  if (chunk.size() < 2) return 0;
  if (const size_t length = SignedNameLength(chunk)) return length;
  if (const size_t length = EndingLength(chunk)) return length;
  // A possessive "'s" comes along and is no part of the address.
  const size_t length = chunk.size();
  if (chunk.size() > 6 && chunk.substr(chunk.size() - 2) == "'s") chunk.remove_suffix(2);
  if (chunk.size() < 4) return 0;
  if (chunk.find('.') == std::string_view::npos && chunk.find('/') == std::string_view::npos &&
      chunk.find('\\') == std::string_view::npos) {
    return 0;
  }
  if (const size_t scheme = chunk.find("://"); scheme != std::string_view::npos) {
    return scheme > 0 && AllAlpha(chunk.substr(0, scheme)) ? chunk.size() : 0;
  }
  const bool web = EqualsIgnoreCase(chunk.substr(0, 4), "www.") || LooksLikeEmail(chunk) ||
                   LooksLikeHost(chunk) || LooksLikeFile(chunk) || LooksLikePath(chunk);
  return web ? length : 0;
}

}  // namespace m2tts
