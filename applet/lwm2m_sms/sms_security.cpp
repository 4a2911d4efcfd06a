// SPDX-License-Identifier: Apache-2.0
#include "applet/lwm2m_sms/sms_security.hpp"

#include "core/comprehension_tlv.hpp"
#include "core/crypto/hash.hpp"
#include "core/reader.hpp"
#include "lwm2m/secured_sms.hpp"
#include "ota/sms_download.hpp"
#include "ota/sms_tpdu.hpp"

namespace uicclab::applet::lwm2m_sms {
namespace {

using lwm2m::SessionKeyRecord;

constexpr std::uint8_t kInitializeUpdate = 0x50;
constexpr std::uint8_t kExternalAuthenticate = 0x82;
constexpr std::uint8_t kGetData = 0xCA;
constexpr std::uint8_t kDelete = 0xE4;
constexpr std::uint8_t kStoreData = 0xE2;

// P1 of GET DATA and DELETE.
constexpr std::uint8_t kReceived = 0x01;
constexpr std::uint8_t kToSend = 0x02;
constexpr std::size_t kBlock = 224;  // of GET DATA; it fits an answer through a secure channel
// P1 of STORE DATA without bit 8.
constexpr std::uint8_t kCoapMessage = 0x00;
constexpr std::uint8_t kShortMessage = 0x02;

constexpr std::uint8_t kFullChannel = 0x33;  // LwM2M appendix H
constexpr std::size_t kMaxParts = 32;
constexpr std::uint8_t kDcsForDevice = 0xF5;  // 8 bit data, class 1
constexpr std::uint16_t kResultTag = 0x03;    // ETSI TS 102 223 clause 8.12
constexpr std::uint8_t kFirstFailure = 0x10;

Settings settings_of(const Context& context) {
  return Settings::decode(context.load(kSettingsSlot).value_or(BytesView()));
}

/// What a packet is looked at with, and what is protected with.
struct Keys {
  Files* files;
  Account account;
  ota::Address server;
  SessionKeyRecord record;
};

Bytes identity_of(const SessionKeyRecord& record) {
  const Bytes generation = ByteWriter().u32(record.generation).take();
  return to_bytes(crypto::sha256({generation, record.keys.kic.expose(kDigest), record.keys.kid.expose(kDigest)}));
}

/// When these keys were first seen.
std::optional<std::chrono::milliseconds> since(const Context& context, const SessionKeyRecord& record) {
  const auto noted = context.load(kSinceSlot);
  const Bytes identity = identity_of(record);
  if (!noted || noted->size() != identity.size() + 8 || !equal(noted->first(identity.size()), identity)) return std::nullopt;
  return std::chrono::milliseconds(*ByteReader(noted->subspan(identity.size())).number(8));
}

Bytes note(const Context& context, const SessionKeyRecord& record) {
  const auto now = static_cast<std::uint64_t>(context.clock().now().count());
  return ByteWriter().bytes(identity_of(record)).number(now, 8).take();
}

/// The lifetime has ended, or the clock began anew, so that nobody can tell (SMS session-key CR, clause 7.2.2.1). Without a lifetime it is
/// for device and server decide, which know the registration.
bool is_expired(Context& context, const SessionKeyRecord& record) {
  if (record.lifetime.count() == 0) return false;
  const auto begin = since(context, record);
  if (!begin) context.store_now(kSinceSlot, note(context, record));
  const auto now = context.clock().now();
  return now < begin.value_or(now) || now - begin.value_or(now) >= record.lifetime;
}

/// Nothing without an account, its number, or keys that may be used.
std::optional<Keys> keys_of(Context& context) {
  Files* files = context.files_of(settings_of(context).pkcs15);
  auto account = files != nullptr ? read_account(*files) : std::nullopt;
  if (!account) return std::nullopt;
  auto server = ota::Address::from_number(account->server);
  auto record = load_keys(*files, *account);
  if (!server || !record || is_expired(context, *record)) return std::nullopt;
  return Keys{files, *std::move(account), *std::move(server), *std::move(record)};
}

/// TP-OA | 05 | length | CoAP, as the device gets it (clause 7.2.2.2.1).
Bytes received_message(const ota::Address& server, BytesView coap) {
  ByteWriter out;
  ota::write_address(out, server);
  return out.u8(lwm2m::kCoapTag).u16(static_cast<std::uint16_t>(coap.size())).bytes(coap).take();
}

/// The packet is right: the counter moves and the message waits for the device, in one transaction. Any other leaves no trace.
void receive(Context& context, Keys& keys, BytesView packet) {
  const std::uint64_t last = keys.record.received;
  const auto coap = lwm2m::open_sms(packet, keys.record, Tar{keys.account.binding.tar});
  if (keys.record.received == last || !save_keys(*keys.files, keys.record) || !coap) return;
  Bytes message = received_message(keys.server, *coap);
  if (message.size() <= Inbox::kMaxMessage) Inbox(context).add(context, std::move(message));
}

/// The short messages that carry a packet to the server.
Result<std::vector<Bytes>> short_messages(const Keys& keys, BytesView packet, std::uint8_t reference) {
  const auto parts = ota::split({{{ota::iei::kCommandPacket, {}}}, to_bytes(packet)}, reference);
  if (!parts) return tl::unexpected(parts.error());
  const bool by_card = keys.account.end_point == EndPoint::kCard;
  std::vector<Bytes> tpdus;
  for (const ota::UserData& part : *parts) {
    ota::SmsSubmit message;
    message.destination = keys.server;
    message.body.pid = by_card ? ota::pid::kSimDataDownload : ota::pid::kMeDataDownload;
    message.body.dcs = by_card ? ota::kDcsForCard : kDcsForDevice;
    if (auto set = message.body.set_user_data(part); !set) return tl::unexpected(set.error());
    auto tpdu = message.build();
    if (!tpdu) return tl::unexpected(tpdu.error());
    tpdus.push_back(*std::move(tpdu));
  }
  return tpdus;
}

/// The message has the class and protocol of this end-point (SMS session-key CR, clause 7.2.2.1; LwM2M 1.0 clause 7.2.2.2).
bool is_for(EndPoint end_point, const ota::TpduBody& body) {
  if (end_point == EndPoint::kCard) return ota::is_sim_data_download(body.pid, body.dcs);
  const ota::DataCoding coding = ota::data_coding(body.dcs);
  return body.pid == ota::pid::kMeDataDownload && coding.alphabet == ota::Alphabet::k8Bit && !coding.compressed &&
         coding.message_class == ota::MessageClass::kTerminal;
}

}  // namespace

StatusWord SmsSecurity::select(Context& /*context*/, Bytes& /*out*/) {
  m_blocks.clear();
  return sw::kOk;
}

StatusWord SmsSecurity::process(Context& context, const apdu::Command& command, Bytes& out) {
  if (command.ins == kInitializeUpdate || command.ins == kExternalAuthenticate) return context.process_security(command, out);
  if (command.ins != kGetData && command.ins != kDelete && command.ins != kStoreData) return sw::kInsNotSupported;
  if (!apdu::is_proprietary(command.cla) || apdu::is_secured(command.cla)) return sw::kClaNotSupported;
  if (settings_of(context).secure_channel && context.secure_channel_level() != kFullChannel) return sw::kSecurityStatusNotSatisfied;
  if (command.ins == kStoreData) return store(context, command);
  return command.ins == kGetData ? read(context, command, out) : remove(context, command);
}

StatusWord SmsSecurity::read(Context& context, const apdu::Command& command, Bytes& out) const {
  if (!command.data.empty()) return sw::kWrongLength;
  if (command.p1 != kReceived && command.p1 != kToSend) return sw::kIncorrectP1P2;
  const Inbox inbox(context);
  if (command.p1 == kReceived ? inbox.empty() : m_packets.empty()) return sw::kReferencedDataNotFound;
  const BytesView message = command.p1 == kReceived ? inbox.oldest() : BytesView(m_packets.front());
  const std::size_t begin = command.p2 * kBlock;
  if (begin >= message.size()) return sw::kWrongP1P2;
  append(out, message.subspan(begin, std::min(kBlock, message.size() - begin)));
  return sw::kOk;
}

StatusWord SmsSecurity::remove(Context& context, const apdu::Command& command) {
  if (!command.data.empty()) return sw::kWrongLength;
  if (command.p2 != 0 || (command.p1 != kReceived && command.p1 != kToSend)) return sw::kIncorrectP1P2;
  if (command.p1 == kToSend) {
    if (m_packets.empty()) return sw::kReferencedDataNotFound;
    m_packets.pop_front();
    return sw::kOk;
  }
  Inbox inbox(context);
  if (inbox.empty()) return sw::kReferencedDataNotFound;
  inbox.remove_oldest(context);
  return sw::kOk;
}

StatusWord SmsSecurity::store(Context& context, const apdu::Command& command) {
  const auto message = m_blocks.add(command, kShortMessage);
  if (!message) return message.error();
  if (!*message) return sw::kOk;
  return (*message)->kind == kCoapMessage ? send(context, (*message)->data) : take_over(context, (*message)->data);
}

// The counter is in the transaction of this command: it is written before anything of the packet leaves the card.
StatusWord SmsSecurity::send(Context& context, BytesView message) {
  ByteReader in(message);
  const auto destination = ota::read_address(in);
  const auto tag = in.u8();
  const auto size = in.u16();
  const auto coap = size ? in.bytes(*size) : std::nullopt;
  if (!destination || tag != lwm2m::kCoapTag || !coap || coap->empty() || !in.empty()) return sw::kIncorrectData;
  auto keys = keys_of(context);
  if (!keys) return sw::kConditionsNotSatisfied;
  if (destination->semi_octets != 0 && !ota::is_same_number(*destination, keys->server)) return sw::kIncorrectData;
  const bool by_card = keys->account.end_point == EndPoint::kCard;
  const Tar tar = settings_of(context).server_tar.value_or(by_card ? lwm2m::kToServerFromCard : lwm2m::kToServer);
  // What goes out would come back as the server's: both directions have the same keys.
  if (tar == Tar{keys->account.binding.tar}) return sw::kConditionsNotSatisfied;
  const auto packet = lwm2m::protect_sms(*coap, keys->record, tar);
  if (!packet || !save_keys(*keys->files, keys->record)) return sw::kConditionsNotSatisfied;
  const auto tpdus = short_messages(*keys, *packet, m_reference++);
  if (!tpdus) return sw::kIncorrectData;
  if (by_card) return ask_to_send(context, *tpdus);
  if (m_packets.size() + tpdus->size() > kMaxParts) return sw::kBusy;
  m_packets.insert(m_packets.end(), tpdus->begin(), tpdus->end());
  return sw::kOk;
}

// One part at a time, the next when the terminal says that this one is sent. Nothing is queued unless the command succeeds.
StatusWord SmsSecurity::ask_to_send(Context& context, const std::vector<Bytes>& tpdus) {
  if (context.toolkit().terminal_profile().empty()) return sw::kConditionsNotSatisfied;
  if (m_parts.size() + tpdus.size() > kMaxParts) return sw::kBusy;
  std::deque<Part> parts;
  for (const Bytes& tpdu : tpdus) {
    ota::SendShortMessage command;
    command.alpha_identifier = Bytes{};  // nothing to be shown
    command.tpdu = tpdu;
    parts.push_back({command.build(), parts.size() + 1 == tpdus.size()});
  }
  if (!m_asked) {
    if (!context.toolkit().send(parts.front().command)) return sw::kBusy;
    m_asked = parts.front().last;
    parts.pop_front();
  }
  std::ranges::move(parts, std::back_inserter(m_parts));
  return sw::kOk;
}

Handled SmsSecurity::on_terminal_response(Context& context, BytesView response) {
  if (!m_asked) return Handled::kDone;
  const auto result = ctlv::find(response, kResultTag);
  if (!result || result->empty() || result->front() >= kFirstFailure) {
    // Without this part the others of its packet are of no use.
    for (bool last = *m_asked; !last && !m_parts.empty(); m_parts.pop_front()) last = m_parts.front().last;
  }
  m_asked.reset();
  if (m_parts.empty()) return Handled::kDone;
  if (!context.toolkit().send(m_parts.front().command)) {
    m_parts.clear();
    return Handled::kDone;
  }
  m_asked = m_parts.front().last;
  m_parts.pop_front();
  return Handled::kWaiting;
}

StatusWord SmsSecurity::take_over(Context& context, BytesView tpdu) {
  const auto deliver = ota::SmsDeliver::parse(tpdu);
  if (!deliver) return sw::kIncorrectData;
  if (Inbox(context).is_full()) return sw::kBusy;
  auto keys = keys_of(context);
  if (!keys || !is_for(keys->account.end_point, deliver->body) || !ota::is_same_number(deliver->originator, keys->server)) return sw::kOk;
  const auto part = deliver->body.parsed_user_data();
  if (!part) return sw::kOk;
  const auto added = m_received.add(deliver->originator, *part);
  if (added.message && added.message->find(ota::iei::kCommandPacket) != nullptr) receive(context, *keys, added.message->payload);
  return sw::kOk;
}

std::optional<StatusWord> SmsSecurity::on_packet(Context& context, const PacketMessage& message) {
  if (Inbox(context).is_full()) return sw::kBusy;
  auto keys = keys_of(context);
  const auto originator = ota::Address::from_number(message.originator);
  const bool mine = keys && keys->account.end_point == EndPoint::kCard && originator && ota::is_same_number(*originator, keys->server);
  if (mine) receive(context, *keys, message.packet);
  return sw::kOk;
}

void SmsSecurity::on_files_changed(Context& context) {
  const Files* files = context.files_of(settings_of(context).pkcs15);
  const auto account = files != nullptr ? read_account(*files) : std::nullopt;
  const auto record = account ? load_keys(*files, *account) : std::nullopt;
  if (record && !since(context, *record)) context.store(kSinceSlot, note(context, *record));
}

}  // namespace uicclab::applet::lwm2m_sms
