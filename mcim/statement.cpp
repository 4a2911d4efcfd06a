// SPDX-License-Identifier: Apache-2.0
#include "mcim/statement.hpp"

#include <algorithm>

#include "core/hex.hpp"
#include "core/utf8.hpp"

namespace uicclab::mcim {
namespace {

constexpr std::string_view kBegin = "uicclab-mcim ";
constexpr std::string_view kVersion = " 1";
constexpr std::string_view kSignature = "signature";
constexpr std::size_t kLongest = 256 * 1024, kMostLines = 512;

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}
/// One line of text.
bool is_value(std::string_view value) {
  return !first_non_utf8(as_bytes(value)) &&
         std::ranges::none_of(value, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; });
}
tl::unexpected<Error> wrong(std::size_t line, const std::string& what) {
  return fail(ErrorCode::kMalformed, "line " + std::to_string(line) + ": " + what);
}

}  // namespace

Statement& Statement::add(std::string_view name, std::string_view value) {
  if (!is_name(name) || name == kSignature)
    throw SystemError("the name of a line must be lower-case letters and hyphens, and not " + std::string(kSignature));
  m_lines.push_back({std::string(name), std::string(value)});
  return *this;
}

Statement& Statement::add(std::string_view name, BytesView octets) {
  return add(name, std::string_view(to_hex(octets)));
}

std::string Statement::covered() const {
  std::string out = std::string(kBegin) + m_kind + std::string(kVersion) + "\n";
  for (const Line& line : m_lines) out += line.name + ": " + line.value + "\n";
  return out;
}

Result<std::string> Statement::signed_by(const crypto::PrivateKey& key) const {
  for (const Line& line : m_lines) {
    if (!is_value(line.value)) return fail(ErrorCode::kMalformed, line.name + " must be one line of text");
  }
  std::string out = covered();
  const auto signature = key.sign(as_bytes(out));
  if (!signature) return tl::unexpected(signature.error());
  return out + std::string(kSignature) + ": " + to_hex(*signature) + "\n";
}

Result<Statement> Statement::parse(std::string_view text, std::string_view kind) {
  if (text.size() > kLongest) return fail(ErrorCode::kRange, "a statement of more than 256 KiB");
  const std::string first = std::string(kBegin) + std::string(kind) + std::string(kVersion);
  Statement out(kind);
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return wrong(number + 1, "a line that does not end");
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (number == 0) {
      if (line == first) continue;
      const bool other = line.starts_with(kBegin) && line.size() < 80 && is_value(line);
      return fail(other ? ErrorCode::kUnsupported : ErrorCode::kMalformed,
                  "must begin with '" + first + "'" + (other ? ", begins with '" + std::string(line) + "'" : ""));
    }
    if (number > kMostLines) return fail(ErrorCode::kRange, "a statement of more than 512 lines");
    const std::size_t colon = line.find(": ");
    const std::string_view name = line.substr(0, std::min(colon, line.size()));
    if (colon == std::string_view::npos || !is_name(name) || !is_value(line.substr(colon + 2)))
      return wrong(number + 1, "must be 'name: value'");
    if (name != kSignature) {
      out.m_lines.push_back({std::string(name), std::string(line.substr(colon + 2))});
      continue;
    }
    auto signature = from_hex(line.substr(colon + 2));
    if (!signature || signature->empty() || signature->size() > 128) return wrong(number + 1, "a signature is hexadecimal");
    if (at != text.size()) return wrong(number + 2, "lines after the signature");
    out.m_signature = *std::move(signature);
    return out;
  }
  return wrong(number + 1, "the signature is missing");
}

bool Statement::is_by(const crypto::PublicKey& signer) const {
  return !m_signature.empty() && signer.verifies(as_bytes(covered()), m_signature);
}

Result<void> Statement::only(std::initializer_list<std::string_view> once, std::string_view many) const {
  for (const std::string_view name : once) {
    const auto count = std::ranges::count(m_lines, name, &Line::name);
    if (count != 1) return fail(ErrorCode::kMalformed, std::string(name) + (count == 0 ? " is missing" : " comes twice"));
  }
  for (const Line& line : m_lines) {
    if (line.name != many && std::ranges::find(once, line.name) == once.end()) {
      return fail(ErrorCode::kMalformed, line.name + " is not a line of a statement of the kind " + m_kind);
    }
  }
  return {};
}

const std::string& Statement::value(std::string_view name) const {
  static const std::string kNone;
  const auto found = std::ranges::find(m_lines, name, &Line::name);
  return found == m_lines.end() ? kNone : found->value;
}

std::vector<std::string> Statement::values(std::string_view name) const {
  std::vector<std::string> out;
  for (const Line& line : m_lines) {
    if (line.name == name) out.push_back(line.value);
  }
  return out;
}

Result<Bytes> Statement::octets(std::string_view name, std::size_t low, std::size_t high) const {
  auto out = from_hex(value(name));
  if (!out || out->size() < low || out->size() > high) {
    const std::string size = low == high ? std::to_string(low) : std::to_string(low) + " to " + std::to_string(high);
    return fail(ErrorCode::kMalformed, std::string(name) + " must be " + size + " bytes in hexadecimal");
  }
  return out;
}

}  // namespace uicclab::mcim
