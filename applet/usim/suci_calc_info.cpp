// SPDX-License-Identifier: Apache-2.0
#include "applet/usim/suci_calc_info.hpp"

#include "core/ber_tlv.hpp"

namespace uicclab::applet::usim {
namespace {

constexpr ber::Tag kSchemeListTag = 0xA0;
constexpr ber::Tag kKeyListTag = 0xA1;
constexpr ber::Tag kKeyIdentifierTag = 0x80;
constexpr ber::Tag kKeyTag = 0x81;

Result<void> read_schemes(const ber::Tlv& list, std::vector<ProtectionScheme>& out) {
  if (list.value.size() % 2 != 0) return fail(ErrorCode::kMalformed, "half a protection scheme", list.offset);
  for (std::size_t i = 0; i < list.value.size(); i += 2) out.push_back({list.value[i], list.value[i + 1]});
  return {};
}

Result<void> read_keys(const ber::Tlv& list, std::vector<HomeNetworkKey>& out) {
  ber::Reader reader(list.value);
  while (!reader.empty()) {
    const auto identifier = reader.next();
    if (!identifier) return tl::unexpected(identifier.error());
    if (identifier->tag != kKeyIdentifierTag || identifier->value.size() != 1) {
      return fail(ErrorCode::kMalformed, "no home network public key identifier", list.offset);
    }
    const auto key = reader.next();
    if (!key) return tl::unexpected(key.error());
    if (key->tag != kKeyTag) return fail(ErrorCode::kMalformed, "no home network public key", list.offset);
    out.push_back({identifier->value[0], to_bytes(key->value)});
  }
  return {};
}

}  // namespace

const HomeNetworkKey* SuciCalcInfo::key_of(const ProtectionScheme& scheme) const {
  if (scheme.key_index < 1 || scheme.key_index > keys.size()) return nullptr;
  return &keys[scheme.key_index - std::size_t{1}];
}

Result<SuciCalcInfo> parse_suci_calc_info(BytesView file) {
  SuciCalcInfo info;
  bool has_schemes = false;
  bool has_keys = false;
  ber::Reader reader(file);
  while (!reader.empty() && reader.rest().front() != 0xFF) {
    const auto object = reader.next();
    if (!object) return tl::unexpected(object.error());
    Result<void> read = fail(ErrorCode::kMalformed, "a data object that does not belong here", object->offset);
    if (object->tag == kSchemeListTag && !std::exchange(has_schemes, true)) read = read_schemes(*object, info.schemes);
    if (object->tag == kKeyListTag && !std::exchange(has_keys, true)) read = read_keys(*object, info.keys);
    if (!read) return tl::unexpected(read.error());
  }
  if (!has_schemes) return fail(ErrorCode::kNotFound, "no protection scheme identifier list", reader.offset());
  return info;
}

Bytes encode(const SuciCalcInfo& info) {
  Bytes schemes;
  for (const ProtectionScheme& scheme : info.schemes) append(schemes, std::array{scheme.identifier, scheme.key_index});
  Bytes keys;
  for (const HomeNetworkKey& key : info.keys) {
    ber::write(keys, kKeyIdentifierTag, std::array{key.identifier});
    ber::write(keys, kKeyTag, key.public_key);
  }
  Bytes file = ber::encode(kSchemeListTag, schemes);
  if (!info.keys.empty()) ber::write(file, kKeyListTag, keys);
  return file;
}

}  // namespace uicclab::applet::usim
