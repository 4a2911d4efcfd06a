// SPDX-License-Identifier: Apache-2.0
#include "applet/usim/provision.hpp"

#include <algorithm>

#include "applet/aka/provision.hpp"
#include "applet/usim/usim.hpp"
#include "core/identity.hpp"

namespace uicclab::applet::usim {
namespace {

constexpr auto kAccessClassFile = "6F78"_h;
constexpr auto kAdministrativeDataFile = "6FAD"_h;

/// What a network gave to the old subscriber: blank but for a last byte "not updated", or a first byte "no key".
struct Temporary {
  Bytes path;
  std::size_t blank_from;
  std::size_t blank_to;
  std::optional<std::uint8_t> first;
  std::optional<std::uint8_t> last;
};

const std::vector<Temporary>& temporary_files() {
  constexpr std::uint8_t kNoKey = 0x07;
  constexpr std::uint8_t kNotUpdated = 0x01;
  static const std::vector<Temporary> all{
      {to_bytes("6F08"_h), 0, 33, kNoKey, {}},           // EF_Keys
      {to_bytes("6F09"_h), 0, 33, kNoKey, {}},           // EF_KeysPS
      {to_bytes("6F7E"_h), 0, 4, {}, kNotUpdated},       // EF_LOCI: TMSI
      {to_bytes("6F73"_h), 0, 7, {}, kNotUpdated},       // EF_PSLOCI: P-TMSI and signature
      {to_bytes("6FE3"_h), 0, 12, {}, kNotUpdated},      // EF_EPSLOCI: GUTI
      {to_bytes("5FC04F01"_h), 0, 13, {}, kNotUpdated},  // EF_5GS3GPPLOCI: 5G-GUTI
      {to_bytes("5FC04F02"_h), 0, 13, {}, kNotUpdated},  // EF_5GSN3GPPLOCI
  };
  return all;
}

void blank(Files& files, const Temporary& file) {
  auto content = files.read_binary(file.path);
  if (!content || content->size() < file.blank_to || content->empty()) return;
  std::fill(content->begin() + static_cast<std::ptrdiff_t>(file.blank_from), content->begin() + static_cast<std::ptrdiff_t>(file.blank_to),
            std::uint8_t{0xFF});
  if (file.first) content->front() = *file.first;
  if (file.last) content->back() = *file.last;
  (void)files.update_binary(file.path, 0, *content);
}

/// Byte 4 of EF_AD (TS 31.102 clause 4.2.18).
bool set_mnc_digits(Files& files, std::size_t digits) {
  auto content = files.read_binary(kAdministrativeDataFile);
  if (!content || content->size() < 4) return false;
  (*content)[3] = static_cast<std::uint8_t>(((*content)[3] & 0xF0U) | digits);
  return files.update_binary(kAdministrativeDataFile, 0, *content);
}

}  // namespace

StatusWord install_subscriber(Context& context, const ProvisionedSubscriber& subscriber, const aka::GbaFiles& gba) {
  const std::string& imsi = subscriber.imsi;
  if (!subscriber.algorithm.empty()) {
    if (const auto status = aka::provision_keys(context, subscriber); status != sw::kOk) return status;
  }
  if (!imsi.empty()) {
    if (imsi.size() < 6 || imsi.size() > 15 || !all_digits(imsi)) return sw::kIncorrectData;
    if (!context.files().update_binary(kImsiFile, 0, encode_imsi(imsi))) return sw::kIncorrectData;
    (void)context.files().update_binary(kAccessClassFile, 0, encode_access_class(imsi));
  }
  if (subscriber.mnc_digits != 0 && !set_mnc_digits(context.files(), subscriber.mnc_digits)) return sw::kIncorrectData;
  for (const Temporary& file : temporary_files()) blank(context.files(), file);
  aka::forget_gba(context, gba);
  return sw::kOk;
}

}  // namespace uicclab::applet::usim
