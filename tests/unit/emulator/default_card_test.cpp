// SPDX-License-Identifier: Apache-2.0
// The whole default card through its command path: every file in every way of selection, every access rule in every security status, and
// the status words of wrong lengths, offsets and record numbers. What is expected comes from the profile's text by the small evaluator
// below, not from the emulator.
#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "core/ber_tlv.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "tests/support/small_card.hpp"
#include "uicc/fcp.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::Terminal;

namespace {

std::string hex(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) out += to_hex(std::array{static_cast<std::uint8_t>(value >> (8 * i))});
  return out;
}

/// The default profile with PIN1 enabled, so that each key can be given and withheld.
const profile::Profile& test_profile() {
  static const profile::Profile all = [] {
    profile::Profile made = *profile::default_profile();
    for (profile::PinSpec& pin : made.pins) pin.enabled = true;
    return made;
  }();
  return all;
}

std::shared_ptr<const CardImage> image() {
  static const auto built = *build_image(test_profile(), applet::builtin_modules());
  return built;
}

const profile::FileSpec& spec(const std::string& path) {
  const auto it = std::ranges::find(test_profile().files, path, &profile::FileSpec::path);
  REQUIRE_MESSAGE(it != test_profile().files.end(), path);
  return *it;
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "3F00" : path.substr(0, slash);
}

bool in_adf(const std::string& path) {
  return path.starts_with("ADF.");
}

const profile::ApplicationSpec* application_of(const std::string& path) {
  const auto it = std::ranges::find(test_profile().applications, path.substr(0, path.find('/')), &profile::ApplicationSpec::adf);
  return it == test_profile().applications.end() ? nullptr : &*it;
}

/// "3F00/7F10/6F3A" -> "7F106F3A"; "ADF.USIM/6F07" -> "7FFF6F07".
std::string selection_path(const std::string& path) {
  std::string out = in_adf(path) ? "7FFF" : "";
  const auto slash = path.find('/');
  if (slash != std::string::npos) {
    for (const char c : path.substr(slash + 1)) {
      if (c != '/') out += c;
    }
  }
  return out;
}

using Keys = std::vector<std::uint8_t>;
constexpr std::uint8_t kPin1 = 0x01, kPin2 = 0x81, kAdm1 = 0x0A;

/// Activates the application of the file (else the USIM) and verifies the keys.
void prepare(Terminal& t, const std::string& path, const Keys& keys) {
  const profile::ApplicationSpec* application = application_of(path);
  if (application == nullptr) application = &test_profile().applications.front();
  const std::string aid = to_hex(application->aid.bytes());
  REQUIRE(t.send("00A4040C" + hex(static_cast<std::uint32_t>(aid.size() / 2), 1) + aid) == "9000");
  for (const profile::PinSpec& pin : test_profile().pins) {
    if (std::ranges::find(keys, pin.key.value) == keys.end()) continue;
    if (!pin.scope.empty() && pin.scope != application->adf) continue;
    REQUIRE(t.send("002000" + hex(pin.key.value, 1) + "08" + to_hex(pin.value)) == "9000");
  }
}

std::string select(Terminal& t, const std::string& path, const char* p2 = "0C") {
  const std::string data = selection_path(path);
  if (data.empty()) return t.exchange(std::string("00A400") + p2 + "023F00");
  return t.exchange(std::string("00A408") + p2 + hex(static_cast<std::uint32_t>(data.size() / 2), 1) + data);
}

// --- The evaluator: pairs of access mode and condition as in EF_ARR. ---

bool condition_holds(const ber::Tlv& tlv, const Keys& keys) {
  switch (tlv.tag) {
    case 0x90:
      return true;
    case 0xA4:
      return std::ranges::find(keys, tlv.value[2]) != keys.end();  // A4 06 83 01 key 95 01 08
    case 0xA0: {
      ber::Reader reader(tlv.value);
      bool any = false;
      while (!reader.empty()) any = condition_holds(*reader.next(), keys) || any;
      return any;
    }
    default:
      return false;
  }
}

/// `mode`: an access mode bit, or, above 0xFF, an instruction.
bool rule_allows(BytesView record, unsigned mode, const Keys& keys) {
  ber::Reader reader(record);
  while (!reader.empty()) {
    const auto access = *reader.next();
    const auto condition = *reader.next();
    const bool fits =
        mode > 0xFF ? access.tag == 0x84 && access.value[0] == (mode & 0xFF) : access.tag == 0x80 && (access.value[0] & mode) != 0;
    if (fits) return condition_holds(condition, keys);
  }
  return false;
}

constexpr unsigned kIncrease = 0x132, kResize = 0x1D4;

/// May it be done? The rule is searched in the file's directory and upwards.
bool allowed(const std::string& path, unsigned mode, Keys keys) {
  const profile::ApplicationSpec* application = application_of(path);
  if (application != nullptr && application->adf != "ADF.USIM") std::erase(keys, kPin2);  // PIN2 is the USIM's
  const Bytes& reference = spec(path).header.security.value;
  REQUIRE(reference.size() == 3);
  const std::string arr = to_hex(BytesView{reference}.first(2));
  std::string at = path == "3F00" ? path : parent_of(path);
  for (;;) {
    const auto found = std::ranges::find(test_profile().files, at + "/" + arr, &profile::FileSpec::path);
    if (found != test_profile().files.end()) return rule_allows(found->records.at(reference[2] - 1U), mode, keys);
    REQUIRE(at != "3F00");
    at = parent_of(at);
  }
}

const std::vector<Keys>& states() {
  static const std::vector<Keys> all{{}, {kPin1}, {kPin2}, {kAdm1}, {kPin1, kPin2}, {kPin1, kAdm1}, {kPin2, kAdm1}, {kPin1, kPin2, kAdm1}};
  return all;
}
const Keys& all_keys() {
  return states().back();
}

std::string text(const Keys& keys) {
  std::string out;
  for (const std::uint8_t key : keys) out += hex(key, 1) + " ";
  return out;
}

/// Runs `operation` on a card of its own, prepared and with the file's directory (`beside`) or the file itself selected, for each file that
/// `concerns` in each security status, and compares with the rule.
template <typename Concerns, typename Operation>
void check_rule(unsigned mode, bool beside, const Concerns& concerns, const Operation& operation) {
  std::size_t granted = 0;
  std::size_t refused = 0;
  for (const profile::FileSpec& file : test_profile().files) {
    if (!concerns(file)) continue;
    for (const Keys& keys : states()) {
      Terminal t(image());
      prepare(t, file.path, keys);
      const std::string where = beside ? parent_of(file.path) : file.path;
      REQUIRE(select(t, where) == "9000");
      const std::string answer = operation(t, file);
      const bool may = allowed(file.path, mode, keys);
      const std::string status = answer.size() >= 4 ? answer.substr(answer.size() - 4) : answer;
      ++(may ? granted : refused);
      CHECK_MESSAGE(status == (may ? "9000" : "6982"), file.path, " with ", text(keys));
    }
  }
  CHECK(granted + refused > 0);
}

bool is_ef(const profile::FileSpec& file) {
  return !is_directory(file.header.kind);
}
bool of_kind(const profile::FileSpec& file, FileKind kind) {
  return file.header.kind == kind;
}
std::string fid(const profile::FileSpec& file) {
  return to_hex(file.header.fid);
}

}  // namespace

TEST_CASE("default card: each file is selected by path, and its FCP agrees with its header (TS 102 221 clauses 8.4.2 and 11.1.1.3)") {
  Terminal t(image());
  for (std::uint32_t number = 0; number < image()->file_count(); ++number) {
    const profile::FileSpec& file = test_profile().files[number];
    CAPTURE(file.path);
    prepare(t, file.path, {});
    const std::string answer = select(t, file.path, "04");
    REQUIRE(answer.ends_with("9000"));
    const Bytes fcp = *from_hex(answer.substr(0, answer.size() - 4));
    CHECK(fcp.size() <= 127);  // what readers in the field can take
    const auto parsed = parse_fcp(fcp);
    REQUIRE_MESSAGE(parsed, parsed.error().text);
    const FileHeader& header = file.header;
    CHECK((parsed->kind == header.kind || header.kind == FileKind::kMf));
    CHECK(parsed->fid == header.fid);
    CHECK(parsed->life_cycle == header.life_cycle);
    CHECK(parsed->security == header.security);
    CHECK(parsed->record_length == header.record_length);
    CHECK(parsed->record_count == header.record_count);
    if (is_ef(file)) CHECK(parsed->sfi == header.sfi);
    if (of_kind(file, FileKind::kBerTlv)) {
      CHECK(capacity(*parsed) == capacity(header));
      CHECK(parsed->size == file.content.size());
    } else if (is_ef(file)) {
      CHECK(parsed->size == header.size);
    } else {
      CHECK(parsed->keys == header.keys);
    }
    if (of_kind(file, FileKind::kAdf)) CHECK(parsed->aid == application_of(file.path)->aid);
  }
}

TEST_CASE("default card: each file is selected by FID, from directory to directory (clause 8.4.1)") {
  Terminal t(image());
  for (const profile::FileSpec& file : test_profile().files) {
    CAPTURE(file.path);
    prepare(t, file.path, {});
    if (!in_adf(file.path)) REQUIRE(t.send("00A4000C023F00") == "9000");
    const std::string path = selection_path(file.path);
    for (std::size_t at = in_adf(file.path) ? 4 : 0; at < path.size(); at += 4) {
      CHECK(t.send("00A4000C02" + path.substr(at, 4)) == "9000");
    }
    const std::string status = t.exchange("80F2000000");
    const profile::FileSpec& directory = is_ef(file) ? spec(parent_of(file.path)) : file;
    CHECK(status.find("8302" + fid(directory)) != std::string::npos);
  }
}

TEST_CASE("default card: each SFI finds its EF, only in its own directory (clause 8.4.3)") {
  std::size_t found = 0;
  for (const profile::FileSpec& file : test_profile().files) {
    if (!file.header.sfi || of_kind(file, FileKind::kBerTlv)) continue;
    CAPTURE(file.path);
    Terminal t(image());
    prepare(t, file.path, all_keys());
    REQUIRE(select(t, parent_of(file.path)) == "9000");
    const bool readable = allowed(file.path, 0x01, all_keys());
    const std::uint8_t sfi = file.header.sfi->value;
    if (of_kind(file, FileKind::kTransparent)) {
      const std::string first = t.send("00B0" + hex(0x80U | sfi, 1) + "0001");
      CHECK(first.ends_with(readable ? "9000" : "6982"));
      if (readable) CHECK(t.send("00B0000001") == first);  // it is current
    } else {
      const std::string length = hex(file.header.record_length, 1);
      const std::string first = t.send("00B201" + hex(static_cast<std::uint32_t>(sfi << 3) | 0x04U, 1) + length);
      CHECK(first.ends_with(readable ? "9000" : "6982"));
      if (readable) CHECK(t.send("00B20104" + length) == first);
    }
    ++found;
  }
  CHECK(found > 50);
}

TEST_CASE("default card: READ in each security status (clauses 9.2 and 11.1.3 to 11.1.7)") {
  check_rule(0x01, false, is_ef, [](Terminal& t, const profile::FileSpec& file) {
    switch (file.header.kind) {
      case FileKind::kTransparent:
        return t.send("00B0000001");
      case FileKind::kBerTlv:
        return t.exchange("80CB0080015C");
      default:
        return t.send("00B20104" + hex(file.header.record_length, 1));
    }
  });
}

TEST_CASE("default card: UPDATE in each security status (clauses 9.2, 11.1.4, 11.1.6 and 11.3.2)") {
  check_rule(0x02, false, is_ef, [](Terminal& t, const profile::FileSpec& file) {
    const std::string record(2 * std::size_t{file.header.record_length}, '0');
    switch (file.header.kind) {
      case FileKind::kTransparent:
        return t.send("00D600000100");
      case FileKind::kBerTlv:
        return t.send("80DB008003800100");
      case FileKind::kCyclic:
        return t.send("00DC0003" + hex(file.header.record_length, 1) + record);
      default:
        return t.send("00DC0104" + hex(file.header.record_length, 1) + record);
    }
  });
}

TEST_CASE("default card: INCREASE in each security status (clause 11.1.8)") {
  check_rule(
      kIncrease, false, [](const profile::FileSpec& file) { return of_kind(file, FileKind::kCyclic); },
      [](Terminal& t, const profile::FileSpec&) {
        const std::string answer = t.exchange(
            "80320000"
            "0100");
        return answer == "9850" ? "9000" : answer;  // a record of FF: allowed, and full
      });
}

TEST_CASE("default card: DEACTIVATE and ACTIVATE in each security status (clauses 11.1.14 and 11.1.15)") {
  check_rule(0x08, false, is_ef, [](Terminal& t, const profile::FileSpec&) { return t.send("0004000000"); });
  check_rule(0x10, false, is_ef, [](Terminal& t, const profile::FileSpec&) { return t.send("0044000000"); });
}

TEST_CASE("default card: TERMINATE EF and DF in each security status (TS 102 222 clauses 6.7 and 6.8)") {
  check_rule(0x20, true, is_ef, [](Terminal& t, const profile::FileSpec& file) { return t.send("00E8000002" + fid(file)); });
  check_rule(
      0x20, true, [](const profile::FileSpec& file) { return of_kind(file, FileKind::kDf); },
      [](Terminal& t, const profile::FileSpec& file) { return t.send("00E6000002" + fid(file)); });
}

TEST_CASE("default card: RESIZE in each security status (TS 102 222 clause 6.10)") {
  check_rule(
      kResize, true, [](const profile::FileSpec& file) { return is_ef(file) && !of_kind(file, FileKind::kCyclic); },
      [](Terminal& t, const profile::FileSpec& file) {
        return t.send("80D400000C620A8302" + fid(file) + "8004" + hex(capacity(file.header), 4));
      });
}

TEST_CASE("default card: CREATE FILE in each directory and security status (TS 102 222 clause 6.3)") {
  const auto directories = [](const profile::FileSpec& file) { return !is_ef(file); };
  check_rule(0x02, false, directories, [](Terminal& t, const profile::FileSpec&) {
    return t.send(
        "00E0000018"
        "6216"
        "82024121"
        "83024FEE"
        "8A0105"
        "8B032F0602"
        "80020002"
        "8800");
  });
  check_rule(0x04, false, directories, [](Terminal& t, const profile::FileSpec&) {
    return t.send(
        "00E000001B"
        "6219"
        "82027821"
        "83025FEE"
        "8A0105"
        "8B032F0609"
        "81020100"
        "C603830101");
  });
}

TEST_CASE("default card: DELETE FILE by the file's rule or its directory's, in each security status (TS 102 222 clause 6.4)") {
  for (const profile::FileSpec& file : test_profile().files) {
    if (of_kind(file, FileKind::kMf) || of_kind(file, FileKind::kAdf)) continue;
    for (const Keys& keys : states()) {
      CAPTURE(file.path);
      Terminal t(image());
      prepare(t, file.path, keys);
      REQUIRE(select(t, parent_of(file.path)) == "9000");
      const bool may = allowed(file.path, 0x40, keys) || allowed(parent_of(file.path), 0x01, keys);
      CHECK(t.send("00E4000002" + fid(file)) == (may ? "9000" : "6982"));
      CHECK(select(t, file.path) == (may ? "6A82" : "9000"));
    }
  }
}

TEST_CASE("default card: transparent EFs answer wrong offsets, lengths and commands by the standard (clauses 11.1.3 and 11.1.4)") {
  for (const profile::FileSpec& file : test_profile().files) {
    if (!of_kind(file, FileKind::kTransparent)) continue;
    CAPTURE(file.path);
    Terminal t(image());
    prepare(t, file.path, all_keys());
    REQUIRE(select(t, file.path) == "9000");
    const std::uint32_t size = file.header.size;
    REQUIRE(size < 0x7FFF);
    if (allowed(file.path, 0x01, all_keys())) {
      if (size < 255) CHECK(t.send("00B00000" + hex(size + 1, 1)) == "6C" + hex(size, 1));
      CHECK(t.send("00B0" + hex(size - 1, 2) + "01").size() == 6);
      CHECK(t.send("00B0" + hex(size - 1, 2) + "02") == "6C01");
      CHECK(t.send("00B0" + hex(size, 2) + "01") == "6B00");
      CHECK(t.send("00B07FFF01") == "6B00");
    }
    if (allowed(file.path, 0x02, all_keys())) {
      CHECK(t.send("00D6" + hex(size - 1, 2) + "020000") == "6700");
      CHECK(t.send("00D6" + hex(size, 2) + "0100") == "6B00");
      if (size < 255) CHECK(t.send("00D60000" + hex(size + 1, 1) + std::string(2 * (size + 1), '0')) == "6700");
    }
    CHECK(t.send("00B2010401") == "6981");
    CHECK(t.send("00DC01040100") == "6981");
    CHECK(t.send("00A20104"
                 "0100") == "6981");
    CHECK(t.send("8032000001"
                 "01") == "6981");
    CHECK(t.send("80CB0080015C") == "6981");
  }
}

TEST_CASE("default card: record EFs answer wrong numbers, lengths and commands by the standard (clauses 11.1.5 to 11.1.8)") {
  for (const profile::FileSpec& file : test_profile().files) {
    if (!has_records(file.header.kind)) continue;
    CAPTURE(file.path);
    Terminal t(image());
    prepare(t, file.path, all_keys());
    REQUIRE(select(t, file.path) == "9000");
    const std::uint32_t length = file.header.record_length;
    const std::uint32_t count = file.header.record_count;
    const bool cyclic = of_kind(file, FileKind::kCyclic);
    if (allowed(file.path, 0x01, all_keys())) {
      CHECK(t.send("00B20104" + hex(length + 1, 1)) == "6C" + hex(length, 1));
      CHECK(t.send("00B2" + hex(count, 1) + "04" + hex(length, 1)).ends_with("9000"));
      CHECK(t.send("00B2" + hex(count + 1, 1) + "04" + hex(length, 1)) == "6A83");
      CHECK(t.send("00B20004" + hex(length, 1)) == "6A83");
      CHECK(t.send("00B20101" + hex(length, 1)) == "6A86");
      CHECK(t.send("00A2" + hex(count + 1, 1) + "040100") == "6A83");
      if (length < 255) CHECK(t.send("00A20104" + hex(length + 1, 1) + std::string(2 * (length + 1), '0')) == "6700");
    }
    if (allowed(file.path, 0x02, all_keys())) {
      const char* mode = cyclic ? "03" : "04";
      const char* number = cyclic ? "00" : "01";
      CHECK(t.send(std::string("00DC") + number + mode + hex(length + 1, 1) + std::string(2 * (length + 1), '0')) == "6700");
      if (length > 1)
        CHECK(t.send(std::string("00DC") + number + mode + hex(length - 1, 1) + std::string(2 * (length - 1), '0')) == "6700");
      if (!cyclic) CHECK(t.send("00DC" + hex(count + 1, 1) + "04" + hex(length, 1) + std::string(2 * length, '0')) == "6A83");
    }
    CHECK(t.send("00B0000001") == "6981");
    CHECK(t.send("00D600000100") == "6981");
    CHECK(t.send("80CB0080015C") == "6981");
    if (!cyclic) CHECK(t.send("803200000101") == "6981");
  }
}
