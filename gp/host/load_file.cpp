#include "gp/host/load_file.hpp"

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"
#include "gp/host/zip.hpp"

namespace uicclab::gp::host {
namespace {

// File names of the components and the order of JCVM clause 6.2 (recommended for download).
constexpr auto kOrder = std::to_array<std::string_view>(
    {"Header", "Directory", "Import", "Applet", "Class", "Method", "StaticField", "Export", "ConstantPool", "RefLocation"});
constexpr std::uint8_t kDescriptor = 11;
constexpr std::uint8_t kLastKept = 10;

bool is_zip(BytesView file) {
  return file.size() >= 4 && file[0] == 'P' && file[1] == 'K' && file[2] == 3 && file[3] == 4;
}

/// "a/b/javacard/Header.cap" -> "a/b/javacard/"; nothing for other names.
std::optional<std::string> package_of(std::string_view path) {
  constexpr std::string_view kHeader = "Header.cap";
  if (!path.ends_with(kHeader)) return std::nullopt;
  return std::string(path.substr(0, path.size() - kHeader.size()));
}

Result<Bytes> from_archive(BytesView file) {
  const auto archive = ZipArchive::open(file);
  if (!archive) return tl::unexpected(archive.error());
  std::optional<std::string> folder;
  for (const std::string& path : archive->names()) {
    const auto package = package_of(path);
    if (!package) continue;
    if (folder) return fail(ErrorCode::kMalformed, "the archive holds more than one package: " + *folder + " and " + *package);
    folder = package;
  }
  if (!folder) return fail(ErrorCode::kMalformed, "the archive holds no Header.cap: it is no CAP file");
  Bytes out;
  for (const std::string_view name : kOrder) {
    const std::string path = *folder + std::string(name) + ".cap";
    if (!archive->has(path)) continue;
    const auto component = archive->extract(path);
    if (!component) return fail(component.error().code, path + ": " + component.error().text, component.error().offset);
    append(out, *component);
  }
  return out;
}

/// Without Descriptor, Debug and custom components, wherever they stand.
Result<Bytes> from_components(BytesView file) {
  Bytes out;
  for (ByteReader reader(file); !reader.empty();) {
    const std::size_t at = reader.offset();
    const auto tag = reader.u8();
    const auto size = reader.u16();
    const auto value = size ? reader.bytes(*size) : std::nullopt;
    if (!value) return fail(ErrorCode::kTruncated, "a component ends too early", at);
    static_assert(kLastKept < kDescriptor);
    if (*tag <= kLastKept) append(out, file.subspan(at, 3U + *size));
  }
  return out;
}

}  // namespace

Result<LoadFile> LoadFile::read(BytesView file) {
  auto components = is_zip(file) ? from_archive(file) : from_components(file);
  if (!components) return tl::unexpected(components.error());
  LoadFile out;
  out.m_components = *std::move(components);
  auto cap = CapFile::parse(out.m_components);
  if (!cap) return tl::unexpected(cap.error());
  out.m_cap = *std::move(cap);
  return out;
}

Bytes encode_load_file(BytesView components, const std::vector<Dap>& daps) {
  Bytes out;
  for (const Dap& dap : daps) {
    ber::write(out, 0xE2, concat({ber::encode(0x4F, dap.domain.bytes()), ber::encode(0xC3, dap.signature)}));
  }
  ber::write(out, 0xC4, components);
  return out;
}

}  // namespace uicclab::gp::host
