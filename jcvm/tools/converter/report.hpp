// SPDX-License-Identifier: Apache-2.0
// The errors of a conversion, each with the place in the source.
#pragma once

#include "jcvm/tools/converter/class_file.hpp"

namespace uicclab::jcvm::converter {

class Report {
 public:
  static constexpr std::size_t kMost = 100;

  void refuse(const std::string& text) {
    if (m_refusals.size() < kMost && (m_refusals.empty() || m_refusals.back() != text)) m_refusals.push_back(text);
  }
  /// "Wallet.java:42: text"; without the line if it is 0.
  void refuse(const ClassFile& file, unsigned line, const std::string& text) {
    const std::string source = file.source_file.empty() ? file.name + ".class" : file.source_file;
    refuse(source + (line == 0 ? ": " : ":" + std::to_string(line) + ": ") + text);
  }
  bool empty() const { return m_refusals.empty(); }
  std::size_t size() const { return m_refusals.size(); }
  const std::vector<std::string>& refusals() const { return m_refusals; }

 private:
  std::vector<std::string> m_refusals;
};

}  // namespace uicclab::jcvm::converter
