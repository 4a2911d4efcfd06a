// SPDX-License-Identifier: Apache-2.0
#include "cli/common/private_database.hpp"

#include "cli/common/commands.hpp"
#include "cli/common/private_file.hpp"
#include "core/private_file.hpp"

namespace uicclab::cli {
namespace {

using emulator::sqlite::Database;

[[noreturn]] void refuse_other_file(const std::string& path, const DatabaseKind& kind) {
  throw Exit{kUsage, path + ": must be a database made by " + kind.made_by + ", but is another file"};
}

}  // namespace

Database open_private_database(const std::string& path, const DatabaseKind& kind) {
  const auto made = make_private_file(path);
  if (!made) throw Exit{kEnvironment, made.error().text};
  try {
    Database out(path, SQLITE_OPEN_READWRITE, nullptr);
    sqlite3_busy_timeout(out.handle(), 5000);
    const std::int64_t id = out.number("PRAGMA application_id");
    if (id == 0 && out.number("SELECT count(*) FROM sqlite_master") == 0) {
      out.execute(kind.create);
    } else if (id != kind.application_id) {
      refuse_other_file(path, kind);
    }
    out.execute("PRAGMA secure_delete = ON");
    if (!*made) tell_if_readable_by_others(path);
    return out;
  } catch (const emulator::sqlite::Failure& failure) {
    if (failure.code == SQLITE_NOTADB) refuse_other_file(path, kind);
    throw Exit{kEnvironment, path + ": " + failure.what()};
  }
}

}  // namespace uicclab::cli
