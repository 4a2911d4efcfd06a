// SPDX-License-Identifier: Apache-2.0
// Reader of the test vectors in tests/vectors: `key = value` lines, a blank line between sets, `#` comments. Values are hexadecimal
// (blanks allowed) or text, as the test asks for them. A key that repeats within a set is an error, and so is a file without sets.
#pragma once

#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/hex.hpp"

namespace uicclab::test {

/// One set of a vector file. Every access to a key that is not there throws, which fails the test that asked.
class VectorSet {
 public:
  explicit VectorSet(std::string place) : m_place(std::move(place)) {}

  bool has(const std::string& key) const { return m_values.contains(key); }
  const std::string& text(const std::string& key) const {
    const auto at = m_values.find(key);
    if (at == m_values.end()) throw std::runtime_error(m_place + ": no key '" + key + "'");
    return at->second;
  }
  Bytes bytes(const std::string& key) const {
    auto value = from_hex(text(key));
    if (!value) throw std::runtime_error(m_place + ": '" + key + "' is not hexadecimal");
    return *std::move(value);
  }
  /// A fixed number of bytes, for calls that take arrays.
  template <std::size_t N>
  std::array<std::uint8_t, N> array(const std::string& key) const {
    const Bytes value = bytes(key);
    if (value.size() != N) throw std::runtime_error(m_place + ": '" + key + "' has not " + std::to_string(N) + " bytes");
    std::array<std::uint8_t, N> out;
    std::ranges::copy(value, out.begin());
    return out;
  }
  /// A decimal number.
  unsigned long number(const std::string& key) const { return std::stoul(text(key)); }
  /// File and line of the first key, for messages.
  const std::string& place() const { return m_place; }

  void set(const std::string& key, std::string value) {
    if (!m_values.emplace(key, std::move(value)).second) throw std::runtime_error(m_place + ": '" + key + "' twice in one set");
  }

 private:
  std::string m_place;
  std::map<std::string, std::string> m_values;
};

/// All sets of a file of tests/vectors, in order: `load_vectors("milenage.txt")`.
inline std::vector<VectorSet> load_vectors(const std::string& name) {
  std::ifstream file(std::string(UICCLAB_VECTORS) + "/" + name);
  if (!file) throw std::runtime_error("cannot read tests/vectors/" + name + " (start the test from the top of the tree, or by ctest)");
  const auto trimmed = [](const std::string& s) {
    const auto begin = s.find_first_not_of(" \t\r");
    return begin == std::string::npos ? std::string() : s.substr(begin, s.find_last_not_of(" \t\r") - begin + 1);
  };
  std::vector<VectorSet> sets;
  bool open = false;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    line = trimmed(line);
    if (line.starts_with('#')) continue;
    if (line.empty()) {
      open = false;
      continue;
    }
    const std::string place = name + ":" + std::to_string(number);
    const auto equals = line.find('=');
    if (equals == std::string::npos) throw std::runtime_error(place + ": neither 'key = value' nor a comment");
    if (!open) sets.emplace_back(place);
    open = true;
    sets.back().set(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
  }
  if (sets.empty()) throw std::runtime_error(name + ": no vectors");
  return sets;
}

}  // namespace uicclab::test
