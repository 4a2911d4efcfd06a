// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/card_bootstrap.hpp"

#include <functional>

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "tests/support/pkcs15_card.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using namespace uicclab::lwm2m::device;
using test::Pkcs15Card;
using Read = test::Pkcs15Card::Read;

namespace {

constexpr auto kOdf = "7FFF5031", kDodf = "7FFF6430", kFile = "7FFF6432";

/// `size`: of one key in it, so that files of any length come about.
BootstrapFile some_file(std::size_t size = 16) {
  ObjectInstance security{0, {}};
  security.set(security::kUri, std::string_view("coaps://a.example"));
  security.set(security::kMode, std::int64_t{0});
  security.set(security::kSecretKey, BytesView(Bytes(size, 0x5A)));
  return {{{kSecurityObject, std::nullopt, {security}}}};
}

Bytes padded(BytesView content, std::size_t size) {
  Bytes out = to_bytes(content);
  out.resize(size, 0xFF);
  return out;
}

void fill(Pkcs15Card& card, const BootstrapFile& file = some_file(), std::size_t size = 100) {
  card.ef_dir = {padded("6108 4F06 A00000008710"_h, 30), padded(ber::encode(0x61, ber::encode(0x4F, kPkcs15Aid)), 30)};
  card.files[kOdf].content = padded(encode_odf({to_bytes("6430"_h)}), 32);
  card.files[kDodf].content = padded(encode_dodf(bootstrap_data_object("6432"_h)), 64);
  card.files[kFile].content = padded(*encode_bootstrap_file(file), size);
}

Error error_of(const auto& result) {
  REQUIRE_FALSE(result);
  return result.error();
}

CardAccess with_pin(std::string_view pin) {
  CardAccess access;
  access.pin = crypto::SecretBytes(as_bytes(pin));
  return access;
}

/// Answers what it was given, one after the other.
class ScriptedCard final : public CardPort {
 public:
  explicit ScriptedCard(std::vector<Bytes> answers) : m_answers(std::move(answers)) {}
  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  Result<Bytes> transmit(BytesView) override {
    if (m_next == m_answers.size()) return fail(ErrorCode::kIo, "no more answers");
    return m_answers[m_next++];
  }
  void power_off() override {}

 private:
  std::vector<Bytes> m_answers;
  std::size_t m_next = 0;
};

}  // namespace

TEST_CASE("Records of no byte in an FCP are an error of the card, not of ours (TS 102 221 11.1.1.4.3)") {
  for (const auto& [length, text] :
       {std::pair{"0000", "records of 0 bytes"}, std::pair{"0100", "records of 256 bytes"}, std::pair{"FFFF", "65535"}}) {
    ScriptedCard card({*from_hex("019000"), *from_hex("620A82054221" + std::string(length) + "028A01059000")});
    const Error error = error_of(CardBootstrap(card, {}).read());
    CHECK(error.code == ErrorCode::kRange);
    CHECK(error.text.find(text) != std::string::npos);
  }
}

TEST_CASE("EF_DIR, ODF, DODF and the file, on a separate channel that is closed again (LwM2M G.3)") {
  Pkcs15Card card;
  fill(card);
  {
    const auto reading = CardBootstrap(card, {}).read();
    REQUIRE(reading);
    CHECK(reading->file == some_file());
    CHECK(reading->content.size() == 100);
    CHECK(reading->place.in_ef_dir);
    CHECK(to_hex(reading->place.path) == kFile);
    CHECK(reading->place.size == 100);
    CHECK_FALSE(reading->secured);
    CHECK_FALSE(reading->pin_used);
  }
  CHECK(card.open_channels == 0);
  card.has_channels = false;
  CHECK(CardBootstrap(card, {}).read());
  card.ef_dir.clear();
  const auto without_directory = CardBootstrap(card, {}).read();
  REQUIRE(without_directory);
  CHECK_FALSE(without_directory->place.in_ef_dir);
}

TEST_CASE("A file longer than one READ is read completely, whether the card gives its size or not (TS 102 221 11.1.3)") {
  for (const std::size_t size : {255U, 256U, 257U, 512U, 1000U, 3000U}) {
    for (const bool tells : {true, false}) {
      Pkcs15Card card;
      fill(card, some_file(size - 60), size);
      card.tells_size = tells;
      const auto reading = CardBootstrap(card, {}).read();
      REQUIRE(reading);
      CHECK(reading->content.size() == size);
      CHECK(reading->file == some_file(size - 60));
    }
  }
}

TEST_CASE("Several directories, of which one has the entry; absolute paths; the other coding of the identifier (PKCS #15 6.2)") {
  Pkcs15Card card;
  fill(card);
  card.files[kOdf].content = to_bytes("A70630040402 4407 A70630040402 4404 A70A30080406 3F0050154402 FFFF"_h);
  card.files["7FFF4407"].content = Bytes(32, 0xFF);
  CHECK(error_of(CardBootstrap(card, {}).read()).code == ErrorCode::kNotFound);
  card.files["50154402"].content = encode_dodf(bootstrap_data_object("3F0050156432"_h, OidCoding::kDoublyEncoded));
  card.files["50156432"] = card.files[kFile];
  const auto reading = CardBootstrap(card, {}).read();
  REQUIRE(reading);
  CHECK(to_hex(reading->place.path) == "50156432");
  CHECK(reading->place.entry.coding == OidCoding::kDoublyEncoded);
}

TEST_CASE("What is not there is named") {
  Pkcs15Card card;
  fill(card);
  card.has_application = false;
  const Error none = error_of(CardBootstrap(card, {}).read());
  CHECK(none.code == ErrorCode::kNotFound);
  CHECK(none.text.find("EF_DIR names it, but SELECT answers 6A82") != std::string::npos);
  card.has_application = true;
  for (const char* missing : {kOdf, kDodf, kFile}) {
    Pkcs15Card one;
    fill(one);
    one.files.erase(missing);
    CHECK(error_of(CardBootstrap(one, {}).read()).code == ErrorCode::kNotFound);
  }
  card.files[kFile].content = Bytes(50, 0xFF);
  CHECK(error_of(CardBootstrap(card, {}).read()).code == ErrorCode::kNotFound);
  card.files[kFile].content = to_bytes("0011223344556677889900"_h);
  CHECK_FALSE(CardBootstrap(card, {}).read());
  card.files[kOdf].content = to_bytes("A706"_h);
  CHECK(error_of(CardBootstrap(card, {}).read()).text.starts_with("EF(ODF): "));
}

TEST_CASE("A PIN is given when the card refuses, once, and a wrong one costs one try (TS 102 221 11.1.9)") {
  Pkcs15Card card;
  fill(card);
  CHECK(CardBootstrap(card, with_pin("1234")).read()->pin_used == false);
  card.files[kFile].read = Read::kPin;
  const Error refused = error_of(CardBootstrap(card, {}).read());
  CHECK(refused.code == ErrorCode::kRefused);
  CHECK(refused.text.find("no PIN was given") != std::string::npos);
  const Error wrong = error_of(CardBootstrap(card, with_pin("9999")).read());
  CHECK(wrong.code == ErrorCode::kMismatch);
  CHECK(wrong.text.find("tries left: 2") != std::string::npos);
  CHECK(wrong.text.find("9999") == std::string::npos);
  CHECK(card.verifications == 1);
  CHECK(CardBootstrap(card, with_pin("1234")).read()->pin_used);
  card.files[kFile].read = Read::kNever;
  CHECK(error_of(CardBootstrap(card, with_pin("1234")).read()).text.find("the PIN does not allow it") != std::string::npos);
}

TEST_CASE("The secure channel is opened when the card refuses, or from the start (LwM2M H)") {
  Pkcs15Card card;
  fill(card, some_file(600), 700);
  card.files[kFile].read = Read::kSecured;
  CHECK(error_of(CardBootstrap(card, {}).read()).text.find("no keys for a secure channel") != std::string::npos);
  unsigned opened = 0;
  const auto keys = [&](bool start) {
    CardAccess access;
    access.secure_from_the_start = start;
    access.open_secure_channel = [&](Channel channel, const Aid& aid) -> Result<void> {
      CHECK(channel.value == 1);
      CHECK(equal(aid.bytes(), kPkcs15Aid));
      card.secured = true;
      ++opened;
      return {};
    };
    return access;
  };
  const auto reading = CardBootstrap(card, keys(false)).read();
  REQUIRE(reading);
  CHECK(reading->secured);
  CHECK(reading->file == some_file(600));
  CHECK(CardBootstrap(card, keys(true)).read()->secured);
  CHECK(opened == 2);
  card.files[kFile].read = Read::kNever;
  CHECK(error_of(CardBootstrap(card, keys(false)).read()).text.find("the secure channel does not allow it") != std::string::npos);
  CardAccess wrong;
  wrong.open_secure_channel = [](Channel, const Aid&) -> Result<void> { return fail(ErrorCode::kMismatch, "other keys"); };
  CHECK(error_of(CardBootstrap(card, std::move(wrong)).read()).text == "other keys");
}

TEST_CASE("Writing: the file, and the directory entries if missing (LwM2M G.3.3)") {
  Pkcs15Card card;
  fill(card);
  for (auto& [path, file] : card.files) std::ranges::fill(file.content, std::uint8_t{0xFF});
  REQUIRE(CardBootstrap(card, {}).write(some_file()));
  CHECK(CardBootstrap(card, {}).read()->file == some_file());
  REQUIRE(CardBootstrap(card, {}).write(some_file(40)));
  CHECK(CardBootstrap(card, {}).read()->file == some_file(40));
  const Error small = error_of(CardBootstrap(card, {}).write(some_file(200)));
  CHECK(small.code == ErrorCode::kRange);
  CHECK(small.text.find("has 100 bytes") != std::string::npos);
  CHECK(CardBootstrap(card, {}).read()->file == some_file(40));
  card.writable = false;
  CHECK(error_of(CardBootstrap(card, {}).write(some_file())).code == ErrorCode::kRefused);
  CHECK(CardBootstrap(card, with_pin("1234")).write(some_file()));
}

TEST_CASE("Writing spoils nothing of others") {
  Pkcs15Card card;
  fill(card);
  card.files[kDodf].content = encode_dodf([] {
    DataObject other = bootstrap_data_object("6440"_h);
    other.oid = to_bytes("2B0601"_h);
    return other;
  }());
  CHECK(error_of(CardBootstrap(card, {}).write(some_file())).code == ErrorCode::kRefused);
  fill(card);
  card.files[kOdf].content = to_bytes("A70630040402 4407 FFFF"_h);
  CHECK(error_of(CardBootstrap(card, {}).write(some_file())).code == ErrorCode::kRefused);
  CHECK(to_hex(card.files[kOdf].content) == "A706300404024407FFFF");
}

namespace {

/// A card with one bootstrap file, provisioned with another; the power goes after each number of commands. What a reader finds then is
/// `old_content` (nothing: no file) or the new one; and the next try succeeds. Returns how often each was found.
struct Found {
  unsigned old_file = 0, new_file = 0;
};
Found cut_everywhere(const std::function<void(Pkcs15Card&)>& prepare, const std::optional<BootstrapFile>& old_file,
                     const BootstrapFile& new_file, std::size_t longest, const ProvisionOptions& options = {}) {
  Found found;
  const auto access = [&] {
    CardAccess out = with_pin("1234");
    out.longest_command = longest;
    return out;
  };
  for (int cut = 0; cut < 100; ++cut) {
    CAPTURE(cut);
    Pkcs15Card card;
    prepare(card);
    card.writable = false;  // without the PIN, so that its verification is one of the commands
    card.commands_left = cut;
    const bool written = CardBootstrap(card, access()).write(new_file, options).has_value();
    card.commands_left = -1;
    const auto reading = CardBootstrap(card, {}).read();
    const bool is_new = reading && reading->file == new_file;
    if (!is_new && old_file) {
      REQUIRE(reading);
      CHECK(reading->file == *old_file);
    }
    if (!is_new && !old_file) CHECK(error_of(reading).code == ErrorCode::kNotFound);
    ++(is_new ? found.new_file : found.old_file);
    REQUIRE(CardBootstrap(card, access()).write(new_file, options));
    CHECK(CardBootstrap(card, {}).read()->file == new_file);
    if (written) return found;
  }
  FAIL("more commands than that");
  return found;
}

void with_old_file(Pkcs15Card& card) {
  fill(card, some_file(600), 700);
}

}  // namespace

TEST_CASE("Power that goes at any command leaves the old file or the new one: extended length, and what fits one command") {
  const Found extended = cut_everywhere(with_old_file, some_file(600), some_file(640), kMaxBootstrapFile);
  CHECK(extended.old_file > 5);
  CHECK(extended.new_file > 0);
  const auto small = [](Pkcs15Card& card) { fill(card, some_file(60), 700); };
  CHECK(cut_everywhere(small, some_file(60), some_file(160), 255).new_file > 0);
}

TEST_CASE("The same with short commands: a spare file, and one command turns the directory to it; then back") {
  const ProvisionOptions options{.spare = to_bytes("6434"_h)};
  const auto prepare = [](Pkcs15Card& card) {
    with_old_file(card);
    card.files["7FFF6434"].content = Bytes(700, 0xFF);
  };
  CHECK(cut_everywhere(prepare, some_file(600), some_file(640), 255, options).new_file > 3);

  Pkcs15Card card;
  prepare(card);
  const Bytes directory = card.files[kDodf].content;
  REQUIRE(CardBootstrap(card, {}).write(some_file(640), options));
  CHECK(to_hex(CardBootstrap(card, {}).read()->place.path) == "7FFF6434");
  CHECK(card.files[kFile].content == Bytes(700, 0xFF));
  REQUIRE(CardBootstrap(card, {}).write(some_file(610), options));
  CHECK(to_hex(CardBootstrap(card, {}).read()->place.path) == kFile);
  CHECK(card.files["7FFF6434"].content == Bytes(700, 0xFF));
  CHECK(card.files[kDodf].content == directory);

  card.files.erase("7FFF6434");
  CHECK(error_of(CardBootstrap(card, {}).write(some_file(640), options)).code == ErrorCode::kNotFound);
  card.files["7FFF6434"].content = Bytes(600, 0xFF);
  CHECK(error_of(CardBootstrap(card, {}).write(some_file(640), options)).code == ErrorCode::kRange);
  CHECK(error_of(CardBootstrap(card, {}).write(some_file(640), {.spare = to_bytes("6432"_h)})).code == ErrorCode::kRefused);
  CHECK(CardBootstrap(card, {}).read()->file == some_file(610));
}

TEST_CASE("The same where there is no file yet: none, or the new one") {
  const auto blank = [](Pkcs15Card& card) {
    with_old_file(card);
    for (auto& [path, file] : card.files) std::ranges::fill(file.content, std::uint8_t{0xFF});
  };
  CHECK(cut_everywhere(blank, std::nullopt, some_file(640), 255).new_file > 0);
  CHECK(cut_everywhere(blank, std::nullopt, some_file(640), kMaxBootstrapFile).new_file > 0);
}

TEST_CASE("Without extended length and a spare file nothing is written over a file that is there, unless it is said") {
  Pkcs15Card card;
  with_old_file(card);
  CHECK(error_of(CardBootstrap(card, {}).write(some_file(640))).code == ErrorCode::kUnsupported);
  CHECK(CardBootstrap(card, {}).read()->file == some_file(600));
  card.takes_extended = false;  // although its ATR said so
  CardAccess access;
  access.longest_command = kMaxBootstrapFile;
  CHECK(error_of(CardBootstrap(card, std::move(access)).write(some_file(640))).code == ErrorCode::kUnsupported);
  CHECK(CardBootstrap(card, {}).read()->file == some_file(600));
  REQUIRE(CardBootstrap(card, {}).write(some_file(640), {.may_tear = true}));
  CHECK(CardBootstrap(card, {}).read()->file == some_file(640));
}

TEST_CASE("Historical bytes announce extended length; T=0 has none (ISO/IEC 7816-4 12.1.1.9)") {
  CHECK(takes_extended_length("3B 9F 96 80 91 FE 1F 87 80 31 E0 73 FE 21 5F 67 75 69 63 63 6C 61 62 C8"_h));
  CHECK(takes_extended_length("3B 86 81 01 80 73FE215F 41 34"_h));
  CHECK_FALSE(takes_extended_length("3B 86 81 01 80 73FE211F 41 74"_h));  // the card says no
  CHECK_FALSE(takes_extended_length("3B 06 80 73FE215F 41"_h));           // T=0 alone
  CHECK_FALSE(takes_extended_length("3B00"_h));
  CHECK_FALSE(takes_extended_length({}));
}
