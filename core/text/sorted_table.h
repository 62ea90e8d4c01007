// Constant tables that are searched by bisection: what makes sure that they are sorted, and the search.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace m2tts {

namespace sorted_table_internal {

constexpr std::string_view KeyOf(std::string_view word) {
  return word;
}
template <typename Row>
constexpr std::string_view KeyOf(const Row& row) {
  return row.written;
}

}  // namespace sorted_table_internal

// For a static_assert beside the table: rows are words, or have a member `written`; no key twice.
template <typename Table>
constexpr bool IsSorted(const Table& table) {
  for (size_t i = 0; i + 1 < table.size(); ++i) {
    if (!(sorted_table_internal::KeyOf(table[i]) < sorted_table_internal::KeyOf(table[i + 1]))) return false;
  }
  return true;
}

// The row for `key`; nullptr when there is none.
template <typename Table>
const typename Table::value_type* FindSorted(const Table& table, std::string_view key) {
  const auto found = std::lower_bound(
      table.begin(), table.end(), key,
      [](const auto& row, std::string_view k) { return sorted_table_internal::KeyOf(row) < k; });
  return found != table.end() && sorted_table_internal::KeyOf(*found) == key ? &*found : nullptr;
}

}  // namespace m2tts
