// SPDX-License-Identifier: Apache-2.0
// Memory that runs out: a chosen allocation of this thread throws std::bad_alloc. Replaces the program's operator new, so that one file of
// a program may include it.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace uicclab::test {

class FailingMemory {
 public:
  /// The k-th allocation from now fails, 1 being the next; with `for_good` all that follow as well, until this is gone.
  explicit FailingMemory(std::size_t k, bool for_good = false) {
    s_left = k;
    s_for_good = for_good;
    s_failed = false;
  }
  ~FailingMemory() { s_left = 0; }
  FailingMemory(const FailingMemory&) = delete;
  FailingMemory& operator=(const FailingMemory&) = delete;

  bool failed() const { return s_failed; }

  static bool is_out() noexcept {
    if (s_left == 0 || --s_left != 0) return false;
    s_failed = true;
    if (s_for_good) s_left = 1;
    return true;
  }

 private:
  inline static thread_local std::size_t s_left = 0;
  inline static thread_local bool s_for_good = false;
  inline static thread_local bool s_failed = false;
};

}  // namespace uicclab::test

// Over-aligned types stay with the library's own: the card has none.
void* operator new(std::size_t size) {
  void* const memory = uicclab::test::FailingMemory::is_out() ? nullptr : std::malloc(size != 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
// std::stable_sort asks for its buffer in this form; it goes on without one.
void* operator new(std::size_t size, const std::nothrow_t& /*unused*/) noexcept {
  return uicclab::test::FailingMemory::is_out() ? nullptr : std::malloc(size != 0 ? size : 1);
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
