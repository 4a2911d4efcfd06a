// SPDX-License-Identifier: Apache-2.0
#include "fault/selected_file.hpp"

#include <algorithm>

#include "core/ber_tlv.hpp"
#include "script/file_names.hpp"

namespace uicclab::fault {
namespace {

constexpr std::uint8_t kSelect = 0xA4;
constexpr std::uint8_t kGsmClass = 0xA0;

bool is_select(const apdu::Command& command) {
  return command.ins == kSelect;
}

/// "ADF.USIM" of its AID; empty for an application without a name.
std::string application_of(BytesView aid) {
  for (const std::string name : {"ADF.USIM", "ADF.ISIM", "ADF.PKCS15"}) {
    const auto commands =
        script::selection(name, [](const std::string&) -> Result<Bytes> { return fail(ErrorCode::kNotFound, "no variables here"); });
    const auto select = commands ? apdu::parse(commands->front()) : tl::unexpected(commands.error());
    if (select && aid.size() >= select->data.size() && equal(aid.first(select->data.size()), select->data)) return name;
  }
  return {};
}

/// The SFI that READ and UPDATE BINARY, and the record commands, name; 0 for none (ETSI TS 102 221 clauses 11.1.3 to 11.1.7).
std::uint8_t sfi_of(const apdu::Command& command) {
  switch (command.ins) {
    case 0xB0:
    case 0xD6:
      return (command.p1 & 0x80) != 0 ? command.p1 & 0x1F : std::uint8_t{0};
    case 0xB2:
    case 0xDC:
    case 0xA2:
    case 0x32:
      return command.cla == kGsmClass ? std::uint8_t{0} : static_cast<std::uint8_t>(command.p2 >> 3);
    default:
      return 0;
  }
}

std::size_t channel_of(const apdu::Command& command) {
  return command.cla == kGsmClass ? 0 : apdu::channel_of(command.cla);
}

}  // namespace

void SelectedFile::reset() {
  m_channels.fill({});
}

const SelectedFile::Selection& SelectedFile::of(const apdu::Command& command) const {
  return m_channels.at(std::min(channel_of(command), m_channels.size() - 1));
}

SelectedFile::Selection SelectedFile::after(const Selection& now, const apdu::Command& select) {
  Selection out = now;
  if (select.p1 == 0x04) {  // by AID
    out.root = application_of(select.data);
    out.file = "7FFF";
    return out;
  }
  if (select.data.size() < 2 || select.data.size() % 2 != 0) {
    out.file.clear();  // the parent DF
    return out;
  }
  const std::string first = to_hex(select.data.first(2));
  out.file = to_hex(select.data.last(2));
  const bool from_mf = select.p1 == 0x08 || (select.p1 == 0x00 && select.data.size() == 2);
  if (!from_mf) return out;
  // Directories of the first level below the MF are 7Fxx, its EFs 2Fxx (ETSI TS 102 221 clause 8.6); 7FFF is the current application.
  if (select.p1 == 0x08 ? first != "7FFF" : first == "3F00" || first.starts_with("2F") || (first.starts_with("7F") && first != "7FFF")) {
    out.root = "3F00";
  }
  return out;
}

void SelectedFile::note(const apdu::Command& command, const apdu::Response& response) {
  const std::size_t channel = channel_of(command);
  if (!is_select(command) || !response.status.is_success() || channel >= m_channels.size()) return;
  m_channels.at(channel) = after(m_channels.at(channel), command);
  learn(command, response.data);
}

void SelectedFile::learn(const apdu::Command& select, BytesView fcp) {
  const auto sfi = is_select(select) ? ber::find_path(fcp, {0x62, 0x88}) : std::nullopt;
  if (!sfi || sfi->size() != 1) return;
  const Selection& selection = of(select);
  m_sfis[selection.root][static_cast<std::uint8_t>(sfi->front() >> 3)] = selection.file;
}

bool SelectedFile::concerns(const apdu::Command& command, const std::string& path) const {
  Selection selection = of(command);
  if (is_select(command)) {
    selection = after(selection, command);
  } else if (const std::uint8_t sfi = sfi_of(command); sfi != 0) {
    const auto root = m_sfis.find(selection.root);
    if (root == m_sfis.end() || !root->second.contains(sfi)) return false;
    selection.file = root->second.at(sfi);
  }
  const std::string root = path.substr(0, path.find('/'));
  const std::string file = path.size() == root.size() && root != "3F00" ? "7FFF" : path.substr(path.rfind('/') + 1);
  return selection.file == file && (selection.root.empty() || selection.root == root);
}

}  // namespace uicclab::fault
