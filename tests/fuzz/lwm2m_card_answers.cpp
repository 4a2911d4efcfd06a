// SPDX-License-Identifier: Apache-2.0
// A device at a card that answers anything: the way to the bootstrap file, its reading and writing, session keys, GBA. The input: the
// answers one after the other, each behind a length byte.
#include "core/reader.hpp"
#include "gba/usim_gba.hpp"
#include "lwm2m/device/card_bootstrap.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using namespace uicclab::lwm2m::device;
using test::require;

namespace {

class AnyCard final : public CardPort {
 public:
  explicit AnyCard(BytesView answers) : m_reader(answers) {}
  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  Result<Bytes> transmit(BytesView command) override {
    if (command.size() > 4 && command[1] == 0xD6) ++updates;
    const auto answer = m_reader.lv();
    if (!answer) return fail(ErrorCode::kIo, "no more answers");
    return to_bytes(*answer);
  }
  void power_off() override {}
  unsigned updates = 0;

 private:
  ByteReader m_reader;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView answers(data + 1, size - 1);
  const BootstrapFile file{{{kSecurityObject, std::nullopt, {ObjectInstance{0, {}}}}}};
  CardAccess access;
  access.pin = crypto::SecretBytes(as_bytes("1234"));
  if ((data[0] & 1) != 0) access.longest_command = kMaxBootstrapFile;
  AnyCard card(answers);
  switch (data[0] >> 1 & 3) {
    case 0: {
      CardBootstrap reader(card, std::move(access));
      const auto reading = reader.read();
      (void)reader.read_session_keys();
      require(card.updates == 0, "who reads writes nothing");
      if (reading) require(reading->file == *parse_bootstrap_file(reading->content), "the file is what was read");
      break;
    }
    case 1:
      (void)CardBootstrap(card, std::move(access)).write(file, {.spare = {0x64, 0x34}});
      break;
    case 2: {
      gba::UsimGba usim(card);
      if (auto keys = usim.authenticate({}, Bytes(16)); std::holds_alternative<gba::GbaCard::AkaKeys>(keys)) {
        require(std::get<gba::GbaCard::AkaKeys>(keys).ck.size() == 16, "CK has 16 bytes");
      }
      (void)usim.bootstrap({}, Bytes(16));
      (void)usim.derive(Bytes(10), Bytes(5));
      break;
    }
    default: {
      gba::UsimGba usim(card);
      gba::PushInfo info;
      info.naf_id = Bytes(10, 'a');
      const Bytes push = gba::encode_push(info, crypto::SecretBytes(Bytes(32, 7)));
      require(!gba::receive_push(push, usim, Bytes(5)), "a key that the card did not give");
      break;
    }
  }
  return 0;
}
