// SPDX-License-Identifier: Apache-2.0
// The ways through one method: a state before each instruction, merged where ways meet, until nothing changes.
#pragma once

#include <deque>
#include <map>

#include "jcvm/verifier/members.hpp"

namespace uicclab::jcvm::verifier {

class MethodFlow {
 public:
  struct Outcome {
    std::optional<Error> error;
    bool unknown = false;  ///< it calls an unknown interface
  };

  MethodFlow(const cap::CapFile& file, const Types& types, const Members& members, const MethodBody& method, const MethodFacts& facts)
      : m_file(file), m_types(types), m_members(members), m_method(method), m_facts(facts) {}

  Outcome run();

 private:
  struct State {
    std::vector<Type> locals;
    std::vector<Type> stack;
    bool constructed = true;  ///< a constructor has called another one
    bool operator==(const State&) const = default;
  };
  /// Where subroutines that are open return to, and the offset of the instruction.
  using Place = std::pair<std::vector<std::uint32_t>, std::uint32_t>;

  void begin();
  void follow(const Place& place);
  void enter(std::vector<std::uint32_t> open, std::int64_t offset, const State& state);
  void enter_handlers(const Place& place, const State& state);
  bool merge(State& into, const State& from);

  // method_effects.cpp: what an instruction does to m_state. false: it is wrong, or unknown.
  bool execute(const code::Instruction& now);
  bool execute_special(const code::Instruction& now);
  bool execute_field(const code::Instruction& now);
  bool execute_call(const code::Instruction& now);
  bool call_special(const code::Instruction& now);
  bool call_constructor(const ClassHandle& owner, const Signature& signature);
  bool pop_arguments(const Signature& signature);
  bool load_element(const code::Instruction& now);
  bool store_element(const code::Instruction& now);
  bool shuffle(const code::Instruction& now);
  bool may_use(const ClassHandle& owner, std::uint8_t flags, const std::string& what);
  bool may_use_known(const packages::Member& member, const ClassHandle& owner, const ClassHandle& object);

  bool refuse(const std::string& text);
  bool push(const Type& type);
  bool push(const ValueType& type);
  bool pop(Type& type, const char* what);
  bool pop_letter(char letter);
  bool pop_value(const ValueType& type);
  bool pop_object(Type& object);
  bool splits(std::size_t place) const;
  bool push_letter(char letter);
  bool load(const code::Instruction& now);
  bool store(const code::Instruction& now);
  void set_local(std::size_t number, const Type& type);
  void replace(const Type& from, const Type& to);
  bool is_init() const { return m_facts.has(cap::kDescriptorInit); }

  const cap::CapFile& m_file;
  const Types& m_types;
  const Members& m_members;
  const MethodBody& m_method;
  const MethodFacts& m_facts;
  std::map<Place, State> m_states;
  std::deque<Place> m_open;
  State m_state;
  const code::Instruction* m_now = nullptr;
  Outcome m_outcome;
};

}  // namespace uicclab::jcvm::verifier
