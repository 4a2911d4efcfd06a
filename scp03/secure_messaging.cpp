// SPDX-License-Identifier: Apache-2.0
#include "scp03/secure_messaging.hpp"

namespace uicclab::scp03 {
namespace {

using crypto::Bytes16;
using crypto::kAesBlockSize;

/// The status that an R-MAC covers; nothing for one that reports an error: such a response is the bare status word (Amd D clause
/// 6.2.5). DEVIATION: Amd D knows no 91xx (ETSI TS 102 221 clause 10.2). A UICC makes it of 9000 when a proactive command waits, after
/// the application has answered, so the R-MAC is that of 9000.
std::optional<StatusWord> protected_status(StatusWord status) {
  if (status == sw::kOk || status.is_warning()) return status;
  if (status.sw1() == 0x91) return sw::kOk;
  return std::nullopt;
}

void pad(Bytes& data, std::size_t from) {
  const std::size_t size = data.size() - from;
  data.push_back(0x80);
  data.resize(from + padded_size(size));
}

/// Length of the plain text in front of the padding. The MAC was checked before, so the time that this takes reveals nothing.
/// Amd D clauses 6.2.6 and 6.2.7 cipher no empty field, so there is at least one byte.
Result<std::size_t> unpadded_size(BytesView plain) {
  const auto last = std::find_if(plain.rbegin(), plain.rend(), [](std::uint8_t byte) { return byte != 0; });
  const auto zeros = static_cast<std::size_t>(last - plain.rbegin());
  if (last == plain.rend() || *last != 0x80 || zeros >= kAesBlockSize) {
    return fail(ErrorCode::kMalformed, "no padding after the plain text");
  }
  const std::size_t size = plain.size() - zeros - 1;
  if (size == 0) return fail(ErrorCode::kMalformed, "an empty field was ciphered");
  return size;
}

}  // namespace

SecureMessaging::SecureMessaging(const SessionKeys& keys, std::size_t mac_size)
    : m_mac_size(mac_size), m_c_mac(keys.mac), m_rmac_key(keys.rmac.clone()), m_enc_key(keys.enc.clone()), m_data_cipher(keys.enc) {}

Cryptograms SecureMessaging::cryptograms(BytesView host_challenge, BytesView card_challenge) {
  return Cryptograms::from(m_c_mac, host_challenge, card_challenge);
}

Bytes16 SecureMessaging::command_mac(const apdu::Command& header, std::size_t lc, bool extended, BytesView data) {
  // Chaining value, then the command as it goes out, with Lc as it is there, but without Le (Amd D clause 6.2.4).
  std::array<std::uint8_t, 23> head;
  std::size_t size = kAesBlockSize;
  std::ranges::copy(m_chaining_value, head.begin());
  for (const std::uint8_t byte : {mac_class(header.cla), header.ins, header.p1, header.p2}) head[size++] = byte;
  if (extended) {
    head[size++] = 0;
    head[size++] = static_cast<std::uint8_t>(lc >> 8);
  }
  head[size++] = static_cast<std::uint8_t>(lc);
  return m_c_mac.compute({BytesView(head).first(size), data});
}

Bytes16 SecureMessaging::response_mac(BytesView data, StatusWord status) {
  const std::array<std::uint8_t, 2> sw{status.sw1(), status.sw2()};
  if (!m_r_mac) m_r_mac.emplace(m_rmac_key);
  return m_r_mac->compute({m_chaining_value, data, sw});
}

Bytes16 SecureMessaging::initial_vector(bool response) {
  // The counter of the command as one block, enciphered; for the response with 80 in front (Amd D clauses 6.2.6, 6.2.7).
  Bytes16 block{};
  if (response) block[0] = 0x80;
  for (std::size_t i = 0; i < 8; ++i) block[15 - i] = static_cast<std::uint8_t>(m_counter >> (8 * i));
  if (!m_counter_cipher) m_counter_cipher.emplace(m_enc_key);
  return m_counter_cipher->encrypt(block);
}

Result<Bytes> SecureMessaging::wrap_command(const apdu::Command& plain, SecurityLevel level) {
  const bool ciphered = level.c_encryption() && !plain.data.empty();
  const std::size_t data_size = ciphered ? padded_size(plain.data.size()) : plain.data.size();
  const std::size_t lc = data_size + (level.c_mac() ? m_mac_size : 0);
  const bool extended = plain.extended || (plain.le && *plain.le > 256);
  if (lc > (extended ? 65535U : 255U)) {
    return fail(ErrorCode::kRange, "the command is too long to be wrapped: " + std::to_string(plain.data.size()) + " bytes of data", lc);
  }
  if (!level.c_mac()) return apdu::encode(plain);
  ++m_counter;  // every command counts, also one without data (Amd D clause 6.2.6)

  Bytes out;
  out.reserve(4 + 3 + lc + 2);
  out.insert(out.end(), {apdu::secured_class(plain.cla), plain.ins, plain.p1, plain.p2});
  if (extended) out.insert(out.end(), {0, static_cast<std::uint8_t>(lc >> 8)});
  out.push_back(static_cast<std::uint8_t>(lc));
  const std::size_t begin = out.size();
  append(out, plain.data);
  if (ciphered) {
    pad(out, begin);
    const std::span<std::uint8_t> field = std::span(out).subspan(begin);
    m_data_cipher.encrypt(initial_vector(false), field, field);
  }
  m_chaining_value = command_mac(plain, lc, extended, BytesView(out).subspan(begin));
  append(out, BytesView(m_chaining_value).first(m_mac_size));
  if (plain.le) {
    if (extended) out.push_back(static_cast<std::uint8_t>(*plain.le >> 8));
    out.push_back(static_cast<std::uint8_t>(*plain.le));
  }
  return out;
}

Bytes SecureMessaging::wrap_external_authenticate(const apdu::Command& plain) {
  Bytes out = wrap_command(plain, Level::kCMac).value();
  m_counter = 0;
  return out;
}

Result<apdu::Command> SecureMessaging::check_mac(const apdu::Command& secured) {
  if (secured.data.size() < m_mac_size) return fail(ErrorCode::kTruncated, "no room for a C-MAC");
  apdu::Command plain = secured;
  plain.cla = apdu::plain_class(secured.cla);
  plain.data = secured.data.first(secured.data.size() - m_mac_size);
  const Bytes16 mac = command_mac(secured, secured.data.size(), secured.extended, plain.data);
  if (!crypto::constant_time_equal(BytesView(mac).first(m_mac_size), secured.data.last(m_mac_size))) {
    return fail(ErrorCode::kMismatch, "C-MAC");
  }
  m_chaining_value = mac;
  return plain;
}

Result<apdu::Command> SecureMessaging::unwrap_command(const apdu::Command& secured, SecurityLevel level) {
  if (!level.c_mac()) return fail(ErrorCode::kRefused, "this security level has no secure messaging");
  auto plain = check_mac(secured);
  if (!plain) return plain;
  ++m_counter;
  if (!level.c_encryption() || plain->data.empty()) return plain;
  m_plain.resize(plain->data.size());
  if (auto done = m_data_cipher.decrypt(initial_vector(false), plain->data, m_plain); !done) return tl::unexpected(done.error());
  const auto size = unpadded_size(m_plain);
  if (!size) return tl::unexpected(size.error());
  plain->data = BytesView(m_plain).first(*size);
  return plain;
}

Result<apdu::Command> SecureMessaging::unwrap_external_authenticate(const apdu::Command& secured) {
  return check_mac(secured);
}

void SecureMessaging::wrap_response(Bytes& data, StatusWord status, SecurityLevel level) {
  const auto covered = protected_status(status);
  if (!level.r_mac() || !covered) return;
  if (level.r_encryption() && !data.empty()) {
    data.reserve(padded_size(data.size()) + m_mac_size);
    pad(data, 0);
    m_data_cipher.encrypt(initial_vector(true), data, data);
  }
  const Bytes16 mac = response_mac(data, *covered);
  append(data, BytesView(mac).first(m_mac_size));
}

Result<apdu::Response> SecureMessaging::unwrap_response(apdu::Response secured, SecurityLevel level) {
  if (!level.r_mac()) return secured;
  const auto covered = protected_status(secured.status);
  if (!covered) {
    // An error is the bare status word. What would pass for a success without an R-MAC is not let through.
    if (secured.status.is_success()) return fail(ErrorCode::kMismatch, "status " + to_hex(secured.status) + " without an R-MAC");
    if (!secured.data.empty()) return fail(ErrorCode::kMalformed, "data with status " + to_hex(secured.status));
    return secured;
  }
  if (secured.data.size() < m_mac_size) return fail(ErrorCode::kTruncated, "no R-MAC with status " + to_hex(secured.status));
  const std::size_t size = secured.data.size() - m_mac_size;
  const Bytes16 mac = response_mac(BytesView(secured.data).first(size), *covered);
  if (!crypto::constant_time_equal(BytesView(mac).first(m_mac_size), BytesView(secured.data).subspan(size))) {
    return fail(ErrorCode::kMismatch, "R-MAC");
  }
  secured.data.resize(size);
  if (!level.r_encryption() || size == 0) return secured;
  if (auto done = m_data_cipher.decrypt(initial_vector(true), secured.data, secured.data); !done) return tl::unexpected(done.error());
  const auto plain = unpadded_size(secured.data);
  if (!plain) return tl::unexpected(plain.error());
  secured.data.resize(*plain);
  return secured;
}

}  // namespace uicclab::scp03
