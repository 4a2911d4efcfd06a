// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/difference.hpp"

#include <ostream>

#include "core/hex.hpp"
#include "jcvm/tools/disassembler.hpp"

namespace uicclab::jcvm::tools {
namespace {

using Lines = std::vector<std::string>;

constexpr std::size_t kMostLines = 4000;  // of a method whose instructions are compared one by one

Lines lines_of(const CapWithStructure& cap, const verifier::MethodBody& method, const Names& names) {
  const cap::MethodHeader& header = method.header;
  Lines out;
  out.push_back("stack " + std::to_string(header.max_stack) + ", arguments " + std::to_string(header.nargs) + ", locals " +
                std::to_string(header.max_locals) + (header.is_abstract() ? ", abstract" : ""));
  for (const auto& instruction : method.instructions) {
    // Variables' names are of the Debug component: not what the code does.
    std::string text = text_of(instruction, method, names, Places::kComparable);
    if (instruction.touches_local() && !instruction.names_constant()) text = text.substr(0, text.find("  "));
    out.push_back(std::move(text));
  }
  for (const std::uint16_t index : method.handlers) {
    const cap::ExceptionHandler& handler = cap.file.methods.handlers[index];
    out.push_back("from " + std::to_string(handler.start - header.code) + ", " + std::to_string(handler.length) + " bytes -> " +
                  std::to_string(handler.handler - header.code) + "  " +
                  (handler.catch_type == 0 ? "any exception" : names.constant(handler.catch_type)));
  }
  return out;
}

/// By name, in order; the same name again gets a number.
std::map<std::string, Lines> methods_of(const CapWithStructure& cap) {
  const Names names(cap.file);
  std::map<std::string, Lines> out;
  for (const auto& method : cap.structure.methods) {
    const std::string name = names.method(method.offset);
    std::string unique = name;
    for (int i = 2; out.contains(unique); ++i) unique = name + " (" + std::to_string(i) + ")";
    out.emplace(unique, lines_of(cap, method, names));
  }
  return out;
}

/// The lines of the longest common subsequence stay, the others are marked.
void write_lines(std::ostream& out, const Lines& a, const Lines& b) {
  std::size_t begin = 0;
  while (begin < a.size() && begin < b.size() && a[begin] == b[begin]) ++begin;
  std::size_t end = 0;
  while (end < a.size() - begin && end < b.size() - begin && a[a.size() - 1 - end] == b[b.size() - 1 - end]) ++end;
  const std::size_t n = a.size() - begin - end;
  const std::size_t m = b.size() - begin - end;
  if (n > kMostLines || m > kMostLines) {
    out << "    " << n << " lines became " << m << "\n";
    return;
  }
  std::vector<std::vector<std::uint16_t>> common(n + 1, std::vector<std::uint16_t>(m + 1, 0));
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = m; k-- > 0;) {
      common[i][k] = a[begin + i] == b[begin + k] ? static_cast<std::uint16_t>(common[i + 1][k + 1] + 1)
                                                  : std::max(common[i + 1][k], common[i][k + 1]);
    }
  }
  for (std::size_t i = 0, k = 0; i < n || k < m;) {
    if (i < n && k < m && a[begin + i] == b[begin + k]) {
      out << "      " << a[begin + i] << "\n";
      ++i, ++k;
    } else if (k == m || (i < n && common[i + 1][k] >= common[i][k + 1])) {
      out << "    - " << a[begin + i++] << "\n";
    } else {
      out << "    + " << b[begin + k++] << "\n";
    }
  }
}

}  // namespace

bool write_difference(std::ostream& out, const CapWithStructure& a, const CapWithStructure& b) {
  bool differs = false;
  for (std::uint8_t tag = 1; tag != 0; ++tag) {
    const auto component = static_cast<cap::Component>(tag);
    const Bytes in_a = a.file.encode(component);
    const Bytes in_b = b.file.encode(component);
    if (in_a == in_b) continue;
    differs = true;
    const std::size_t place = static_cast<std::size_t>(std::ranges::mismatch(in_a, in_b).in1 - in_a.begin());
    out << cap::name_of(component) << (tag >= cap::kFirstCustomTag ? " " + std::to_string(tag) : "") << " component: ";
    if (in_a.empty() || in_b.empty()) {
      out << "only in the " << (in_a.empty() ? "second" : "first") << " file\n";
    } else {
      out << in_a.size() - 3 << " and " << in_b.size() - 3 << " bytes, different from byte " << (place < 3 ? 0 : place - 3) << " on\n";
    }
  }
  if (!differs) return false;
  const auto methods_a = methods_of(a);
  const auto methods_b = methods_of(b);
  for (const auto& [name, lines] : methods_a) {
    const auto other = methods_b.find(name);
    if (other == methods_b.end()) {
      out << "- method " << name << "\n";
    } else if (other->second != lines) {
      out << "! method " << name << "\n";
      write_lines(out, lines, other->second);
    }
  }
  for (const auto& [name, lines] : methods_b) {
    if (!methods_a.contains(name)) out << "+ method " << name << "\n";
  }
  return true;
}

}  // namespace uicclab::jcvm::tools
