// SPDX-License-Identifier: Apache-2.0
#include "dm/wbxml.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <utility>

#include <wbxml/wbxml.h>

#include "core/reader.hpp"

namespace uicclab::dm {
namespace {

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* object) const {
    destroy(object);
  }
};
using ToXml = std::unique_ptr<WBXMLConvWBXML2XML, Destroy<wbxml_conv_wbxml2xml_destroy>>;
using ToWbxml = std::unique_ptr<WBXMLConvXML2WBXML, Destroy<wbxml_conv_xml2wbxml_destroy>>;
using Memory = std::unique_ptr<WB_UTINY, Destroy<std::free>>;

tl::unexpected<Error> refused(const char* what, WBXMLError error) {
  return fail(ErrorCode::kMalformed, std::string(what) + ": " + reinterpret_cast<const char*>(wbxml_errors_string(error)));
}

bool begins_like_xml(BytesView document) {
  if (document.size() >= 3 && document[0] == 0xEF && document[1] == 0xBB && document[2] == 0xBF) return true;
  for (const std::uint8_t byte : document) {
    if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') continue;
    return byte == '<';
  }
  return false;
}

tl::unexpected<Error> wrong(const char* what) {
  return fail(ErrorCode::kMalformed, std::string("the WBXML document: ") + what);
}

/// The tokens of a document (WAP-192 clauses 5 and 7.1) as libwbxml2 takes them, which follows elements by recursion, repeats strings of
/// the table as often as they are named, and reads documents in texts. Refused is, beside what is too deep or too long, what a bootstrap
/// has no use for and libwbxml2 reads in another way than the standard: otherwise both would not see the same elements.
class Walk {
 public:
  explicit Walk(BytesView document) : m_in(document) {}

  Result<void> run() {
    auto good = head();
    while (good && !m_done) {
      const auto token = m_in.u8();
      if (!token) return wrong("it ends too early");
      good = m_in_attributes ? in_attributes(*token) : in_content(*token);
    }
    return good;
  }

 private:
  static constexpr std::uint8_t kSwitchPage = 0x00, kEnd = 0x01, kEntity = 0x02, kInlineString = 0x03, kLiteral = 0x04, kTableString = 0x83,
                                kOpaque = 0xC3;

  /// mb_u_int32; libwbxml2 drops what is above 32 bits.
  Result<std::size_t> number() {
    std::size_t out = 0;
    for (int i = 0; i < 5; ++i) {
      const auto byte = m_in.u8();
      if (!byte) return wrong("it ends too early");
      out = out << 7 | (*byte & 0x7F);
      if ((*byte & 0x80) != 0) continue;
      if (out > 0xFFFF'FFFF) break;
      return out;
    }
    return wrong("a number of more than 32 bits");
  }

  Result<void> head() {
    const auto version = m_in.u8();
    const bool is_named = m_in.peek() == std::uint8_t{0};
    auto identifier = number();
    if (identifier && is_named) identifier = number();  // its place in the string table
    if (!version || !identifier) return wrong("it has no public identifier");
    if (*version != 0) {  // 1.0 has no character set
      const auto charset = number();
      if (!charset) return tl::unexpected(charset.error());
      constexpr std::size_t kCharsets[] = {0, 3, 4, 106};  // unknown, ASCII, ISO 8859-1, UTF-8: strings end at one zero
      if (std::ranges::find(kCharsets, *charset) == std::end(kCharsets)) return wrong("its character set must be UTF-8");
    }
    const auto size = number();
    if (!size) return tl::unexpected(size.error());
    const auto table = m_in.bytes(*size);
    if (!table) return wrong("it ends within its string table");
    m_table = *table;
    return {};
  }

  Result<void> text_of(std::size_t size) {
    if (size > kLongestText) return fail(ErrorCode::kRange, "a text of more than 4 KiB in the WBXML document");
    return {};
  }
  Result<void> table_string() {
    const auto place = number();
    if (!place) return tl::unexpected(place.error());
    const BytesView rest = m_table.subspan(std::min(*place, m_table.size()));
    const auto size = static_cast<std::size_t>(std::ranges::find(rest, std::uint8_t{0}) - rest.begin());
    m_repeated += size;
    if (m_repeated > kLongestDocument) return fail(ErrorCode::kRange, "strings of the table come to more than 64 KiB");
    return text_of(size);
  }
  /// Strings, entities and opaque data, wherever they are.
  Result<void> value(std::uint8_t token) {
    if (token == kTableString) return table_string();
    if (token == kInlineString) {
      const BytesView rest = m_in.rest();
      const auto size = static_cast<std::size_t>(std::ranges::find(rest, std::uint8_t{0}) - rest.begin());
      if (!m_in.skip(size + 1)) return wrong("a string does not end");
      return text_of(size);
    }
    const auto size = number();
    if (!size) return tl::unexpected(size.error());
    if (token == kEntity) return {};
    if (!m_in.skip(*size)) return wrong("opaque data end too early");
    return text_of(*size);
  }
  static bool is_value(std::uint8_t token) {
    return token == kEntity || token == kInlineString || token == kTableString || token == kOpaque;
  }

  Result<void> in_content(std::uint8_t token) {
    const std::uint8_t tag = token & 0x3F;
    if (token == kSwitchPage) {
      (void)m_in.u8();
      return {};
    }
    if (token == kEnd) {
      if (m_depth == 0) return wrong("it has no element");
      m_done = --m_depth == 0;
      return {};
    }
    if (is_value(token) && m_depth > 0) return value(token);
    if (tag < kLiteral) return wrong("extensions and processing instructions are not supported");
    if (tag == kLiteral) {
      if (auto name = table_string(); !name) return name;
    }
    m_in_attributes = (token & 0x80) != 0;
    m_expects_name = true;
    if ((token & 0x40) == 0) {
      m_done = m_depth == 0 && !m_in_attributes;
    } else if (++m_depth > kDeepestDocument) {
      return fail(ErrorCode::kRange, "elements more than 64 deep");
    }
    return {};
  }

  Result<void> in_attributes(std::uint8_t token) {
    const bool switched = std::exchange(m_switched, false);
    if (token == kSwitchPage && !switched) {
      (void)m_in.u8();
      m_switched = true;
      return {};
    }
    if (token == kEnd && !switched && !m_expects_name) {
      m_in_attributes = false;
      m_done = m_depth == 0;
      return {};
    }
    if (token == kLiteral && !switched) {
      m_expects_name = false;
      return table_string();
    }
    if (is_value(token) && !switched && !m_expects_name) return value(token);
    const std::uint8_t low = token & 0x3F;
    if (low <= kLiteral || (token >= 0x80 && m_expects_name)) return wrong("an attribute where none is allowed");
    if (token < 0x80) m_expects_name = false;
    return {};
  }

  ByteReader m_in;
  BytesView m_table;
  std::size_t m_depth = 0, m_repeated = 0;
  bool m_in_attributes = false, m_expects_name = false, m_switched = false, m_done = false;
};

}  // namespace

Result<void> check_wbxml(BytesView document) {
  if (document.empty()) return fail(ErrorCode::kTruncated, "the document is empty");
  if (begins_like_xml(document)) {
    return fail(ErrorCode::kRefused, "the document is XML; a bootstrap must be WBXML (DM_Security 5.7.2.1): uicclab dm wbxml makes it");
  }
  if (document.size() > kLongestDocument) return fail(ErrorCode::kRange, "a document of more than 64 KiB");
  if (document[0] > 0x03 || document.size() < 5) return fail(ErrorCode::kMalformed, "the document is no WBXML of version 1.0 to 1.3");
  return {};
}

Result<Bytes> wbxml_of(std::string_view xml) {
  if (xml.size() > kLongestDocument) return fail(ErrorCode::kRange, "a document of more than 64 KiB");
  WBXMLConvXML2WBXML* made = nullptr;
  if (const auto error = wbxml_conv_xml2wbxml_create(&made); error != WBXML_OK) throw SystemError("libwbxml2: no converter");
  const ToWbxml converter(made);
  wbxml_conv_xml2wbxml_set_version(converter.get(), WBXML_VERSION_12);
  std::string text(xml);  // libwbxml2 asks for bytes that it may write to
  WB_UTINY* out = nullptr;
  WB_ULONG size = 0;
  const auto error =
      wbxml_conv_xml2wbxml_run(converter.get(), reinterpret_cast<WB_UTINY*>(text.data()), static_cast<WB_ULONG>(text.size()), &out, &size);
  const Memory memory(out);
  if (error != WBXML_OK) return refused("the XML document", error);
  return Bytes(out, out + size);
}

Result<std::string> xml_of(BytesView wbxml) {
  if (auto good = check_wbxml(wbxml); !good) return tl::unexpected(good.error());
  if (auto good = Walk(wbxml).run(); !good) return tl::unexpected(good.error());
  WBXMLConvWBXML2XML* made = nullptr;
  if (const auto error = wbxml_conv_wbxml2xml_create(&made); error != WBXML_OK) throw SystemError("libwbxml2: no converter");
  const ToXml converter(made);
  wbxml_conv_wbxml2xml_set_gen_type(converter.get(), WBXML_GEN_XML_INDENT);
  wbxml_conv_wbxml2xml_set_indent(converter.get(), 1);
  Bytes copy = to_bytes(wbxml);
  WB_UTINY* out = nullptr;
  WB_ULONG size = 0;
  const auto error = wbxml_conv_wbxml2xml_run(converter.get(), copy.data(), static_cast<WB_ULONG>(copy.size()), &out, &size);
  const Memory memory(out);
  if (error != WBXML_OK) return refused("the WBXML document", error);
  return std::string(reinterpret_cast<const char*>(out), size);
}

}  // namespace uicclab::dm
