// SPDX-License-Identifier: Apache-2.0
// The few calls of SQLite that state on disk needs, behind types that cannot leak a handle. Errors are exceptions here; sqlite_store.hpp
// makes of them what its callers need.
#pragma once

#include <memory>
#include <string>

#include <sqlite3.h>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::emulator::sqlite {

/// SQLite refused or failed; `code` is its primary result code.
class Failure : public SystemError {
 public:
  Failure(int code_, const std::string& text) : SystemError(text), code(code_) {}
  int code;
};

class Database {
 public:
  /// `flags` as for sqlite3_open_v2; `vfs` may be null.
  Database(const std::string& name, int flags, const char* vfs);

  sqlite3* handle() const { return m_handle.get(); }
  void execute(const char* sql);
  /// The first column of the first row, 0 or empty if there is none.
  std::int64_t number(const char* sql);
  std::string text(const char* sql);
  void configure(int option, bool on);
  bool in_transaction() const { return sqlite3_get_autocommit(m_handle.get()) == 0; }
  /// Rows that the last INSERT, UPDATE or DELETE touched.
  std::int64_t changes() const { return sqlite3_changes64(m_handle.get()); }
  static constexpr std::size_t kHeaderSize = 100;
  /// The first kHeaderSize bytes of the file, fewer if it is shorter. Before the first statement SQLite has not touched the
  /// file.
  Bytes header() const;
  bool is_read_only() const { return sqlite3_db_readonly(m_handle.get(), "main") == 1; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  std::unique_ptr<sqlite3, Close> m_handle;
};

/// A prepared statement. What is bound must live until the statement has run.
class Statement {
 public:
  Statement(Database& database, const char* sql);

  Statement& bind(int place, std::int64_t value);
  Statement& bind(int place, BytesView value);  ///< a blob, also an empty one
  Statement& bind(int place, std::string_view value);
  Statement& bind_null(int place);

  /// True while there is a row; after the last one the statement is ready to be bound again.
  bool step();
  /// For a statement without rows.
  void run();
  void reset() { sqlite3_reset(m_handle.get()); }

  std::int64_t number(int column) const { return sqlite3_column_int64(m_handle.get(), column); }
  bool is_null(int column) const { return sqlite3_column_type(m_handle.get(), column) == SQLITE_NULL; }
  BytesView blob(int column) const;  ///< good until the next step()
  std::string text(int column) const { return std::string(reinterpret_cast<const char*>(blob(column).data()), blob(column).size()); }

 private:
  void check(int code) const;

  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> m_handle;
};

}  // namespace uicclab::emulator::sqlite
