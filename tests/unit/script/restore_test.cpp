// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "core/transceive.hpp"
#include "emulator/card.hpp"
#include "profile/default_card/default_card.hpp"
#include "script/restore_port.hpp"

using namespace uicclab;
using namespace uicclab::script;

namespace {

struct RealCard {
  RealCard() { REQUIRE(port.reset()); }

  std::string send(CardPort& to, std::string_view command) {
    const auto answer = transceive(to, from_hex(command).value());
    if (!answer) return answer.error().code == ErrorCode::kRefused ? "refused" : "gone";
    return to_hex(answer->data) + to_hex(answer->status);
  }
  std::string send(std::string_view command) { return send(port, command); }
  /// The card itself, after a reset.
  std::string look(std::initializer_list<std::string_view> commands) {
    REQUIRE(card.reset());
    std::string last;
    for (const std::string_view command : commands) last = send(card, command);
    return last;
  }

  SeededRandom random{1};
  SystemClock clock;
  emulator::Card card{profile::default_card(), random, clock};
  RestorePort port{card};
};

constexpr std::string_view kUsim = "00A4040C0CA0000000871002FF49FF0589";

}  // namespace

TEST_CASE("Updated files are put back, the last change first") {
  RealCard real;
  const std::string before = real.look({kUsim, "00A4000C026F05", "00B0000006"});
  REQUIRE(real.port.reset());
  CHECK(real.send(kUsim) == "9000");
  CHECK(real.send("00A4000C026F05") == "9000");
  CHECK(real.send("00D60000026465") == "9000");
  CHECK(real.send("00D6000004"
                  "69746974") == "9000");
  CHECK(real.send("00A4080C047F106F3A") == "9000");
  CHECK(real.send("00DC02041C"
                  "11111111111111111111111111111111111111111111111111111111") == "9000");
  CHECK(real.look({kUsim, "00A4000C026F05", "00B0000006"}) != before);
  REQUIRE(real.port.restore());
  CHECK(real.look({kUsim, "00A4000C026F05", "00B0000006"}) == before);
  CHECK(real.look({"00A4080C047F106F3A", "00B202041C"}) == "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF9000");
}

TEST_CASE("What ADM1 and a local PIN may update is put back with them") {
  RealCard real;
  CHECK(real.send(kUsim) == "9000");
  CHECK(real.send("0020000A08"
                  "3838383838383838") == "9000");
  CHECK(real.send("0020008108"
                  "35363738FFFFFFFF") == "9000");
  CHECK(real.send("00A4000C026FAD") == "9000");
  CHECK(real.send("00D6000001"
                  "80") == "9000");
  CHECK(real.send("00A4000C026F56") == "9000");
  CHECK(real.send("00D6000001"
                  "01") == "9000");
  REQUIRE(real.port.restore());
  CHECK(real.look({kUsim, "00A4000C026FAD", "00B0000001"}) == "009000");
  CHECK(real.look({kUsim, "00A4000C026F56", "00B0000001"}) == "009000");
}

TEST_CASE("What cannot be put back is not sent") {
  RealCard real;
  CHECK(real.send("00A4080C047F106F44") == "9000");
  CHECK(real.send("00DC00031C"
                  "11111111111111111111111111111111111111111111111111111111") == "refused");
  CHECK(real.look({"00A4080C047F106F44", "00B201041C"}) == "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF9000");
  REQUIRE(real.port.reset());
  for (const char* command : {"8032000003000001",
                              "0024000110"
                              "31323334FFFFFFFF31323334FFFFFFFF",
                              "0028000108"
                              "31323334FFFFFFFF",
                              "00040000",
                              "0044000002"
                              "2FE2",
                              "00E40000022F30", "80DB008003800101", "01D6000001FF",
                              "00E0000002"
                              "6200"}) {
    CAPTURE(command);
    CHECK(real.send(command) == "refused");
  }
  CHECK(real.send("00200001") != "refused");  // a question changes nothing
  // A file that only ADM1 may read: it cannot be restored without ADM1.
  CHECK(real.send(kUsim) == "9000");
  CHECK(real.send("00A4080C067FFF5FD04F01") == "9000");
  CHECK(real.send("00D6000001FF") == "refused");
}

TEST_CASE("An update that the card refuses is nothing to put back") {
  RealCard real;
  CHECK(real.send("00A4000C022FE2") == "9000");
  CHECK(real.send("00D6000001FF") == "6982");
  CHECK(real.port.restore());
}

TEST_CASE("Nothing is done when nothing was changed") {
  RealCard real;
  CHECK(real.send(kUsim) == "9000");
  REQUIRE(real.port.restore());
  CHECK(real.card.session() != nullptr);
}
