// SPDX-License-Identifier: Apache-2.0
// SQLite files with keys in them: readable by their owner only, and of one kind each.
#pragma once

#include <string>

#include "store/sqlite.hpp"

namespace uicclab::cli {

struct DatabaseKind {
  std::int64_t application_id;  ///< bytes 68 to 71 of the file; `create` sets it
  const char* create;           ///< makes the tables, in one transaction
  const char* made_by;          ///< "'uicclab lwm2m account add'", for who names another file
};

/// Made if there is none or an empty file. What is deleted is overwritten. Throws Exit: another file, or one that cannot be had.
emulator::sqlite::Database open_private_database(const std::string& path, const DatabaseKind& kind);

}  // namespace uicclab::cli
