// SPDX-License-Identifier: Apache-2.0
#include "trace/secrets.hpp"

#include <algorithm>

#include "core/comprehension_tlv.hpp"
#include "core/hex.hpp"
#include "ef/followed_selection.hpp"
#include "ota/secured_packet_header.hpp"
#include "ota/sms_user_data.hpp"
#include "uicc/application.hpp"

namespace uicclab::trace {
namespace {

using ota::Content;
using ota::Field;

constexpr std::string_view kUnreadable = "data that could not be read";
constexpr std::size_t kMaxRemembered = 1024;

/// Bytes behind the last part of a frame.
void uncovered(const Field& frame, std::vector<Secret>& out) {
  if (frame.parts.empty()) return;
  std::size_t end = frame.offset;
  for (const Field& part : frame.parts) {
    if (part.content != Content::kWhole) end = std::max(end, part.offset + part.bytes.size());
  }
  const std::size_t all = frame.offset + frame.bytes.size();
  if (end < all) out.push_back({end, all - end, kUnreadable});
}

/// Where scripts begin: the MF, or the application that their TAR means (ETSI TS 102 226 clause 5.1). Nobody knows which it is, so all
/// are tried.
std::vector<ef::Selection> beginnings() {
  std::vector<ef::Selection> out(1);
  for (const BytesView aid : {BytesView(uicc::kUsimAid), BytesView(uicc::kIsimAid)}) {
    ef::Selection selection;
    selection.select(apdu::Command{.ins = 0xA4, .p1 = 0x04, .data = aid, .le = std::nullopt});
    out.push_back(std::move(selection));
  }
  return out;
}

/// The file that a command is about, seen from here.
std::string path_of(const apdu::Command& command, const ef::Selection& selection) {
  const auto sfi = ef::short_identifier(command);
  return sfi ? selection.directory() + "/SFI " + std::to_string(*sfi) : selection.path();
}

void put(std::vector<Secret>& out, const std::vector<Secret>& found, std::size_t offset) {
  for (const Secret& one : found) out.push_back({offset + one.offset, one.size, one.kind});
}

bool overlaps(const Secret& secret, std::size_t offset, std::size_t size) {
  return secret.offset < offset + size && offset < secret.offset + secret.size;
}

bool covers(const Secret& secret, std::size_t offset, std::size_t size) {
  return secret.offset <= offset && offset + size <= secret.offset + secret.size;
}

/// Writes over what is secret of the bytes that are at `offset`.
void overwrite(Bytes& bytes, std::size_t offset, const std::vector<Secret>& secrets) {
  constexpr std::uint8_t kFiller = '*';
  for (const Secret& one : secrets) {
    const std::size_t first = std::max(one.offset, offset);
    const std::size_t end = std::min(one.offset + one.size, offset + bytes.size());
    for (std::size_t i = first; i < end; ++i) bytes[i - offset] = kFiller;
  }
}

}  // namespace

void SecretMemory::in_messages(const std::vector<Field>& fields, std::vector<Secret>& out, std::vector<Secret>& whole_message) {
  for (const Field& field : fields) {
    if (std::ranges::find(field.parts, Content::kPart, &Field::content) != field.parts.end()) user_data(field, out);
    if (field.content == Content::kWhole) {
      in_messages(field.parts, whole_message, whole_message);
      continue;
    }
    if (field.content == Content::kPacket) packet(field, out);
    if (field.content == Content::kFrame) uncovered(field, out);
    in_messages(field.parts, out, whole_message);
  }
}

/// A part of a message in the clear may hold a part of a secret, which cannot be recognised before the last part has come.
void SecretMemory::user_data(const Field& field, std::vector<Secret>& out) {
  const auto part = std::ranges::find(field.parts, Content::kPart, &Field::content);
  const auto data = ota::parse_user_data(field.bytes, true);
  const auto place = data ? ota::concatenation_of(*data) : std::nullopt;
  if (!place) return;
  const unsigned key = unsigned{place->reference} | (unsigned{place->total} << 16);
  if (place->sequence == 1) {
    constexpr std::size_t kSpi = 3;  // behind CPL and CHL
    const bool packet = data->find(ota::iei::kCommandPacket) != nullptr;
    const bool response = data->find(ota::iei::kResponsePacket) != nullptr;
    const bool ciphered = packet && data->payload.size() > kSpi && ota::Spi{data->payload[kSpi], 0}.ciphered();
    if (m_open_parts.size() >= kMaxRemembered) m_open_parts.clear();
    m_open_parts[key] = response || (packet && !ciphered);
  }
  const auto known = m_open_parts.find(key);
  if (known == m_open_parts.end() || known->second) out.push_back({part->offset, part->bytes.size(), "part of a message"});
}

void SecretMemory::packet(const Field& packet, std::vector<Secret>& out) {
  uncovered(packet, out);
  const Field* tar_field = packet.find("TAR");
  Tar tar;
  if (tar_field != nullptr && tar_field->bytes.size() == tar.value.size()) std::ranges::copy(tar_field->bytes, tar.value.begin());
  const bool is_command = packet.find("KIc") != nullptr;
  for (const Field& part : packet.parts) {
    const bool unread = part.content == Content::kUnread;
    if (unread) out.push_back({part.offset, part.bytes.size(), kUnreadable});
    if (is_command && (unread || part.content == Content::kCiphered)) {
      if (m_asked.size() < kMaxRemembered) m_asked[tar] = true;
    } else if (part.content == Content::kScript) {
      const bool asks = script(part, out);
      if (m_asked.size() < kMaxRemembered) m_asked[tar] = m_asked[tar] || asks;
    } else if (part.content == Content::kResponse) {
      const auto asked = m_asked.find(tar);
      uncovered(part, out);
      if (asked != m_asked.end() && !asked->second) continue;
      for (const Field& one : part.parts) {
        const std::size_t status = one.content == Content::kAnswer ? 2 : 0;
        if (status == 0 && one.content != Content::kData) continue;
        if (one.bytes.size() > status) out.push_back({one.offset, one.bytes.size() - status, "answer to a script"});
      }
    }
  }
}

bool SecretMemory::script(const Field& script, std::vector<Secret>& out) {
  uncovered(script, out);
  std::vector<ef::Selection> selections = beginnings();
  bool asks = false;
  for (const Field& one : script.parts) {
    if (one.content != Content::kCommand) continue;
    const auto command = apdu::parse(one.bytes);
    for (ef::Selection& selection : selections) {
      const std::string path = command ? path_of(*command, selection) : selection.path();
      const auto secrets = script::secrets_of_command(one.bytes, path);
      asks = asks || script::may_answer_secrets(one.bytes, path);
      if (command && command->ins == apdu::kSelect) selection.select(*command);
      if (secrets.empty()) continue;
      put(out, secrets, one.offset);
      break;
    }
  }
  return asks;
}

void secrets_of_toolkit(BytesView objects, std::size_t offset, std::vector<Secret>& out) {
  constexpr std::uint16_t kDetails = 0x01;
  constexpr std::uint16_t kText = 0x0D;
  constexpr std::uint16_t kCommandApdu = 0x22;
  constexpr std::uint16_t kAnswerApdu = 0x23;
  constexpr std::uint16_t kAtCommand = 0x28;
  constexpr std::uint8_t kGetInput = 0x23;
  constexpr std::uint8_t kHiddenInput = 0x04;  // clause 8.6: user input shall not be revealed in any way
  constexpr std::uint8_t kOpenChannel = 0x40;
  const auto details = ctlv::find(objects, kDetails);
  const bool known = details && details->size() == 3;
  const bool hidden = known && (*details)[1] == kGetInput && ((*details)[2] & kHiddenInput) != 0;
  const bool login = known && (*details)[1] == kOpenChannel;
  ctlv::Reader reader(objects);
  while (!reader.empty()) {
    const auto object = reader.next();
    if (!object) {
      const std::size_t at = std::min(object.error().offset, objects.size());
      out.push_back({offset + at, objects.size() - at, kUnreadable});
      return;
    }
    const BytesView value = object->value;
    const auto at = offset + static_cast<std::size_t>(value.data() - objects.data());
    if (value.empty()) continue;
    if (object->tag == kText && (hidden || login)) {
      out.push_back({at, value.size(), hidden ? "hidden input" : "login or password"});
    } else if (object->tag == kCommandApdu) {
      put(out, script::secrets_of_command(value, {}), at);
    } else if (object->tag == kAnswerApdu && value.size() > 2) {
      out.push_back({at, value.size() - 2, "answer of another card"});
    } else if (object->tag == kAtCommand) {
      const auto equals = std::ranges::find(value, std::uint8_t{'='});
      const auto size = static_cast<std::size_t>(value.end() - equals);
      if (size > 1) out.push_back({at + value.size() - size + 1, size - 1, "AT command"});
    }
  }
}

void overwrite(Bytes& bytes, const std::vector<Secret>& secrets) {
  overwrite(bytes, 0, secrets);
}

void overwrite(std::vector<Field>& fields, const std::vector<Secret>& secrets, const std::vector<Secret>& whole_message) {
  for (Field& field : fields) {
    if (field.content == Content::kWhole) {
      overwrite(field.bytes, field.offset, whole_message);
      overwrite(field.parts, whole_message, whole_message);
      continue;
    }
    // Values that a codec made have a place and no bytes.
    const std::size_t size = std::max<std::size_t>(field.bytes.size(), 1);
    const auto hidden = [&](const Secret& one) { return covers(one, field.offset, size); };
    const auto touched = [&](const Secret& one) { return overlaps(one, field.offset, size); };
    if (std::ranges::any_of(secrets, hidden)) {
      if (!field.bytes.empty() || !field.parts.empty() || !field.meaning.empty()) {
        field.meaning = field.bytes.empty() ? "not shown" : std::to_string(field.bytes.size()) + " bytes, not shown";
      }
      field.bytes.clear();
      field.parts.clear();
    } else if (std::ranges::any_of(secrets, touched)) {
      overwrite(field.bytes, field.offset, secrets);
      // A value in words may say what is secret; what a command or a status is, does not.
      const bool says_kind = field.content == Content::kCommand || field.content == Content::kAnswer;
      if (field.parts.empty() && !says_kind) field.meaning = "in part not shown";
      overwrite(field.parts, secrets, whole_message);
    } else {
      overwrite(field.parts, secrets, whole_message);
    }
  }
}

}  // namespace uicclab::trace
