// SPDX-License-Identifier: Apache-2.0
#include "fault/selected_file.hpp"

#include "core/apdu.hpp"

namespace uicclab::fault {
namespace {

/// Rules name a file by its application and identifier, whatever directories are between. Which application one without a name is, nobody
/// knows: it may be any.
bool fits(std::string_view path, std::string_view wanted) {
  const std::string_view root = ef::root_of_path(path);
  const bool unknown = ef::aid_in_path(path).has_value();
  if (path == root) return unknown ? wanted == ef::root_of_path(wanted) && wanted != "3F00" : path == wanted;
  return ef::last_of_path(path) == ef::last_of_path(wanted) && (unknown || root == ef::root_of_path(wanted));
}

}  // namespace

void SelectedFile::note(const apdu::Command& command, const apdu::Response& response) {
  const std::size_t channel = apdu::channel_of(command.cla);
  if (command.ins != apdu::kSelect || !response.status.is_success() || channel >= m_channels.size()) return;
  m_channels.at(channel).select(command);
  learn(command, response.data);
}

void SelectedFile::learn(const apdu::Command& select, BytesView fcp) {
  const std::size_t channel = apdu::channel_of(select.cla);
  if (select.ins != apdu::kSelect || channel >= m_channels.size()) return;
  m_channels.at(channel).refine(uicc::FileFacts::from(fcp), m_names);
}

bool SelectedFile::concerns(const apdu::Command& command, const std::string& path) const {
  const std::size_t channel = apdu::channel_of(command.cla);
  if (channel >= m_channels.size()) return false;
  ef::Selection selection = m_channels.at(channel);
  if (command.ins == apdu::kSelect) {
    selection.select(command);
  } else if (const auto sfi = ef::short_identifier(command)) {
    const std::string named = m_names.learned_path(selection.directory(), *sfi);
    return !named.empty() && fits(named, path);
  }
  return fits(selection.path(), path);
}

}  // namespace uicclab::fault
