// SPDX-License-Identifier: Apache-2.0
#include "emulator/remote/short_message.hpp"

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "core/reader.hpp"
#include "emulator/cat/events.hpp"
#include "emulator/remote/message_store.hpp"
#include "emulator/remote/packet_receiver.hpp"
#include "emulator/remote/remote_session.hpp"
#include "emulator/runtime/instance_context.hpp"
#include "ota/secured_packet_layout.hpp"
#include "ota/sms_download.hpp"
#include "ota/sms_tpdu.hpp"

namespace uicclab::emulator {
namespace {

/// User data of an SMS-DELIVER-REPORT in an RP-ACK: the 164 octets of a TPDU without message type, parameter indicator, TP-PID, TP-DCS and
/// TP-UDL (3GPP TS 23.040 clause 9.2.2.1a).
constexpr std::size_t kReport = 159;
/// Octets of packet in each part of a concatenated message: 140 without the concatenation element.
constexpr std::size_t kPart = 134;
constexpr std::size_t kMaxParts = 8;

// Message identifiers of secured cell broadcasts.
constexpr std::uint16_t kFirstSecured = 0x1080;
constexpr std::uint16_t kLastSecured = 0x10FF;

/// What a response packet sent as a message of its own may have: as many parts as the terminal can still be asked to send.
std::size_t submit_room(const CatSession& cat) {
  const std::size_t parts = std::min(kMaxParts, cat.room());
  if (parts == 0) return 0;
  return parts == 1 ? ota::kMaxUserData - ota::kResponseHeader.size() : parts * kPart - ota::kResponseHeader.size();
}

/// SEND SHORT MESSAGE for each part (3GPP TS 31.115 clause 4.4).
void submit(Session& session, const PacketOutcome& outcome, const ota::SmsDeliver& command) {
  const std::uint8_t reference = session.remote().next_reference++;
  const auto parts = ota::split({{{ota::iei::kResponsePacket, {}}}, outcome.submit}, reference);
  if (!parts) throw SystemError("a response that cannot be split");
  for (const ota::UserData& part : *parts) {
    ota::SmsSubmit message;
    message.destination = command.originator;
    message.body.pid = command.body.pid;
    message.body.dcs = command.body.dcs;
    if (!message.body.set_user_data(part)) throw SystemError("a part that does not fit");
    ota::SendShortMessage proactive;
    proactive.tpdu = message.build().value();
    session.toolkit().send(outcome.instance, proactive.build());
  }
}

/// The packet that begins with its CPL and ends before the padding of the last page.
std::optional<BytesView> packet_of(BytesView content) {
  const auto size = ByteReader(content).u16();
  if (!size || *size + 2U > content.size()) return std::nullopt;
  return content.first(*size + 2U);
}

/// The application that opens packets for this TAR itself, if there is one.
std::optional<StatusWord> give_to_application(Execution& e, std::optional<std::uint32_t> number, Tar tar, const ota::Address& originator,
                                              BytesView packet) {
  if (!number || !e.session.runtime().instance(*number).module->opens_packets() || !e.session.runtime().is_selectable(*number)) {
    return std::nullopt;
  }
  InstanceContext context(e.session, *number, e.channel_number, e.security);
  return e.session.runtime().object(*number).on_packet(context, {tar, originator.is_name() ? "" : originator.text(), packet});
}

/// The message with this packet as all of its user data. Its length may be more than TP-UDL can say: then that is FF.
Bytes with_packet(ota::SmsPpDownload download, ota::SmsDeliver deliver, BytesView packet) {
  constexpr std::size_t kMostLength = 0xFF;
  deliver.body.user_data.clear();
  deliver.body.septets = 0;
  download.tpdu = deliver.build().value();
  Bytes data = to_bytes("027000"_h);
  append(data, packet);
  download.tpdu.back() = static_cast<std::uint8_t>(std::min(data.size(), kMostLength));
  append(download.tpdu, data);
  return to_bytes(ber::first(download.build())->value);
}

/// The page with this packet as its content.
Bytes with_packet(const ota::CellBroadcastDownload& download, BytesView packet) {
  constexpr std::size_t kPageHeader = 6;
  constexpr std::uint8_t kPageTag = 0x0C;
  Bytes page = to_bytes(BytesView(download.page).first(kPageHeader));
  append(page, packet);
  Bytes objects = to_bytes("82028381"_h);
  ctlv::write(objects, kPageTag, page);
  append(objects, download.others);
  return objects;
}

}  // namespace

std::optional<StatusWord> sms_pp_download(Execution& e) {
  const auto download = ota::SmsPpDownload::parse(e.command.data);
  if (!download) return sw::kIncorrectData;
  const auto deliver = ota::SmsDeliver::parse(download->tpdu);
  if (!deliver) return sw::kIncorrectData;
  if (!ota::is_sim_data_download(deliver->body.pid, deliver->body.dcs)) {
    const bool for_store = ota::data_coding(deliver->body.dcs).message_class == ota::MessageClass::kSim;
    return for_store ? store_message(e.session, *download) : sw::kFunctionNotSupported;
  }
  const auto part = deliver->body.parsed_user_data();
  if (!part) return sw::kIncorrectData;

  Session& session = e.session;
  const auto added = session.remote().messages.add(deliver->originator, *part);
  if (added.event == ota::Reassembler::Event::kRefused) return sw::kNotEnoughMemory;
  if (!added.message) return sw::kOk;
  if (added.message->find(ota::iei::kCommandPacket) == nullptr) return std::nullopt;

  const BytesView packet = added.message->payload;
  const auto clear = ota::ClearCommand::parse(packet);
  if (!clear) return sw::kNoPreciseDiagnosis;
  const auto instance = session.remote().targets.instance_of(session.runtime().registry(), clear->header.tar);
  if (const auto taken = give_to_application(e, instance, clear->header.tar, deliver->originator, packet)) return taken;
  const PacketEvent event{applet::Event::kFormattedSmsPp, envelope_tag::kSmsPpDownload,
                          [&](BytesView plain) { return with_packet(*download, *deliver, plain); }};
  const PacketOutcome outcome =
      receive_packet(session, *clear, instance, {kReport - ota::kResponseHeader.size(), submit_room(session.cat)}, event);
  if (!outcome.submit.empty()) submit(session, outcome, *deliver);
  if (outcome.report.empty()) return outcome.executed ? sw::kOk : sw::kNoPreciseDiagnosis;
  e.out = concat({ota::kResponseHeader, outcome.report});
  return sw::kOk;
}

std::optional<StatusWord> cell_broadcast_download(Execution& e) {
  const auto download = ota::CellBroadcastDownload::parse(e.command.data);
  const auto page = download ? ota::CellBroadcastPage::parse(download->page) : fail(ErrorCode::kMalformed, "");
  if (!page) return sw::kIncorrectData;
  if (page->message_identifier < kFirstSecured || page->message_identifier > kLastSecured) return std::nullopt;

  // Pages of one message have identifier and serial number in common.
  ota::Address source;
  source.value = ByteWriter().u16(page->message_identifier).u16(page->serial_number).take();
  ota::UserData part;
  part.header.push_back(ota::Concatenation{true, page->serial_number, page->total, page->page}.element());
  part.payload = page->content;
  const auto added = e.session.remote().pages.add(source, part);
  if (added.event == ota::Reassembler::Event::kRefused) return sw::kNotEnoughMemory;
  if (!added.message) return sw::kOk;
  const auto packet = packet_of(added.message->payload);
  const auto clear = packet ? ota::ClearCommand::parse(*packet) : fail(ErrorCode::kTruncated, "");
  if (!clear) return sw::kNoPreciseDiagnosis;
  const auto instance = e.session.remote().targets.instance_of(e.session.runtime().registry(), clear->header.tar);
  const PacketEvent event{applet::Event::kFormattedSmsCb, envelope_tag::kCellBroadcastDownload,
                          [&](BytesView plain) { return with_packet(*download, plain); }};
  return receive_packet(e.session, *clear, instance, {}, event).executed ? sw::kOk : sw::kNoPreciseDiagnosis;
}

}  // namespace uicclab::emulator
