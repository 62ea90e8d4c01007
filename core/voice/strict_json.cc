#include "core/voice/strict_json.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace m2tts {
namespace {

using Json = nlohmann::json;

// Sees the events of the parser; returning false stops it.
class Checker : public nlohmann::json_sax<Json> {
 public:
  explicit Checker(int max_depth) : max_depth_(max_depth) {}

  const Status& status() const { return status_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return Enter(); }
  bool end_object() override { return Leave(); }
  bool start_array(size_t) override { return Enter(); }
  bool end_array() override { return Leave(); }

  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    status_ = InvalidArgument("key '{}' is given twice", name.substr(0, 64));
    return false;
  }

  bool parse_error(size_t byte, const std::string&, const nlohmann::detail::exception& error) override {
    status_ = InvalidArgument("byte {}: {}", byte, error.what());
    return false;
  }

 private:
  bool Enter() {
    keys_.emplace_back();
    if (static_cast<int>(keys_.size()) <= max_depth_) return true;
    status_ = InvalidArgument("nested deeper than {} levels", max_depth_);
    return false;
  }
  bool Leave() {
    keys_.pop_back();
    return true;
  }

  const int max_depth_;
  std::vector<std::set<std::string>> keys_;  // of each open object; unused for arrays
  Status status_;
};

}  // namespace

Status CheckStrictJson(std::string_view text, int max_depth) {
  if (text.empty()) return InvalidArgument("byte 0: empty");
  Checker checker(max_depth);
  if (Json::sax_parse(text.data(), text.data() + text.size(), &checker)) return OkStatus();
  return checker.status();
}

}  // namespace m2tts
