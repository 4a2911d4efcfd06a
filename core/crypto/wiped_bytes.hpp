// SPDX-License-Identifier: Apache-2.0
// Bytes on the heap that are overwritten before their memory is freed: for data that may contain a secret but is too long for SecretBytes.
#pragma once

#include <vector>

#include "core/crypto/secret.hpp"

namespace uicclab::crypto {

/// Allocator that wipes what it gives back.
template <typename T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <typename U>
  WipingAllocator(const WipingAllocator<U>&) {}  // NOLINT(google-explicit-constructor): an allocator converts to its rebound self

  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, std::size_t count) {
    wipe({reinterpret_cast<std::uint8_t*>(memory), count * sizeof(T)});
    std::allocator<T>().deallocate(memory, count);
  }
  template <typename U>
  bool operator==(const WipingAllocator<U>&) const {
    return true;
  }
};

/// A byte string that leaves nothing behind; it can be copied and read like Bytes, so who prints it has to know what it holds.
using WipedBytes = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;

/// Owned copy of a view.
inline WipedBytes to_wiped(BytesView view) {
  return {view.begin(), view.end()};
}

}  // namespace uicclab::crypto
