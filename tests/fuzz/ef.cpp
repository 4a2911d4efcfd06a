// SPDX-License-Identifier: Apache-2.0
// Contents of files: what is read and canonical is written back byte for byte; what is written is canonical; errors lie in the content.
// The first two bytes choose the codec. Each content is an EF_PBR too.
#include "ef/codec.hpp"
#include "ef/phonebook.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using test::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto& all = ef::codecs();
  const ef::Codec& codec = all[static_cast<std::size_t>((data[0] << 8) | data[1]) % all.size()];
  const BytesView content{data + 2, size - 2};
  ef::Phonebook book;
  book.add_reference(content);
  for (const auto* name : {"EF.ADN", "EF.EMAIL"}) {
    const auto fid = book.fid(name);
    require(!fid || (fid->size() == 4 && (book.name(*fid, std::nullopt).name == name || book.name(*fid, std::nullopt).name.empty())),
            "a name leads back to itself");
  }
  const ef::Decoded decoded = ef::decode(codec, content);
  if (decoded.wrong) {
    require(!decoded.wrong->text.empty() && decoded.wrong->offset <= content.size(),
            "an error says what is wrong, and lies in the content");
    require(decoded.value.is_null() && !decoded.canonical, "what is wrong has no value");
    return 0;
  }
  require(!ef::to_json(decoded.value).empty() && !ef::to_text(decoded.value).empty(), "a value can be shown");
  const auto again = ef::encode(codec, decoded.value, content.size());
  require(again.has_value() || !decoded.canonical, "what is canonical can be written");
  if (!again) return 0;
  require(equal(*again, content) == decoded.canonical, "canonical is what is written back as it was");
  const ef::Decoded second = ef::decode(codec, *again);
  require(!second.wrong && second.canonical, "what is written is canonical");
  return 0;
}
