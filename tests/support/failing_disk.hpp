// SPDX-License-Identifier: Apache-2.0
// A disk in memory, as a file system for SQLite, whose power can be cut at any write, and which then forgets what it may forget: whatever
// was not synced is there as a whole, in part (by sectors of 512 bytes) or not at all. After "How SQLite Is Tested", clause 3.3.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "core/bytes.hpp"
#include "core/environment.hpp"

namespace uicclab::test {

class FailingDisk {
 public:
  FailingDisk() : m_name("failing-disk-" + std::to_string(reinterpret_cast<std::uintptr_t>(this))) {
    m_vfs.iVersion = 1;
    m_vfs.szOsFile = sizeof(Handle);
    m_vfs.mxPathname = 1024;
    m_vfs.zName = m_name.c_str();
    m_vfs.pAppData = this;
    m_vfs.xOpen = open;
    m_vfs.xDelete = remove;
    m_vfs.xAccess = access;
    m_vfs.xFullPathname = full_name;
    m_vfs.xRandomness = [](sqlite3_vfs*, int size, char* out) { return std::memset(out, 0x5A, static_cast<std::size_t>(size)), size; };
    m_vfs.xSleep = [](sqlite3_vfs*, int) { return 0; };
    m_vfs.xCurrentTime = [](sqlite3_vfs*, double* now) { return *now = 2460000.5, SQLITE_OK; };
    m_vfs.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
    sqlite3_vfs_register(&m_vfs, 0);
  }
  ~FailingDisk() { sqlite3_vfs_unregister(&m_vfs); }
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  const char* vfs() const { return m_name.c_str(); }

  /// The n-th operation from now that changes or syncs a file fails in the middle, and everything after it as a whole; 1 is the next.
  void cut_at(unsigned n) {
    m_operations = 0;
    m_cut_at = n;
  }
  bool is_dead() const { return m_dead; }
  unsigned operations() const { return m_operations; }

  /// Power is back. `seed` decides which unsynced sectors arrived.
  void power_up(std::uint64_t seed) {
    SeededRandom random(seed);
    for (auto it = m_files.begin(); it != m_files.end();) {
      File& file = *it->second;
      for (const Write& write : file.unsynced) arrive(file, write, random);
      file.unsynced.clear();
      const bool gone = !file.named && random.next() % 2 == 0;
      file.now = file.durable;
      file.named = true;
      it = gone ? m_files.erase(it) : std::next(it);
    }
    restart();
  }
  /// The process is gone, not the machine: all that was written is there.
  void restart() {
    m_dead = false;
    m_cut_at = 0;
    m_operations = 0;
  }

  /// The file whose name ends so; null if there is none.
  Bytes* contents(std::string_view name) {
    for (auto& [path, file] : m_files) {
      if (path.ends_with(name)) return &file->now;
    }
    return nullptr;
  }
  /// Another disk with the same files, all of them synced.
  void copy_to(FailingDisk& other) const {
    other.m_files.clear();
    for (const auto& [path, file] : m_files) other.m_files.emplace(path, std::make_unique<File>(File{file->now, file->now, {}, true}));
  }

 private:
  struct Write {
    std::size_t offset;
    Bytes data;
    bool truncate = false;  ///< to `offset`
  };
  struct File {
    Bytes now;      ///< as the process sees it
    Bytes durable;  ///< as the disk has it
    std::vector<Write> unsynced;
    bool named = false;  ///< its directory entry is on the disk
  };
  struct Handle {
    sqlite3_file base;
    FailingDisk* disk;
    File* file;
    int lock;
  };

  static constexpr std::size_t kSector = 512;

  static void put(Bytes& bytes, std::size_t offset, BytesView data) {
    if (bytes.size() < offset + data.size()) bytes.resize(offset + data.size());
    std::ranges::copy(data, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  }

  static void arrive(File& file, const Write& write, SeededRandom& random) {
    if (write.truncate) {
      if (random.next() % 2 == 0) file.durable.resize(write.offset);
      return;
    }
    for (std::size_t at = 0; at < write.data.size();) {
      const std::size_t size = std::min(kSector - (write.offset + at) % kSector, write.data.size() - at);
      if (random.next() % 2 == 0) put(file.durable, write.offset + at, BytesView(write.data).subspan(at, size));
      at += size;
    }
  }

  /// False: the power is gone. The operation that is cut is still done, as something not synced.
  bool alive() {
    if (m_dead) return false;
    ++m_operations;
    if (m_operations == m_cut_at) m_dead = true;
    return true;
  }

  static Handle& of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
  static FailingDisk& of(sqlite3_vfs* vfs) { return *static_cast<FailingDisk*>(vfs->pAppData); }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    FailingDisk& disk = of(vfs);
    Handle& handle = of(file);
    handle.base.pMethods = nullptr;
    if (disk.m_dead) return SQLITE_CANTOPEN;
    const std::string path = name != nullptr ? name : "temporary " + std::to_string(disk.m_files.size());
    auto it = disk.m_files.find(path);
    if (it == disk.m_files.end()) {
      if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      it = disk.m_files.emplace(path, std::make_unique<File>()).first;
    }
    handle.disk = &disk;
    handle.file = it->second.get();
    handle.base.pMethods = methods();
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int /*sync_directory*/) {
    FailingDisk& disk = of(vfs);
    if (!disk.alive() || disk.m_dead) return SQLITE_IOERR_DELETE;
    const auto it = disk.m_files.find(name);
    if (it == disk.m_files.end()) return SQLITE_IOERR_DELETE_NOENT;
    disk.m_deleted.push_back(std::move(it->second));
    disk.m_files.erase(it);
    return SQLITE_OK;
  }

  static int access(sqlite3_vfs* vfs, const char* name, int /*flags*/, int* result) {
    if (of(vfs).m_dead) return SQLITE_IOERR_ACCESS;
    *result = of(vfs).m_files.contains(name) ? 1 : 0;
    return SQLITE_OK;
  }

  static int full_name(sqlite3_vfs* /*vfs*/, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
    if (of(file).disk->m_dead) return SQLITE_IOERR_READ;
    const Bytes& bytes = of(file).file->now;
    const auto wanted = static_cast<std::size_t>(size);
    const std::size_t begin = std::min(bytes.size(), static_cast<std::size_t>(offset));
    const std::size_t got = std::min(wanted, bytes.size() - begin);
    std::memset(out, 0, wanted);
    if (got != 0) std::memcpy(out, bytes.data() + begin, got);
    return got == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    Handle& handle = of(file);
    if (!handle.disk->alive()) return SQLITE_IOERR_WRITE;
    const BytesView bytes{static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
    put(handle.file->now, static_cast<std::size_t>(offset), bytes);
    handle.file->unsynced.push_back({static_cast<std::size_t>(offset), to_bytes(bytes)});
    return handle.disk->m_dead ? SQLITE_IOERR_WRITE : SQLITE_OK;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    Handle& handle = of(file);
    if (!handle.disk->alive()) return SQLITE_IOERR_TRUNCATE;
    handle.file->now.resize(static_cast<std::size_t>(size));
    handle.file->unsynced.push_back({static_cast<std::size_t>(size), {}, true});
    return handle.disk->m_dead ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
  }

  static int sync(sqlite3_file* file, int /*flags*/) {
    Handle& handle = of(file);
    if (!handle.disk->alive() || handle.disk->m_dead) return SQLITE_IOERR_FSYNC;
    handle.file->durable = handle.file->now;
    handle.file->unsynced.clear();
    handle.file->named = true;
    return SQLITE_OK;
  }

  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(of(file).file->now.size());
    return of(file).disk->m_dead ? SQLITE_IOERR_FSTAT : SQLITE_OK;
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods kMethods = [] {
      sqlite3_io_methods m{};
      m.iVersion = 1;
      m.xClose = [](sqlite3_file*) { return SQLITE_OK; };
      m.xRead = read;
      m.xWrite = write;
      m.xTruncate = truncate;
      m.xSync = sync;
      m.xFileSize = file_size;
      m.xLock = [](sqlite3_file*, int) { return SQLITE_OK; };
      m.xUnlock = [](sqlite3_file*, int) { return SQLITE_OK; };
      m.xCheckReservedLock = [](sqlite3_file*, int* held) { return *held = 0, SQLITE_OK; };
      m.xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; };
      m.xSectorSize = [](sqlite3_file*) { return static_cast<int>(kSector); };
      // As SQLite's own file system says of every disk: a cut write harms no byte beside those written.
      m.xDeviceCharacteristics = [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; };
      return m;
    }();
    return &kMethods;
  }

  std::string m_name;
  sqlite3_vfs m_vfs{};
  std::map<std::string, std::unique_ptr<File>> m_files;
  std::vector<std::unique_ptr<File>> m_deleted;  // may still be open
  unsigned m_operations = 0;
  unsigned m_cut_at = 0;
  bool m_dead = false;
};

}  // namespace uicclab::test
