// SPDX-License-Identifier: Apache-2.0
// State of cards on disk: one SQLite file for any number of cards. Why SQLite, and how it is set up: docs/decisions/005-sqlite.md.
#pragma once

#include <memory>
#include <string>

#include "core/result.hpp"
#include "emulator/nvm/image.hpp"
#include "emulator/nvm/store.hpp"

namespace uicclab::emulator {

/// A state file, held open and locked against other processes until this object goes. It must outlive the stores it hands out; the stores
/// may be used from several threads.
class SqliteState {
 public:
  /// Opens a state file; makes one, readable by its owner only, if there is none or an empty file. A file that is refused is not changed.
  /// `vfs` is the name of a file system registered with SQLite, null for the system's.
  /// Errors, with the file's name and the reason in words: kRefused it is in use by another process; kMalformed not a state file, or
  /// damaged; kUnsupported written by a newer version; kIo it cannot be opened, created or written.
  static Result<std::unique_ptr<SqliteState>> open(const std::string& path, const char* vfs = nullptr);
  ~SqliteState();

  /// The store of one partition of a card; whatever the file holds of it was written over the same image.
  /// Errors: kMismatch the state belongs to another image; kMalformed it is damaged; kRefused this store is handed out already.
  Result<std::unique_ptr<NvmStore>> store(std::uint32_t card, std::shared_ptr<const CardImage> image, std::uint32_t partition = 0);

 private:
  class File;
  class Store;
  explicit SqliteState(std::unique_ptr<File> file);

  std::unique_ptr<File> m_file;
};

}  // namespace uicclab::emulator
