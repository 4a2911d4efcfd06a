// SPDX-License-Identifier: Apache-2.0
#include "ota/secured_packet_command.hpp"

#include "tests/unit/ota/packet_vectors.hpp"

using namespace uicclab;
using namespace uicclab::ota;
using namespace uicclab::test;
using Status = ResponseStatus;

namespace {

constexpr Tar kTar{{0xB0, 0x01, 0x40}};

PacketKeys keys_for(std::uint8_t kic = 0x22, std::uint8_t kid = 0x22, AlgorithmPolicy policy = {}) {
  return PacketKeys(kic, kid, {key_for(kic, Bytes(16, 0x11)), key_for(kid, Bytes(16, 0x22))}, policy);
}

Bytes built(Spi spi, std::uint64_t cntr = 1, BytesView data = "00A4000C023F00"_h) {
  PacketKeys keys = keys_for();
  return build_command({{spi, 0x22, 0x22, kTar}, {cntr}, to_bytes(data)}, keys).value();
}

OpenedCommand opened(const Bytes& packet, const ReceiverRules& rules = {}) {
  PacketKeys keys = keys_for();
  return open_command(ClearCommand::parse(packet).value(), keys, rules);
}

Bytes broken(Bytes packet) {
  packet.back() ^= 0x01;
  return packet;
}

ReceiverRules after(std::uint64_t last) {
  ReceiverRules rules;
  rules.last = {last};
  return rules;
}

}  // namespace

TEST_CASE("The clear header is read without keys (TS 102 225 clause 5.1)") {
  const Bytes packet = built({0x16, 0x21});
  const auto clear = ClearCommand::parse(packet);
  REQUIRE(clear);
  CHECK(clear->header == PacketHeader{{0x16, 0x21}, 0x22, 0x22, kTar});
  CHECK(clear->check_size == 8);
}

TEST_CASE("A header that does not fit its lengths is refused") {
  const Bytes packet = built({0x02, 0x00});
  for (std::size_t size = 0; size < packet.size(); ++size) {
    CHECK(ClearCommand::parse(BytesView(packet).first(size)).error().code == ErrorCode::kTruncated);
  }
  Bytes longer = packet;
  longer.push_back(0);
  CHECK(ClearCommand::parse(longer).error().code == ErrorCode::kTrailing);
  CHECK(ClearCommand::parse(longer).error().offset == packet.size());
  Bytes chl = packet;
  chl[2] = 12;
  CHECK(ClearCommand::parse(chl).error().code == ErrorCode::kMalformed);
  chl[2] = static_cast<std::uint8_t>(packet.size() - 2);
  CHECK(ClearCommand::parse(chl).error().code == ErrorCode::kMalformed);
  CHECK(ClearCommand::parse("0000"_h).error().code == ErrorCode::kMalformed);
  CHECK(ClearCommand::parse("000D0D00000000B001400000000000"_h).error().code == ErrorCode::kMalformed);
  CHECK(ClearCommand::parse("000E0D00000000B00140000000000000"_h).has_value());
}

TEST_CASE("Counter modes: what is low, high, blocked, and what has to be committed (TS 102 225 clauses 5.1.1 and 5.1.4)") {
  struct Row {
    std::uint8_t spi1;
    std::uint64_t last;
    std::uint64_t cntr;
    Status status;
    bool commit;
  };
  constexpr std::uint64_t kMax = Cntr::kMax;
  for (const Row& row : {
           // no counter, or not checked: nothing is looked at and nothing stored
           Row{0x02, 5, 0, Status::kOk, false},
           Row{0x02, kMax, 5, Status::kOk, false},
           Row{0x0A, 5, 1, Status::kOk, false},
           Row{0x0A, kMax, 9, Status::kOk, false},
           // higher
           Row{0x12, 0, 1, Status::kOk, true},
           Row{0x12, 5, 6, Status::kOk, true},
           Row{0x12, 5, kMax, Status::kOk, true},
           Row{0x12, 5, 5, Status::kCntrLow, false},
           Row{0x12, 5, 4, Status::kCntrLow, false},
           Row{0x12, 0, 0, Status::kCntrLow, false},
           Row{0x12, kMax - 1, kMax, Status::kOk, true},
           Row{0x12, kMax, kMax, Status::kCntrBlocked, false},
           Row{0x12, kMax, 1, Status::kCntrBlocked, false},
           // exactly one higher
           Row{0x1A, 5, 6, Status::kOk, true},
           Row{0x1A, 5, 7, Status::kCntrHigh, false},
           Row{0x1A, 5, kMax, Status::kCntrHigh, false},
           Row{0x1A, 5, 5, Status::kCntrLow, false},
           Row{0x1A, 5, 0, Status::kCntrLow, false},
           Row{0x1A, kMax - 1, kMax, Status::kOk, true},
           Row{0x1A, kMax, kMax, Status::kCntrBlocked, false},
       }) {
    CAPTURE(int{row.spi1});
    CAPTURE(row.last);
    CAPTURE(row.cntr);
    for (std::uint8_t cipher : "0004"_h) {
      const auto command = opened(built({static_cast<std::uint8_t>(row.spi1 | cipher), 0x01}, row.cntr), after(row.last));
      CHECK(command.status == row.status);
      CHECK(command.cntr.value == row.cntr);
      CHECK(command.commit.has_value() == row.commit);
      if (command.commit) CHECK(command.commit->value == row.cntr);
      CHECK(command.data.empty() == (row.status != Status::kOk));
      CHECK(command.answer);
      CHECK(command.authenticated);
    }
  }
}

TEST_CASE("A counter that jumps is let through by the quirk of other implementations") {
  ReceiverRules rules = after(5);
  rules.quirks.one_higher_is_higher = true;
  CHECK(opened(built({0x1A, 0x01}, 9), rules).status == Status::kOk);
  CHECK(opened(built({0x1A, 0x01}, 5), rules).status == Status::kCntrLow);
}

TEST_CASE("A failed CC gets no response, whatever else is wrong (TS 31.111 clause 7.1.1.1)") {
  for (std::uint8_t spi1 : "0212161E"_h) {
    CAPTURE(int{spi1});
    ReceiverRules rules = after(100);
    rules.minimum_spi1 = 0x1E;
    const auto command = opened(broken(built({spi1, 0x19}, 1)), rules);
    CHECK(command.status == Status::kCheckFailed);
    CHECK_FALSE(command.answer);
    CHECK_FALSE(command.authenticated);
    CHECK_FALSE(command.commit);
    CHECK(command.data.empty());
  }
  ReceiverRules quirk = after(0);
  quirk.quirks.answer_failed_cc = true;
  const auto command = opened(broken(built({0x16, 0x19}, 1)), quirk);
  CHECK(command.status == Status::kCheckFailed);
  CHECK(command.answer);
}

TEST_CASE("A failed RC, which does not authenticate, is answered with status 01") {
  PacketKeys keys(0x00, 0x05, {});
  const Bytes packet = build_command({{{0x01, 0x05}, 0x00, 0x05, kTar}, {}, to_bytes("0011"_h)}, keys).value();
  const auto command = open_command(ClearCommand::parse(broken(packet)).value(), keys, {});
  CHECK(command.status == Status::kCheckFailed);
  CHECK(command.answer);
  CHECK(command.response_spi.por_check() == Check::kRc);
}

TEST_CASE("The minimum security level is judged after the CC and before the counter: status 0A (TS 102 226 clause 6.1)") {
  ReceiverRules rules = after(100);
  rules.minimum_spi1 = 0x16;
  const auto low = opened(built({0x12, 0x19}, 1), rules);
  CHECK(low.status == Status::kInsufficientSecurityLevel);
  CHECK(low.answer);
  CHECK(low.authenticated);
  CHECK(low.response_spi == Spi{0x12, 0x19});
  CHECK_FALSE(low.commit);
  CHECK(low.data.empty());
  CHECK(opened(broken(built({0x12, 0x19}, 1)), rules).status == Status::kCheckFailed);
  CHECK(opened(built({0x16, 0x19}, 1), rules).status == Status::kCntrLow);
  CHECK(opened(built({0x00, 0x01}), rules).status == Status::kInsufficientSecurityLevel);
}

TEST_CASE("An error to a sender that nothing authenticated is not signed or ciphered; a success is") {
  ReceiverRules rules;
  rules.minimum_spi1 = 0x02;
  for (std::uint8_t spi2 : "091119"_h) {
    CAPTURE(int{spi2});
    CHECK(opened(built({0x00, spi2}), rules).response_spi == Spi{0x00, static_cast<std::uint8_t>(spi2 & ~0x1C)});
    CHECK(opened(built({0x00, spi2})).response_spi == Spi{0x00, spi2});
    ReceiverRules letter = rules;
    letter.quirks.protect_any_error = true;
    CHECK(opened(built({0x00, spi2}), letter).response_spi == Spi{0x00, spi2});
  }
}

TEST_CASE("Ciphering errors: a part of a block, or more padding than data, give status 05 (TS 102 225 table 5)") {
  const Bytes packet = built({0x04, 0x01});
  Bytes part = packet;
  part.pop_back();
  part[1] = static_cast<std::uint8_t>(part[1] - 1);
  const auto command = opened(part);
  CHECK(command.status == Status::kCipheringError);
  CHECK(command.answer);
  CHECK(command.cntr.value == 0);

  // The same keys in clear: what deciphers to this has a PCNTR of FF.
  PacketKeys keys = keys_for();
  Bytes block = to_bytes("0000000001FF00112233445566778899"_h);
  (*keys.cipher())->encrypt(block);
  const Bytes padded = concat({"00180D0401 2222 B00140"_h, block});
  CHECK(opened(padded).status == Status::kCipheringError);
  // Behind a CC that is right it is the fault of an authenticated sender.
  CHECK_FALSE(opened(padded).authenticated);
  // Where a CC is due, a packet that cannot be deciphered has failed it.
  Bytes cc = built({0x06, 0x01});
  cc.pop_back();
  cc[1] = static_cast<std::uint8_t>(cc[1] - 1);
  CHECK(opened(cc).status == Status::kCheckFailed);
  CHECK_FALSE(opened(cc).answer);
}

TEST_CASE("Headers that cannot be interpreted give status 06, in clear (TS 102 225 table 5)") {
  const auto status_of = [](const Bytes& packet, PacketKeys keys) {
    const auto command = open_command(ClearCommand::parse(packet).value(), keys, {});
    if (command.status == Status::kUnidentifiedSecurityError) {
      CHECK(command.response_spi.por_check() == Check::kNone);
      CHECK_FALSE(command.response_spi.por_ciphered());
      CHECK(command.data.empty());
      CHECK_FALSE(command.commit);
    }
    return command.status;
  };
  const auto with = [](Bytes packet, std::size_t at, std::uint8_t value) {
    packet[at] = value;
    return packet;
  };
  const Bytes packet = built({0x02, 0x19});
  CHECK(status_of(packet, keys_for()) == Status::kOk);
  CHECK(status_of(with(packet, 3, 0x03), keys_for()) == Status::kUnidentifiedSecurityError);  // DS
  CHECK(status_of(with(packet, 4, 0x0D), keys_for()) == Status::kUnidentifiedSecurityError);  // DS in the response
  CHECK(status_of(with(packet, 4, 0x03), keys_for()) == Status::kUnidentifiedSecurityError);  // reserved PoR mode
  CHECK(status_of(with(packet, 2, 0x11), keys_for()) == Status::kUnidentifiedSecurityError);  // a CC of 4 octets
  CHECK(status_of(with(packet, 2, 0x11), keys_for(0x22, 0x22, {false, true})) == Status::kCheckFailed);
  CHECK(status_of(with(packet, 3, 0x00), keys_for()) == Status::kUnidentifiedSecurityError);  // CHL leaves room for a check
  CHECK(status_of(with(packet, 3, 0x01), keys_for()) == Status::kUnidentifiedSecurityError);  // no CRC has this KID
  CHECK(status_of(packet, PacketKeys(0x22, 0x22, {})) == Status::kUnidentifiedSecurityError);
  CHECK(status_of(packet, PacketKeys(0x22, 0x22, {des_key(Bytes(16)), aes_key(Bytes(16))})) == Status::kUnidentifiedSecurityError);
  // The response is ciphered, and KIc cannot be used; without PoR the same command is fine.
  CHECK(status_of(packet, PacketKeys(0x22, 0x22, {{}, aes_key(Bytes(16, 0x22))})) == Status::kUnidentifiedSecurityError);
  CHECK(status_of(built({0x02, 0x18}), PacketKeys(0x22, 0x22, {{}, aes_key(Bytes(16, 0x22))})) == Status::kOk);
  // More padding than data in a packet that is not ciphered.
  CHECK(status_of(to_bytes("000F0D00000000B0014000000000000200"_h), keys_for()) == Status::kUnidentifiedSecurityError);
}

TEST_CASE("KIc and KID of different key versions do not go together (TS 102 225 annex A.2)") {
  const auto status_of = [](std::uint8_t kic, std::uint8_t kid, std::uint8_t spi1) {
    PacketKeys keys = keys_for(kic, kid);
    const Bytes packet = build_command({{{spi1, 0x01}, kic, kid, kTar}, {1}, {}}, keys).value();
    return open_command(ClearCommand::parse(packet).value(), keys, {}).status;
  };
  CHECK(status_of(0x12, 0x12, 0x06) == Status::kOk);
  CHECK(status_of(0x12, 0x02, 0x06) == Status::kOk);
  CHECK(status_of(0x02, 0x12, 0x06) == Status::kOk);
  CHECK(status_of(0x12, 0x22, 0x06) == Status::kUnidentifiedSecurityError);
  CHECK(status_of(0x12, 0x22, 0x02) == Status::kOk);  // KIc is not used
  CHECK(status_of(0x12, 0x22, 0x04) == Status::kOk);  // KID is not used
}

TEST_CASE("PoR modes: never, always, on error (TS 102 225 clause 5.1.1)") {
  CHECK_FALSE(opened(built({0x12, 0x00}, 1)).answer);
  CHECK(opened(built({0x12, 0x01}, 1)).answer);
  CHECK_FALSE(opened(built({0x12, 0x02}, 1)).answer);
  CHECK_FALSE(opened(built({0x12, 0x00}, 1), after(1)).answer);
  CHECK(opened(built({0x12, 0x01}, 1), after(1)).answer);
  CHECK(opened(built({0x12, 0x02}, 1), after(1)).answer);
  CHECK(is_answer_due({0x12, 0x02}, Status::kMemory));
  CHECK_FALSE(is_answer_due({0x12, 0x03}, Status::kMemory));
  ReceiverRules silent = after(1);
  silent.quirks.never_answer_errors = true;
  CHECK_FALSE(opened(built({0x12, 0x01}, 1), silent).answer);
  CHECK(opened(built({0x12, 0x01}, 2), silent).answer);
}

TEST_CASE("A command is refused before keys are looked for, with a bare answer") {
  const Bytes packet = built({0x16, 0x19});
  const auto refused = refuse_command(ClearCommand::parse(packet).value(), Status::kTarUnknown);
  CHECK(refused.status == Status::kTarUnknown);
  CHECK(refused.answer);
  CHECK(refused.response_spi == Spi{0x16, 0x01});
  CHECK_FALSE(refused.commit);
  const Bytes never = built({0x16, 0x18});
  CHECK_FALSE(refuse_command(ClearCommand::parse(never).value(), Status::kTarUnknown).answer);
  Quirks quirks;
  quirks.never_answer_errors = true;
  CHECK_FALSE(refuse_command(ClearCommand::parse(packet).value(), Status::kTarUnknown, quirks).answer);
}

TEST_CASE("Commands that cannot be built are refused") {
  PacketKeys keys = keys_for();
  const auto code = [&](Spi spi, std::uint64_t cntr, std::size_t size, std::size_t cc_size = 8) {
    return build_command({{spi, 0x22, 0x22, kTar}, {cntr}, Bytes(size)}, keys, cc_size).error().code;
  };
  CHECK(code({0x03, 0}, 1, 1) == ErrorCode::kUnsupported);
  CHECK(code({0x01, 0}, 1, 1) == ErrorCode::kUnsupported);
  CHECK(code({0x02, 0}, Cntr::kMax + 1, 1) == ErrorCode::kRange);
  CHECK(code({0x02, 0}, 1, 1, 4) == ErrorCode::kRange);
  CHECK(code({0x02, 0}, 1, 1, 0) == ErrorCode::kRange);
  CHECK(code({0x02, 0}, 1, 0x10000) == ErrorCode::kRange);
  PacketKeys empty(0x22, 0x22, {});
  CHECK(build_command({{{0x04, 0}, 0x22, 0x22, kTar}, {}, {}}, empty).error().code == ErrorCode::kNotFound);
  // The longest packet that CPL can say.
  CHECK(build_command({{{0x02, 0}, 0x22, 0x22, kTar}, {1}, Bytes(0xFFFF - 22)}, keys));
  CHECK(code({0x02, 0}, 1, 0xFFFF - 21) == ErrorCode::kRange);
}

TEST_CASE("Padding of others is taken, and made by a quirk") {
  PacketKeys keys = keys_for();
  Quirks quirks;
  quirks.first_padding = 0x80;
  const CommandPacket command{{{0x06, 0x01}, 0x22, 0x22, kTar}, {}, to_bytes("0011223344"_h)};
  const Bytes packet = build_command(command, keys, 8, quirks).value();
  CHECK(packet != build_command(command, keys).value());
  CHECK(opened(packet).data == command.data);
}
