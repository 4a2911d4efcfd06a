// SPDX-License-Identifier: Apache-2.0
// COMPREHENSION-TLV: what is read is written canonically, and the canonical form is read as the same data object.
#include "core/comprehension_tlv.hpp"

#include "tests/support/fuzz.hpp"

using namespace uicclab;
using test::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes{data, size};
  ctlv::Reader reader(bytes);
  std::size_t end = 0;
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) {
      require(tlv.error().offset <= size, "the place of an error lies in the input");
      require(!reader.next().has_value(), "a fault does not move the reader");
      return 0;
    }
    require(tlv->offset == end, "data objects follow each other");
    const auto next = static_cast<std::size_t>(tlv->value.data() + tlv->value.size() - data);
    Bytes canonical;
    ctlv::write(canonical, tlv->tag, tlv->value, tlv->comprehension_required);
    require(canonical.size() <= next - end, "the canonical form is the shortest");
    ctlv::Reader again(canonical);
    const auto copy = again.next();
    require(copy.has_value() && again.empty(), "the canonical form reads back");
    require(copy->tag == tlv->tag && copy->comprehension_required == tlv->comprehension_required && equal(copy->value, tlv->value),
            "the canonical form is the same data object");
    require(ctlv::find(bytes, tlv->tag).has_value(), "what the walk meets is found");
    end = next;
  }
  return 0;
}
