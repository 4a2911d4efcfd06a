// SPDX-License-Identifier: Apache-2.0
// Contents of elementary files as values, in both directions. One list maps a file to its codec (codecs()).
#pragma once

#include "ef/catalogue.hpp"
#include "ef/type.hpp"

namespace uicclab::ef {

/// How the content of a transparent file, or of one record, is coded.
struct Codec {
  std::string_view name;    ///< of the file: "EF.IMSI"
  std::string_view below;   ///< only for files whose path begins so; empty: wherever a file has this name
  std::string_view clause;  ///< "3GPP TS 31.102 clause 4.2.2"
  Type type;
  bool by_index = false;  ///< of phonebook files of type 2; they have the other one if there is none
};

/// All of them. Of two for the same name the first whose `below` fits is meant.
const std::vector<Codec>& codecs();

/// The codec of the file at a path of the catalogue ("ADF.USIM/6F07"); of a bare "6F07" that of the first file with this identifier.
/// nullptr if there is none.
const Codec* codec_of(std::string_view path);
/// The codec of a file at this path that is known to be this one.
const Codec* codec_of(std::string_view path, const FileName& name);

/// A content that was read.
struct Decoded {
  Value value;                 ///< nothing if `wrong`
  std::optional<Error> wrong;  ///< "plmns.2: a half-byte that is no digit", with the offset in the content
  /// encode() gives the same bytes. Otherwise they say the same in another way: another alphabet, a length in more bytes, another filler.
  bool canonical = false;
};

Decoded decode(const Codec& codec, BytesView content);

/// Bytes of a value: `size` of them, the size of the file or record, or without it as many as it takes. Errors: kMalformed, kRange,
/// kNotFound, with the name of the field in the text.
Result<Bytes> encode(const Codec& codec, const Value& value, std::optional<std::size_t> size = std::nullopt);

/// A file's content as it is shown: the value; or {"raw": hex, "error": text} if the bytes are malformed, or {"raw": hex} without a codec.
/// A value that is not canonical has "raw" in addition.
Value shown(std::string_view path, BytesView content);
Value shown(const Codec* codec, BytesView content);

}  // namespace uicclab::ef
