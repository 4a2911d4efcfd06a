// SPDX-License-Identifier: Apache-2.0
#include "script/restore_port.hpp"

#include <algorithm>
#include <array>

#include "core/apdu.hpp"
#include "core/transceive.hpp"
#include "script/explain.hpp"

namespace uicclab::script {
namespace {

// ETSI TS 102 221 clause 11.1.
constexpr std::uint8_t kVerify = 0x20;
constexpr std::uint8_t kReadBinary = 0xB0;
constexpr std::uint8_t kUpdateBinary = 0xD6;
constexpr std::uint8_t kReadRecord = 0xB2;
constexpr std::uint8_t kUpdateRecord = 0xDC;
constexpr std::uint8_t kByNumber = 0x04;  // lowest bits of P2 of the record commands
/// Commands with data that change what no update brings back: INCREASE; PINs; CREATE, DELETE, RESIZE FILE; SET DATA. Without data too:
/// DEACTIVATE, ACTIVATE.
constexpr std::array<std::uint8_t, 9> kOthers{0x32, 0x24, 0x26, 0x28, 0x2C, 0xE0, 0xE4, 0xD4, 0xDB};
constexpr std::array<std::uint8_t, 2> kLifeCycle{0x04, 0x44};

template <std::size_t N>
bool is_one_of(const std::array<std::uint8_t, N>& instructions, std::uint8_t ins) {
  return std::ranges::find(instructions, ins) != instructions.end();
}

tl::unexpected<Error> refused(BytesView command, std::string_view why) {
  return fail(ErrorCode::kRefused, describe_command(command) + " was not sent: " + std::string(why) + ", and --restore was asked for");
}

/// A card that refuses has changed nothing, unless it answers 65xx; after a lost answer the effect is unknown.
bool may_have_changed(const Result<Bytes>& answer) {
  const auto response = answer ? apdu::parse_response(*answer) : tl::unexpected(answer.error());
  return !response || response->status.is_success() || response->status.sw1() == 0x65;
}

bool is_update(const apdu::Command& command) {
  return command.ins == kUpdateBinary || command.ins == kUpdateRecord;
}

}  // namespace

Result<Atr> RestorePort::reset() {
  m_selections.clear();
  m_verified.clear();
  return m_card.reset();
}

Result<RestorePort::Undo> RestorePort::remember(const apdu::Command& command) {
  const std::uint8_t ins = command.ins == kUpdateBinary ? kReadBinary : kReadRecord;
  const apdu::Command read{command.cla, ins, command.p1, command.p2, {}, static_cast<std::uint32_t>(command.data.size())};
  const auto content = transceive(m_card, read);
  if (!content) return tl::unexpected(content.error());
  if (!content->status.is_success() || content->data.size() != command.data.size()) {
    return fail(ErrorCode::kRefused, "the current content cannot be read (" + describe(content->status) + ")");
  }
  Undo undo{m_selections, apdu::encode({command.cla, command.ins, command.p1, command.p2, content->data, std::nullopt})};
  undo.way.insert(undo.way.end(), m_verified.begin(), m_verified.end());
  return undo;
}

Result<Bytes> RestorePort::transmit(BytesView bytes) {
  const auto command = apdu::parse(bytes);
  if (!command) return m_card.transmit(bytes);
  if ((!command->data.empty() && is_one_of(kOthers, command->ins)) || is_one_of(kLifeCycle, command->ins)) {
    return refused(bytes, "its changes cannot be undone");
  }
  std::optional<Undo> undo;
  if (is_update(*command) && !command->data.empty()) {
    if (command->cla != 0x00) return refused(bytes, "only the basic channel is followed");
    if (command->ins == kUpdateRecord && ((command->p2 & 0x07) != kByNumber || command->p1 == 0)) {
      return refused(bytes, "only records by number are put back");
    }
    auto remembered = remember(*command);
    if (!remembered && remembered.error().code == ErrorCode::kRefused) return refused(bytes, remembered.error().text);
    if (!remembered) return tl::unexpected(remembered.error());
    undo = *std::move(remembered);
  }
  auto answer = m_card.transmit(bytes);
  if (undo && may_have_changed(answer)) m_undo.push_back(*std::move(undo));
  follow(*command, bytes, answer);
  return answer;
}

void RestorePort::follow(const apdu::Command& command, BytesView bytes, const Result<Bytes>& answer) {
  const auto response = answer ? apdu::parse_response(*answer) : tl::unexpected(answer.error());
  if (!response || !response->status.is_success() || command.cla != 0x00) return;
  if (command.ins == kVerify && !command.data.empty() && response->status == sw::kOk) m_verified.push_back(to_bytes(bytes));
  if (command.ins != apdu::kSelect) return;
  const bool from_the_top = command.p1 == 0x04 || command.p1 == 0x08 || command.data.empty() || equal(command.data, "3F00"_h);
  // A path from the MF keeps the application, which a local PIN belongs to (clause 8.5.1); an AID and the MF start again.
  if (from_the_top && command.p1 != 0x08) m_selections.clear();
  m_selections.push_back(to_bytes(bytes));
}

Result<void> RestorePort::restore() {
  if (m_undo.empty()) return {};
  std::vector<Undo> undo;
  undo.swap(m_undo);
  std::string failed;
  for (auto one = undo.rbegin(); one != undo.rend(); ++one) {
    if (auto done = m_card.reset(); !done) return tl::unexpected(done.error());
    // PINs of an application want it selected, and files want PINs: selections, PINs, selections. To select the application once more would
    // end its session, and what was verified in it (clause 8.5.1); 7FFF is its ADF.
    for (int round = 0; round < 2; ++round) {
      for (const Bytes& command : one->way) {
        if (round == 1 && command[1] == kVerify) continue;
        const Bytes to_send = round == 1 && command[2] == 0x04 ? to_bytes("00A4000C027FFF"_h) : command;
        if (auto done = transceive(m_card, to_send); !done) return tl::unexpected(done.error());
      }
    }
    const auto written = transceive(m_card, one->command);
    if (!written) return tl::unexpected(written.error());
    if (!written->status.is_success())
      failed += (failed.empty() ? "" : "; ") + describe_command(one->command) + ": " + describe(written->status);
  }
  m_card.power_off();
  if (!failed.empty()) return fail(ErrorCode::kIo, "a file was not put back: " + failed);
  return {};
}

}  // namespace uicclab::script
