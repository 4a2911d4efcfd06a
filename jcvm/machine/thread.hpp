// SPDX-License-Identifier: Apache-2.0
// A thread with its own frames and cells, so that it can stop between any two instructions and continue later.
#pragma once

#include <optional>
#include <vector>

#include "jcvm/machine/cell.hpp"
#include "jcvm/machine/module.hpp"

namespace uicclab::jcvm::machine {

struct Frame {
  const Method* method = nullptr;
  Context context;
  std::uint32_t pc = 0;      ///< next operation
  std::uint32_t locals = 0;  ///< first cell
  std::uint32_t base = 0;    ///< first cell of the operand stack, or of a native's scratch
  std::uint32_t top = 0;     ///< after the last one
  // Of natives
  std::uint8_t step = 0;
  bool catches = false;
  Value result;
  Ref caught = kNull;
};

enum class RunState : std::uint8_t {
  kReady,        ///< run() goes on
  kFinished,     ///< result() is what the method returned
  kThrew,        ///< exception() was not caught
  kWaiting,      ///< a native waits; run() calls it again
  kOutOfBudget,  ///< cut off; its handlers do not run, and it cannot go on
};

/// Belongs to one machine, which must live longer.
class Thread {
 public:
  explicit Thread(Machine& machine);
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  RunState state() const { return m_state; }
  Value result() const { return m_result; }
  Ref exception() const { return m_exception; }
  /// The applet whose CLEAR_ON_DESELECT memory is there: the selected one; none for an event.
  std::optional<Context> selected;

  const std::vector<Frame>& frames() const { return m_frames; }
  /// Byte codes that it executed.
  std::uint64_t executed() const { return m_executed; }
  /// How often it met what correct code never does: a cell of another kind, a stack that runs over, an object of another class.
  std::uint64_t bent() const { return m_bent; }

 private:
  friend class Interpreter;
  friend class Machine;
  friend class NativeCall;

  Machine& m_machine;
  RunState m_state = RunState::kFinished;
  Value m_result;
  Ref m_exception = kNull;
  // Between a native method and the interpreter
  Value m_value;
  Ref m_pending = kNull;
  std::uint64_t m_moved = 0;  ///< bytes, by natives; the budget pays for them
  std::vector<Cell> m_cells;
  std::vector<Frame> m_frames;
  std::uint64_t m_executed = 0;
  std::uint64_t m_bent = 0;
};

}  // namespace uicclab::jcvm::machine
