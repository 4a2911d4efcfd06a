// SPDX-License-Identifier: Apache-2.0
// BER-TLV: what is read is written canonically, and the canonical form is read as the same data object.
#include "core/ber_tlv.hpp"

#include "tests/support/fuzz.hpp"

using namespace uicclab;
using test::require;

namespace {

void walk(BytesView bytes, int depth) {
  ber::Reader reader(bytes);
  std::size_t end = 0;
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) {
      require(tlv.error().offset <= bytes.size(), "the place of an error lies in the input");
      require(reader.offset() == end, "a fault does not move the reader");
      return;
    }
    require(tlv->offset == end && tlv->whole.data() == bytes.data() + end, "data objects follow each other");
    end += tlv->whole.size();
    require(reader.offset() == end, "the reader stands behind the data object");
    require(tlv->whole.data() + tlv->whole.size() == tlv->value.data() + tlv->value.size(), "the value ends the data object");

    const Bytes canonical = ber::encode(tlv->tag, tlv->value);
    require(canonical.size() <= tlv->whole.size(), "the canonical form is the shortest");
    require(canonical.size() == ber::header_size(tlv->tag, tlv->value.size()) + tlv->value.size(), "header_size is the size of the header");
    const auto again = ber::only(canonical, tlv->tag);
    require(again.has_value() && equal(again->value, tlv->value), "the canonical form reads back");
    require(again->constructed() == tlv->constructed(), "constructed stays constructed");
    require(ber::find(bytes, tlv->tag).has_value(), "what the walk meets is found");
    if (tlv->constructed() && depth > 0) walk(tlv->value, depth - 1);
  }
  require(end == bytes.size(), "the walk ends at the end");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  walk({data, size}, 8);
  return 0;
}
