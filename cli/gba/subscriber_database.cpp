// SPDX-License-Identifier: Apache-2.0
#include "cli/gba/subscriber_database.hpp"

#include "applet/aka/engine.hpp"
#include "cli/common/commands.hpp"
#include "cli/common/private_database.hpp"

namespace uicclab::cli {
namespace {

using emulator::sqlite::Statement;
using gba::UserIdentity;

constexpr DatabaseKind kKind{0x47484853, R"(
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS subscriber(imsi TEXT PRIMARY KEY, impi TEXT NOT NULL, msisdn TEXT UNIQUE, imei TEXT UNIQUE,
                                        gba_u INTEGER NOT NULL, keys TEXT NOT NULL, sqn INTEGER NOT NULL) WITHOUT ROWID;
  PRAGMA application_id = 1195919443;
  PRAGMA user_version = 1;
  COMMIT;
)",
                             "'uicclab gba hss import'"};
static_assert(kKind.application_id == 1195919443, "create spells it out");

/// As applet::Parameters::parse() reads it; without what is the card's alone.
std::string text_of(const applet::Parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters.all()) {
    if (name.starts_with("sqn.") || name == "pin") continue;
    out += (out.empty() ? "" : ";") + name + "=";
    if (const auto* text = std::get_if<std::string>(&value)) out += *text;
    if (const auto* number = std::get_if<std::int64_t>(&value)) out += std::to_string(*number);
    if (const auto* flag = std::get_if<bool>(&value)) out += *flag ? "true" : "false";
  }
  return out;
}

Result<std::unique_ptr<crypto::AuthAlgorithm>> algorithm_of(const applet::Parameters& parameters) {
  const auto read = applet::aka::read_subscriber(parameters);
  if (!read) return tl::unexpected(read.error());
  return applet::aka::make_aka_algorithm(read->subscriber);
}

void bind_text(Statement& statement, int place, const std::string& text) {
  if (text.empty()) {
    statement.bind_null(place);
  } else {
    statement.bind(place, std::string_view(text));
  }
}

const char* column_of(UserIdentity::Kind kind) {
  return kind == UserIdentity::Kind::kImsi ? "imsi" : kind == UserIdentity::Kind::kMsisdn ? "msisdn" : "imei";
}

}  // namespace

SubscriberDatabase::SubscriberDatabase(const std::string& path) : m_database(open_private_database(path, kKind)) {}

void SubscriberDatabase::put(const HssRecord& record) {
  const auto algorithm = algorithm_of(record.keys);
  if (!algorithm) throw Exit{kUsage, record.imsi + ": " + algorithm.error().text};
  std::string keys = text_of(record.keys);
  try {
    Statement statement(m_database,
                        "INSERT INTO subscriber(imsi, impi, msisdn, imei, gba_u, keys, sqn) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) "
                        "ON CONFLICT(imsi) DO UPDATE SET impi = ?2, msisdn = ?3, imei = ?4, gba_u = ?5, keys = ?6, sqn = max(sqn, ?7)");
    statement.bind(1, std::string_view(record.imsi)).bind(2, std::string_view(record.impi));
    bind_text(statement, 3, record.msisdn);
    bind_text(statement, 4, record.imei);
    statement.bind(5, std::int64_t{record.uicc_type == gba::UiccType::kGbaU}).bind(6, std::string_view(keys));
    statement.bind(7, static_cast<std::int64_t>(record.sqn));
    statement.run();
  } catch (const emulator::sqlite::Failure& failure) {
    if (failure.code == SQLITE_CONSTRAINT) throw Exit{kCheckFailed, record.imsi + ": another subscriber has the same MSISDN or IMEI"};
    throw Exit{kEnvironment, std::string("the subscribers: ") + failure.what()};
  }
  crypto::wipe({reinterpret_cast<std::uint8_t*>(keys.data()), keys.size()});
}

bool SubscriberDatabase::remove(const std::string& imsi) {
  Statement statement(m_database, "DELETE FROM subscriber WHERE imsi = ?1");
  statement.bind(1, std::string_view(imsi)).run();
  return m_database.changes() > 0;
}

std::vector<HssRecord> SubscriberDatabase::all() {
  Statement statement(m_database, "SELECT imsi, impi, msisdn, imei, gba_u, sqn FROM subscriber ORDER BY imsi");
  std::vector<HssRecord> out;
  while (statement.step()) {
    HssRecord one;
    one.imsi = statement.text(0);
    one.impi = statement.text(1);
    one.msisdn = statement.text(2);
    one.imei = statement.text(3);
    one.uicc_type = statement.number(4) != 0 ? gba::UiccType::kGbaU : gba::UiccType::kGba;
    one.sqn = static_cast<std::uint64_t>(statement.number(5));
    out.push_back(std::move(one));
  }
  return out;
}

std::optional<gba::HssSubscriber> SubscriberDatabase::find(const UserIdentity& user) {
  Statement statement(m_database,
                      (std::string("SELECT imsi, impi, gba_u, keys FROM subscriber WHERE ") + column_of(user.kind) + " = ?1").c_str());
  statement.bind(1, std::string_view(user.digits));
  if (!statement.step()) return std::nullopt;
  gba::HssSubscriber out;
  out.imsi = statement.text(0);
  out.impi = statement.text(1);
  out.uicc_type = statement.number(2) != 0 ? gba::UiccType::kGbaU : gba::UiccType::kGba;
  std::string keys = statement.text(3);
  const auto parameters = applet::Parameters::parse(keys);
  crypto::wipe({reinterpret_cast<std::uint8_t*>(keys.data()), keys.size()});
  auto algorithm =
      parameters ? algorithm_of(*parameters) : Result<std::unique_ptr<crypto::AuthAlgorithm>>(tl::unexpected(parameters.error()));
  if (!algorithm) throw Exit{kEnvironment, "the subscriber " + out.imsi + " is damaged: " + algorithm.error().text};
  out.algorithm = *std::move(algorithm);
  return out;
}

std::optional<std::uint64_t> SubscriberDatabase::advance(const std::string& imsi,
                                                         const std::function<std::optional<std::uint64_t>(std::uint64_t)>& next) {
  m_database.execute("BEGIN IMMEDIATE");
  try {
    std::optional<std::uint64_t> value;
    {
      Statement reading(m_database, "SELECT sqn FROM subscriber WHERE imsi = ?1");
      reading.bind(1, std::string_view(imsi));
      if (reading.step()) value = next(static_cast<std::uint64_t>(reading.number(0)));
    }
    if (value) {
      Statement writing(m_database, "UPDATE subscriber SET sqn = ?2 WHERE imsi = ?1");
      writing.bind(1, std::string_view(imsi)).bind(2, static_cast<std::int64_t>(*value)).run();
    }
    m_database.execute("COMMIT");  // on the disk when it returns: PRAGMA synchronous is FULL
    return value;
  } catch (...) {
    if (m_database.in_transaction()) m_database.execute("ROLLBACK");
    throw;
  }
}

}  // namespace uicclab::cli
