// SPDX-License-Identifier: Apache-2.0
#include "applet/issuer_sd/settings.hpp"

#include "core/reader.hpp"

namespace uicclab::applet::issuer_sd {
namespace {

constexpr std::uint8_t kFormat = 2;

}  // namespace

Bytes Settings::encoded() const {
  ByteWriter out;
  out.u8(kFormat).u8(mode.i).u8(scp02).bytes(diversification).lv(cplc).lv(issuer_identification).lv(card_image);
  if (!recognition.empty() || !fci.empty()) out.lv(recognition);  // the last: absent from most
  if (!fci.empty()) out.lv(fci);
  return out.take();
}

Settings Settings::decode(std::optional<BytesView> bytes) {
  ByteReader in(bytes.value_or(BytesView{}));
  Settings out;
  const auto field = [&] {
    const auto size = in.u8();
    return to_bytes(in.bytes(size.value_or(0)).value_or(BytesView{}));
  };
  const auto format = in.u8();
  const auto i = in.u8();
  const auto scp02 = in.u8();
  const auto data = in.bytes(out.diversification.size());
  if (format != kFormat || !data) return out;
  out.mode.i = *i;
  out.scp02 = *scp02;
  std::ranges::copy(*data, out.diversification.begin());
  out.cplc = field();
  out.issuer_identification = field();
  out.card_image = field();
  out.recognition = field();
  out.fci = field();
  return out;
}

}  // namespace uicclab::applet::issuer_sd
