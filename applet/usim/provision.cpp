// SPDX-License-Identifier: Apache-2.0
#include "applet/usim/provision.hpp"

#include <algorithm>

#include "applet/aka/personalise.hpp"
#include "applet/aka/slots.hpp"
#include "core/identity.hpp"

namespace uicclab::applet::usim {
namespace {

constexpr auto kImsiFile = "6F07"_h;
constexpr auto kAccessClassFile = "6F78"_h;
constexpr auto kGbabpFile = "6FD6"_h;
constexpr auto kGbanlFile = "6FDA"_h;

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

std::optional<aka::Algorithm> algorithm_of(std::string_view name) {
  if (name == "milenage") return aka::Algorithm::kMilenage;
  if (name == "tuak") return aka::Algorithm::kTuak;
  if (name == "xor") return aka::Algorithm::kXor;
  return std::nullopt;
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

void forget_gba(Context& context) {
  context.erase(aka::kKsSlot);
  const std::size_t count = context.files().record_count(kGbanlFile);
  for (std::size_t number = 1; number <= count; ++number) {
    context.erase(aka::naf_slot(number));
    (void)context.files().update_record(kGbanlFile, number, {});
  }
  if (const auto content = context.files().read_binary(kGbabpFile)) {
    (void)context.files().update_binary(kGbabpFile, 0, Bytes(content->size(), 0xFF));
  }
}

}  // namespace

StatusWord install_subscriber(Context& context, const ProvisionedSubscriber& subscriber) {
  const std::string& imsi = subscriber.imsi;
  const auto algorithm = algorithm_of(subscriber.algorithm);
  if (imsi.size() < 6 || imsi.size() > 15 || !all_digits(imsi) || !algorithm) return sw::kIncorrectData;
  aka::NewSubscriber made;
  made.subscriber.algorithm = *algorithm;
  made.subscriber.k = subscriber.k.clone();
  made.subscriber.opc = subscriber.opc.clone();
  auto objects = aka::objects_of(made);
  if (!objects || !context.files().update_binary(kImsiFile, 0, encode_imsi(imsi))) return sw::kIncorrectData;
  for (auto& [slot, value] : *objects) {
    context.store(slot, value);
    crypto::wipe(value);
  }
  (void)context.files().update_binary(kAccessClassFile, 0, encode_access_class(imsi));
  for (const Temporary& file : temporary_files()) blank(context.files(), file);
  forget_gba(context);
  return sw::kOk;
}

}  // namespace uicclab::applet::usim
