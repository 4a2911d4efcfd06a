// SPDX-License-Identifier: Apache-2.0
// What a handler of uicc.toolkit holds: a list of COMPREHENSION-TLVs, and the one that was found last. ETSI TS 102 241 annex A
// (ViewHandler, EditHandler).
#pragma once

#include <optional>

#include "core/bytes.hpp"

namespace uicclab::applet::java {

struct TlvList {
  struct Element {
    std::size_t offset = 0;  ///< of the value
    std::size_t length = 0;
    bool comprehension_required = false;
  };

  Bytes bytes;
  std::size_t capacity = 0;
  std::uint8_t tag = 0;  ///< of the BER-TLV around it
  std::optional<Element> selected;

  /// The `occurrence`-th element with this tag, from 1, whatever the comprehension required bits; it is the selected one from now on.
  /// Without one, or after bytes that are no TLV, none is.
  std::optional<Element> find(std::uint8_t wanted, unsigned occurrence = 1);
  /// The value of an element.
  BytesView value(const Element& element) const { return BytesView(bytes).subspan(element.offset, element.length); }
  std::size_t room() const { return capacity - bytes.size(); }
  /// False, and nothing done: it does not fit.
  bool append(BytesView more);
  /// A TLV with this tag byte; the value is given in parts.
  bool append_tlv(std::uint8_t tag_byte, std::initializer_list<BytesView> parts);
  void clear() {
    bytes.clear();
    selected.reset();
  }
};

}  // namespace uicclab::applet::java
