// SPDX-License-Identifier: Apache-2.0
// The card management client at a card that answers anything. The input: the answers one after the other, each behind a length byte.
#include "core/reader.hpp"
#include "gp/host/manager.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::gp::host;
using test::require;

namespace {

class AnyCard final : public CardPort {
 public:
  explicit AnyCard(BytesView answers) : m_reader(answers) {}
  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  Result<Bytes> transmit(BytesView command) override {
    if (command.size() > 1 && command[1] == 0x82) authenticated = true;
    const auto answer = m_reader.lv();
    if (!answer) return fail(ErrorCode::kIo, "no more answers");
    return to_bytes(*answer);
  }
  void power_off() override {}
  bool authenticated = false;

 private:
  ByteReader m_reader;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  AnyCard card({data, size});
  SeededRandom random(1);
  Manager::Options options;
  options.scp02 = scp03::legacy::Scp02Allowed();
  Manager manager(card, random, options);
  const auto information = manager.connect();
  if (!information) return 0;
  (void)capability_lines(information->capabilities);
  (void)cplc_fields(information->cplc);
  if (const auto told = manager.registry()) {
    for (const auto& entry : told->entries) require(!gp::life_cycle_words(entry).empty(), "every state has words");
  }
  // It does not have the keys that this secret random challenge needs, unless the input was made for it.
  const bool opened = manager.open(default_keys(), nullptr).has_value();
  require(card.authenticated || !opened, "no session without EXTERNAL AUTHENTICATE");
  if (opened) (void)manager.registry();
  return 0;
}
