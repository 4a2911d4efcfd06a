// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_store.hpp"

#include <filesystem>
#include <mutex>
#include <set>
#include <system_error>

#include "core/crypto/hash.hpp"
#include "core/private_file.hpp"
#include "core/reader.hpp"
#include "store/sqlite.hpp"

namespace uicclab::emulator {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::int64_t kApplicationId = 0x55494343;  // "UICC", bytes 68 to 71 of the file
constexpr std::int64_t kVersion = 1;

// An id is below 2^63, as spaces are below 80: SQLite's order of signed numbers is the overlay's order. A value of NULL is an erasure.
// SQLite checks the structure of its file, not what the rows say. A counter must not come back changed or vanish in silence, so each object
// has a digest and each card the number of its objects.
constexpr const char* kCreate = R"(
  CREATE TABLE card(number INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL, profile TEXT NOT NULL, objects INTEGER NOT NULL);
  CREATE TABLE object(card INTEGER NOT NULL, id INTEGER NOT NULL, value BLOB, digest BLOB NOT NULL, PRIMARY KEY(card, id)) WITHOUT ROWID;
  PRAGMA application_id = 1430864707;
  PRAGMA user_version = 1;
)";
static_assert(kApplicationId == 1430864707 && kVersion == 1, "kCreate spells them out");

/// What the column `card` has: the number of the card, and above it that of its partition, so that files written before there were any are
/// those of partition 0.
struct Place {
  std::uint32_t card = 0;
  std::uint32_t partition = 0;

  std::int64_t key() const { return std::int64_t{partition} << 32 | card; }
  std::string name() const { return "card " + std::to_string(card) + (partition == 0 ? "" : ", partition " + std::to_string(partition)); }
  auto operator<=>(const Place&) const = default;
};

using Digest = std::array<std::uint8_t, 8>;

Digest digest_of(Place place, const ObjectId id, const std::optional<BytesView>& value) {
  ByteWriter writer;
  if (place.partition != 0) writer.u32(place.partition);
  const Bytes head = writer.u32(place.card).number(id.value, 8).u8(value ? 1 : 0).take();
  const auto whole = crypto::sha256({head, value.value_or(BytesView{})});
  Digest digest;
  std::copy_n(whole.begin(), digest.size(), digest.begin());
  return digest;
}

std::string in_quotes(const std::string& path) {
  return "\"" + path + "\"";
}

tl::unexpected<Error> damaged(const std::string& path, const std::string& detail) {
  return fail(ErrorCode::kMalformed, in_quotes(path) + " is damaged: " + detail);
}

tl::unexpected<Error> refusal(const std::string& path, const sqlite::Failure& failure) {
  switch (failure.code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail(ErrorCode::kRefused, in_quotes(path) + " is in use by another process");
    case SQLITE_NOTADB:
      return fail(ErrorCode::kMalformed, in_quotes(path) + " is not a state file of uicclab");
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:  // its tables are not the ones we made
      return damaged(path, failure.what());
    default:
      return fail(ErrorCode::kIo, in_quotes(path) + " cannot be used: " + failure.what());
  }
}

// It holds keys. Its journal gets the mode of the file.
Result<void> make_state_file(const std::string& path) {
  const auto made = make_private_file(path);
  if (!made) return tl::unexpected(made.error());
  if (*made) return {};
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return fail(ErrorCode::kIo, in_quotes(path) + " is not a regular file");
  // SQLite takes a file of one byte for an empty one.
  if (std::filesystem::file_size(path, ignored) == 1) {
    return fail(ErrorCode::kMalformed, in_quotes(path) + " is not a state file of uicclab");
  }
  return {};
}

// What kind of file it is, by the header of its first page (SQLite file format, clause 1.3). SQLite has not looked at it yet: a foreign
// file, and the journal of its interrupted transaction, stay as they are to the last byte.
Result<void> check_identity(BytesView header, const std::string& path) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  const auto number_at = [&](std::size_t at) { return std::int64_t{*ByteReader(header.subspan(at)).u32()}; };
  if (header.size() != Database::kHeaderSize || !equal(header.first(kMagic.size()), as_bytes(kMagic)) || number_at(68) != kApplicationId) {
    return fail(ErrorCode::kMalformed, in_quotes(path) + " is not a state file of uicclab");
  }
  const std::int64_t version = number_at(60);
  if (version > kVersion) {
    return fail(ErrorCode::kUnsupported, in_quotes(path) + " was written by a newer version of uicclab (format " + std::to_string(version) +
                                             "; this one knows up to " + std::to_string(kVersion) + ")");
  }
  if (version != kVersion) return damaged(path, "no format version");
  return {};
}

}  // namespace

/// The open file with its prepared statements. The mutex guards all of it: SQLite knows one transaction a connection.
class SqliteState::File {
 public:
  File(std::string path, Database database)
      : m_path(std::move(path)),
        m_database(std::move(database)),
        m_begin(m_database, "BEGIN IMMEDIATE"),
        m_commit(m_database, "COMMIT"),
        m_rollback(m_database, "ROLLBACK"),
        m_find_card(m_database, "SELECT fingerprint, profile, objects FROM card WHERE number = ?"),
        m_write_card(m_database, "INSERT OR REPLACE INTO card VALUES(?, ?, ?, ?)"),
        m_read(m_database, "SELECT id, value, digest FROM object WHERE card = ? ORDER BY id"),
        m_update(m_database, "UPDATE object SET value = ?3, digest = ?4 WHERE card = ?1 AND id = ?2"),
        m_insert(m_database, "INSERT INTO object VALUES(?1, ?2, ?3, ?4)"),
        m_erase(m_database, "DELETE FROM object WHERE card = ? AND id = ?") {}

  const std::string& path() const { return m_path; }
  void allow_checkpoint_on_close() { m_database.configure(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false); }

  /// Takes the card's number for one store. False: it is taken.
  bool take(Place place) {
    const std::scoped_lock lock(m_mutex);
    return m_taken.insert(place).second;
  }
  void give_back(Place place) {
    const std::scoped_lock lock(m_mutex);
    m_taken.erase(place);
  }

  /// How many objects the file has of the card; nothing if it does not know the card. Errors: kMismatch.
  Result<std::optional<std::int64_t>> find_card(Place place, const CardImage& image) {
    const std::scoped_lock lock(m_mutex);
    m_find_card.bind(1, place.key());
    if (!m_find_card.step()) return std::nullopt;
    const Bytes fingerprint = to_bytes(m_find_card.blob(0));
    const std::string profile = m_find_card.text(1);
    const std::int64_t objects = m_find_card.number(2);
    m_find_card.reset();
    if (equal(fingerprint, image.fingerprint())) return objects;
    const auto name = [](const std::string& profile_name, BytesView print) {
      return "profile " + in_quotes(profile_name) + ", image " + to_hex(print.first(std::min<std::size_t>(print.size(), 4)));
    };
    return fail(ErrorCode::kMismatch, in_quotes(m_path) + ": " + place.name() + " was made with another profile (" +
                                          name(profile, fingerprint) + "; this one is " + name(image.settings().name, image.fingerprint()) +
                                          "), or by another version of uicclab: use that profile and version again, or another state file");
  }

  std::vector<Change> read(Place place) {
    const std::scoped_lock lock(m_mutex);
    if (m_database.in_transaction()) throw SystemError(in_quotes(m_path) + " failed and must be opened again");
    std::vector<Change> changes;
    m_read.bind(1, place.key());
    while (m_read.step()) {
      const ObjectId id{static_cast<std::uint64_t>(m_read.number(0))};
      const auto value = m_read.is_null(1) ? std::nullopt : std::optional(m_read.blob(1));
      if (!equal(m_read.blob(2), digest_of(place, id, value))) {
        m_read.reset();
        throw sqlite::Failure(SQLITE_CORRUPT, "object " + to_hex(ByteWriter().number(id.value, 8).view()) + " of " + place.name() +
                                                  " does not have its digest");
      }
      changes.push_back({id, value ? std::optional(to_bytes(*value)) : std::nullopt});
    }
    return changes;
  }

  /// `objects` is what find_card() or the last commit() returned; the result is the number now.
  std::int64_t commit(Place place, const CardImage& image, std::optional<std::int64_t> objects, std::span<const Change> changes) {
    const std::scoped_lock lock(m_mutex);
    m_begin.run();
    try {
      std::int64_t now = objects.value_or(0);
      for (const Change& change : changes) now += write(place, image, change);
      if (now != objects) {
        m_write_card.bind(1, place.key()).bind(2, image.fingerprint()).bind(3, std::string_view(image.settings().name)).bind(4, now).run();
      }
      m_commit.run();
      return now;
    } catch (...) {
      roll_back();
      throw;
    }
  }

 private:
  /// How many objects more there are after it, -1 to 1.
  std::int64_t write(Place place, const CardImage& image, const Change& change) {
    const auto id = static_cast<std::int64_t>(change.id.value);
    if (!change.value && !image.has(change.id)) {
      m_erase.bind(1, place.key()).bind(2, id).run();
      return -m_database.changes();
    }
    const auto value = change.value ? std::optional<BytesView>(*change.value) : std::nullopt;
    const Digest digest = digest_of(place, change.id, value);
    for (Statement* statement : {&m_update, &m_insert}) {
      statement->bind(1, place.key()).bind(2, id).bind(4, digest);
      if (value) {
        statement->bind(3, *value);
      } else {
        statement->bind_null(3);
      }
      statement->run();
      if (statement == &m_update && m_database.changes() == 1) return 0;
    }
    return 1;
  }

  void roll_back() noexcept {
    if (!m_database.in_transaction()) return;  // SQLite has done it itself, as it does after most errors of the medium
    try {
      m_rollback.run();
    } catch (const SystemError&) {
      // The transaction stays open: read() and the next commit() say so.
    }
  }

  std::string m_path;
  std::mutex m_mutex;
  std::set<Place> m_taken;
  Database m_database;
  Statement m_begin, m_commit, m_rollback, m_find_card, m_write_card, m_read, m_update, m_insert, m_erase;
};

class SqliteState::Store final : public NvmStore {
 public:
  Store(File& file, Place place, std::shared_ptr<const CardImage> image) : m_file(file), m_place(place), m_image(std::move(image)) {}
  ~Store() override { m_file.give_back(m_place); }

  /// Errors: kMismatch, kMalformed.
  Result<void> check() {
    const auto known = m_file.find_card(m_place, *m_image);
    if (!known) return tl::unexpected(known.error());
    m_objects = *known;
    const std::size_t found = m_file.read(m_place).size();
    if (static_cast<std::int64_t>(found) == m_objects.value_or(0)) return {};
    return damaged(m_file.path(),
                   m_place.name() + " has " + std::to_string(found) + " objects, of " + std::to_string(m_objects.value_or(0)) + " written");
  }

  std::vector<Change> load() override {
    std::vector<Change> changes = m_file.read(m_place);
    m_objects = changes.empty() ? std::nullopt : std::optional(std::ssize(changes));  // also after a commit that failed
    return changes;
  }
  void commit(std::span<const Change> changes) override { m_objects = m_file.commit(m_place, *m_image, m_objects, changes); }

 private:
  File& m_file;
  Place m_place;
  std::optional<std::int64_t> m_objects;     // none: the file does not know the card; its fingerprint comes with its first write
  std::shared_ptr<const CardImage> m_image;  // shared: as the card's own
};

SqliteState::SqliteState(std::unique_ptr<File> file) : m_file(std::move(file)) {}
SqliteState::~SqliteState() = default;

Result<std::unique_ptr<SqliteState>> SqliteState::open(const std::string& path, const char* vfs) {
  const std::string absolute = std::filesystem::absolute(path).string();
  if (vfs == nullptr) {
    if (const auto made = make_state_file(absolute); !made) return tl::unexpected(made.error());
  }
  try {
    Database database(absolute, SQLITE_OPEN_READWRITE | (vfs != nullptr ? SQLITE_OPEN_CREATE : 0), vfs);
    if (database.is_read_only()) return fail(ErrorCode::kIo, in_quotes(path) + " cannot be written");
    if (const Bytes header = database.header(); !header.empty()) {
      if (const auto known = check_identity(header, path); !known) return tl::unexpected(known.error());
    }
    // Until the file has passed all checks, closing it must not move the write-ahead log into it.
    database.configure(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    database.configure(SQLITE_DBCONFIG_DEFENSIVE, true);
    database.configure(SQLITE_DBCONFIG_TRUSTED_SCHEMA, false);
    database.execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON; PRAGMA synchronous = FULL");
    const bool empty = database.number("PRAGMA page_count") == 0;  // also if its making was interrupted
    database.execute("BEGIN EXCLUSIVE");
    if (empty) {
      database.execute(kCreate);
    } else if (const std::string verdict = database.text("PRAGMA quick_check(1)"); verdict != "ok") {
      return damaged(path, verdict);
    }
    database.execute("COMMIT");
    if (database.text("PRAGMA journal_mode = WAL") != "wal") {
      return fail(ErrorCode::kIo, in_quotes(path) + " cannot be used: its file system does not support a write-ahead log");
    }
    auto file = std::make_unique<File>(path, std::move(database));
    file->allow_checkpoint_on_close();
    return std::unique_ptr<SqliteState>(new SqliteState(std::move(file)));
  } catch (const sqlite::Failure& failure) {
    return refusal(path, failure);
  }
}

Result<std::unique_ptr<NvmStore>> SqliteState::store(std::uint32_t card, std::shared_ptr<const CardImage> image, std::uint32_t partition) {
  const Place place{card, partition};
  if (!m_file->take(place)) {
    return fail(ErrorCode::kRefused, in_quotes(m_file->path()) + ": " + place.name() + " is in use already");
  }
  auto store = std::make_unique<Store>(*m_file, place, std::move(image));
  try {
    if (const auto checked = store->check(); !checked) return tl::unexpected(checked.error());
  } catch (const sqlite::Failure& failure) {
    return refusal(m_file->path(), failure);
  }
  return store;
}

}  // namespace uicclab::emulator
