// SPDX-License-Identifier: Apache-2.0
// XML documents of device management, read by expat as it meets their elements: no entities of the document's own, nothing is fetched.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace uicclab::dm {

/// Names from the root to an element, without prefixes: libwbxml2 writes none.
using XmlPath = std::vector<std::string>;
bool ends_with(const XmlPath& path, std::initializer_list<std::string_view> names);

class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  /// An error ends the document.
  virtual Result<void> begin(const XmlPath& path) = 0;
  /// `text` is what came since the last begin or end.
  virtual Result<void> end(const XmlPath& path, const std::string& text) = 0;
};

/// Errors: those of the handler; kMalformed with expat's words; kRange for elements that are nested too deeply, and for a document of more
/// than 1 MiB; kRefused for one that declares entities.
Result<void> read_xml(std::string_view xml, XmlHandler& handler);

/// Text as the content of an element.
std::string xml_text(std::string_view text);

}  // namespace uicclab::dm
