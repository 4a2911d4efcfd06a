// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.hpp"

namespace uicclab::emulator::sqlite {
namespace {

[[noreturn]] void fail_with(sqlite3* handle, int code) {
  throw Failure(code & 0xFF, handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
}

}  // namespace

Database::Database(const std::string& name, int flags, const char* vfs) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, vfs);
  m_handle.reset(handle);  // SQLite wants a handle closed that failed to open
  if (code != SQLITE_OK) fail_with(handle, code);
}

void Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail_with(handle(), code);
}

std::int64_t Database::number(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.number(0) : 0;
}

std::string Database::text(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.text(0) : std::string();
}

Bytes Database::header() const {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr) fail_with(nullptr, SQLITE_CANTOPEN);
  sqlite3_int64 size = 0;
  int code = file->pMethods->xFileSize(file, &size);
  Bytes bytes(static_cast<std::size_t>(std::min<sqlite3_int64>(size, kHeaderSize)));
  if (code == SQLITE_OK && !bytes.empty()) code = file->pMethods->xRead(file, bytes.data(), static_cast<int>(bytes.size()), 0);
  if (code != SQLITE_OK) fail_with(nullptr, code);
  return bytes;
}

void Database::configure(int option, bool on) {
  const int code = sqlite3_db_config(handle(), option, on ? 1 : 0, nullptr);
  if (code != SQLITE_OK) fail_with(handle(), code);
}

Statement::Statement(Database& database, const char* sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) fail_with(database.handle(), code);
  m_handle.reset(handle);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail_with(sqlite3_db_handle(m_handle.get()), code);
}

Statement& Statement::bind(int place, std::int64_t value) {
  check(sqlite3_bind_int64(m_handle.get(), place, value));
  return *this;
}

Statement& Statement::bind(int place, BytesView value) {
  // A null pointer would bind NULL, which here means "erased".
  const void* data = value.empty() ? static_cast<const void*>("") : value.data();
  check(sqlite3_bind_blob64(m_handle.get(), place, data, value.size(), SQLITE_STATIC));
  return *this;
}

Statement& Statement::bind(int place, std::string_view value) {
  const char* data = value.empty() ? "" : value.data();
  check(sqlite3_bind_text64(m_handle.get(), place, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_null(int place) {
  check(sqlite3_bind_null(m_handle.get(), place));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(m_handle.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    const Failure failure(code & 0xFF, sqlite3_errmsg(sqlite3_db_handle(m_handle.get())));
    reset();
    throw failure;
  }
  reset();
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

BytesView Statement::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(m_handle.get(), column));
  return {data, data == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(m_handle.get(), column))};
}

}  // namespace uicclab::emulator::sqlite
