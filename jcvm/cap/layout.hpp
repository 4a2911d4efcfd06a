// SPDX-License-Identifier: Apache-2.0
// The components byte by byte, each described once for reading and writing: JCVM 3.1 clauses 6.4 to 6.16. `io` is a LayoutReader with
// values, or a LayoutWriter with const ones.
#pragma once

#include "jcvm/cap/cap_file.hpp"
#include "jcvm/cap/layout_io.hpp"

namespace uicclab::jcvm::cap::layout {

constexpr std::uint32_t kMagic = 0xDECAFFED;
constexpr unsigned kMostSuperinterfaces = 14;  // clause 6.9.2.2
constexpr unsigned kMostImports = 128;         // clause 6.7: a package token has seven bits

/// What format the other components have.
struct Format {
  std::uint8_t minor = 1;
  bool has_debug() const { return minor >= 2; }
  bool has_signature_pool() const { return minor >= 2; }
  bool has_token_mapping() const { return minor >= 3; }
  bool has_static_resources() const { return minor >= 3; }
};

void package(auto& io, auto& value) {
  io.u8(value.minor);
  io.u8(value.major);
  io.aid(value.aid);
}

void class_ref(auto& io, auto& value) {
  io.u16(value.value);
}

template <typename Io>
void header(Io& io, auto& value) {
  std::uint32_t magic = kMagic;
  io.u32(magic);
  io.check(magic == kMagic, ErrorCode::kMalformed, [] { return "no CAP file: it must begin with DECAFFED"; });
  io.u8(value.format_minor);
  io.u8(value.format_major);
  io.check(value.format_major == 2 && value.format_minor >= 1 && value.format_minor <= 3, ErrorCode::kUnsupported, [&] {
    return "CAP format " + std::to_string(value.format_major) + "." + std::to_string(value.format_minor) + ", must be 2.1, 2.2 or 2.3";
  });
  io.u8(value.flags);
  io.check((value.flags & kAccExtended) == 0, ErrorCode::kUnsupported,
           [] { return "the extended CAP format (ACC_EXTENDED) is not supported; convert the package to the compact format"; });
  io.check((value.flags & ~(kAccInt | kAccExport | kAccApplet)) == 0, ErrorCode::kUnsupported,
           [&] { return "unknown flags " + to_hex(Bytes{value.flags}); });
  package(io, value.package);
  if constexpr (Io::kReading) {
    if (!io.empty() && !io.failed()) value.name.emplace();
  }
  if (value.name) io.sized8(*value.name);
}

template <typename Io>
void directory(Io& io, auto& value, Format format) {
  io.resize(value.sizes, format.has_debug() ? 12 : 11, 2);
  for (auto& size : value.sizes) io.u16(size);
  if (format.has_static_resources()) io.u32(value.static_resource_size);
  io.u16(value.image_size);
  io.u16(value.array_init_count);
  io.u16(value.array_init_size);
  io.u8(value.import_count);
  io.u8(value.applet_count);
  io.count8(value.custom, 9);
  for (auto& custom : value.custom) {
    io.u8(custom.tag);
    io.check(custom.tag >= kFirstCustomTag, ErrorCode::kMalformed,
             [&] { return "custom component with tag " + std::to_string(custom.tag) + ", must be 128 to 255"; });
    io.u16(custom.size);
    io.aid(custom.aid);
  }
}

void applets(auto& io, auto& list) {
  io.count8(list, 8);
  for (auto& applet : list) {
    io.aid(applet.aid);
    io.u16(applet.install_method);
  }
}

void imports(auto& io, auto& list) {
  io.count8(list, 8);
  io.check(list.size() <= kMostImports, ErrorCode::kRange, [&] { return std::to_string(list.size()) + " imports, must be at most 128"; });
  for (auto& import : list) package(io, import);
}

template <typename Io>
void constants(Io& io, auto& list) {
  io.count16(list, 4);
  for (auto& constant : list) {
    auto tag = static_cast<std::uint8_t>(constant.kind);
    io.u8(tag);
    io.check(tag >= 1 && tag <= 6, ErrorCode::kMalformed, [&] { return "constant with tag " + std::to_string(tag) + ", must be 1 to 6"; });
    if constexpr (Io::kReading) constant.kind = static_cast<ConstantKind>(tag);
    io.raw(constant.info);
  }
}

void remote(auto& io, auto& value) {
  io.count8(value.methods, 5);
  for (auto& method : value.methods) {
    io.u16(method.hash);
    io.u16(method.signature_offset);
    io.u8(method.virtual_method_token);
  }
  io.sized8(value.hash_modifier);
  io.sized8(value.class_name);
  io.count8(value.interfaces, 2);
  for (auto& interface : value.interfaces) class_ref(io, interface);
}

/// Clause 6.9.2.3.
template <typename Io>
void class_body(Io& io, auto& value, std::size_t interface_count, Format format) {
  class_ref(io, value.super);
  io.u8(value.declared_instance_size);
  io.u8(value.first_reference_token);
  io.u8(value.reference_count);
  io.u8(value.public_table_base);
  io.count8(value.public_methods, 0);
  io.u8(value.package_table_base);
  io.count8(value.package_methods, 0);
  for (auto& offset : value.public_methods) io.u16(offset);
  for (auto& offset : value.package_methods) io.u16(offset);
  io.resize(value.interfaces, interface_count, 3);
  for (auto& implemented : value.interfaces) {
    class_ref(io, implemented.interface);
    io.sized8(implemented.index);
  }
  if constexpr (Io::kReading) {
    if (value.is_remote()) value.remote.emplace();
  }
  if (value.is_remote() && value.remote) remote(io, *value.remote);
  if (format.has_token_mapping()) {
    io.resize(value.token_mapping, std::size_t{value.public_table_base} + value.public_methods.size(), 1);
    for (auto& token : value.token_mapping) io.u8(token);
    io.u8(value.cap22_inheritable);
  }
}

template <typename Io>
void class_info(Io& io, auto& value, Format format) {
  if constexpr (Io::kReading) value.offset = static_cast<std::uint16_t>(io.position());
  const std::size_t told = value.is_interface() ? value.superinterfaces.size() : value.interfaces.size();
  auto first = static_cast<std::uint8_t>(value.flags | (told & 0x0F));
  io.u8(first);
  if constexpr (Io::kReading) value.flags = first & 0xF0;
  const std::size_t count = first & 0x0F;
  if (!value.is_interface()) return class_body(io, value, count, format);
  io.check(count <= kMostSuperinterfaces, ErrorCode::kRange, [] { return "an interface with 15 superinterfaces, must be at most 14"; });
  io.resize(value.superinterfaces, count, 2);
  for (auto& super : value.superinterfaces) class_ref(io, super);
  if (value.is_remote()) io.sized8(value.interface_name);
}

/// Type descriptors one after the other fill these bytes (clause 6.9.1, 6.14.4).
inline bool are_types(BytesView bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) at += 1 + (std::size_t{bytes[at]} + 1) / 2;
  return at == bytes.size();
}

template <typename Io>
void classes(Io& io, auto& value, Format format) {
  if (format.has_signature_pool()) io.sized16(value.signature_pool);
  io.check(are_types(value.signature_pool), ErrorCode::kMalformed, [] { return "the signature pool ends within a type descriptor"; });
  io.until_end(value.classes, [&](auto& one) { class_info(io, one, format); });
}

template <typename Io>
void methods(Io& io, auto& value) {
  io.count8(value.handlers, 8);
  for (auto& handler : value.handlers) {
    io.u16(handler.start);
    auto length = static_cast<std::uint16_t>(handler.length | (handler.stop ? 0x8000 : 0));
    io.u16(length);
    if constexpr (Io::kReading) {
      handler.length = length & 0x7FFF;
      handler.stop = (length & 0x8000) != 0;
    }
    io.u16(handler.handler);
    io.u16(handler.catch_type);
  }
  io.rest(value.methods);
}

void static_fields(auto& io, auto& value) {
  io.u16(value.image_size);
  io.u16(value.reference_count);
  io.count16(value.array_init, 3);
  for (auto& array : value.array_init) {
    io.u8(array.type);
    io.check(array.type >= 2 && array.type <= 5, ErrorCode::kMalformed,
             [&] { return "array of type " + std::to_string(array.type) + ", must be 2 (boolean) to 5 (int)"; });
    io.sized16(array.values);
    // The length is that of the bytes; it must be whole elements.
    const std::size_t element = array.type == 5 ? 4 : array.type == 4 ? 2 : 1;
    io.check(array.values.size() % element == 0, ErrorCode::kMalformed, [&] {
      return std::to_string(array.values.size()) + " bytes are no array of elements of " + std::to_string(element) + " bytes";
    });
  }
  io.u16(value.default_value_count);
  io.sized16(value.non_default_values);
}

void references(auto& io, auto& value) {
  io.sized16(value.byte_distances);
  io.sized16(value.byte2_distances);
}

void exports(auto& io, auto& list) {
  io.count8(list, 4);
  for (auto& exported : list) {
    io.u16(exported.class_offset);
    io.count8(exported.static_fields, 0);
    io.count8(exported.static_methods, 0);
    for (auto& offset : exported.static_fields) io.u16(offset);
    for (auto& offset : exported.static_methods) io.u16(offset);
  }
}

void descriptor(auto& io, auto& value) {
  io.count8(value.classes, 9);
  for (auto& one : value.classes) {
    io.u8(one.token);
    io.u8(one.flags);
    class_ref(io, one.self);
    io.count8(one.interfaces, 2);
    io.count16(one.fields, 7);
    io.count16(one.methods, 12);
    for (auto& interface : one.interfaces) class_ref(io, interface);
    for (auto& field : one.fields) {
      io.u8(field.token);
      io.u8(field.flags);
      io.raw(field.reference);
      io.u16(field.type);
    }
    for (auto& method : one.methods) {
      io.u8(method.token);
      io.u8(method.flags);
      io.u16(method.offset);
      io.u16(method.type);
      io.u16(method.code_size);
      io.u16(method.handler_count);
      io.u16(method.handler_index);
    }
  }
  io.count16(value.constant_types, 2);
  for (auto& type : value.constant_types) io.u16(type);
  io.rest(value.types);
  io.check(are_types(value.types), ErrorCode::kMalformed, [] { return "it ends within a type descriptor"; });
}

void debug_method(auto& io, auto& method) {
  io.u16(method.name);
  io.u16(method.descriptor);
  io.u16(method.flags);
  io.u16(method.location);
  io.u8(method.header_size);
  io.u16(method.body_size);
  io.count16(method.variables, 9);
  io.count16(method.lines, 6);
  for (auto& variable : method.variables) {
    io.u8(variable.index);
    io.u16(variable.name);
    io.u16(variable.descriptor);
    io.u16(variable.start);
    io.u16(variable.length);
  }
  for (auto& line : method.lines) {
    io.u16(line.start);
    io.u16(line.end);
    io.u16(line.line);
  }
}

void debug(auto& io, auto& value) {
  io.count16(value.strings, 2);
  for (auto& text : value.strings) io.sized16(text);
  io.u16(value.package_name);
  io.count16(value.classes, 15);
  for (auto& one : value.classes) {
    io.u16(one.name);
    io.u16(one.flags);
    class_ref(io, one.location);
    io.u16(one.super_name);
    io.u16(one.source_file);
    io.count8(one.interface_names, 2);
    io.count16(one.fields, 10);
    io.count16(one.methods, 15);
    for (auto& name : one.interface_names) io.u16(name);
    for (auto& field : one.fields) {
      io.u16(field.name);
      io.u16(field.descriptor);
      io.u16(field.flags);
      io.u32(field.contents);
    }
    for (auto& method : one.methods) debug_method(io, method);
  }
}

template <typename Io>
void static_resources(Io& io, auto& list) {
  io.count16(list, 6);
  std::vector<std::uint32_t> sizes(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    io.u16(list[i].id);
    sizes[i] = static_cast<std::uint32_t>(list[i].value.size());
    io.u32(sizes[i]);
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    if constexpr (Io::kReading) list[i].value = io.bytes(sizes[i]);
    if constexpr (!Io::kReading) io.raw(list[i].value);
  }
}

}  // namespace uicclab::jcvm::cap::layout
