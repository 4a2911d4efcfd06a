// SPDX-License-Identifier: Apache-2.0
// GET IDENTITY: 3GPP TS 31.102 clause 7.5.
#include "applet/usim/suci.hpp"
#include "core/ber_tlv.hpp"
#include "tests/support/vector_file.hpp"
#include "tests/unit/usim/network.hpp"

using namespace uicclab;
using namespace uicclab::test;
using applet::usim::SuciCalcInfo;

namespace {

constexpr auto kGetIdentity = "8078000100"_h;
constexpr auto kImsiFile = "6F07"_h;
constexpr auto kAdFile = "6FAD"_h;
constexpr auto kRoutingFile = "5FC04F0A"_h;
constexpr auto kNaiFile = "5FC04F09"_h;
constexpr auto kCalcInfoFile = "5FD04F01"_h;
constexpr auto kHomeKeyA = "5A8D38864820197C3394B92613B20B91633CBD897119273BF8E4A6F4EEC0A650"_h;

/// The subscriber of TS 33.501 annex C.4 with the null scheme, PIN verified.
struct Subscriber : Instance {
  Subscriber() {
    FakeFiles& files = context.tree();
    files.add(kUst, services({124, 125}));
    files.add(kImsiFile, to_bytes("082947100210000268"_h));
    files.add(kAdFile, to_bytes("00000003"_h));
    files.add(kRoutingFile, to_bytes("2143FFFF"_h));
    calc_info({{{0, 0}}, {}});
  }
  void calc_info(const SuciCalcInfo& info) {
    Bytes file = encode(info);
    file.resize(128, 0xFF);
    context.tree().add(kCalcInfoFile, file);
  }
};

}  // namespace

TEST_CASE("the null scheme shows the MSIN, with the home network and the routing indicator (TS 31.102 7.5.2, TS 24.501 9.11.3.4)") {
  Subscriber usim;
  const auto answer = usim.run(kGetIdentity);
  CHECK(answer.status == sw::kOk);
  CHECK(answer.data == to_bytes("A10D 01 722410 2143 00 00 00012080F6"_h));
  CHECK(usim.run("8078008100"_h).data == answer.data);  // bit 8 of P2: application specific
  CHECK(usim.run("80780001"_h).data == answer.data);
}

TEST_CASE("profiles A and B with the keys of TS 33.501 annex C.4 give the bytes of the annex; random is the card's") {
  for (const VectorSet& set : load_vectors("suci_ecies.txt")) {
    CAPTURE(set.place());
    const std::uint8_t scheme = set.text("profile") == "A" ? 1 : 2;
    Subscriber usim;
    usim.calc_info({{{scheme, 1}, {0, 0}}, {{0x1B, set.bytes("home_public")}}});
    ScriptedRandom random;
    random.push(set.bytes("ephemeral_private"));
    usim.context.set_random(&random);
    const Bytes expected = concat({"017224102143"_h, std::array{scheme, std::uint8_t{0x1B}}, set.bytes("scheme_output")});
    CHECK(usim.run(kGetIdentity).data == ber::encode(0xA1, expected));

    usim.context.set_random(nullptr);
    const Bytes one = usim.run(kGetIdentity).data;
    const Bytes other = usim.run(kGetIdentity).data;
    CHECK(one != other);  // a new ephemeral key each time (TS 33.501 C.3.2)
    const crypto::SecretBytes home{BytesView(set.bytes("home_private"))};
    for (const Bytes& suci : {one, other}) {
      CHECK(applet::usim::open_suci(ber::only(suci, 0xA1)->value, home).value() == "274012001002086");
    }
  }
}

TEST_CASE("without a routing indicator it is 0, which is coded F0FF (TS 23.003 2.2B)") {
  Subscriber usim;
  usim.context.tree().add(kRoutingFile, to_bytes("FFFFFFFF"_h));
  CHECK(equal(BytesView(usim.run(kGetIdentity).data).subspan(6, 2), "F0FF"_h));
  usim.context.tree().add(kRoutingFile, Bytes{0x17});
  CHECK(equal(BytesView(usim.run(kGetIdentity).data).subspan(6, 2), "F0FF"_h));
  usim.context.tree().remove(kRoutingFile);
  CHECK(equal(BytesView(usim.run(kGetIdentity).data).subspan(6, 2), "F0FF"_h));
}

TEST_CASE("GET IDENTITY needs services 124 and 125 (6985), the PIN (6982), and no SUPI of another type (6A81)") {
  Subscriber usim;
  for (auto missing : {services({}), services({124}), services({125}), services({123, 126}), Bytes(15, 0xFF)}) {
    usim.context.tree().add(kUst, missing);
    CHECK(usim.status(kGetIdentity) == sw::kConditionsNotSatisfied);
  }
  usim.context.tree().add(kUst, services({124, 125, 130}));
  CHECK(usim.status(kGetIdentity) == sw::kOk);  // no EF_SUPI_NAI: the IMSI
  usim.context.tree().add(kNaiFile, Bytes(20, 0xFF));
  CHECK(usim.status(kGetIdentity) == sw::kOk);
  usim.context.tree().add(kNaiFile, to_bytes("8005757365724061"_h));
  CHECK(usim.status(kGetIdentity) == sw::kFunctionNotSupported);
  usim.context.tree().add(kUst, services({124, 125}));
  CHECK(usim.status(kGetIdentity) == sw::kOk);
  usim.context.unsatisfy(kPin);
  CHECK(usim.status(kGetIdentity) == sw::kSecurityStatusNotSatisfied);
}

TEST_CASE("GET IDENTITY: class 8X, P1 00, P2 with the identity, no data") {
  Subscriber usim;
  CHECK(usim.status("0078000100"_h) == sw::kClaNotSupported);
  CHECK(usim.status("8078010100"_h) == sw::kIncorrectP1P2);
  CHECK(usim.status("8078000000"_h) == sw::kIncorrectP1P2);
  CHECK(usim.status("8078000300"_h) == sw::kIncorrectP1P2);
  CHECK(usim.status("8078008000"_h) == sw::kIncorrectP1P2);
  CHECK(usim.status("8078000200"_h) == sw::kFunctionNotSupported);  // 5G NSWO
  CHECK(usim.status("8078008200"_h) == sw::kFunctionNotSupported);
  CHECK(usim.status("807800010100"_h) == sw::kWrongLength);
}

TEST_CASE("data for the SUCI is missing: 6A88, and never the IMSI instead (TS 31.102 7.3.2)") {
  Subscriber usim;
  FakeFiles& files = usim.context.tree();
  SUBCASE("no EF_SUCI_Calc_Info") {
    files.remove(kCalcInfoFile);
  }
  SUBCASE("an empty one") {
    files.add(kCalcInfoFile, Bytes(64, 0xFF));
  }
  SUBCASE("a broken one") {
    files.add(kCalcInfoFile, to_bytes("A04000"_h));
  }
  SUBCASE("no scheme in it") {
    usim.calc_info({});
  }
  SUBCASE("only the operator's own scheme") {
    usim.calc_info({{{0x0C, 1}}, {{1, to_bytes(kHomeKeyA)}}});
  }
  SUBCASE("a scheme without its key, null scheme after it") {
    usim.calc_info({{{1, 1}, {0, 0}}, {}});
  }
  SUBCASE("a scheme with a key of the other profile") {
    usim.calc_info({{{2, 1}, {0, 0}}, {{1, to_bytes(kHomeKeyA)}}});
  }
  SUBCASE("no EF_IMSI") {
    files.remove(kImsiFile);
  }
  SUBCASE("no IMSI in it") {
    files.add(kImsiFile, Bytes(9, 0xFF));
  }
  SUBCASE("no EF_AD") {
    files.remove(kAdFile);
  }
  SUBCASE("EF_AD without the length of the MNC") {
    files.add(kAdFile, to_bytes("000000"_h));
  }
  SUBCASE("EF_AD with an invalid length of MNC") {
    files.add(kAdFile, to_bytes("00000004"_h));
  }
  const auto answer = usim.run(kGetIdentity);
  CHECK(answer.status == sw::kReferencedDataNotFound);
  CHECK(answer.data.empty());
}

TEST_CASE("an instance that is not personalised has no PIN to check: 6985") {
  Subscriber usim;
  FakeContext empty;
  empty.tree().add(kUst, services({124, 125}));
  CHECK(empty.run(*usim.applet, kGetIdentity).status == sw::kConditionsNotSatisfied);
}
