// SPDX-License-Identifier: Apache-2.0
#include "script/secrets.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/apdu.hpp"
#include "ef/catalogue.hpp"

namespace uicclab::script {
namespace {

constexpr std::string_view kPin = "PIN";
constexpr std::string_view kKey = "key";
constexpr std::string_view kStoredData = "stored data";
constexpr std::string_view kDataObject = "data object";
constexpr std::string_view kResult = "result of AUTHENTICATE";
constexpr std::string_view kDeciphered = "deciphered data";
constexpr std::string_view kKeyFile = "content of a file with keys";
constexpr std::string_view kBootstrap = "content of a PKCS #15 file";
constexpr std::string_view kMessage = "message of the LwM2M application";

constexpr std::uint8_t kGsmClass = 0xA0;
constexpr std::uint8_t kPutKey = 0xD8;
constexpr std::uint8_t kStoreData = 0xE2;  // class 00: APPEND RECORD
constexpr std::uint8_t kPutData = 0xDA;
constexpr std::uint8_t kPutDataOdd = 0xDB;  // class 80: SET DATA
constexpr std::uint8_t kSecurityOperation = 0x2A;
constexpr std::uint8_t kGetData = 0xCA;

constexpr auto kWithPin = std::to_array<std::uint8_t>({0x20, 0x21, 0x24, 0x26, 0x28, 0x2C});
constexpr auto kAuthenticate = std::to_array<std::uint8_t>({0x88, 0x89});
/// Commands that bring data to a file, or patterns of what is in it.
constexpr auto kWriting = std::to_array<std::uint8_t>({0xD0, 0xD2, 0xD6, 0xD7, 0xDC, 0xDD, kPutDataOdd, kStoreData, 0xA2, 0x32});
/// Commands that bring data of a file.
constexpr auto kReading = std::to_array<std::uint8_t>({0xB0, 0xB1, 0xB2, 0xB3, 0xCB, 0x32});

// Files with keys: 3GPP TS 31.102 clauses 4.2.3, 4.2.4, 4.2.92, 4.4.3, 4.4.5, 4.4.11; TS 51.011 clause 10.3.3.
constexpr auto kKeyFiles =
    std::to_array<std::string_view>({"EF.Keys", "EF.KeysPS", "EF.Kc", "EF.KcGPRS", "EF.EPSNSC", "EF.5GS3GPPNSC", "EF.5GSN3GPPNSC",
                                     "EF.5GAUTHKEYS", "EF.MSK", "EF.MUK", "EF.HiddenKey", "EF.WRI"});
/// The same by identifier, for places that no standard names; and those of programmable test cards: AFxx below the USIM and ISIM, 6F22
/// (keys for messages over the air) below their DF A515.
constexpr auto kKeyIdentifiers =
    std::to_array<std::string_view>({"6F08", "6F09", "6F20", "6F52", "4F20", "4F52", "6FE4", "4F03", "4F04", "4F05", "6FD7", "6FD8", "6FC3",
                                     "AF20", "AF21", "AF22", "AF23", "AF31", "AF33"});
/// OMA-TS-LightweightM2M appendix G: what a device reads keys from is said by EF(DODF); these are the identifiers of its example and of our
/// card.
constexpr auto kBootstrapIdentifiers = std::to_array<std::string_view>({"6432", "6433"});
/// Directories of a PKCS #15 application: what they hold is where other files are (PKCS #15 clause 5.5).
constexpr auto kDirectories = std::to_array<std::string_view>({"5031", "5032", "5033", "6430", "6431", "6F06", "2F00"});

template <std::size_t N, typename T>
bool among(const std::array<T, N>& all, T one) {
  return std::ranges::find(all, one) != all.end();
}

bool is_pkcs15(std::string_view path) {
  return path.starts_with("ADF.PKCS15") || path.find("A000000063504B43532D3135") != std::string_view::npos;
}

/// The application that opens LwM2M's secured packets (docs/formats/lwm2m-sms.md): GET DATA gives what was in them.
bool is_lwm2m_messages(std::string_view path) {
  return path.find("F0756963636C61620401") != std::string_view::npos;
}

bool is_proprietary(std::uint8_t cla) {
  return apdu::is_proprietary(cla) && cla != kGsmClass;
}

/// Bytes of values behind their one-byte lengths, from `at` on; all that is left where a length does not fit.
void lengthy(BytesView data, std::size_t at, std::string_view kind, std::vector<Secret>& out) {
  while (at < data.size()) {
    const std::size_t size = data[at];
    if (size > data.size() - at - 1) {
      out.push_back({at, data.size() - at, kind});
      return;
    }
    if (size != 0) out.push_back({at + 1, size, kind});
    at += 1 + size;
  }
}

void authentication(std::uint8_t cla, std::uint8_t p2, BytesView data, std::vector<Secret>& out) {
  if (cla == kGsmClass) {
    out.push_back({0, data.size(), kResult});
  } else if ((p2 & 0x07) == 0 && (p2 & 0x80) != 0) {
    lengthy(data, 0, kResult, out);  // GSM context: SRES, Kc
  } else if (data[0] == 0xDB) {
    lengthy(data, 1, kResult, out);  // also RES: a password in HTTP Digest AKA (RFC 3310)
  } else if (data[0] != 0xDC) {      // AUTS goes to the network in the clear
    out.push_back({0, data.size(), kResult});
  }
}

/// "ADF.USIM/6F08" of "ADF.USIM/sfi:08" and "ADF.USIM/SFI 8": the file that has this short identifier there by its standard; otherwise the
/// path.
std::string_view with_identifier(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return path;
  const std::string_view last = path.substr(slash + 1);
  const int base = last.starts_with("sfi:") ? 16 : 10;
  if (base == 10 && !last.starts_with("SFI ")) return path;
  unsigned sfi = 0;
  std::from_chars(last.data() + 4, last.data() + last.size(), sfi, base);
  const std::string_view directory = path.substr(0, slash + 1);
  const auto found = std::ranges::find_if(ef::catalogue(), [&](const ef::File& one) {
    return sfi != 0 && one.sfi == sfi && one.path.starts_with(directory) && one.path.find('/', directory.size()) == std::string_view::npos;
  });
  return found == ef::catalogue().end() ? path : found->path;
}

}  // namespace

std::string_view secret_of_file(std::string_view path) {
  path = with_identifier(path);
  const auto slash = path.rfind('/');
  const std::string_view identifier = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (is_pkcs15(path)) {
    if (slash == std::string_view::npos) return {};  // the application
    return among(kDirectories, identifier) ? std::string_view() : kBootstrap;
  }
  if (const std::string_view name = ef::name_of_file(path); !name.empty()) return among(kKeyFiles, name) ? kKeyFile : std::string_view();
  if (path.find("/A515/") != std::string_view::npos) return kKeyFile;  // PINs and keys of programmable test cards
  if (among(kBootstrapIdentifiers, identifier)) return kBootstrap;
  return among(kKeyIdentifiers, identifier) ? kKeyFile : std::string_view();
}

std::vector<Secret> secrets_of_command(BytesView command, std::string_view path) {
  constexpr std::size_t kHeader = 4;
  if (command.size() <= kHeader) return {};
  const std::uint8_t ins = command[1];
  const bool proprietary = is_proprietary(command[0]);
  std::string_view kind;
  if (among(kWithPin, ins)) {
    kind = kPin;
  } else if (ins == kPutKey) {
    kind = kKey;
  } else if (ins == kStoreData && proprietary) {
    kind = kStoredData;
  } else if (ins == kPutData || (ins == kPutDataOdd && !proprietary)) {
    kind = kDataObject;
  } else if (among(kWriting, ins)) {
    kind = secret_of_file(path);
  }
  if (kind.empty()) return {};
  const auto parsed = apdu::parse(command);
  if (!parsed) return {{kHeader, command.size() - kHeader, kind}};
  auto offset = static_cast<std::size_t>(parsed->data.data() - command.data());
  std::size_t size = parsed->data.size();
  if (ins == kPutKey && size > 1) {
    ++offset;  // the new key version
    --size;
  }
  if (size == 0) return {};
  return {{offset, size, kind}};
}

bool may_answer_secrets(BytesView command, std::string_view path) {
  if (command.size() < 4) return false;
  const std::uint8_t ins = command[1];
  if (among(kAuthenticate, ins)) return true;
  if (ins == kSecurityOperation) return command[2] == 0x80;
  if (is_lwm2m_messages(path)) return ins == kGetData || ins == 0xCB;
  return among(kReading, ins) && !secret_of_file(path).empty();
}

std::vector<Secret> secrets_of_answer(BytesView command, std::string_view path, BytesView data) {
  if (data.empty() || !may_answer_secrets(command, path)) return {};
  const std::uint8_t ins = command[1];
  std::vector<Secret> out;
  if (among(kAuthenticate, ins)) {
    authentication(command[0], command[3], data, out);
  } else if (ins == kSecurityOperation) {
    out.push_back({0, data.size(), kDeciphered});
  } else {
    out.push_back({0, data.size(), is_lwm2m_messages(path) ? kMessage : secret_of_file(path)});
  }
  return out;
}

}  // namespace uicclab::script
