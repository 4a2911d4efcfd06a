// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/converter/class_file.hpp"

#include <algorithm>

#include "core/reader.hpp"

namespace uicclab::jcvm::converter {
namespace {

using Tag = JavaConstantTag;

constexpr std::uint32_t kMagic = 0xCAFEBABE;
constexpr std::size_t kLargest = 1U << 20;
constexpr std::size_t kMostCode = 65535;  // JVMS 4.7.3

class Reader {
 public:
  explicit Reader(BytesView bytes) : m_in(bytes), m_size(bytes.size()) {}

  Result<ClassFile> run() {
    if (m_size > kLargest) return fail(ErrorCode::kRange, "a class file of " + std::to_string(m_size) + " bytes, must be at most 1 MiB");
    if (u32() != kMagic) return fail(ErrorCode::kMalformed, "no class file: it must begin with CAFEBABE");
    u16();
    m_out.version = u16();
    constants();
    if (!m_error) check_constants();
    if (m_error) return tl::unexpected(*m_error);
    m_out.flags = u16();
    m_out.name = class_name(u16());
    if (const std::uint16_t super = u16(); super != 0) m_out.super = class_name(super);
    for (unsigned i = u16(); i > 0 && !m_error; --i) m_out.interfaces.push_back(class_name(u16()));
    for (unsigned i = u16(); i > 0 && !m_error; --i) m_out.fields.push_back(field());
    for (unsigned i = u16(); i > 0 && !m_error; --i) m_out.methods.push_back(method());
    attributes([&](const std::string& name, Reader& in) {
      if (name == "SourceFile") m_out.source_file = in.m_whole->text(in.u16());
    });
    if (m_error) return tl::unexpected(*m_error);
    if (!m_in.empty()) return fail(ErrorCode::kTrailing, std::to_string(m_in.remaining()) + " bytes follow the class", m_in.offset());
    if (m_out.name.empty()) return fail(ErrorCode::kMalformed, "a class without a name");
    return std::move(m_out);
  }

 private:
  Reader(BytesView bytes, Reader& whole) : m_in(bytes), m_size(bytes.size()), m_whole(&whole) {}

  void wrong(ErrorCode code, std::string text) {
    Reader& whole = *m_whole;
    if (!whole.m_error) whole.m_error = Error{code, std::move(text), whole.m_in.offset()};
  }
  std::uint64_t number(std::size_t size) {
    const auto value = m_in.number(size);
    if (!value) wrong(ErrorCode::kTruncated, "the class file ends too early");
    return value.value_or(0);
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  BytesView bytes(std::size_t size) {
    const auto view = m_in.bytes(size);
    if (!view) wrong(ErrorCode::kTruncated, "the class file ends too early");
    return view.value_or(BytesView());
  }

  void constants() {
    const unsigned count = u16();
    m_out.constants.resize(1);
    while (m_out.constants.size() < count && !m_error) {
      ClassFile::Constant one;
      one.tag = static_cast<Tag>(u8());
      switch (one.tag) {
        case Tag::kUtf8: {
          const BytesView text = bytes(u16());
          one.text.assign(text.begin(), text.end());
          break;
        }
        case Tag::kInteger:
          one.number = static_cast<std::int32_t>(u32());
          break;
        case Tag::kFloat:
          u32();
          break;
        case Tag::kLong:
        case Tag::kDouble:
          u32();
          u32();
          m_out.constants.push_back(one);
          one = {};  // the second entry that it takes
          break;
        case Tag::kClass:
        case Tag::kString:
        case Tag::kMethodType:
        case Tag::kModule:
        case Tag::kPackage:
          one.first = u16();
          break;
        case Tag::kField:
        case Tag::kMethod:
        case Tag::kInterfaceMethod:
        case Tag::kNameAndType:
        case Tag::kDynamic:
        case Tag::kInvokeDynamic:
          one.first = u16();
          one.second = u16();
          break;
        case Tag::kMethodHandle:
          one.first = u8();
          one.second = u16();
          break;
        default:
          wrong(ErrorCode::kMalformed, "constant with tag " + std::to_string(static_cast<int>(one.tag)));
      }
      m_out.constants.push_back(std::move(one));
    }
  }

  void check_constants() {
    const auto need = [&](std::size_t index, Tag tag) {
      if (m_out.constant(index, tag) == nullptr) {
        wrong(ErrorCode::kMalformed, "constant " + std::to_string(index) + " must have tag " + std::to_string(static_cast<int>(tag)));
      }
    };
    for (const auto& one : m_out.constants) {
      if (one.tag == Tag::kClass || one.tag == Tag::kString || one.tag == Tag::kNameAndType) need(one.first, Tag::kUtf8);
      if (one.tag == Tag::kNameAndType) need(one.second, Tag::kUtf8);
      if (one.tag == Tag::kField || one.tag == Tag::kMethod || one.tag == Tag::kInterfaceMethod) {
        need(one.first, Tag::kClass);
        need(one.second, Tag::kNameAndType);
      }
    }
  }

  std::string text(std::uint16_t index) {
    const auto* found = m_whole->m_out.constant(index, Tag::kUtf8);
    if (found == nullptr) wrong(ErrorCode::kMalformed, "constant " + std::to_string(index) + " must be a name");
    return found == nullptr ? "" : found->text;
  }
  std::string class_name(std::uint16_t index) {
    auto found = m_whole->m_out.class_at(index);
    if (!found) wrong(ErrorCode::kMalformed, "constant " + std::to_string(index) + " must be a class");
    return found.value_or("");
  }

  /// Calls `take(name, reader of the contents)` for each.
  template <typename Take>
  void attributes(Take take) {
    for (unsigned i = u16(); i > 0 && !m_whole->m_error; --i) {
      const std::string name = text(u16());
      Reader in(bytes(u32()), *m_whole);
      take(name, in);
    }
  }

  ClassFile::Field field() {
    ClassFile::Field out;
    out.flags = u16();
    out.name = text(u16());
    out.descriptor = text(u16());
    if (out.descriptor.empty() || first_type(out.descriptor) != out.descriptor) {
      wrong(ErrorCode::kMalformed, "field " + out.name + " of type '" + out.descriptor + "'");
    }
    attributes([&](const std::string& name, Reader& in) {
      if (name == "ConstantValue") out.value = in.u16();
    });
    return out;
  }

  ClassFile::Method method() {
    ClassFile::Method out;
    out.flags = u16();
    out.name = text(u16());
    out.descriptor = text(u16());
    if (!signature_of(out.descriptor)) wrong(ErrorCode::kMalformed, "method " + out.name + " of type '" + out.descriptor + "'");
    attributes([&](const std::string& name, Reader& in) {
      if (name == "Code") out.code = in.code();
    });
    const bool has_code = (out.flags & (kAbstract | kNative)) == 0;
    if (has_code != out.code.has_value()) {
      wrong(ErrorCode::kMalformed, "method " + out.name + (has_code ? " must have code" : " must not have code"));
    }
    return out;
  }

  ClassFile::Code code() {
    ClassFile::Code out;
    out.max_stack = u16();
    out.max_locals = u16();
    const std::uint32_t size = u32();
    if (size == 0 || size > kMostCode) wrong(ErrorCode::kRange, "code of " + std::to_string(size) + " bytes, must be 1 to 65535");
    if (!m_whole->m_error) out.bytes = to_bytes(bytes(size));
    for (unsigned i = u16(); i > 0 && !m_whole->m_error; --i) {
      ClassFile::Handler one;
      one.start = u16();
      one.end = u16();
      one.handler = u16();
      if (const std::uint16_t type = u16(); type != 0) one.type = class_name(type);
      if (one.start >= one.end || one.end > size || one.handler >= size) {
        wrong(ErrorCode::kRange, "an exception handler that is not inside the code");
      }
      out.handlers.push_back(std::move(one));
    }
    attributes([&](const std::string& name, Reader& in) {
      if (name == "LineNumberTable") {
        for (unsigned i = in.u16(); i > 0 && !m_whole->m_error; --i) {
          const std::uint16_t start = in.u16();
          out.lines.push_back({start, in.u16()});
        }
      }
      if (name == "LocalVariableTable") in.variables(out.variables);
    });
    std::ranges::stable_sort(out.lines, {}, &ClassFile::Line::start);
    return out;
  }

  void variables(std::vector<ClassFile::Variable>& out) {
    for (unsigned i = u16(); i > 0 && !m_whole->m_error; --i) {
      ClassFile::Variable one;
      one.start = u16();
      one.length = u16();
      one.name = text(u16());
      one.descriptor = text(u16());
      one.index = u16();
      out.push_back(std::move(one));
    }
  }

  ByteReader m_in;
  std::size_t m_size;
  ClassFile m_out;
  std::optional<Error> m_error;
  Reader* m_whole = this;
};

}  // namespace

unsigned ClassFile::Code::line_of(std::size_t pc) const {
  unsigned out = 0;
  for (const Line& one : lines) {
    if (one.start > pc) break;
    out = one.line;
  }
  return out;
}

Result<ClassFile> ClassFile::parse(BytesView bytes) {
  return Reader(bytes).run();
}

const ClassFile::Constant* ClassFile::constant(std::size_t index, JavaConstantTag tag) const {
  return index < constants.size() && constants[index].tag == tag ? &constants[index] : nullptr;
}

std::optional<std::string> ClassFile::class_at(std::size_t index) const {
  const Constant* found = constant(index, Tag::kClass);
  if (found == nullptr) return std::nullopt;
  return constants[found->first].text;
}

std::optional<MemberName> ClassFile::member_at(std::size_t index) const {
  const Tag tag = tag_of(index);
  if (tag != Tag::kField && tag != Tag::kMethod && tag != Tag::kInterfaceMethod) return std::nullopt;
  const Constant& pair = constants[constants[index].second];
  return MemberName{*class_at(constants[index].first), constants[pair.first].text, constants[pair.second].text};
}

const ClassFile::Method* ClassFile::method(std::string_view method_name, std::string_view descriptor) const {
  const auto found =
      std::ranges::find_if(methods, [&](const Method& one) { return one.name == method_name && one.descriptor == descriptor; });
  return found == methods.end() ? nullptr : &*found;
}

std::string_view first_type(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] == '[') ++at;
  if (at == text.size() || at > 255) return {};
  if (text[at] == 'L') {
    const std::size_t end = text.find(';', at);
    return end == std::string_view::npos || end == at + 1 ? std::string_view() : text.substr(0, end + 1);
  }
  return std::string_view("ZBCSIJFD").find(text[at]) == std::string_view::npos ? std::string_view() : text.substr(0, at + 1);
}

std::optional<Signature> signature_of(std::string_view descriptor) {
  if (!descriptor.starts_with("(")) return std::nullopt;
  descriptor.remove_prefix(1);
  Signature out;
  while (!descriptor.starts_with(")")) {
    const std::string_view type = first_type(descriptor);
    if (type.empty() || out.parameters.size() >= 255) return std::nullopt;
    out.parameters.emplace_back(type);
    descriptor.remove_prefix(type.size());
  }
  descriptor.remove_prefix(1);
  if (descriptor != "V" && (descriptor.empty() || first_type(descriptor) != descriptor)) return std::nullopt;
  out.result = descriptor;
  return out;
}

}  // namespace uicclab::jcvm::converter
