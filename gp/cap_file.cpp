#include "gp/cap_file.hpp"

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"

namespace uicclab::gp {
namespace {

constexpr std::uint32_t kMagic = 0xDECAFFED;
constexpr std::uint8_t kIntegers = 0x01;
constexpr std::uint8_t kExports = 0x02;
constexpr std::uint8_t kApplets = 0x04;
constexpr std::uint8_t kLastTag = 12;
constexpr std::uint8_t kFirstCustomTag = 128;

/// Reads one component; the first thing that is not there is remembered, so that a check stands at the end.
class ComponentReader {
 public:
  ComponentReader(BytesView file, BytesView component)
      : m_base(static_cast<std::size_t>(component.data() - file.data())), m_reader(component) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  BytesView bytes(std::size_t size) {
    const auto view = m_reader.bytes(size);
    if (!view) m_truncated = true;
    return view.value_or(BytesView{});
  }
  Aid aid() {
    const std::size_t at = m_reader.offset();
    const auto value = Aid::from(bytes(u8()));
    if (!value && !m_bad_aid) m_bad_aid = at;
    return value.value_or(Aid{});
  }
  bool empty() const { return m_reader.empty(); }
  bool truncated() const { return m_truncated; }
  std::size_t offset() const { return m_base + m_reader.offset(); }

  tl::unexpected<Error> refuse(ErrorCode code, std::string text) const { return fail(code, std::move(text), offset()); }
  /// Everything was there, and nothing is left.
  Result<void> end(std::string_view name) const {
    if (m_truncated) return refuse(ErrorCode::kTruncated, std::string(name) + " component ends too early");
    if (m_bad_aid) return fail(ErrorCode::kRange, std::string(name) + " component: an AID has 5 to 16 bytes", m_base + *m_bad_aid);
    if (!m_reader.empty()) return refuse(ErrorCode::kMalformed, std::string(name) + " component: bytes after its end");
    return {};
  }

 private:
  std::uint64_t number(std::size_t size) {
    const auto value = m_reader.number(size);
    if (!value) m_truncated = true;
    return value.value_or(0);
  }

  std::size_t m_base;
  ByteReader m_reader;
  bool m_truncated = false;
  std::optional<std::size_t> m_bad_aid;
};

CapFile::Package read_package(ComponentReader& in) {
  CapFile::Package package;
  package.minor = in.u8();
  package.major = in.u8();
  package.aid = in.aid();
  return package;
}

class Parser {
 public:
  explicit Parser(BytesView file) : m_file(file) {}

  Result<CapFile> run() {
    auto done = split()
                    .and_then([&] { return header(); })
                    .and_then([&] { return directory(); })
                    .and_then([&] { return applets(); })
                    .and_then([&] { return imports(); })
                    .and_then([&] { return constant_pool(); })
                    .and_then([&] { return methods(); })
                    .and_then([&] { return static_fields(); })
                    .and_then([&] { return reference_locations(); })
                    .and_then([&] { return exports(); });
    if (!done) return tl::unexpected(done.error());
    return std::move(m_cap);
  }

 private:
  ComponentReader open(Component which) const { return {m_file, m_cap.component(which)}; }
  bool has(Component which) const { return !m_cap.component(which).empty(); }

  Result<void> split() {
    ByteReader in(m_file);
    while (!in.empty()) {
      const std::size_t at = in.offset();
      const auto tag = in.u8();
      const auto size = in.u16();
      const auto value = size ? in.bytes(*size) : std::nullopt;
      if (!value) return fail(ErrorCode::kTruncated, "a component ends too early", at);
      if (at == 0 && *tag != static_cast<std::uint8_t>(Component::kHeader)) {
        return fail(ErrorCode::kMalformed, "the header component comes first", at);
      }
      if (*tag >= kFirstCustomTag) {
        ++m_custom;
        continue;
      }
      if (*tag == 0 || *tag > kLastTag) return fail(ErrorCode::kUnsupported, "a component that is not known", at);
      BytesView& place = m_cap.components[*tag];
      if (!place.empty()) return fail(ErrorCode::kMalformed, "a component stands twice", at);
      if (value->empty()) return fail(ErrorCode::kMalformed, "an empty component", at);
      place = *value;
    }
    using enum Component;
    for (const Component needed : {kHeader, kDirectory, kImport, kConstantPool, kClass, kMethod, kStaticField, kReferenceLocation}) {
      if (!has(needed)) return fail(ErrorCode::kMalformed, "component " + std::to_string(static_cast<int>(needed)) + " is missing");
    }
    return {};
  }

  Result<void> header() {  // JCVM clause 6.4
    ComponentReader in = open(Component::kHeader);
    const std::uint32_t magic = in.u32();
    m_cap.format_minor = in.u8();
    m_cap.format_major = in.u8();
    m_cap.flags = in.u8();
    if (in.truncated() || magic != kMagic) return in.refuse(ErrorCode::kMalformed, "no CAP file");
    if (m_cap.format_major != 2 || m_cap.format_minor < 1 || m_cap.format_minor > 3) {
      return in.refuse(ErrorCode::kUnsupported, "a CAP format other than 2.1 to 2.3");
    }
    if ((m_cap.flags & ~(kIntegers | kExports | kApplets)) != 0) return in.refuse(ErrorCode::kUnsupported, "flags that are not known");
    m_cap.package = read_package(in);
    if (!in.empty()) {
      const BytesView name = in.bytes(in.u8());
      m_cap.name.assign(name.begin(), name.end());
    }
    if (((m_cap.flags & kApplets) != 0) != has(Component::kApplet)) {
      return in.refuse(ErrorCode::kMalformed, "the flag of applets and the applet component do not agree");
    }
    if (((m_cap.flags & kExports) != 0) != has(Component::kExport)) {
      return in.refuse(ErrorCode::kMalformed, "the flag of exports and the export component do not agree");
    }
    return in.end("header");
  }

  Result<void> directory() {  // clause 6.5
    ComponentReader in = open(Component::kDirectory);
    const std::uint8_t known = m_cap.format_minor == 1 ? 11 : 12;
    for (std::uint8_t tag = 1; tag <= known; ++tag) {
      const std::uint16_t size = in.u16();
      const auto which = static_cast<Component>(tag);
      // What only tools read need not be loaded (GP annex C).
      const bool may_be_left_out = which == Component::kDescriptor || which == Component::kDebug;
      if (m_cap.component(which).size() == size || (may_be_left_out && !has(which))) continue;
      return in.refuse(ErrorCode::kMalformed, "component " + std::to_string(tag) + " has not the size that the directory tells");
    }
    if (m_cap.format_minor == 3 && in.u16() != 0) return in.refuse(ErrorCode::kUnsupported, "static resources");
    m_image_size = in.u16();
    m_array_count = in.u16();
    m_array_size = in.u16();
    m_import_count = in.u8();
    m_applet_count = in.u8();
    const std::uint8_t custom = in.u8();
    for (std::uint8_t i = 0; i < custom; ++i) {
      if (in.u8() < kFirstCustomTag) return in.refuse(ErrorCode::kMalformed, "a custom component with a tag of the standard");
      (void)in.u16();
      (void)in.aid();
    }
    if (custom < m_custom) return in.refuse(ErrorCode::kMalformed, "custom components that the directory does not tell");
    return in.end("directory");
  }

  Result<void> applets() {  // clause 6.6
    if (!has(Component::kApplet)) {
      if (m_applet_count != 0) return fail(ErrorCode::kMalformed, "the directory counts applets, but there are none");
      return {};
    }
    ComponentReader in = open(Component::kApplet);
    const std::uint8_t count = in.u8();
    if (count == 0 || count != m_applet_count) return in.refuse(ErrorCode::kMalformed, "not as many applets as the directory counts");
    const std::size_t methods = m_cap.component(Component::kMethod).size();
    for (std::uint8_t i = 0; i < count && !in.truncated(); ++i) {
      CapFile::Applet applet;
      applet.aid = in.aid();
      applet.install_method = in.u16();
      if (applet.install_method == 0 || applet.install_method >= methods) {
        return in.refuse(ErrorCode::kRange, "an install method outside the method component");
      }
      for (const CapFile::Applet& other : m_cap.applets) {
        if (other.aid == applet.aid) return in.refuse(ErrorCode::kMalformed, "an applet AID stands twice");
      }
      m_cap.applets.push_back(applet);
    }
    return in.end("applet");
  }

  Result<void> imports() {  // clause 6.7
    ComponentReader in = open(Component::kImport);
    const std::uint8_t count = in.u8();
    if (count != m_import_count) return in.refuse(ErrorCode::kMalformed, "not as many imports as the directory counts");
    for (std::uint8_t i = 0; i < count && !in.truncated(); ++i) m_cap.imports.push_back(read_package(in));
    return in.end("import");
  }

  Result<void> constant_pool() {  // clause 6.8: entries of four bytes
    ComponentReader in = open(Component::kConstantPool);
    m_constants = in.u16();
    for (std::uint16_t i = 0; i < m_constants && !in.truncated(); ++i) {
      const std::uint8_t tag = in.u8();
      (void)in.bytes(3);
      if (!in.truncated() && (tag < 1 || tag > 6)) return in.refuse(ErrorCode::kMalformed, "a constant of no known kind");
    }
    return in.end("constant pool");
  }

  Result<void> methods() {  // clause 6.10: the table of exception handlers before the methods
    ComponentReader in = open(Component::kMethod);
    const std::size_t size = m_cap.component(Component::kMethod).size();
    const std::uint8_t handlers = in.u8();
    for (std::uint8_t i = 0; i < handlers; ++i) {
      const std::uint16_t start = in.u16();
      const std::uint16_t length = in.u16() & 0x7FFF;
      const std::uint16_t handler = in.u16();
      const std::uint16_t type = in.u16();
      if (in.truncated()) return in.end("method");
      if (std::size_t{start} + length > size || handler >= size || (type != 0 && type >= m_constants)) {
        return in.refuse(ErrorCode::kRange, "an exception handler outside its component");
      }
    }
    const std::size_t code = 1U + 8U * handlers;
    for (const CapFile::Applet& applet : m_cap.applets) {
      if (applet.install_method < code) return in.refuse(ErrorCode::kRange, "an install method among the exception handlers");
    }
    return {};
  }

  Result<void> static_fields() {  // clause 6.11
    ComponentReader in = open(Component::kStaticField);
    const std::uint16_t image = in.u16();
    const std::uint16_t references = in.u16();
    const std::uint16_t arrays = in.u16();
    std::size_t array_bytes = 0;
    for (std::uint16_t i = 0; i < arrays && !in.truncated(); ++i) {
      const std::uint8_t type = in.u8();
      const std::uint16_t size = in.u16();
      (void)in.bytes(size);
      array_bytes += size;
      if (!in.truncated() && (type < 2 || type > 5)) return in.refuse(ErrorCode::kMalformed, "a static array of no primitive type");
    }
    const std::uint16_t zeros = in.u16();
    const std::uint16_t values = in.u16();
    (void)in.bytes(values);
    if (auto ended = in.end("static field"); !ended) return ended;
    if (image != 2U * references + zeros + values || arrays > references) {
      return in.refuse(ErrorCode::kMalformed, "the static field image has not the size of its fields");
    }
    if (image != m_image_size || arrays != m_array_count || array_bytes != m_array_size) {
      return in.refuse(ErrorCode::kMalformed, "static sizes that are not the directory's");
    }
    m_cap.static_image_size = image;
    return {};
  }

  Result<void> reference_locations() {  // clause 6.12
    ComponentReader in = open(Component::kReferenceLocation);
    (void)in.bytes(in.u16());
    (void)in.bytes(in.u16());
    return in.end("reference location");
  }

  Result<void> exports() {  // clause 6.13
    if (!has(Component::kExport)) return {};
    ComponentReader in = open(Component::kExport);
    const std::uint8_t classes = in.u8();
    for (std::uint8_t i = 0; i < classes && !in.truncated(); ++i) {
      const std::uint16_t class_offset = in.u16();
      const std::size_t fields = in.u8();
      const std::size_t methods = in.u8();
      (void)in.bytes(2 * (fields + methods));
      if (!in.truncated() && class_offset >= m_cap.component(Component::kClass).size()) {
        return in.refuse(ErrorCode::kRange, "an exported class outside the class component");
      }
    }
    return in.end("export");
  }

  BytesView m_file;
  CapFile m_cap;
  std::size_t m_custom = 0;
  std::uint16_t m_image_size = 0;
  std::uint16_t m_array_count = 0;
  std::uint16_t m_array_size = 0;
  std::uint8_t m_import_count = 0;
  std::uint8_t m_applet_count = 0;
  std::uint16_t m_constants = 0;
};

}  // namespace

Result<CapFile> CapFile::parse(BytesView components) {
  return Parser(components).run();
}

namespace {

Result<Dap> parse_dap(BytesView block, std::size_t offset) {
  const auto aid_bytes = ber::find(block, 0x4F);
  const auto signature = ber::find(block, 0xC3);
  const auto aid = aid_bytes ? Aid::from(*aid_bytes) : fail(ErrorCode::kMalformed, "");
  if (!aid || !signature || signature->empty()) return fail(ErrorCode::kMalformed, "a DAP block without AID or signature", offset);
  return Dap{*aid, to_bytes(*signature)};
}

}  // namespace

Result<LoadFileBlocks> LoadFileBlocks::parse(BytesView load_file) {
  LoadFileBlocks out;
  for (ber::Reader reader(load_file); !reader.empty();) {
    const auto block = reader.next();
    if (!block) return tl::unexpected(block.error());
    switch (block->tag) {
      case 0xE2: {
        auto dap = parse_dap(block->value, block->offset);
        if (!dap) return tl::unexpected(dap.error());
        out.daps.push_back(*std::move(dap));
        break;
      }
      case 0xC4:
        if (!out.components.empty()) return fail(ErrorCode::kMalformed, "a second load file data block", block->offset);
        out.components = block->value;
        break;
      case 0xD4:
        return fail(ErrorCode::kUnsupported, "a ciphered load file data block", block->offset);
      default:
        return fail(ErrorCode::kMalformed, "neither DAP nor load file data block", block->offset);
    }
  }
  if (out.components.empty()) return fail(ErrorCode::kTruncated, "no load file data block C4");
  return out;
}

}  // namespace uicclab::gp
