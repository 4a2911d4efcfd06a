// SPDX-License-Identifier: Apache-2.0
// The content of Java's stack and locals before each instruction: types, and the ranges of ints. The values that meet at a place where
// ways join form a group; on the card all of a group have the same size.
#pragma once

#include "jcvm/tools/converter/class_file.hpp"
#include "jcvm/tools/converter/java_code.hpp"

namespace uicclab::jcvm::converter {

struct StackValue {
  enum class Kind : std::uint8_t { kNone, kInt, kReference };
  Kind kind = Kind::kNone;
  ValueRange range;  ///< of kInt
  std::uint32_t group = 0;

  bool is_int() const { return kind == Kind::kInt; }
  bool operator==(const StackValue&) const = default;
};

/// One instruction that control can come to.
struct FlowNode {
  JavaInstruction java;
  bool joins = false;              ///< control comes from elsewhere than the instruction before
  std::vector<StackValue> before;  ///< the whole stack, the top last
  std::vector<StackValue> after;
  std::size_t popped = 0;  ///< of `before`
  std::size_t pushed = 0;  ///< of `after`
  ValueRange local;        ///< kLoad, kIncrement of an int: what the local is
  MemberName member;       ///< of what names a field or method
  Signature signature;     ///< of what names a method
  std::string class_name;  ///< of what names a class

  /// The popped value that is `from_top` below the top.
  const StackValue& in(std::size_t from_top) const { return before[before.size() - 1 - from_top]; }
  const StackValue& out() const { return after.back(); }
};

class Groups {
 public:
  explicit Groups(std::size_t count = 0);
  std::uint32_t find(std::uint32_t group) const;
  void join(std::uint32_t a, std::uint32_t b);
  std::size_t size() const { return m_parent.size(); }

 private:
  mutable std::vector<std::uint32_t> m_parent;
};

struct Flow {
  std::vector<FlowNode> nodes;  ///< by pc; without what is never reached
  Groups groups;
};

/// Errors: kMalformed, kUnsupported, kRange (too much for this analysis); the offset is the pc.
Result<Flow> analyse(const ClassFile& file, const ClassFile::Method& method);

}  // namespace uicclab::jcvm::converter
