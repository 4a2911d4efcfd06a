// SPDX-License-Identifier: Apache-2.0
// Which ints of Java are shorts on the card: JCVM 3.1 clause 2.2.2 ("limited support of type int"). A value is a short wherever its 16
// lower bits give the same result as Java's 32; where they may not, it is an int of the card, or refused if the package has none.
#pragma once

#include "jcvm/tools/converter/flow.hpp"
#include "jcvm/tools/converter/report.hpp"

namespace uicclab::jcvm::converter {

class Narrowing {
 public:
  /// Decides for all of a method. What must be an int while `allow_int` is false goes to the report.
  Narrowing(const ClassFile& file, const ClassFile::Method& method, const Flow& flow, bool allow_int, Report& report);

  /// The value has two cells on the card.
  bool is_int(const StackValue& value) const { return value.is_int() && m_int_groups[m_flow.groups.find(value.group)]; }
  bool local_is_int(std::size_t local) const { return local < m_int_locals.size() && m_int_locals[local]; }
  unsigned cells(const StackValue& value) const { return is_int(value) ? 2 : 1; }
  /// The instruction computes with ints; its operands are ints then.
  bool computes_int(const FlowNode& node) const;

 private:
  void visit(const FlowNode& node);
  void arithmetic(const FlowNode& node);
  void compare(const FlowNode& node);
  void want_int(const FlowNode& node, const StackValue& value, const std::string& why);
  void want_short(const FlowNode& node, const StackValue& value, const std::string& what, bool is_top);
  void want_local_int(const FlowNode& node, std::size_t local);
  void refuse(const FlowNode& node, const std::string& text);
  void argument(const FlowNode& node, const std::string& type, const StackValue& value, bool is_top);

  const ClassFile& m_file;
  const ClassFile::Method& m_method;
  const Flow& m_flow;
  bool m_allow_int;
  Report& m_report;
  std::vector<bool> m_int_groups;
  std::vector<bool> m_int_locals;
  bool m_changed = false;
};

}  // namespace uicclab::jcvm::converter
