// SPDX-License-Identifier: Apache-2.0
// Shared by all cards of a process: API packages with their native methods, and linked load files.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "jcvm/machine/module.hpp"
#include "jcvm/packages/package.hpp"

namespace uicclab::jcvm::machine {

class Library {
 public:
  /// Numbers of API packages on every card begin here: their place in a list that only grows.
  static constexpr std::uint16_t kFirstNumber = 0x8000;

  /// Which API packages a load file may import.
  enum class Accept {
    kImplemented,  ///< those whose tables say that they are implemented, in that version
    kEvery,        ///< all that have a table; methods that are not implemented throw. For tests
  };

  enum class Translation {
    kFused,   ///< operations that often follow each other are one (fuse.cpp)
    kSingle,  ///< an operation for each byte code. For tests: both do the same
  };

  /// The API packages of jcvm/packages. Throws SystemError if their tables contradict each other.
  explicit Library(const NativeTable& natives, Accept accept = Accept::kImplemented, Translation translation = Translation::kFused);

  /// What this library has of an API package; nullopt: it may not be imported.
  std::optional<packages::Version> available(const packages::Package& table) const;

  /// An API package; null if unknown.
  std::shared_ptr<const Module> api(const Aid& aid) const;
  std::shared_ptr<const Module> api_with_number(std::uint16_t number) const;
  /// Throws SystemError if there is no such class.
  const Class& api_class(ApiClass name) const {
    const Module* module = name.place < m_api.size() ? m_api[name.place].get() : nullptr;
    const Class* found = module != nullptr && name.token < module->exports.size() ? module->exports[name.token].klass : nullptr;
    if (found == nullptr) no_class(name);
    return *found;
  }

  /// Links a load file: JCVM 3.1 chapter 6. Imports are API packages that this program implements in that version, or a package of
  /// `on_card`. Checked: the structure (verifier/structure.hpp), that every import is there, that each token names what there is. The same
  /// file with the same imports is linked once. Errors: kNotFound (an import, by name or AID, with the version asked for and that there
  /// is), kMalformed, kRange, kUnsupported.
  Result<std::shared_ptr<const Module>> link(const cap::CapFile& file, std::span<const std::shared_ptr<const Module>> on_card) const;

 private:
  [[noreturn]] static void no_class(ApiClass name);

  Accept m_accept;
  Translation m_translation;

  struct Key {
    Bytes file;
    std::vector<const Module*> imports;
    auto operator<=>(const Key&) const = default;
  };
  std::vector<std::shared_ptr<const Module>> m_api;  // by number; null: the list names it, there is no table
  mutable std::mutex m_mutex;
  mutable std::map<Key, std::weak_ptr<const Module>> m_linked;
  mutable std::deque<std::shared_ptr<const Module>> m_kept;  ///< shared: those that were linked last, whoever has them
};

}  // namespace uicclab::jcvm::machine
