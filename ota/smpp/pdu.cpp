// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp/pdu.hpp"

#include "core/reader.hpp"

namespace uicclab::ota::smpp {
namespace {

/// Reads the fields of a body one by one; after the first failure there is nothing to read.
class BodyReader {
 public:
  explicit BodyReader(BytesView body) : m_reader(body) {}

  /// Up to `size` bytes with the 00 at their end (clause 3.1: C-Octet String).
  std::string text(std::size_t size) {
    const BytesView rest = m_reader.rest();
    const auto end = std::find(rest.begin(), rest.end(), std::uint8_t{0});
    const auto length = static_cast<std::size_t>(end - rest.begin());
    if (end == rest.end() || length >= size) {
      refuse(end == rest.end() ? ErrorCode::kTruncated : ErrorCode::kRange, "a text without end, or too long");
      return {};
    }
    m_reader.skip(length + 1);
    return {rest.begin(), end};
  }
  std::uint8_t octet() {
    const auto value = m_reader.u8();
    if (!value) refuse(ErrorCode::kTruncated, "the body ends too early");
    return value.value_or(0);
  }
  Address address(std::size_t size) {
    Address out;
    out.ton = octet();
    out.npi = octet();
    out.digits = text(size);
    return out;
  }
  Bytes bytes(std::size_t size) {
    const auto value = m_reader.bytes(size);
    if (!value) refuse(ErrorCode::kTruncated, "the body ends too early");
    return value ? to_bytes(*value) : Bytes();
  }
  std::vector<Parameter> parameters() {
    std::vector<Parameter> out;
    while (!m_error && !m_reader.empty()) {
      const auto tag = m_reader.u16();
      const auto length = m_reader.u16();
      if (!length) {
        refuse(ErrorCode::kTruncated, "half an optional parameter");
        break;
      }
      out.push_back({*tag, bytes(*length)});
    }
    return out;
  }
  const std::optional<Error>& error() const { return m_error; }

  void refuse(ErrorCode code, const char* text) {
    if (!m_error) m_error = Error{code, text, m_reader.offset()};
    m_reader.skip(m_reader.remaining());
  }

 private:
  ByteReader m_reader;
  std::optional<Error> m_error;
};

void write_text(ByteWriter& writer, std::string_view text) {
  writer.bytes(as_bytes(text)).u8(0);
}

void write_address(ByteWriter& writer, const Address& address) {
  writer.u8(address.ton).u8(address.npi);
  write_text(writer, address.digits);
}

}  // namespace

Bytes Pdu::encode() const {
  ByteWriter writer;
  writer.u32(static_cast<std::uint32_t>(kHeaderSize + body.size())).u32(command).u32(status).u32(sequence).bytes(body);
  return writer.take();
}

Result<std::optional<Pdu>> take_pdu(Bytes& stream) {
  ByteReader reader(stream);
  const auto length = reader.u32();
  if (!length) return std::nullopt;
  if (*length < Pdu::kHeaderSize || *length > Pdu::kMaxSize) return fail(ErrorCode::kRange, "a length that no PDU has");
  if (stream.size() < *length) return std::nullopt;
  Pdu pdu;
  pdu.command = *reader.u32();
  pdu.status = *reader.u32();
  pdu.sequence = *reader.u32();
  pdu.body = to_bytes(*reader.bytes(*length - Pdu::kHeaderSize));
  stream.erase(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(*length));
  return pdu;
}

Result<Bind> Bind::parse(BytesView body) {
  BodyReader reader(body);
  Bind bind;
  bind.system_id = reader.text(16);
  bind.password = reader.text(9);
  bind.system_type = reader.text(13);
  bind.interface_version = reader.octet();
  bind.range = reader.address(41);
  if (reader.error()) return tl::unexpected(*reader.error());
  return bind;
}

Bytes Bind::encode() const {
  ByteWriter writer;
  write_text(writer, system_id);
  write_text(writer, password);
  write_text(writer, system_type);
  writer.u8(interface_version);
  write_address(writer, range);
  return writer.take();
}

namespace {

constexpr std::size_t kServiceType = 6, kAddress = 21, kDataAddress = 65, kTime = 17, kMessageId = 65;

/// From esm_class to the end of the body, as in submit_sm and submit_multi.
void read_message(BodyReader& reader, ShortMessage& message) {
  message.esm_class = reader.octet();
  message.protocol_id = reader.octet();
  message.priority = reader.octet();
  message.schedule = reader.text(kTime);
  message.validity = reader.text(kTime);
  message.registered_delivery = reader.octet();
  message.replace_if_present = reader.octet();
  message.data_coding = reader.octet();
  message.default_message = reader.octet();
  message.text = reader.bytes(reader.octet());
  message.parameters = reader.parameters();
  if (message.text.size() > 254) reader.refuse(ErrorCode::kRange, "a short_message of more than 254 octets");
}

}  // namespace

Result<ShortMessage> ShortMessage::parse(BytesView body) {
  BodyReader reader(body);
  ShortMessage message;
  message.service_type = reader.text(kServiceType);
  message.source = reader.address(kAddress);
  message.destination = reader.address(kAddress);
  read_message(reader, message);
  if (reader.error()) return tl::unexpected(*reader.error());
  return message;
}

Result<ShortMessage> ShortMessage::parse_data(BytesView body) {
  BodyReader reader(body);
  ShortMessage message;
  message.service_type = reader.text(kServiceType);
  message.source = reader.address(kDataAddress);
  message.destination = reader.address(kDataAddress);
  message.esm_class = reader.octet();
  message.registered_delivery = reader.octet();
  message.data_coding = reader.octet();
  message.parameters = reader.parameters();
  if (reader.error()) return tl::unexpected(*reader.error());
  return message;
}

Result<SubmitMulti> SubmitMulti::parse(BytesView body) {
  constexpr std::uint8_t kSmeAddress = 1, kDistributionList = 2;  // dest_flag (clause 5.2.25)
  BodyReader reader(body);
  SubmitMulti out;
  out.message.service_type = reader.text(kServiceType);
  out.message.source = reader.address(kAddress);
  for (unsigned left = reader.octet(); left > 0 && !reader.error(); --left) {
    const std::uint8_t flag = reader.octet();
    if (flag == kSmeAddress) {
      out.destinations.push_back(reader.address(kAddress));
    } else if (flag == kDistributionList) {
      out.lists.push_back(reader.text(kAddress));
    } else {
      reader.refuse(ErrorCode::kUnsupported, "a dest_flag that is neither 1 (address) nor 2 (distribution list)");
    }
  }
  read_message(reader, out.message);
  if (reader.error()) return tl::unexpected(*reader.error());
  return out;
}

Result<QuerySm> QuerySm::parse(BytesView body) {
  BodyReader reader(body);
  QuerySm out;
  out.message_id = reader.text(kMessageId);
  out.source = reader.address(kAddress);
  if (reader.error()) return tl::unexpected(*reader.error());
  return out;
}

Bytes encode_multi_response(std::string_view message_id, const std::vector<Unsuccessful>& failed) {
  ByteWriter writer;
  write_text(writer, message_id);
  writer.u8(static_cast<std::uint8_t>(failed.size()));
  for (const Unsuccessful& one : failed) {
    write_address(writer, one.destination);
    writer.u32(static_cast<std::uint32_t>(one.status));
  }
  return writer.take();
}

Bytes encode_query_response(std::string_view message_id, std::string_view final_date, MessageState state, std::uint8_t error) {
  ByteWriter writer;
  write_text(writer, message_id);
  write_text(writer, final_date);
  return writer.u8(static_cast<std::uint8_t>(state)).u8(error).take();
}

Bytes ShortMessage::encode() const {
  ByteWriter writer;
  write_text(writer, service_type);
  write_address(writer, source);
  write_address(writer, destination);
  writer.u8(esm_class).u8(protocol_id).u8(priority);
  write_text(writer, schedule);
  write_text(writer, validity);
  writer.u8(registered_delivery).u8(replace_if_present).u8(data_coding).u8(default_message).lv(text);
  for (const Parameter& parameter : parameters) {
    writer.u16(parameter.tag).u16(static_cast<std::uint16_t>(parameter.value.size())).bytes(parameter.value);
  }
  return writer.take();
}

const Parameter* ShortMessage::find(std::uint16_t tag) const {
  const auto found = std::ranges::find(parameters, tag, &Parameter::tag);
  return found == parameters.end() ? nullptr : &*found;
}

Bytes encode_text(std::string_view text) {
  return concat({as_bytes(text), Bytes{0}});
}

}  // namespace uicclab::ota::smpp
