// SPDX-License-Identifier: Apache-2.0
#include "ota/packet_sender.hpp"

namespace uicclab::ota {
namespace {

/// Octets of a first and of a further part in addition to the payload: UDHL, concatenation (8 bit), and in the first 70 00.
constexpr std::size_t kFirstHeader = 1 + 5 + 2;
constexpr std::size_t kNextHeader = 1 + 5;
constexpr std::size_t kSingleHeader = 3;
constexpr std::size_t kCommandHead = 16;  // CPL to PCNTR

}  // namespace

Result<Cntr> MemoryCounters::next(std::uint8_t key_version) {
  Cntr& last = m_last[key_version & 0x0F];
  // FF FF FF FF FF blocks the counter of the card (ETSI TS 102 225 clause 5.1.4).
  if (last.value >= Cntr::kMax - 1) return fail(ErrorCode::kRange, "the counter is used up");
  return Cntr{++last.value};
}

std::string meaning(const Delivery& delivery) {
  if (delivery.unreadable) return "a response that cannot be trusted: " + delivery.unreadable->text;
  if (!delivery.response) return "no response";
  std::string text(meaning(delivery.response->packet.status));
  if (!delivery.response->protected_as_asked) text += " (not protected: anybody can have sent it)";
  return text;
}

std::size_t PacketSender::room(std::size_t messages) const {
  std::size_t octets = kMaxUserData - kSingleHeader;
  if (messages > 1) octets = (kMaxUserData - kFirstHeader) + (messages - 1) * (kMaxUserData - kNextHeader);
  const Spi& spi = m_settings.header.spi;
  const std::size_t check = spi.check() == Check::kNone ? 0 : PacketCheck::kMaxSize;
  // Padding up to the longest block that there is.
  const std::size_t padding = spi.ciphered() ? crypto::kAesBlockSize - 1 : 0;
  const std::size_t used = kCommandHead + check + padding;
  return octets > used ? octets - used : 0;
}

Result<PreparedPacket> PacketSender::prepare(BytesView data) {
  const std::uint8_t version = m_settings.header.kic >> 4 != 0 ? m_settings.header.kic >> 4 : m_settings.header.kid >> 4;
  const auto cntr = m_counters.next(version);
  if (!cntr) return tl::unexpected(cntr.error());
  auto packet = build_command({m_settings.header, *cntr, to_bytes(data)}, m_keys, m_settings.cc_size, m_settings.quirks);
  if (!packet) return tl::unexpected(packet.error());
  const auto parts = split({{{iei::kCommandPacket, {}}}, *packet}, m_settings.reference & 0xFF);
  if (!parts) return tl::unexpected(parts.error());
  if (parts->size() > 1) ++m_settings.reference;
  PreparedPacket prepared{*cntr, *std::move(packet), {}};
  for (std::size_t i = 0; i < parts->size(); ++i) {
    SmsDeliver message;
    message.originator = m_settings.originator;
    message.timestamp = m_settings.timestamp;
    message.no_more_messages = i + 1 == parts->size();
    if (auto set = message.body.set_user_data((*parts)[i]); !set) return tl::unexpected(set.error());
    prepared.messages.push_back(std::move(message));
  }
  return prepared;
}

Result<Delivery> PacketSender::send(const PreparedPacket& packet, SmsTerminal& terminal) {
  SmsTerminal::Report last;
  terminal.take_submitted();  // what came before has nothing to do with this packet
  for (const SmsDeliver& message : packet.messages) {
    auto report = terminal.deliver(message);
    if (!report) return tl::unexpected(report.error());
    last = *std::move(report);
  }
  return judge(packet, last, terminal.take_submitted());
}

Delivery PacketSender::judge(const PreparedPacket& packet, const SmsTerminal::Report& report, const std::vector<Bytes>& submitted) {
  Delivery delivery;
  delivery.cntr = packet.cntr;
  delivery.messages = packet.messages.size();
  delivery.status = report.status;
  read_response(report.user_data, packet, delivery);
  if (submitted.empty()) return delivery;
  const ManualClock clock;
  Reassembler parts(clock);
  for (const Bytes& tpdu : submitted) {
    const auto submit = SmsSubmit::parse(tpdu);
    const auto data = submit ? submit->body.parsed_user_data() : tl::unexpected(submit.error());
    if (!data) continue;  // a short message of its own, for a person perhaps
    const auto added = parts.add(submit->destination, *data);
    if (!added.message || added.message->find(iei::kResponsePacket) == nullptr) continue;
    // What the report said was 0B: the response proper comes now (3GPP TS 31.115 clause 4.4).
    delivery.response.reset();
    delivery.unreadable.reset();
    delivery.by_submit = true;
    read_response(added.message->encode().value_or(Bytes()), packet, delivery);
  }
  return delivery;
}

void PacketSender::read_response(BytesView user_data, const PreparedPacket& packet, Delivery& delivery) {
  if (user_data.empty()) return;
  const auto data = parse_user_data(user_data, true);
  if (!data || data->find(iei::kResponsePacket) == nullptr) {
    delivery.unreadable = Error{ErrorCode::kMalformed, "user data without a response packet", 0};
    return;
  }
  auto response = parse_response(data->payload, m_settings.header.spi, m_keys, m_settings.quirks);
  if (!response) {
    delivery.unreadable = response.error();
    return;
  }
  const bool ours = response->packet.tar == m_settings.header.tar && response->packet.cntr == packet.cntr;
  // Cards differ in what they repeat in a response that nothing protects; in one that is protected it is theirs.
  if (!ours && response->protected_as_asked && response->packet.status == ResponseStatus::kOk) {
    delivery.unreadable = Error{ErrorCode::kMismatch, "it answers another packet", 0};
  }
  delivery.response = *std::move(response);
}

}  // namespace uicclab::ota
