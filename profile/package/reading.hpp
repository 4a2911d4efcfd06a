// SPDX-License-Identifier: Apache-2.0
// Reading a profile package: DER (ISO/IEC 8825-1) with the place of everything, the first error, and the notices.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ber_tlv.hpp"
#include "profile/package/package.hpp"

namespace uicclab::profile::package {

/// A data object and where it begins.
struct Element {
  ber::Tag tag = 0;
  BytesView value;
  std::size_t offset = 0;  ///< of its tag, in the package
};

/// Tags of the context class: 80, 9F1F; constructed: A0, BF1F.
constexpr ber::Tag context(unsigned number) {
  return number < 31 ? 0x80U | number : 0x9F00U | number;
}
constexpr ber::Tag constructed(unsigned number) {
  return number < 31 ? 0xA0U | number : 0xBF00U | number;
}

class Reading {
 public:
  Reading(BytesView package, std::string_view source) : m_package(package), m_source(source) {}

  /// The objects in the value; empty after an error.
  std::vector<Element> children(const Element& of);
  /// The objects of the whole package.
  std::vector<Element> elements() { return children({0, m_package, 0}); }

  /// Integer of up to four bytes that is not negative and at most `most`; 0 after an error.
  std::uint32_t number(const Element& of, std::uint32_t most);
  /// A value with a length in these bounds; empty after an error.
  Bytes bytes(const Element& of, std::size_t least, std::size_t most);

  /// Only the first error is kept: what follows it is read on with whatever is there.
  void refuse(const Element& at, ErrorCode code, std::string_view text);
  void notice(const Element& at, std::string_view text);
  bool failed() const { return m_error.has_value(); }
  const Error& error() const { return *m_error; }
  std::vector<Notice> take_notices() { return std::move(m_notices); }

  /// While it lives, messages name this part of the package: "usim (element 8), ef-imsi".
  class Inside {
   public:
    Inside(Reading& reading, std::string_view name) : m_reading(reading), m_before(reading.m_path.size()) {
      reading.m_path.append(m_before == 0 ? "" : ", ").append(name);
    }
    ~Inside() { m_reading.m_path.resize(m_before); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    Reading& m_reading;
    std::size_t m_before;
  };

 private:
  BytesView m_package;
  std::string m_source;
  std::string m_path;
  std::optional<Error> m_error;
  std::vector<Notice> m_notices;
};

/// The fields of a SEQUENCE, taken one by one in their order; an optional one that is absent gives nothing.
class Fields {
 public:
  Fields(Reading& reading, const Element& of) : m_reading(reading), m_of(of), m_all(reading.children(of)) {}

  std::optional<Element> take(ber::Tag tag);
  /// Refuses the SEQUENCE if it is absent.
  Element need(ber::Tag tag, std::string_view name);
  /// Reports elements that were not read: a later version of the format.
  void finish();

 private:
  Reading& m_reading;
  Element m_of;
  std::vector<Element> m_all;
  std::size_t m_next = 0;
};

}  // namespace uicclab::profile::package
