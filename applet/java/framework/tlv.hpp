// SPDX-License-Identifier: Apache-2.0
// BER-TLV as javacardx.framework.tlv has it: what is wrong is an exception, and which one it is depends on whether bytes are missing or
// wrong; so core/ber_tlv.hpp, which asks for whole objects, does not serve. ISO/IEC 8825-1 clause 8.1; ISO/IEC 7816-4 clause 5.2.
#pragma once

#include "applet/java/framework/framework.hpp"

namespace uicclab::applet::java::tlv {

constexpr jcvm::machine::ApiClass kBerTlv{"javacardx/framework/tlv", 0};
constexpr jcvm::machine::ApiClass kBerTag{"javacardx/framework/tlv", 1};
constexpr jcvm::machine::ApiClass kConstructedTlv{"javacardx/framework/tlv", 2};
constexpr jcvm::machine::ApiClass kConstructedTag{"javacardx/framework/tlv", 3};
constexpr jcvm::machine::ApiClass kPrimitiveTlv{"javacardx/framework/tlv", 4};
constexpr jcvm::machine::ApiClass kPrimitiveTag{"javacardx/framework/tlv", 5};
constexpr jcvm::machine::ApiClass kTlvException{"javacardx/framework/tlv", 6};

/// Reasons of TLVException.
enum Reason : std::int16_t {
  kInvalidParam = 1,
  kIllegalSize = 2,
  kEmptyTag = 3,
  kEmptyTlv = 4,
  kMalformedTag = 5,
  kMalformedTlv = 6,
  kInsufficientStorage = 7,
  kTlvSizeAbove32767 = 10,
  kTlvLengthAbove32767 = 11,
};

constexpr std::size_t kMostTagBytes = 3;  ///< numbers up to 3FFF, which every implementation must have
constexpr std::size_t kMost = 0x7FFF;     ///< bytes of a TLV
constexpr unsigned kDeepest = 64;         ///< TLVs within each other

enum class Fault : std::uint8_t { kNone, kOutside, kMalformed, kTooLong };

struct Tag {
  Fault fault = Fault::kNone;
  Bytes bytes;
  std::uint32_t number = 0;

  bool is_constructed() const { return (bytes.front() & 0x20) != 0; }
  std::uint8_t tag_class() const { return bytes.front() >> 6; }
};

/// The tag that `from` begins with.
Tag read_tag(BytesView from);
/// Class 0 to 3, number 0 to 3FFF.
Bytes encode_tag(std::uint8_t tag_class, bool constructed, std::uint16_t number);

struct Header {
  Fault fault = Fault::kNone;
  Tag tag;
  std::size_t length = 0;  ///< of the value
  std::size_t size = 0;    ///< of tag and length

  std::size_t whole() const { return size + length; }
};

/// Tag and length that `from` begins with; the value need not be there.
Header read_header(BytesView from);
/// In the shortest form.
Bytes encode_length(std::size_t length);
/// `bytes` are one TLV, and those in it, if it is constructed, follow each other to its end.
bool is_well_formed(BytesView bytes, unsigned depth = 0);
/// The same of the value of a constructed TLV.
bool are_well_formed(BytesView value, unsigned depth = 0);

/// What the array has from `offset` on. Empty: return failed().
std::optional<Bytes> bytes_from(jcvm::machine::NativeCall& call, std::size_t argument, std::int32_t offset);
/// The exception of a fault in a tag alone, or in a TLV.
jcvm::machine::Outcome throw_tag_fault(jcvm::machine::NativeCall& call, Fault fault);
jcvm::machine::Outcome throw_tlv_fault(jcvm::machine::NativeCall& call, Fault fault);
jcvm::machine::Outcome throw_tlv(jcvm::machine::NativeCall& call, Reason reason);

// Tag objects.

/// Empty: it has no tag yet.
Bytes bytes_of_tag(jcvm::machine::NativeCall& call, jcvm::machine::Ref tag);
/// A new PrimitiveBERTag or ConstructedBERTag. Empty: return failed().
std::optional<jcvm::machine::Ref> make_tag(jcvm::machine::NativeCall& call, BytesView bytes);

}  // namespace uicclab::applet::java::tlv
