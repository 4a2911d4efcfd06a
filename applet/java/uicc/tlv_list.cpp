// SPDX-License-Identifier: Apache-2.0
#include "applet/java/uicc/tlv_list.hpp"

#include "core/comprehension_tlv.hpp"

namespace uicclab::applet::java {

std::optional<TlvList::Element> TlvList::find(std::uint8_t wanted, unsigned occurrence) {
  constexpr std::uint8_t kComprehensionRequired = 0x80;
  const unsigned plain = wanted & ~unsigned{kComprehensionRequired};
  selected.reset();
  for (ctlv::Reader reader(bytes); !reader.empty();) {
    const auto tlv = reader.next();
    if (!tlv) break;
    if (tlv->tag != plain || --occurrence != 0) continue;
    const auto offset = static_cast<std::size_t>(tlv->value.data() - bytes.data());
    selected = Element{offset, tlv->value.size(), tlv->comprehension_required};
    break;
  }
  return selected;
}

bool TlvList::append(BytesView more) {
  if (more.size() > room()) return false;
  uicclab::append(bytes, more);
  return true;
}

bool TlvList::append_tlv(std::uint8_t tag_byte, std::initializer_list<BytesView> parts) {
  std::size_t length = 0;
  for (const BytesView part : parts) length += part.size();
  constexpr std::size_t kMostInOneByte = 0x7F;
  Bytes element{tag_byte};
  if (length > kMostInOneByte) element.push_back(0x81);
  element.push_back(static_cast<std::uint8_t>(length));
  for (const BytesView part : parts) uicclab::append(element, part);
  return append(element);
}

}  // namespace uicclab::applet::java
