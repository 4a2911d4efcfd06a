// SPDX-License-Identifier: Apache-2.0
#include "ota/secured_packet_command.hpp"

#include "core/reader.hpp"
#include "ota/secured_packet_layout.hpp"

namespace uicclab::ota {
namespace {

/// CHL without a check: SPI, KIc, KID, TAR, CNTR and PCNTR.
constexpr std::size_t kBareChl = 13;

/// The algorithms of a command. Errors: those of the keys; kRange for a check of another size.
Result<PacketProtection> protection_of(const Spi& spi, PacketKeys& keys, std::size_t check_size) {
  PacketProtection protection;
  if (spi.ciphered()) {
    const auto cipher = keys.cipher();
    if (!cipher) return tl::unexpected(cipher.error());
    protection.cipher = *cipher;
  }
  if (spi.check() == Check::kNone) {
    if (check_size != 0) return fail(ErrorCode::kRange, "a check that the SPI does not announce");
    return protection;
  }
  const auto check = keys.check(spi.check());
  if (!check) return tl::unexpected(check.error());
  if (!(*check)->has_size(check_size)) return fail(ErrorCode::kRange, "a check of another size");
  protection.check = *check;
  protection.check_size = check_size;
  return protection;
}

/// The keys can do what the SPI asks for the response, if one may be due.
bool can_answer(const Spi& spi, PacketKeys& keys) {
  if (spi.por() == PorMode::kReserved) return false;
  if (spi.por() == PorMode::kNever) return true;
  if (spi.por_check() != Check::kNone && !keys.check(spi.por_check())) return false;
  return !spi.por_ciphered() || keys.cipher().has_value();
}

/// Annex A.2: KIc and KID name the same key version, if both name one.
bool same_key_version(const PacketHeader& header) {
  const unsigned kic = header.kic >> 4;
  const unsigned kid = header.kid >> 4;
  return kic == 0 || kid == 0 || kic == kid || header.spi.check() != Check::kCc || !header.spi.ciphered();
}

/// Clause 5.1.4, and the meaning of the counter modes in clause 5.1.1.
ResponseStatus judge_counter(CounterMode mode, Cntr cntr, const ReceiverRules& rules) {
  if (mode == CounterMode::kNone || mode == CounterMode::kUnchecked) return ResponseStatus::kOk;
  if (rules.last.value >= Cntr::kMax) return ResponseStatus::kCntrBlocked;
  if (cntr <= rules.last) return ResponseStatus::kCntrLow;
  const bool may_jump = mode == CounterMode::kHigher || rules.quirks.one_higher_is_higher;
  return may_jump || cntr.value == rules.last.value + 1 ? ResponseStatus::kOk : ResponseStatus::kCntrHigh;
}

/// The SPI of a response without protection.
Spi bare(Spi spi) {
  spi.second &= static_cast<std::uint8_t>(~0x1C);
  return spi;
}

bool needs_keys(const Spi& spi) {
  return spi.por_ciphered() || (spi.por_check() != Check::kNone && spi.por_check() != Check::kRc);
}

/// Writes down what becomes of the command, whose other fields are known by now.
OpenedCommand finish(OpenedCommand opened, const ClearCommand& command, ResponseStatus status, const Quirks& quirks) {
  const Spi& spi = command.header.spi;
  opened.status = status;
  opened.check_size = command.check_size;
  opened.answer = is_answer_due(spi, status);
  opened.response_spi = spi;
  if (status == ResponseStatus::kOk) return opened;
  opened.data.clear();
  const bool unproven = !opened.authenticated && !quirks.protect_any_error && needs_keys(spi);
  if (unproven || status == ResponseStatus::kUnidentifiedSecurityError) opened.response_spi = bare(spi);
  // 3GPP TS 31.111 clause 7.1.1.1: if the authentication of the sender fails, there is no further processing and no response.
  if (status == ResponseStatus::kCheckFailed && spi.check() == Check::kCc && !quirks.answer_failed_cc) opened.answer = false;
  if (quirks.never_answer_errors) opened.answer = false;
  return opened;
}

}  // namespace

Result<Bytes> build_command(const CommandPacket& command, PacketKeys& keys, std::size_t cc_size, const Quirks& quirks) {
  const PacketHeader& header = command.header;
  if (command.cntr.value > Cntr::kMax) return fail(ErrorCode::kRange, "a counter of more than five octets");
  std::size_t check_size = 0;
  if (header.spi.check() == Check::kCc) check_size = cc_size;
  if (header.spi.check() == Check::kRc) {
    const auto check = keys.check(Check::kRc);
    if (!check) return tl::unexpected(check.error());
    check_size = (*check)->size();
  }
  const auto protection = protection_of(header.spi, keys, check_size);
  if (!protection) return tl::unexpected(protection.error());
  auto packet = frame(kCommandLayout, *protection, command.data, quirks.first_padding);
  if (!packet) return packet;
  Bytes& bytes = *packet;
  bytes[2] = static_cast<std::uint8_t>(kBareChl + check_size);
  bytes[3] = header.spi.first;
  bytes[4] = header.spi.second;
  bytes[5] = header.kic;
  bytes[6] = header.kid;
  std::ranges::copy(header.tar.value, bytes.begin() + 7);
  write_cntr(bytes, kCommandLayout, command.cntr);
  seal(bytes, kCommandLayout, *protection);
  return packet;
}

Result<ClearCommand> ClearCommand::parse(BytesView packet) {
  ByteReader reader(packet);
  const auto cpl = reader.u16();
  if (!cpl) return fail(ErrorCode::kTruncated, "no CPL");
  if (*cpl > reader.remaining()) return fail(ErrorCode::kTruncated, "the packet ends before CPL does");
  if (*cpl < reader.remaining()) return fail(ErrorCode::kTrailing, "octets after the packet", 2U + *cpl);
  const auto chl = reader.u8();
  if (!chl || *chl < kBareChl || *chl > reader.remaining()) return fail(ErrorCode::kMalformed, "a CHL that does not fit", 2);
  ClearCommand command;
  command.packet = packet;
  command.check_size = *chl - kBareChl;
  command.header.spi = {*reader.u8(), *reader.u8()};
  command.header.kic = *reader.u8();
  command.header.kid = *reader.u8();
  std::ranges::copy(*reader.bytes(3), command.header.tar.value.begin());
  return command;
}

bool is_answer_due(const Spi& spi, ResponseStatus status) {
  return spi.por() == PorMode::kAlways || (spi.por() == PorMode::kOnError && status != ResponseStatus::kOk);
}

OpenedCommand refuse_command(const ClearCommand& command, ResponseStatus status, const Quirks& quirks) {
  OpenedCommand refused = finish({}, command, status, quirks);
  refused.response_spi = bare(command.header.spi);
  return refused;
}

OpenedCommand open_command(const ClearCommand& command, PacketKeys& keys, const ReceiverRules& rules) {
  const Spi& spi = command.header.spi;
  OpenedCommand opened;
  const auto result = [&](ResponseStatus status) { return finish(std::move(opened), command, status, rules.quirks); };

  const auto protection = protection_of(spi, keys, command.check_size);
  if (!protection || !can_answer(spi, keys) || !same_key_version(command.header)) return result(ResponseStatus::kUnidentifiedSecurityError);

  Bytes packet = to_bytes(command.packet);
  const Opened outcome = open(packet, kCommandLayout, *protection);
  // A part of a block cannot be deciphered, hence not authenticated either: where a CC is due, it has failed.
  const bool cc = spi.check() == Check::kCc;
  if (outcome == Opened::kPartOfBlock) return result(cc ? ResponseStatus::kCheckFailed : ResponseStatus::kCipheringError);
  opened.cntr = read_cntr(packet, kCommandLayout);
  if (outcome == Opened::kCheckFailed) return result(ResponseStatus::kCheckFailed);
  opened.authenticated = cc;
  if (outcome == Opened::kPaddingTooLong) {
    return result(spi.ciphered() ? ResponseStatus::kCipheringError : ResponseStatus::kUnidentifiedSecurityError);
  }
  if (!meets_minimum_security(spi.first, rules.minimum_spi1)) return result(ResponseStatus::kInsufficientSecurityLevel);

  const CounterMode mode = spi.counter_mode();
  if (const ResponseStatus status = judge_counter(mode, opened.cntr, rules); status != ResponseStatus::kOk) return result(status);
  if (mode == CounterMode::kHigher || mode == CounterMode::kOneHigher) opened.commit = opened.cntr;
  opened.data = to_bytes(data_of(packet, kCommandLayout, protection->check_size));
  return result(ResponseStatus::kOk);
}

}  // namespace uicclab::ota
