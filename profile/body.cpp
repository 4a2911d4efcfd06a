// SPDX-License-Identifier: Apache-2.0
#include "profile/body.hpp"

namespace uicclab::profile {
namespace {

void fill_to(Bytes& out, std::size_t begin, std::size_t size, const Bytes& pattern) {
  out.resize(std::min(out.size(), begin + size));
  for (std::size_t i = 0; out.size() < begin + size; ++i) out.push_back(pattern.empty() ? std::uint8_t{0xFF} : pattern[i % pattern.size()]);
}

}  // namespace

std::string_view parent_path(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::optional<Fid> last_fid(std::string_view path) {
  const auto slash = path.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (last.size() != 4) return std::nullopt;
  std::uint16_t value = 0;
  for (char c : last) {
    if (detail::hex_value(c) < 0) return std::nullopt;
    value = static_cast<std::uint16_t>((value << 4) | detail::hex_value(c));
  }
  return Fid{value};
}

bool is_adf_name(std::string_view path) {
  return path.starts_with("ADF.") && path.size() > 4 && path.find('/') == std::string_view::npos;
}

std::size_t depth(std::string_view path) {
  return static_cast<std::size_t>(std::ranges::count(path, '/'));
}

Bytes make_body(const FileSpec& file) {
  const uicc::FileHeader& header = file.header;
  if (is_directory(header.kind) || !file.link.empty()) return {};
  if (header.kind == uicc::FileKind::kBerTlv) return file.content;
  Bytes body;
  body.reserve(header.size);
  if (!has_records(header.kind)) {
    body = file.content;
    fill_to(body, 0, header.size, file.fill);
    return body;
  }
  for (std::size_t i = 0; i < header.record_count; ++i) {
    const std::size_t begin = body.size();
    if (i < file.records.size()) append(body, file.records[i]);
    fill_to(body, begin, header.record_length, file.fill);
  }
  return body;
}

}  // namespace uicclab::profile
