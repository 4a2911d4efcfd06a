// SPDX-License-Identifier: Apache-2.0
#include "cli/lwm2m/key_file.hpp"

#include <filesystem>

#include "cli/common/file_lock.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "core/crypto/sealed_storage.hpp"
#include "core/wall_clock.hpp"

namespace uicclab::cli {
namespace {

// What is sealed for one end is not opened by the other.
constexpr std::string_view kServerLabel = "session keys of the server";
constexpr std::string_view kDeviceLabel = "session keys of the device";

template <typename Ledger>
Ledger read(const KeyFileOption& option, Random& random, std::string_view label, Result<Ledger> (*parse)(BytesView)) {
  if (!std::filesystem::exists(option.name)) return Ledger();
  const auto plain = crypto::open_sealed(read_input(option.name, kObjectFile), label, storage_key(option.storage_key, option.name, random));
  auto ledger = plain ? parse(*plain) : fail(ErrorCode::kMismatch, "");
  if (!ledger) {
    throw Exit{kWrongKeys, option.name + ": no " + std::string(label) +
                               " encrypted with this key; where an older uicclab made the file, remove it, and make "
                               "new keys (lwm2m new-keys, lwm2m push)"};
  }
  return *std::move(ledger);
}

template <typename Ledger>
void write(const KeyFileOption& option, Random& random, std::string_view label, const Ledger& ledger) {
  Bytes plain = lwm2m_value(lwm2m::encode_ledger(ledger));
  const Bytes sealed = crypto::seal(plain, label, storage_key(option.storage_key, option.name, random), random);
  crypto::wipe(plain);
  write_private(option.name, sealed);
}

}  // namespace

net::Fd lock(const KeyFileOption& option) {
  return option.name.empty() ? net::Fd() : lock_file(option.name);
}

void KeyFileOption::add_to(App& command, const std::string& option, const std::string& what, bool required) {
  command.add_option(option, name, what)->required(required);
  command.add_option("--storage-key", storage_key,
                     "Key that encrypts that file: file:PATH or env:VARIABLE, 64 hexadecimal digits; default: a file next to it");
}

void ClockOption::add_to(App& command) {
  command.add_option("--clock", seconds, "What time it is, in seconds since 1970; default: the system's clock")->check(Range{0, 1LL << 40});
}

lwm2m::Instant ClockOption::now() const {
  if (seconds) return lwm2m::Instant(static_cast<std::int64_t>(*seconds));
  return std::chrono::duration_cast<lwm2m::Instant>(WallClock().now());
}

lwm2m::ServerLedger ServerKeyFile::load() const {
  return read(m_option, m_random, kServerLabel, lwm2m::parse_server_ledger);
}

void ServerKeyFile::keep(const lwm2m::ServerLedger& ledger) const {
  write(m_option, m_random, kServerLabel, ledger);
}

lwm2m::DeviceLedger DeviceKeyFile::load() const {
  return read(m_option, m_random, kDeviceLabel, lwm2m::parse_device_ledger);
}

void DeviceKeyFile::keep(const lwm2m::DeviceLedger& ledger) const {
  write(m_option, m_random, kDeviceLabel, ledger);
}

}  // namespace uicclab::cli
