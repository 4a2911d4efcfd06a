// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/link_format.hpp"

#include <algorithm>

namespace uicclab::lwm2m {
namespace {

constexpr std::size_t kMostLinks = 4096;

class Reader {
 public:
  explicit Reader(std::string_view text) : m_text(text) {}

  bool at_end() const { return m_at >= m_text.size(); }
  std::size_t offset() const { return m_at; }
  bool take(char c) {
    if (at_end() || m_text[m_at] != c) return false;
    ++m_at;
    return true;
  }
  /// Up to one of these characters, which stays.
  std::string_view until(std::string_view ends) {
    const std::size_t end = std::min(m_text.find_first_of(ends, m_at), m_text.size());
    const std::string_view out = m_text.substr(m_at, end - m_at);
    m_at = end;
    return out;
  }
  /// Behind the opening quote to the closing one; false if there is none.
  bool quoted(std::string& out) {
    while (!at_end()) {
      const char c = m_text[m_at++];
      if (c == '"') return true;
      if (c == '\\' && !at_end()) {
        out += m_text[m_at++];
      } else {
        out += c;
      }
    }
    return false;
  }
  void blanks() {
    while (!at_end() && (m_text[m_at] == ' ' || m_text[m_at] == '\t' || m_text[m_at] == '\r' || m_text[m_at] == '\n')) ++m_at;
  }

 private:
  std::string_view m_text;
  std::size_t m_at = 0;
};

Result<LinkAttribute> read_attribute(Reader& reader) {
  LinkAttribute out;
  reader.blanks();
  out.name = std::string(reader.until("=;,"));
  if (out.name.empty()) return fail(ErrorCode::kMalformed, "an attribute without a name", reader.offset());
  if (!reader.take('=')) return out;
  if (!reader.take('"')) {
    out.value = std::string(reader.until(";,"));
  } else if (!reader.quoted(out.value)) {
    return fail(ErrorCode::kMalformed, "a quote that does not end", reader.offset());
  }
  return out;
}

}  // namespace

const std::string* Link::find(std::string_view name) const {
  const auto found = std::ranges::find(attributes, name, &LinkAttribute::name);
  return found == attributes.end() ? nullptr : &found->value;
}

Result<std::vector<Link>> parse_links(std::string_view text) {
  std::vector<Link> out;
  Reader reader(text);
  reader.blanks();
  if (reader.at_end()) return out;
  do {
    if (out.size() >= kMostLinks) return fail(ErrorCode::kRange, "more than 4096 links", reader.offset());
    Link link;
    reader.blanks();
    if (reader.take('<')) {
      link.path = std::string(reader.until(">"));
      if (!reader.take('>')) return fail(ErrorCode::kMalformed, "a link without its closing bracket", reader.offset());
    } else {
      auto attribute = read_attribute(reader);
      if (!attribute) return tl::unexpected(attribute.error());
      link.attributes.push_back(*std::move(attribute));
    }
    while (reader.take(';')) {
      auto attribute = read_attribute(reader);
      if (!attribute) return tl::unexpected(attribute.error());
      link.attributes.push_back(*std::move(attribute));
    }
    out.push_back(std::move(link));
    reader.blanks();
  } while (reader.take(','));
  if (!reader.at_end()) return fail(ErrorCode::kMalformed, "neither a comma nor a semicolon after a link", reader.offset());
  return out;
}

}  // namespace uicclab::lwm2m
