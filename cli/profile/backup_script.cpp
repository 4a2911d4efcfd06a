// SPDX-License-Identifier: Apache-2.0
// Lines of such a script: "# directory: MF/DF.GSM/EF.LP (3f00/7f20/6f05)" begins a file, "# RAW FCP Template: 62..." follows if it was
// selected, then "select MF/DF.GSM/EF.LP", "update_binary HEX" or "update_record 1 HEX"; "# bad file: ... got 6982: ..." says why a file
// was not read.
#include "cli/profile/backup_script.hpp"

#include <charconv>
#include <sstream>

#include <nlohmann/json.hpp>

#include "cli/profile/fsdump.hpp"
#include "core/ber_tlv.hpp"
#include "core/hex.hpp"
#include "uicc/file_facts.hpp"

namespace uicclab::cli {
namespace {

using nlohmann::json;

constexpr std::string_view kDirectory = "# directory: ", kFcp = "# RAW FCP Template: ", kBad = "# bad file: ";
/// Of a card that says nothing of itself: T=0 alone (ISO/IEC 7816-3 clause 8.2).
constexpr std::string_view kUnknownAtr = "3B00";
constexpr std::size_t kMostRecords = 254;

std::string_view behind(std::string_view line, std::string_view prefix) {
  return line.substr(prefix.size());
}

/// Access conditions of SIMs as rules of UICCs: 0 ALW, 1 CHV1, 2 CHV2, 4 to E ADM, F NEV (3GPP TS 51.011 clause 9.3).
Bytes condition_of(unsigned nibble) {
  if (nibble == 0) return to_bytes("9000"_h);
  if (nibble == 0x0F || nibble == 0x03) return to_bytes("9700"_h);
  const auto key = static_cast<std::uint8_t>(nibble == 1 ? 0x01 : nibble == 2 ? 0x81 : nibble <= 8 ? 0x0A + nibble - 4 : 0x0A);
  return Bytes{0xA4, 0x06, 0x83, 0x01, key, 0x95, 0x01, 0x08};
}

/// The FCP of a file that a SIM described in the answer to SELECT (3GPP TS 51.011 clause 9.2.1). Nothing if that is no such answer.
std::optional<Bytes> fcp_of_sim(BytesView answer) {
  if (answer.size() < 14) return std::nullopt;
  const bool is_ef = answer[6] == 0x04;
  const std::uint8_t structure = answer[13];
  if (!is_ef && answer[6] != 0x01 && answer[6] != 0x02) return std::nullopt;
  const std::size_t size = static_cast<std::size_t>((answer[2] << 8) | answer[3]);
  const std::size_t length = is_ef && structure != 0 && answer.size() > 14 ? answer[14] : 0;
  if (is_ef && structure != 0 && (length == 0 || size / length > kMostRecords)) return std::nullopt;
  Bytes fcp;
  if (!is_ef) {
    ber::write(fcp, 0x82, "7821"_h);
  } else if (structure == 0) {
    ber::write(fcp, 0x82, "4121"_h);
  } else {
    ber::write(fcp, 0x82,
               Bytes{structure == 3 ? std::uint8_t{0x46} : std::uint8_t{0x42}, 0x21, 0x00, static_cast<std::uint8_t>(length),
                     static_cast<std::uint8_t>(size / length)});
  }
  ber::write(fcp, 0x83, answer.subspan(4, 2));
  ber::write(fcp, 0x8A, is_ef && (answer[11] & 0x01) == 0 ? "04"_h : "05"_h);
  Bytes rules;
  const auto allow = [&](BytesView mode, unsigned nibble) {
    append(rules, mode);
    append(rules, condition_of(nibble));
  };
  if (is_ef) {
    allow("800101"_h, answer[8] >> 4);
    allow("800102"_h, answer[8] & 0x0F);
    allow("840132"_h, answer[9] >> 4);
    allow("800110"_h, answer[10] >> 4);  // REHABILITATE
    allow("800108"_h, answer[10] & 0x0F);
  } else {
    allow("80015E"_h, 4);
  }
  ber::write(fcp, 0xAB, rules);
  if (is_ef) ber::write(fcp, 0x80, answer.subspan(2, 2));
  if (is_ef) ber::write(fcp, 0x88, BytesView());  // SIMs have no short identifiers
  // CHV1, which bit 8 says to be disabled (byte 14), CHV2, and one administrative code.
  if (answer[6] == 0x01) ber::write(fcp, 0xC6, (answer[13] & 0x80) != 0 ? "90016083010183018183010A"_h : "9001E083010183018183010A"_h);
  return ber::encode(0x62, fcp);
}

class Script {
 public:
  explicit Script(std::string_view source) : m_source(source) {}

  Result<json> read(std::string_view text) {
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);) {
      ++m_line;
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (auto done = take(line); !done) return tl::unexpected(done.error());
    }
    if (auto done = finish(); !done) return tl::unexpected(done.error());
    return json{{"atr", atr()}, {"files", m_files}};
  }

  /// From the name of the file; empty: it does not say.
  std::string atr() const {
    const std::string_view name = m_source.substr(m_source.rfind('/') == std::string_view::npos ? 0 : m_source.rfind('/') + 1);
    constexpr std::string_view kPrefix = "card_backup_";
    if (!name.starts_with(kPrefix)) return std::string(kUnknownAtr);
    const auto digits = behind(name, kPrefix).substr(0, behind(name, kPrefix).find('_'));
    return from_hex(digits) && !digits.empty() ? std::string(digits) : std::string(kUnknownAtr);
  }
  bool atr_is_known() const { return atr() != kUnknownAtr; }

 private:
  tl::unexpected<Error> wrong(const std::string& what) const {
    return fail(ErrorCode::kMalformed, std::string(m_source) + ":" + std::to_string(m_line) + ": " + what);
  }

  Result<void> take(std::string_view line) {
    if (line.starts_with(kDirectory)) {
      if (auto done = finish(); !done) return done;
      m_path = behind(line, kDirectory).substr(0, behind(line, kDirectory).find(" ("));
    } else if (line.starts_with(kFcp)) {
      if (behind(line, kFcp) != "None") m_fcp = behind(line, kFcp);
      const auto answer = from_hex(m_fcp);
      if (!answer || answer->empty() || (*answer)[0] == 0x62 || (*answer)[0] == 0x6F) return {};
      const auto fcp = fcp_of_sim(*answer);
      if (!fcp)
        return wrong("the file control parameters must be those of a UICC (tag 62) or the answer of a SIM (3GPP TS 51.011 clause 9.2.1)");
      m_fcp = to_hex(*fcp);
      m_is_sim = true;
    } else if (line.starts_with(kBad)) {
      const auto got = line.find(" got ");
      if (got != std::string_view::npos) m_status = line.substr(got + 5, 4);
    } else if (line.empty() || line.starts_with('#')) {
      return {};
    } else {
      return command(line);
    }
    return {};
  }

  Result<void> command(std::string_view line) {
    const auto space = std::min(line.find(' '), line.size());
    const std::string_view name = line.substr(0, space);
    const std::string_view rest = line.substr(std::min(space + 1, line.size()));
    if (name == "select") {
      // Scripts without the comments of export know a file by its command alone.
      if (m_path == rest) return {};
      if (auto done = finish(); !done) return done;
      m_path = rest;
      return {};
    }
    if (name == "update_binary") {
      if (m_path.empty()) return wrong("update_binary before any select");
      if (!from_hex(rest)) return wrong("the content must be hexadecimal");
      m_body = std::string(rest);
      return {};
    }
    if (name == "update_record") return record(rest);
    m_left_out.emplace_back(name);
    return {};
  }

  Result<void> record(std::string_view rest) {
    if (m_path.empty()) return wrong("update_record before any select");
    std::size_t number = 0;
    const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    const auto at = static_cast<std::size_t>(end - rest.data());
    if (failed != std::errc() || number < 1 || number > kMostRecords || at >= rest.size() || rest[at] != ' ') {
      return wrong("a record has a number from 1 to 254 and a content");
    }
    const std::string_view content = rest.substr(at + 1);
    if (!from_hex(content)) return wrong("the content must be hexadecimal");
    if (!m_body.is_array()) m_body = json::array();
    while (m_body.size() < number) m_body.push_back("");
    m_body[number - 1] = std::string(content);
    return {};
  }

  /// The file that the lines before were about.
  Result<void> finish() {
    if (m_path.empty()) return {};
    json file{{"path", m_path}};
    if (!m_fcp.empty()) {
      file["fcp_raw"] = m_fcp;
    } else if (!m_body.is_null()) {
      return wrong(m_path + " has contents but no '# RAW FCP Template' line, as pySim-shell's export writes it");
    }
    if (!m_body.is_null()) {
      file["body"] = m_body;
    } else if (!m_status.empty()) {
      file["error"] = {{"sw_actual", m_status}};
    } else if (const auto fcp = from_hex(m_fcp); fcp && uicc::FileFacts::from(*fcp).kind == uicc::FileKind::kBerTlv) {
      file["body"] = json::object();  // a BER-TLV file without objects
    }
    if (!m_fcp.empty()) m_files.push_back(std::move(file));
    m_path.clear();
    m_fcp.clear();
    m_status.clear();
    m_body = nullptr;
    return {};
  }

  std::string_view m_source;
  std::size_t m_line = 0;
  std::string m_path;
  std::string m_fcp;
  std::string m_status;
  json m_body;
  json m_files = json::array();

 public:
  std::vector<std::string> m_left_out;  ///< commands that put nothing into a file
  bool m_is_sim = false;                ///< class A0 alone
};

}  // namespace

bool is_backup_script(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line == "\r" || line.starts_with('#')) continue;
    return line.starts_with("select ");
  }
  return false;
}

Result<profile::package::Imported> read_backup_script(std::string_view text, std::string_view source) {
  Script script(source);
  const auto dump = script.read(text);
  if (!dump) return tl::unexpected(dump.error());
  auto imported = read_fsdump(dump->dump(), source);
  if (!imported) return imported;
  if (!script.atr_is_known()) {
    imported->notices.push_back(
        {0, "card", "the file name does not contain the ATR, as card_backup_ATR_ICCID.script does: the ATR is made up"});
  }
  imported->profile.choices.uicc_class = !script.m_is_sim;
  for (const std::string& name : script.m_left_out) imported->notices.push_back({0, name, "is left out: it writes no file"});
  return imported;
}

}  // namespace uicclab::cli
