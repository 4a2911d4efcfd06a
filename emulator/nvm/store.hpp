// SPDX-License-Identifier: Apache-2.0
// Where a card's overlay is kept beyond the process: the interface, and the hook at which tests cut the power.
#pragma once

#include <span>
#include <vector>

#include "core/result.hpp"
#include "emulator/nvm/object.hpp"

namespace uicclab::emulator {

/// Thrown by a WriteObserver to cut the power; it ends the command, and what was neither committed nor sealed is gone.
struct PowerCut {};

/// Told of every point at which the power can go, in the order of time: before each change, before the changes become final (committed or
/// sealed), and after that, before the response leaves. A test throws PowerCut from it.
class WriteObserver {
 public:
  virtual ~WriteObserver() = default;
  enum class Step { kBeforeChange, kBeforeCommit, kAfterCommit };
  virtual void on_write(Step step) = 0;
};

/// The medium failed. The card has again what the medium holds, which may be the state before the command or the one after it.
class StoreFailure : public SystemError {
 public:
  using SystemError::SystemError;
};

/// Persistence of one card's overlay. Memory-only cards have none.
class NvmStore {
 public:
  virtual ~NvmStore() = default;
  /// Everything that was committed so far, sorted by object number. Throws SystemError if it cannot be read.
  virtual std::vector<Change> load() = 0;
  /// All of the changes, each object once, or none of them, whatever happens to the process or the machine. Throws SystemError if the
  /// medium fails; load() then says what became of them.
  virtual void commit(std::span<const Change> changes) = 0;
};

}  // namespace uicclab::emulator
