// Where a card's overlay is kept beyond the process: the interface, and the hook at which tests cut the power.
#pragma once

#include <span>
#include <vector>

#include "emulator/nvm/object.hpp"

namespace uicclab::emulator {

/// Persistence of one card's overlay. Memory-only cards have none.
class NvmStore {
 public:
  virtual ~NvmStore() = default;
  /// Everything that was committed so far, sorted by object number.
  virtual std::vector<Change> load() = 0;
  /// All of the changes or none of them, whatever happens to the process or the machine. Throws SystemError if the medium fails.
  virtual void commit(std::span<const Change> changes) = 0;
};

/// Thrown by a WriteObserver to cut the power; it ends the command, and what was not committed is gone.
struct PowerCut {};

/// Told of every elementary write, before it is made: one call a change, one before the commit takes effect (`commit` true), one after it
/// and before the response leaves. A test throws PowerCut from it.
class WriteObserver {
 public:
  virtual ~WriteObserver() = default;
  enum class Step { kBeforeChange, kBeforeCommit, kAfterCommit };
  virtual void on_write(Step step) = 0;
};

}  // namespace uicclab::emulator
