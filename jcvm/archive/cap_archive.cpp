// SPDX-License-Identifier: Apache-2.0
#include "jcvm/archive/cap_archive.hpp"

#include "core/reader.hpp"
#include "jcvm/archive/zip.hpp"
#include "jcvm/cap/component.hpp"

namespace uicclab::jcvm::archive {
namespace {

using cap::Component;

constexpr std::size_t kLargest = 16U << 20;
constexpr std::size_t kMostEntries = 4096;  // each name is compared with the others

bool is_zip(BytesView file) {
  return file.size() >= 4 && file[0] == 'P' && file[1] == 'K' && file[2] == 3 && file[3] == 4;
}

bool is_for_card(std::uint8_t tag) {
  return std::ranges::find(cap::kLoadOrder, static_cast<Component>(tag)) != cap::kLoadOrder.end();
}

class CapArchive {
 public:
  explicit CapArchive(const ZipArchive& archive) : m_archive(archive), m_names(archive.names()) {}

  Result<Bytes> read(Keep keep) {
    if (m_names.size() > kMostEntries)
      return fail(ErrorCode::kRange, "an archive of " + std::to_string(m_names.size()) + " files, must be at most 4096");
    auto done = find_package().and_then([&] { return check_names(); });
    for (const Component component : cap::kLoadOrder) {
      done = done.and_then([&] { return add(component); });
    }
    if (keep == Keep::kAll) {
      done = done.and_then([&] { return check_debug(); }).and_then([&] { return add(Component::kDescriptor); });
      done = done.and_then([&] { return add(Component::kDebug); }).and_then([&] { return add_custom(); });
    }
    if (!done) return tl::unexpected(done.error());
    return std::move(m_out);
  }

 private:
  /// "a/b/javacard/Header.cap": the folder is "a/b/javacard/".
  Result<void> find_package() {
    const std::string_view header = cap::file_name_of(Component::kHeader);
    std::optional<std::string> found;
    for (const std::string& path : m_names) {
      if (!path.ends_with(header)) continue;
      const std::string folder = path.substr(0, path.size() - header.size());
      if (found && *found != folder)
        return fail(ErrorCode::kMalformed, "the archive contains more than one package: " + *found + " and " + folder);
      found = folder;
    }
    if (!found) return fail(ErrorCode::kMalformed, "the archive has no Header.cap: it is not a CAP file");
    m_folder = *found;
    return {};
  }

  Result<void> check_names() const {
    for (std::size_t i = 0; i < m_names.size(); ++i) {
      if (!m_names[i].starts_with(m_folder)) continue;
      if (std::ranges::find(m_names.begin(), m_names.begin() + static_cast<std::ptrdiff_t>(i), m_names[i]) !=
          m_names.begin() + static_cast<std::ptrdiff_t>(i)) {
        return fail(ErrorCode::kMalformed, m_names[i] + " is in the archive twice");
      }
      if (m_names[i] == m_folder + "Method.capx") {
        return fail(ErrorCode::kUnsupported,
                    "the extended CAP format (Method.capx) is not supported; convert the package to the compact format");
      }
    }
    return {};
  }

  Result<void> check_debug() const {
    if (!m_archive.has(m_folder + "Debug.capx")) return {};
    return fail(ErrorCode::kUnsupported,
                "Debug.capx: a Debug component over 65534 bytes is not supported; convert without debug information");
  }

  Result<void> add_entry(const std::string& path, std::optional<Component> expected) {
    auto bytes = m_archive.extract(path);
    if (!bytes) return fail(bytes.error().code, path + ": " + bytes.error().text, bytes.error().offset);
    if (expected && (bytes->empty() || bytes->front() != static_cast<std::uint8_t>(*expected))) {
      return fail(ErrorCode::kMalformed, path + " must begin with tag " + std::to_string(static_cast<int>(*expected)) +
                                             (bytes->empty() ? ", and is empty" : ", found " + std::to_string(bytes->front())));
    }
    m_extracted += bytes->size();
    if (m_extracted > kLargest) return fail(ErrorCode::kRange, "the archive has components of more than 16 MiB");
    if (!expected && (bytes->empty() || bytes->front() < cap::kFirstCustomTag)) return {};  // a file that is no component
    append(m_out, *bytes);
    return {};
  }

  Result<void> add(Component component) {
    const std::string path = m_folder + std::string(cap::file_name_of(component));
    if (!m_archive.has(path)) return {};
    return add_entry(path, component);
  }

  Result<void> add_custom() {
    for (const std::string& path : m_names) {
      if (!path.starts_with(m_folder)) continue;
      const std::string name = path.substr(m_folder.size());
      const bool is_component = name.ends_with(".cap") && name.find('/') == std::string::npos && !cap::component_with_file_name(name);
      if (!is_component) continue;
      if (auto added = add_entry(path, std::nullopt); !added) return added;
    }
    return {};
  }

  const ZipArchive& m_archive;
  std::vector<std::string> m_names;
  std::string m_folder;
  Bytes m_out;
  std::size_t m_extracted = 0;  ///< also what was no component
};

/// Without components that a card does not use, wherever they are.
Result<Bytes> for_card(BytesView file) {
  Bytes out;
  for (ByteReader reader(file); !reader.empty();) {
    const std::size_t at = reader.offset();
    const std::uint8_t tag = *reader.u8();
    const auto size = reader.number(tag == static_cast<std::uint8_t>(Component::kStaticResource) ? 4 : 2);
    if (!size || !reader.skip(static_cast<std::size_t>(*size))) return fail(ErrorCode::kTruncated, "a component ends too early", at);
    if (tag > cap::kLastTag ? tag < cap::kFirstCustomTag : is_for_card(tag) || tag == 0)
      append(out, file.subspan(at, reader.offset() - at));
  }
  return out;
}

}  // namespace

Result<Bytes> read_components(BytesView file, Keep keep) {
  if (file.size() > kLargest) return fail(ErrorCode::kRange, std::to_string(file.size()) + " bytes, must be at most 16 MiB");
  if (!is_zip(file)) return keep == Keep::kAll ? Result<Bytes>(to_bytes(file)) : for_card(file);
  const auto archive = ZipArchive::open(file);
  if (!archive) return tl::unexpected(archive.error());
  return CapArchive(*archive).read(keep);
}

Bytes write_archive(std::string_view package, const cap::CapFile& file) {
  constexpr std::string_view kManifest = "Manifest-Version: 1.0\r\n\r\n";
  ZipWriter out;
  out.add("META-INF/MANIFEST.MF", BytesView(reinterpret_cast<const std::uint8_t*>(kManifest.data()), kManifest.size()));
  for (const std::uint8_t tag : file.order) {
    const auto component = static_cast<Component>(tag);
    out.add(std::string(package) + "/javacard/" + std::string(cap::file_name_of(component)), file.encode(component));
  }
  return out.take();
}

}  // namespace uicclab::jcvm::archive
