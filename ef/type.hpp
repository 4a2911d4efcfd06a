// SPDX-License-Identifier: Apache-2.0
// Types of fields: how bytes become a value, and a value bytes. A codec of a file is put together from them (record(), objects(), ...), so
// that one description serves both ways.
#pragma once

#include <functional>
#include <initializer_list>
#include <span>

#include "core/ber_tlv.hpp"
#include "ef/value.hpp"

namespace uicclab::ef {

/// Why a field could not be read or written, and which.
struct Fault {
  ErrorCode code;
  std::string field;  ///< "plmns.2.plmn"; empty for the value itself
  std::string what;
  std::size_t offset = 0;  ///< in the bytes being read
};
template <typename T>
using Coded = tl::expected<T, Fault>;

inline tl::unexpected<Fault> faulty(ErrorCode code, std::string what, std::size_t offset = 0) {
  return tl::unexpected<Fault>(Fault{code, {}, std::move(what), offset});
}
/// The fault of a field `name` that begins at `offset`, as one of what holds the field.
tl::unexpected<Fault> within(const Fault& fault, std::string_view name, std::size_t offset);

/// Both ways of a type. `decode` gets all bytes of the field. `encode` fills the given number of bytes; without one it takes what it needs.
struct Type {
  std::function<Coded<Value>(BytesView)> decode;
  std::function<Coded<Bytes>(const Value&, std::optional<std::size_t>)> encode;
};

/// Any bytes, in hexadecimal.
Type hex();
/// A big-endian number of up to eight bytes; of `size` if nothing else gives the size.
Type number(std::size_t size = 1);
/// Swapped digits up to a filler F; * # p ? e mean A to E if `dialling` (3GPP TS 31.102 table 4.4).
Type digits(bool dialling = false);
/// UTF-8 padded with FF.
Type text();
/// The GSM 7-bit alphabet, one character a byte, or UCS2 in the shortest of three forms; padded with FF (ETSI TS 102 221 annex A).
Type alpha();
/// A PLMN in three bytes: "262-01"; D is a wildcard; FF FF FF is nothing (3GPP TS 24.008 clause 10.5.1.13).
Type plmn();

/// A name for a number; others read as "0x1F".
struct Choice {
  std::uint64_t number;
  std::string_view name;
};
Type choice(std::span<const Choice> choices);

/// Names of the bits that are set, 1 being the lowest of the last byte; others read as "bit 5".
struct Flag {
  unsigned bit;
  std::string_view name;
};
Type flags(std::span<const Flag> flags);

/// Bits for the available services, the first one in the lowest bit of the first byte: "2 Fixed Dialling Numbers". Bytes that the
/// value does not fill are 0.
Type services(std::span<const std::string_view> names);

/// A dialling number in `size` bytes: length, type of number, swapped digits, FF (3GPP TS 31.102 clause 4.4.2.3): "+4917", "112", another
/// type as "B1:12345". The length counts bytes with the type or, in addresses of 3GPP TS 23.040 clause 9.1.2.5, digits. All FF: nothing.
/// Without a size a number of no length is an empty text.
enum class NumberLength { kBytes, kDigits };
Type dialling_number(NumberLength length = NumberLength::kBytes);

/// All FF is nothing, and nothing is all FF.
Type or_empty(Type type);
/// The value after its length of one byte.
Type behind_length(Type type);
/// Elements of a fixed size up to the end. `padded`: empty ones (null) at the end are not shown.
Type list_of(std::size_t size, Type element, bool padded = true);

/// One data object of objects(). Members of constructed ones are objects() again.
struct ObjectRow {
  ber::Tag tag;
  std::string_view name;
  Type type;
};
/// BER-TLV data objects up to the end or to FF or 00 padding; members in the order of the file. A repeated tag has ":2" after its
/// name, an unknown one is "tag 8F". `padded`: FF or 00 may follow.
Type objects(std::vector<ObjectRow> rows, bool padded = true);

/// The same in groups, each of which begins with the first row's tag.
Type groups_of(std::vector<ObjectRow> rows);

class Coder;
/// Fields one after the other. The bytes after them are FF, or are shown as "rest".
Type record(std::function<void(Coder&)> fields);
/// The same without padding: what is left is "rest" even if it is FF.
Type exact(std::function<void(Coder&)> fields);

/// One walk over the fields of a record, reading them into members or writing the members. After the first fault nothing is done any more.
class Coder {
 public:
  /// Reads.
  explicit Coder(BytesView bytes) : m_bytes(bytes), m_reading(true) {}
  /// Writes.
  Coder(const Value& members, std::optional<std::size_t> size) : m_given(&members), m_size(size) {}

  bool reading() const { return m_reading; }
  bool failed() const { return m_fault.has_value(); }
  /// Bytes to read, or room to write; nothing if there is no limit.
  std::optional<std::size_t> left() const;
  /// Those bytes; nothing when writing.
  BytesView view() const { return m_bytes.subspan(m_offset); }

  /// Bytes other than FF are left, or the field is given: for what is there only if something was written.
  bool present(std::string_view name) const;

  /// A field of `size` bytes. Its value, also when writing; nothing after a fault.
  Value field(std::string_view name, std::size_t size, const Type& type);
  /// A field up to `keep` bytes before the end. Writing without a limit, it takes what it needs.
  Value rest(std::string_view name, const Type& type, std::size_t keep = 0);
  /// A field that begins with its length in one byte, which `type` reads and writes.
  Value self_sized(std::string_view name, const Type& type);
  /// A length of one byte and the field it speaks of.
  Value lv(std::string_view name, const Type& type);
  /// A field that may be missing at the end of the record.
  Value optional(std::string_view name, std::size_t size, const Type& type);
  /// A field that is shown only if it does not have its usual value.
  Value usually(std::string_view name, BytesView value, const Type& type);

  void fail(ErrorCode code, std::string_view name, std::string what);

  Coded<Value> read_end(bool padded);
  Coded<Bytes> written_end(bool padded);

 private:
  Value take(std::string_view name, std::size_t size, const Type& type);
  const Value* given(std::string_view name);
  Value put(std::string_view name, const Value& value, std::optional<std::size_t> size, const Type& type);

  BytesView m_bytes;
  std::size_t m_offset = 0;
  Value m_members = Value(Members());
  const Value* m_given = nullptr;
  std::optional<std::size_t> m_size;
  Bytes m_written;
  std::vector<std::string> m_used;
  bool m_reading = false;
  std::optional<Fault> m_fault;
};

}  // namespace uicclab::ef
