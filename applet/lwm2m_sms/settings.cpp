// SPDX-License-Identifier: Apache-2.0
#include "applet/lwm2m_sms/settings.hpp"

#include "core/reader.hpp"

namespace uicclab::applet::lwm2m_sms {

Bytes Settings::encoded() const {
  ByteWriter out;
  out.u8(secure_channel ? 1 : 0).lv(pkcs15.bytes());
  if (server_tar) out.bytes(server_tar->value);
  return out.take();
}

Settings Settings::decode(BytesView bytes) {
  ByteReader in(bytes);
  const auto flag = in.u8();
  const auto aid = Aid::from(in.lv().value_or(BytesView()));
  if (!flag || !aid) throw SystemError("settings of lwm2m-sms that were good when they were written");
  Settings out{*aid, std::nullopt, *flag != 0};
  if (const auto tar = in.bytes(std::tuple_size_v<decltype(Tar::value)>)) {
    out.server_tar.emplace();
    std::ranges::copy(*tar, out.server_tar->value.begin());
  }
  return out;
}

}  // namespace uicclab::applet::lwm2m_sms
