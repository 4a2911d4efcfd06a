// SPDX-License-Identifier: Apache-2.0
#include "cli/lwm2m/key_file.hpp"

#include <filesystem>

#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/lwm2m/lwm2m.hpp"

namespace uicclab::cli {

void KeyFileOption::add_to(App& command, const std::string& option, const std::string& what, bool required) {
  command.add_option(option, name, what)->required(required);
  command.add_option("--storage-key", storage_key,
                     "What that file is sealed with: file:PATH or env:VARIABLE, 64 hexadecimal digits; without it a file next to it");
}

std::optional<lwm2m::SessionKeyRecord> KeyFile::read(const std::string& name) const {
  if (!std::filesystem::exists(name)) return std::nullopt;
  auto record = lwm2m::open_session_keys(read_input(name, kObjectFile), storage_key(m_option.storage_key, m_option.name, m_random));
  if (!record) throw Exit{kWrongKeys, name + ": " + record.error().text};
  return *std::move(record);
}

void KeyFile::write(const std::string& name, const lwm2m::SessionKeyRecord& record) {
  write_private(name, lwm2m_value(lwm2m::seal_session_keys(record, storage_key(m_option.storage_key, m_option.name, m_random), m_random)));
}

void KeyFile::renew(const lwm2m::SessionKeyRecord& record) {
  if (const auto now = load()) keep_before(*now);
  keep(record);
}

std::uint32_t KeyFile::next_generation() const {
  const auto now = load();
  return now ? now->generation + 1 : 1;
}

}  // namespace uicclab::cli
