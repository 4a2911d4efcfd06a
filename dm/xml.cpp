// SPDX-License-Identifier: Apache-2.0
#include "dm/xml.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <span>

#include <expat.h>

#include "core/result.hpp"
#include "dm/wbxml.hpp"

namespace uicclab::dm {
namespace {

constexpr std::size_t kLongestXml = 16 * kLongestDocument;

class Parser {
 public:
  explicit Parser(XmlHandler& handler) : m_handler(handler), m_parser(XML_ParserCreate("UTF-8"), XML_ParserFree) {
    if (!m_parser) throw SystemError("expat: no parser");
    XML_SetUserData(m_parser.get(), this);
    XML_SetElementHandler(
        m_parser.get(),
        [](void* self, const char* name, const char**) {
          static_cast<Parser*>(self)->guarded([&](Parser& parser) { parser.begin(name); });
        },
        [](void* self, const char*) { static_cast<Parser*>(self)->guarded([](Parser& parser) { parser.end(); }); });
    XML_SetCharacterDataHandler(m_parser.get(), [](void* self, const char* text, int size) {
      static_cast<Parser*>(self)->guarded([&](Parser& parser) { parser.m_text.append(text, static_cast<std::size_t>(size)); });
    });
    XML_SetEntityDeclHandler(m_parser.get(),
                             [](void* self, const char*, int, const char*, int, const char*, const char*, const char*, const char*) {
                               static_cast<Parser*>(self)->guarded([](Parser& parser) {
                                 parser.stop({ErrorCode::kRefused, "a document with entity declarations"});
                               });
                             });
  }

  Result<void> run(std::string_view xml) {
    const auto status = XML_Parse(m_parser.get(), xml.data(), static_cast<int>(xml.size()), 1);
    if (m_thrown) std::rethrow_exception(m_thrown);
    if (m_error) return tl::unexpected(*std::move(m_error));
    if (status == XML_STATUS_OK) return {};
    return fail(ErrorCode::kMalformed, std::string("the document: ") + XML_ErrorString(XML_GetErrorCode(m_parser.get())));
  }

 private:
  /// No exception may pass through expat: run() throws it again. Nothing is called any more after it.
  template <typename Work>
  void guarded(const Work& work) {
    if (m_thrown) return;
    try {
      work(*this);
    } catch (...) {
      m_thrown = std::current_exception();
      XML_StopParser(m_parser.get(), XML_FALSE);
    }
  }
  void stop(Error error) {
    if (!m_error) m_error = std::move(error);
    XML_StopParser(m_parser.get(), XML_FALSE);
  }
  void begin(const char* name) {
    m_text.clear();
    m_path.emplace_back(name);
    if (m_path.size() > kDeepestDocument) return stop({ErrorCode::kRange, "elements more than 64 deep"});
    if (auto good = m_handler.begin(m_path); !good) stop(std::move(good.error()));
  }
  void end() {
    // expat may close an empty element after it was stopped.
    if (!m_error) {
      if (auto good = m_handler.end(m_path, m_text); !good) stop(std::move(good.error()));
    }
    m_text.clear();
    m_path.pop_back();
  }

  XmlHandler& m_handler;
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, void (*)(XML_Parser)> m_parser;
  XmlPath m_path;
  std::string m_text;
  std::optional<Error> m_error;
  std::exception_ptr m_thrown;
};

}  // namespace

bool ends_with(const XmlPath& path, std::initializer_list<std::string_view> names) {
  return path.size() >= names.size() && std::ranges::equal(names, std::span(path).last(names.size()));
}

Result<void> read_xml(std::string_view xml, XmlHandler& handler) {
  if (xml.size() > kLongestXml) return fail(ErrorCode::kRange, "a document of more than 1 MiB");
  return Parser(handler).run(xml);
}

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '\r') {
      out += "&#13;";  // a parser makes a line end of it otherwise (XML 1.0 clause 2.11)
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace uicclab::dm
