// SPDX-License-Identifier: Apache-2.0
#include "script/selected_file.hpp"

#include "core/apdu.hpp"
#include "core/hex.hpp"

namespace uicclab::script {
namespace {

const std::string kMf = "3F00";

/// Recordings name an application that no standard names by its AID alone.
std::string as_recorded(const std::string& path) {
  const auto aid = ef::aid_in_path(path);
  return aid ? std::string(*aid) + path.substr(ef::root_of_path(path).size()) : path;
}

}  // namespace

std::string SelectedFiles::path(std::uint8_t cla) const {
  const auto found = m_channels.find(apdu::channel_of(cla));
  if (found == m_channels.end()) return kMf;
  const Channel& channel = found->second;
  return as_recorded(channel.short_name.empty() ? channel.selection.path() : channel.selection.directory() + "/" + channel.short_name);
}

std::string SelectedFiles::directory(std::uint8_t cla) const {
  const auto found = m_channels.find(apdu::channel_of(cla));
  return found == m_channels.end() ? kMf : as_recorded(found->second.selection.directory());
}

void SelectedFiles::follow(BytesView bytes, StatusWord status) {
  const auto command = apdu::parse(bytes);
  if (!command || !status.is_success()) return;
  Channel& channel = m_channels[apdu::channel_of(command->cla)];
  if (const auto sfi = ef::short_identifier(*command)) {
    channel.short_name = "sfi:" + to_hex(std::array{*sfi});
  } else if (command->ins == apdu::kSelect) {
    channel.short_name.clear();
    channel.selection.select(*command);
  }
}

}  // namespace uicclab::script
