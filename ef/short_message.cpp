// SPDX-License-Identifier: Apache-2.0
#include "ef/short_message.hpp"

#include <algorithm>
#include <array>

#include "core/hex.hpp"
#include "core/reader.hpp"
#include "ota/sms_text.hpp"

namespace uicclab::ef {
namespace {

// Bits 4 and 5 of a sent message are about its status report.
constexpr auto kStatus = std::to_array<Choice>({{0x00, "free"},
                                                {0x01, "received, read"},
                                                {0x03, "received, to be read"},
                                                {0x07, "to be sent"},
                                                {0x05, "sent"},
                                                {0x0D, "sent, report requested"},
                                                {0x15, "sent, report received"},
                                                {0x1D, "sent, report received and stored"}});

Value body_value(const ota::TpduBody& body, Value out) {
  out.set("pid", to_hex(BytesView(&body.pid, 1)));
  out.set("dcs", to_hex(BytesView(&body.dcs, 1)));
  if (const auto message = ota::text_of(body)) {
    if (!message->header.empty()) out.set("header", to_hex(message->header));
    out.set("text", message->text);
    return out;
  }
  if (body.has_header) out.set("has_header", true);
  if (body.septets != 0) out.set("septets", std::uint64_t{body.septets});
  out.set("data", to_hex(body.user_data));
  return out;
}

/// A number or a name; nothing for one that would be written in other bytes.
std::string text_of(const ota::Address& address) {
  const auto plain = ota::Address::from_text(address.text());
  return plain && *plain == address ? address.text() : "";
}

/// A number, a name, or the address in hexadecimal: type and value.
Value address_value(const ota::Address& address) {
  const std::string text = text_of(address);
  if (!text.empty() && !text.starts_with("raw:")) return text;
  ByteWriter writer;
  ota::write_address(writer, address);
  return "raw:" + to_hex(writer.view());
}

Value deliver_value(const ota::SmsDeliver& message) {
  Value out{Members()};
  out.set("from", address_value(message.originator));
  out.set("time", to_hex(message.timestamp));
  if (!message.no_more_messages) out.set("more_messages", true);
  if (message.loop_prevention) out.set("loop_prevention", true);
  if (message.status_report) out.set("status_report", true);
  if (message.reply_path) out.set("reply_path", true);
  return body_value(message.body, std::move(out));
}

Value submit_value(const ota::SmsSubmit& message) {
  Value out{Members()};
  out.set("to", address_value(message.destination));
  out.set("reference", std::uint64_t{message.reference});
  if (message.validity_format != ota::ValidityFormat::kNone) {
    out.set("validity_format", static_cast<std::uint64_t>(message.validity_format));
    out.set("validity", to_hex(message.validity));
  }
  if (message.reject_duplicates) out.set("reject_duplicates", true);
  if (message.status_report) out.set("status_report", true);
  if (message.reply_path) out.set("reply_path", true);
  return body_value(message.body, std::move(out));
}

/// The members of a message one by one; the first that is wrong is remembered.
class MessageReader {
 public:
  explicit MessageReader(const Value& message) : m_message(message) {}

  bool flag(std::string_view name) const {
    const Value* value = m_message.find(name);
    return value != nullptr && value->boolean() != nullptr && *value->boolean();
  }
  std::uint8_t number(std::string_view name) {
    const Value* value = m_message.find(name);
    if (value == nullptr) return 0;
    const auto bytes = ef::number().encode(*value, 1);
    if (!bytes) return wrong(name, bytes.error().what), std::uint8_t{0};
    return bytes->front();
  }
  Bytes bytes(std::string_view name, std::optional<std::size_t> size) {
    const Value* value = m_message.find(name);
    if (value == nullptr) return wrong(name, "is missing"), Bytes(size.value_or(0));
    auto out = hex().encode(*value, size);
    if (!out) return wrong(name, out.error().what), Bytes(size.value_or(0));
    return *std::move(out);
  }
  ota::Address address(std::string_view name) {
    const Value* value = m_message.find(name);
    const std::string text = value == nullptr || value->text() == nullptr ? "raw:" : *value->text();
    if (text.starts_with("raw:")) {
      const auto raw = from_hex(std::string_view(text).substr(4));
      ByteReader reader(raw ? BytesView(*raw) : BytesView());
      const auto parsed = ota::read_address(reader);
      if (parsed && reader.empty()) return *parsed;
    } else if (const auto parsed = ota::Address::from_text(text)) {
      return *parsed;
    }
    wrong(name, "must be a number of up to 20 digits, or a name of up to 11 characters of the GSM alphabet");
    return {};
  }
  ota::TpduBody body() {
    ota::TpduBody out;
    out.pid = bytes("pid", 1)[0];
    out.dcs = bytes("dcs", 1)[0];
    if (const Value* text = m_message.find("text")) {
      if (text->text() == nullptr) return wrong("text", "must be a text"), out;
      const ota::MessageText message{m_message.find("header") == nullptr ? Bytes() : bytes("header", std::nullopt), *text->text()};
      if (const auto set = ota::set_text(out, message); !set) wrong("text", set.error().text);
      return out;
    }
    out.has_header = flag("has_header");
    out.septets = number("septets");
    out.user_data = bytes("data", std::nullopt);
    return out;
  }
  const std::optional<Fault>& fault() const { return m_fault; }

 private:
  void wrong(std::string_view name, std::string what) {
    if (!m_fault) m_fault = Fault{ErrorCode::kMalformed, std::string(name), std::move(what)};
  }

  const Value& m_message;
  std::optional<Fault> m_fault;
};

Coded<Bytes> built(const Result<Bytes>& bytes, const std::optional<Fault>& fault) {
  if (fault) return tl::unexpected<Fault>(*fault);
  if (!bytes) return faulty(bytes.error().code, bytes.error().text);
  return *bytes;
}

Coded<Bytes> encode_deliver(const Value& value) {
  MessageReader in(value);
  ota::SmsDeliver message;
  message.originator = in.address("from");
  std::ranges::copy(in.bytes("time", message.timestamp.size()), message.timestamp.begin());
  message.no_more_messages = !in.flag("more_messages");
  message.loop_prevention = in.flag("loop_prevention");
  message.status_report = in.flag("status_report");
  message.reply_path = in.flag("reply_path");
  message.body = in.body();
  return built(message.build(), in.fault());
}

Coded<Bytes> encode_submit(const Value& value) {
  MessageReader in(value);
  ota::SmsSubmit message;
  message.destination = in.address("to");
  message.reference = in.number("reference");
  message.validity_format = static_cast<ota::ValidityFormat>(in.number("validity_format") & 0x03);
  if (message.validity_format != ota::ValidityFormat::kNone) message.validity = in.bytes("validity", std::nullopt);
  message.reject_duplicates = in.flag("reject_duplicates");
  message.status_report = in.flag("status_report");
  message.reply_path = in.flag("reply_path");
  message.body = in.body();
  return built(message.build(), in.fault());
}

/// A TPDU of this kind with FF after it; nothing if it is invalid, or would be encoded differently.
template <typename Message>
std::optional<Message> parsed(BytesView bytes) {
  auto message = Message::parse(bytes);
  // What follows the user data is filler, and where it begins is what the parser says.
  const std::size_t end = message ? bytes.size() : message.error().code == ErrorCode::kTrailing ? message.error().offset : 0;
  if (end == 0 || end > bytes.size() || !std::ranges::all_of(bytes.subspan(end), [](std::uint8_t byte) { return byte == 0xFF; }))
    return std::nullopt;
  if (!message) message = Message::parse(bytes.first(end));
  const auto again = message ? message->build() : Result<Bytes>(fail(ErrorCode::kMalformed, ""));
  if (!again || !equal(*again, bytes.first(end))) return std::nullopt;
  return *message;
}

Type with(Coded<Bytes> (*encode)(const Value&), Value (*decode)(BytesView)) {
  return {[decode](BytesView bytes) -> Coded<Value> { return decode(bytes); },
          [encode](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            auto bytes = encode(value);
            if (bytes && size && bytes->size() > *size) return faulty(ErrorCode::kRange, "is longer than the record");
            if (bytes && size) bytes->resize(*size, 0xFF);
            return bytes;
          }};
}

Value decode_deliver(BytesView bytes) {
  return deliver_value(*parsed<ota::SmsDeliver>(bytes));
}
Value decode_submit(BytesView bytes) {
  return submit_value(*parsed<ota::SmsSubmit>(bytes));
}

/// The name under which the TPDU of a record is shown.
std::string_view kind_of(BytesView tpdu) {
  if (parsed<ota::SmsDeliver>(tpdu)) return "deliver";
  return parsed<ota::SmsSubmit>(tpdu) ? "submit" : "tpdu";
}

/// Any bytes with FF behind them.
Type padded_hex() {
  return {[](BytesView bytes) -> Coded<Value> {
            while (!bytes.empty() && bytes.back() == 0xFF) bytes = bytes.first(bytes.size() - 1);
            return to_hex(bytes);
          },
          [](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            auto bytes = hex().encode(value, std::nullopt);
            if (bytes && size && bytes->size() > *size) return faulty(ErrorCode::kRange, "is longer than the record");
            if (bytes && size) bytes->resize(*size, 0xFF);
            return bytes;
          }};
}

}  // namespace

Type short_message() {
  return or_empty(record([](Coder& c) {
    c.field("status", 1, choice(kStatus));
    if (!c.present("service_centre")) return;
    c.self_sized("service_centre", dialling_number());
    const std::string_view kind = c.reading()            ? kind_of(c.view())
                                  : c.present("deliver") ? "deliver"
                                  : c.present("submit")  ? "submit"
                                                         : "tpdu";
    if (!c.present(kind)) return;
    if (kind == "deliver") {
      c.rest(kind, with(encode_deliver, decode_deliver));
    } else if (kind == "submit") {
      c.rest(kind, with(encode_submit, decode_submit));
    } else {
      c.rest(kind, padded_hex());
    }
  }));
}

}  // namespace uicclab::ef
