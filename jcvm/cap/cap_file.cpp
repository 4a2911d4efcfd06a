// SPDX-License-Identifier: Apache-2.0
#include "jcvm/cap/cap_file.hpp"

#include "core/hex.hpp"
#include "jcvm/cap/layout.hpp"

namespace uicclab::jcvm::cap {
namespace {

/// Calls `describe(io, component)` of layout.hpp for one component of the file; false if the file has no such value.
template <typename Io, typename File>
void transfer(Io& io, File& file, Component component) {
  const layout::Format format{file.header.format_minor};
  switch (component) {
    case Component::kHeader:
      return layout::header(io, file.header);
    case Component::kDirectory:
      return layout::directory(io, file.directory, format);
    case Component::kApplet:
      return layout::applets(io, file.applets);
    case Component::kImport:
      return layout::imports(io, file.imports);
    case Component::kConstantPool:
      return layout::constants(io, file.constants);
    case Component::kClass:
      return layout::classes(io, file.classes, format);
    case Component::kMethod:
      return layout::methods(io, file.methods);
    case Component::kStaticField:
      return layout::static_fields(io, file.static_fields);
    case Component::kReferenceLocation:
      return layout::references(io, file.references);
    case Component::kExport:
      return layout::exports(io, file.exports);
    case Component::kDescriptor:
      if constexpr (Io::kReading) file.descriptor.emplace();
      return layout::descriptor(io, *file.descriptor);
    case Component::kDebug:
      if constexpr (Io::kReading) file.debug.emplace();
      return layout::debug(io, *file.debug);
    case Component::kStaticResource:
      return layout::static_resources(io, file.static_resources);
  }
}

bool is_custom(std::uint8_t tag) {
  return tag >= kFirstCustomTag;
}

/// The one component with a size of four bytes (clause 6.16).
bool has_long_size(std::uint8_t tag) {
  return tag == static_cast<std::uint8_t>(Component::kStaticResource);
}

std::string number(std::size_t value) {
  return std::to_string(value);
}

class Parser {
 public:
  explicit Parser(BytesView file) : m_file(file) {}

  Result<CapFile> run() {
    auto done = split().and_then([&] { return contents(); }).and_then([&] { return check(); });
    if (!done) return tl::unexpected(done.error());
    return std::move(m_cap);
  }

 private:
  struct Place {
    BytesView content;
    bool present = false;
  };

  const Place& place(Component component) const { return m_places[static_cast<std::size_t>(component)]; }
  bool has(Component component) const { return place(component).present; }
  std::size_t offset_of(BytesView content) const { return static_cast<std::size_t>(content.data() - m_file.data()); }
  /// Where a component's content begins, for what is wrong with all of it.
  std::size_t at(Component component) const { return has(component) ? offset_of(place(component).content) : 0; }
  tl::unexpected<Error> refuse(ErrorCode code, Component component, const std::string& text) const {
    return fail(code, std::string(name_of(component)) + " component: " + text, at(component));
  }

  Result<void> split() {
    ByteReader in(m_file);
    while (!in.empty()) {
      const std::size_t begin = in.offset();
      const std::uint8_t tag = *in.u8();
      if (begin == 0 && tag != static_cast<std::uint8_t>(Component::kHeader)) {
        return fail(ErrorCode::kMalformed, "the first component has tag " + number(tag) + ", must be 1 (Header)", begin);
      }
      const auto size = in.number(has_long_size(tag) ? 4 : 2);
      const auto value = size && *size <= in.remaining() ? in.bytes(static_cast<std::size_t>(*size)) : std::nullopt;
      if (!value) {
        return fail(ErrorCode::kTruncated,
                    std::string(name_of(static_cast<Component>(tag))) + " component (tag " + number(tag) + ") ends too early: " +
                        (size ? number(static_cast<std::size_t>(*size)) + " bytes must follow, " : "its size must follow, ") +
                        number(in.remaining()) + " are left",
                    begin);
      }
      if (auto known = add(tag, *value, begin); !known) return known;
    }
    using enum Component;
    for (const Component needed : {kHeader, kDirectory, kImport, kConstantPool, kClass, kMethod, kStaticField, kReferenceLocation}) {
      if (!has(needed)) return fail(ErrorCode::kMalformed, std::string(name_of(needed)) + " component is missing", m_file.size());
    }
    return {};
  }

  Result<void> add(std::uint8_t tag, BytesView content, std::size_t begin) {
    const auto again = [&] {
      return fail(ErrorCode::kMalformed,
                  std::string(name_of(static_cast<Component>(tag))) + " component (tag " + number(tag) + ") is there twice", begin);
    };
    m_cap.order.push_back(tag);
    if (is_custom(tag)) {
      for (const CustomComponent& other : m_cap.custom) {
        if (other.tag == tag) return again();
      }
      m_cap.custom.push_back({tag, to_bytes(content)});
      return {};
    }
    if (tag == 0 || tag > kLastTag) return fail(ErrorCode::kUnsupported, "unknown component: tag " + number(tag), begin);
    Place& place = m_places[tag];
    if (place.present) return again();
    if (content.empty()) {
      return fail(ErrorCode::kMalformed, std::string(name_of(static_cast<Component>(tag))) + " component is empty", begin);
    }
    place = {content, true};
    return {};
  }

  /// The Header first, since it says the format; then the others as their tags count.
  Result<void> contents() {
    for (std::uint8_t tag = 1; tag <= kLastTag; ++tag) {
      if (!m_places[tag].present) continue;
      const auto component = static_cast<Component>(tag);
      if (!fits_format(component)) {
        return refuse(ErrorCode::kUnsupported, component, "CAP format 2." + number(m_cap.header.format_minor) + " has none");
      }
      LayoutReader in(component, m_places[tag].content, offset_of(m_places[tag].content));
      transfer(in, m_cap, component);
      if (auto ended = in.end(); !ended) return ended;
    }
    return {};
  }

  bool fits_format(Component component) const {
    const layout::Format format{m_cap.header.format_minor};
    if (component == Component::kDebug) return format.has_debug();
    if (component == Component::kStaticResource) return format.has_static_resources();
    return true;
  }

  // What one component says of another.

  Result<void> check() {
    return check_flags()
        .and_then([&] { return check_sizes(); })
        .and_then([&] { return check_counts(); })
        .and_then([&] { return check_applets(); })
        .and_then([&] { return check_handlers(); })
        .and_then([&] { return check_static_fields(); })
        .and_then([&] { return check_exports(); });
  }

  Result<void> check_flags() const {
    const auto agrees = [&](std::uint8_t flag, Component component) { return ((m_cap.header.flags & flag) != 0) == has(component); };
    for (const auto& [flag, component] : {std::pair{kAccApplet, Component::kApplet}, std::pair{kAccExport, Component::kExport}}) {
      if (agrees(flag, component)) continue;
      return refuse(ErrorCode::kMalformed, Component::kHeader,
                    "flags " + to_hex(Bytes{m_cap.header.flags}) + " do not agree with the " + std::string(name_of(component)) +
                        " component, which is " + (has(component) ? "there" : "missing"));
    }
    return {};
  }

  Result<void> size_is(Component component, std::size_t told) const {
    const std::size_t found = has(component) ? place(component).content.size() : 0;
    if (found == told) return {};
    // What only tools read need not be loaded (GP annex C).
    if ((component == Component::kDescriptor || component == Component::kDebug) && !has(component)) return {};
    return refuse(
        ErrorCode::kMalformed, Component::kDirectory,
        "the " + std::string(name_of(component)) + " component has " + number(found) + " bytes, the Directory says " + number(told));
  }

  Result<void> check_sizes() const {
    const auto& sizes = m_cap.directory.sizes;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (auto fits = size_is(static_cast<Component>(i + 1), sizes[i]); !fits) return fits;
    }
    if (auto fits = size_is(Component::kStaticResource, m_cap.directory.static_resource_size); !fits) return fits;
    for (const CustomComponent& custom : m_cap.custom) {
      const auto told = std::ranges::find(m_cap.directory.custom, custom.tag, &Directory::Custom::tag);
      if (told != m_cap.directory.custom.end() && told->size == custom.content.size()) continue;
      return refuse(ErrorCode::kMalformed, Component::kDirectory,
                    "custom component " + number(custom.tag) + " has " + number(custom.content.size()) + " bytes, the Directory " +
                        (told == m_cap.directory.custom.end() ? "does not name it" : "says " + number(told->size)));
    }
    return {};
  }

  Result<void> check_counts() const {
    const auto agree = [&](Component component, std::size_t found, std::size_t told) -> Result<void> {
      if (found == told) return {};
      return refuse(ErrorCode::kMalformed, component, number(found) + " entries, the Directory says " + number(told));
    };
    if (auto fits = agree(Component::kImport, m_cap.imports.size(), m_cap.directory.import_count); !fits) return fits;
    if (has(Component::kApplet) && m_cap.applets.empty())
      return refuse(ErrorCode::kMalformed, Component::kApplet, "it must name an applet");
    return agree(Component::kApplet, m_cap.applets.size(), m_cap.directory.applet_count);
  }

  Result<void> check_applets() const {
    for (std::size_t i = 0; i < m_cap.applets.size(); ++i) {
      const Applet& applet = m_cap.applets[i];
      if (applet.install_method < m_cap.methods.base() || applet.install_method >= m_cap.methods.size()) {
        return refuse(ErrorCode::kRange, Component::kApplet,
                      "the install method of applet " + to_hex(applet.aid.bytes()) + " is at " + number(applet.install_method) +
                          ", methods are from " + number(m_cap.methods.base()) + " to " + number(m_cap.methods.size() - 1));
      }
      for (std::size_t other = 0; other < i; ++other) {
        if (m_cap.applets[other].aid == applet.aid) {
          return refuse(ErrorCode::kMalformed, Component::kApplet, "applet " + to_hex(applet.aid.bytes()) + " is there twice");
        }
      }
    }
    return {};
  }

  Result<void> check_handlers() const {
    const std::size_t base = m_cap.methods.base();
    const std::size_t size = m_cap.methods.size();
    for (std::size_t i = 0; i < m_cap.methods.handlers.size(); ++i) {
      const ExceptionHandler& handler = m_cap.methods.handlers[i];
      const bool inside =
          handler.start >= base && std::size_t{handler.start} + handler.length <= size && handler.handler >= base && handler.handler < size;
      if (!inside) return refuse(ErrorCode::kRange, Component::kMethod, "exception handler " + number(i) + " is not inside the methods");
      const bool catches = handler.catch_type == 0 || (handler.catch_type < m_cap.constants.size() &&
                                                       m_cap.constants[handler.catch_type].kind == ConstantKind::kClass);
      if (!catches) {
        return refuse(ErrorCode::kRange, Component::kMethod,
                      "exception handler " + number(i) + " catches constant " + number(handler.catch_type) + ", which is not a class");
      }
    }
    return {};
  }

  Result<void> check_static_fields() const {
    const StaticField& fields = m_cap.static_fields;
    std::size_t array_bytes = 0;
    for (const auto& array : fields.array_init) array_bytes += array.values.size();
    const std::size_t image = 2U * fields.reference_count + fields.default_value_count + fields.non_default_values.size();
    if (fields.image_size != image) {
      return refuse(ErrorCode::kMalformed, Component::kStaticField,
                    "image_size is " + number(fields.image_size) + ", its fields make " + number(image) + " bytes");
    }
    if (fields.array_init.size() > fields.reference_count) {
      return refuse(ErrorCode::kMalformed, Component::kStaticField,
                    number(fields.array_init.size()) + " arrays, but only " + number(fields.reference_count) + " references");
    }
    const Directory& directory = m_cap.directory;
    if (fields.image_size != directory.image_size || fields.array_init.size() != directory.array_init_count ||
        array_bytes != directory.array_init_size) {
      return refuse(ErrorCode::kMalformed, Component::kDirectory,
                    "static fields: image, arrays and their bytes are " + number(fields.image_size) + ", " +
                        number(fields.array_init.size()) + ", " + number(array_bytes) + "; the Directory says " +
                        number(directory.image_size) + ", " + number(directory.array_init_count) + ", " +
                        number(directory.array_init_size));
    }
    return {};
  }

  Result<void> check_exports() const {
    const std::size_t classes = place(Component::kClass).content.size();
    for (std::size_t i = 0; i < m_cap.exports.size(); ++i) {
      if (m_cap.exports[i].class_offset < classes) continue;
      return refuse(ErrorCode::kRange, Component::kExport,
                    "class " + number(i) + " is at " + number(m_cap.exports[i].class_offset) + ", the Class component has " +
                        number(classes) + " bytes");
    }
    return {};
  }

  BytesView m_file;
  CapFile m_cap;
  std::array<Place, kLastTag + 1> m_places{};
};

void write_component(ByteWriter& out, std::uint8_t tag, BytesView content) {
  if (has_long_size(tag)) {
    out.u8(tag).u32(static_cast<std::uint32_t>(content.size())).bytes(content);
    return;
  }
  if (content.size() > 0xFFFF) {
    throw SystemError(std::string(name_of(static_cast<Component>(tag))) + " component: " + number(content.size()) +
                      " bytes, at most 65535 have a size");
  }
  out.u8(tag).u16(static_cast<std::uint16_t>(content.size())).bytes(content);
}

}  // namespace

std::string to_text(const Package& package) {
  return to_hex(package.aid.bytes()) + " " + std::to_string(package.major) + "." + std::to_string(package.minor);
}

Result<CapFile> CapFile::parse(BytesView components) {
  return Parser(components).run();
}

bool CapFile::has(Component component) const {
  return std::ranges::find(order, static_cast<std::uint8_t>(component)) != order.end();
}

Bytes CapFile::encode(Component component) const {
  const auto tag = static_cast<std::uint8_t>(component);
  ByteWriter out;
  if (is_custom(tag)) {
    const auto found = std::ranges::find(custom, tag, &CustomComponent::tag);
    if (found != custom.end()) write_component(out, tag, found->content);
  } else if (has(component)) {
    LayoutWriter content;
    transfer(content, *this, component);
    write_component(out, tag, content.take());
  }
  return out.take();
}

Bytes CapFile::encode() const {
  Bytes out;
  for (const std::uint8_t tag : order) append(out, encode(static_cast<Component>(tag)));
  return out;
}

Bytes CapFile::encode(std::span<const Component> components) const {
  Bytes out;
  for (const Component component : components) append(out, encode(component));
  return out;
}

}  // namespace uicclab::jcvm::cap
