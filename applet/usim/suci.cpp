// SPDX-License-Identifier: Apache-2.0
#include "applet/usim/suci.hpp"

#include "core/crypto/ecies.hpp"
#include "core/reader.hpp"

namespace uicclab::applet::usim {
namespace {

constexpr std::uint8_t kSuciOfImsi = 0x01;  // SUPI format IMSI, type of identity SUCI
constexpr std::uint8_t kNullScheme = 0x00;
constexpr std::size_t kImsiFileSize = 9;
constexpr std::size_t kMaxImsiDigits = 15;
constexpr std::size_t kMccDigits = 3;

bool is_supported(const ProtectionScheme& scheme) {
  return scheme.identifier <= static_cast<std::uint8_t>(crypto::EciesProfile::kB);
}

std::uint8_t pair(char low, char high) {
  const auto nibble = [](char digit) { return digit == 'F' ? 0xFU : static_cast<unsigned>(digit - '0'); };
  return static_cast<std::uint8_t>(nibble(low) | nibble(high) << 4);
}

/// Two digits a byte, the first one low; the last half byte may be F, which is no digit.
Result<std::string> read_digits(BytesView bytes) {
  std::string digits;
  for (std::size_t i = 0; i < bytes.size() * 2; ++i) {
    const unsigned nibble = (i % 2 == 0 ? bytes[i / 2] : bytes[i / 2] >> 4) & 0x0FU;
    if (nibble == 0xF && i + 1 == bytes.size() * 2) break;
    if (nibble > 9) return fail(ErrorCode::kMalformed, "no digit", i / 2);
    digits += static_cast<char>('0' + nibble);
  }
  return digits;
}

/// MCC and MNC of a home network identifier.
Result<std::string> read_plmn(BytesView plmn) {
  const auto byte = [](unsigned low, unsigned high) { return static_cast<std::uint8_t>(low | high << 4); };
  const std::array in_order = {plmn[0], byte(plmn[1] & 0x0FU, plmn[2] & 0x0FU), byte(plmn[2] >> 4, plmn[1] >> 4)};
  return read_digits(in_order);
}

}  // namespace

Result<Imsi> parse_imsi(BytesView ef_imsi, std::size_t mnc_length) {
  if (mnc_length != 2 && mnc_length != 3) return fail(ErrorCode::kRange, "an MNC has two or three digits");
  if (ef_imsi.size() < kImsiFileSize) return fail(ErrorCode::kTruncated, "EF_IMSI has nine bytes", ef_imsi.size());
  const std::size_t length = ef_imsi[0];
  if (length < 1 || length >= kImsiFileSize) return fail(ErrorCode::kMalformed, "length of IMSI", 0);
  // The first half byte is 001 and, above it, the parity: 1 with an odd number of digits. It reads as a digit, 1 or 9.
  const unsigned type = ef_imsi[1] & 0x0FU;
  if (type != 0x1 && type != 0x9) return fail(ErrorCode::kMalformed, "no IMSI", 1);
  const auto type_and_digits = read_digits(ef_imsi.subspan(1, length));
  if (!type_and_digits) return tl::unexpected(type_and_digits.error());
  const std::string digits = type_and_digits->substr(1);
  if ((digits.size() % 2 == 1) != (type == 0x9)) return fail(ErrorCode::kMalformed, "parity of IMSI", 1);
  if (digits.size() > kMaxImsiDigits || digits.size() <= kMccDigits + mnc_length) return fail(ErrorCode::kRange, "digits of IMSI", 0);
  return Imsi{digits.substr(0, kMccDigits), digits.substr(kMccDigits, mnc_length), digits.substr(kMccDigits + mnc_length)};
}

std::array<std::uint8_t, 3> encode_plmn(const Imsi& imsi) {
  const char mnc3 = imsi.mnc.size() == 3 ? imsi.mnc[2] : 'F';
  return {pair(imsi.mcc[0], imsi.mcc[1]), pair(imsi.mcc[2], mnc3), pair(imsi.mnc[0], imsi.mnc[1])};
}

Bytes encode_msin(std::string_view msin) {
  Bytes out;
  for (std::size_t i = 0; i < msin.size(); i += 2) out.push_back(pair(msin[i], i + 1 < msin.size() ? msin[i + 1] : 'F'));
  return out;
}

Result<Bytes> make_suci(const Imsi& imsi, std::span<const std::uint8_t, 2> routing_indicator, const SuciCalcInfo& info, Random& random) {
  const auto scheme = std::ranges::find_if(info.schemes, is_supported);
  if (scheme == info.schemes.end()) return fail(ErrorCode::kNotFound, "no protection scheme of this card");
  std::uint8_t key_identifier = 0;
  Bytes output = encode_msin(imsi.msin);
  if (scheme->identifier != kNullScheme) {
    const HomeNetworkKey* const key = info.key_of(*scheme);
    if (key == nullptr) return fail(ErrorCode::kNotFound, "no home network public key for the protection scheme");
    auto concealed = crypto::ecies_protect(static_cast<crypto::EciesProfile>(scheme->identifier), key->public_key, output, random);
    if (!concealed) return tl::unexpected(concealed.error());
    key_identifier = key->identifier;
    output = *std::move(concealed);
  }
  ByteWriter suci;
  suci.u8(kSuciOfImsi).bytes(encode_plmn(imsi)).bytes(routing_indicator).u8(scheme->identifier).u8(key_identifier).bytes(output);
  return suci.take();
}

Result<std::string> open_suci(BytesView suci, const crypto::SecretBytes& private_key) {
  ByteReader in(suci);
  const auto format = in.u8();
  const auto plmn = in.bytes(3);
  const auto routing_indicator = in.u16();
  const auto scheme = in.u8();
  const auto key_identifier = in.u8();
  if (!format || !plmn || !routing_indicator || !scheme || !key_identifier)
    return fail(ErrorCode::kTruncated, "SUCI ends too early", in.offset());
  if (*format != kSuciOfImsi) return fail(ErrorCode::kUnsupported, "no SUCI of an IMSI", 0);
  if (!is_supported({*scheme, 0})) return fail(ErrorCode::kUnsupported, "another protection scheme", 6);

  Bytes plain = to_bytes(in.rest());
  if (*scheme != kNullScheme) {
    auto opened = crypto::ecies_deprotect(static_cast<crypto::EciesProfile>(*scheme), private_key, plain);
    if (!opened) return tl::unexpected(opened.error());
    plain = *std::move(opened);
  }
  const auto home = read_plmn(*plmn);
  if (!home) return tl::unexpected(home.error());
  const auto msin = read_digits(plain);
  if (!msin) return tl::unexpected(msin.error());
  return *home + *msin;
}

}  // namespace uicclab::applet::usim
