// SPDX-License-Identifier: Apache-2.0
#include "dm/wbxml.hpp"

#include <cstdlib>
#include <memory>

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

/// mb_u_int32 (WAP-192 clause 5.1).
bool skip_number(ByteReader& in) {
  for (int i = 0; i < 5; ++i) {
    const auto byte = in.u8();
    if (!byte) return false;
    if ((*byte & 0x80) == 0) return true;
  }
  return false;
}
std::optional<std::size_t> number(ByteReader& in) {
  std::size_t out = 0;
  for (int i = 0; i < 5; ++i) {
    const auto byte = in.u8();
    if (!byte) return std::nullopt;
    out = out << 7 | (*byte & 0x7F);
    if ((*byte & 0x80) == 0) return out;
  }
  return std::nullopt;
}
bool skip_text(ByteReader& in) {
  while (const auto byte = in.u8()) {
    if (*byte == 0) return true;
  }
  return false;
}

/// The tokens of the body, for their depth alone: libwbxml2 follows elements by recursion (WAP-192 clause 7.1).
bool is_too_deep(BytesView document) {
  ByteReader in(document);
  in.skip(1);
  const auto public_id = number(in);
  if (public_id == std::size_t{0}) skip_number(in);  // its place in the string table
  skip_number(in);                                   // charset
  const auto table = number(in);
  if (!table || !in.skip(*table)) return false;  // libwbxml2 says what is wrong
  std::size_t depth = 0;
  bool in_attributes = false;
  while (const auto token = in.u8()) {
    const std::uint8_t global = *token & 0x3F;
    const bool is_string = *token == 0x03 || (*token >= 0x40 && *token <= 0x42);  // STR_I, EXT_I_0 to 2
    if (*token == 0x01) {                                                         // END
      if (in_attributes) {
        in_attributes = false;
      } else if (depth > 0) {
        --depth;
      }
    } else if (*token == 0x00) {
      in.skip(1);  // SWITCH_PAGE
    } else if (is_string) {
      if (!skip_text(in)) return false;
    } else if (*token == 0x02 || *token == 0x83 || (*token >= 0x80 && *token <= 0x82)) {
      skip_number(in);  // ENTITY, STR_T, EXT_T_0 to 2
    } else if (*token == 0xC3) {
      const auto size = number(in);  // OPAQUE
      if (!size || !in.skip(*size)) return false;
    } else if (*token == 0x43) {
      in_attributes = true;  // PI
    } else if (!in_attributes && *token != 0xC0 && *token != 0xC1 && *token != 0xC2) {
      if (global == 0x04) skip_number(in);  // LITERAL in its four forms
      in_attributes = (*token & 0x80) != 0;
      if ((*token & 0x40) != 0 && ++depth > kDeepestDocument) return true;
    }
  }
  return false;
}

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
  if (is_too_deep(wbxml)) return fail(ErrorCode::kRange, "elements more than 64 deep");
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
