// SPDX-License-Identifier: Apache-2.0
#include "jcvm/packages/export_file.hpp"

#include <map>

#include "core/reader.hpp"

namespace uicclab::jcvm::packages {
namespace {

constexpr std::uint32_t kMagic = 0x00FACADE;
constexpr std::uint8_t kMajor = 2;
constexpr std::uint8_t kMinor = 1;
constexpr std::uint8_t kLastMinor = 3;

// Table 5-1.
constexpr std::uint8_t kUtf8 = 1;
constexpr std::uint8_t kInteger = 3;
constexpr std::uint8_t kClassRef = 7;
constexpr std::uint8_t kPackageInfo = 13;

// Table 5-2.
constexpr std::uint16_t kPublic = 0x0001;
constexpr std::uint16_t kProtected = 0x0004;
constexpr std::uint16_t kStatic = 0x0008;
constexpr std::uint16_t kFinal = 0x0010;
constexpr std::uint16_t kInterface = 0x0200;
constexpr std::uint16_t kAbstract = 0x0400;
constexpr std::uint16_t kShareable = 0x0800;
constexpr std::uint16_t kRemote = 0x1000;

constexpr std::uint8_t kNoToken = 0xFF;
constexpr std::size_t kMostText = 16U << 20;

class FileReader {
 public:
  explicit FileReader(BytesView bytes) : m_in(bytes) {}

  Result<Package> run() {
    if (number(4) != kMagic) return wrong(ErrorCode::kMalformed, "it must begin with 00FACADE");
    const auto minor = number(1);
    const auto major = number(1);
    if (major != kMajor || minor == 0 || minor > kLastMinor) {
      return wrong(ErrorCode::kUnsupported, "format " + std::to_string(major) + "." + std::to_string(minor) + ", must be 2.1 to 2.3");
    }
    for (std::size_t left = number(2); left > 0 && sound(); --left) constant();
    package();
    if (minor == kLastMinor) skip(2U * number(1));  // referenced packages
    for (std::size_t left = number(1); left > 0 && sound(); --left) m_out.classes.push_back(class_(minor == kLastMinor));
    if (sound() && !m_in.empty()) fault(ErrorCode::kMalformed, std::to_string(m_in.remaining()) + " bytes after the last class");
    if (m_error) return tl::unexpected(*m_error);
    std::ranges::sort(m_out.classes, {}, &Class::token);
    return std::move(m_out);
  }

 private:
  struct Constant {
    std::uint8_t tag = 0;
    std::string text;
    std::uint32_t number = 0;  ///< the integer, or the index of the name
    Version version;
    Bytes aid;
  };

  bool sound() const { return !m_error; }
  void fault(ErrorCode code, const std::string& text) {
    if (!m_error) m_error = Error{code, "export file: " + text, m_in.offset()};
  }
  tl::unexpected<Error> wrong(ErrorCode code, const std::string& text) {
    fault(code, text);
    return tl::unexpected(*m_error);
  }
  std::uint32_t number(std::size_t size) {
    const auto value = m_in.number(size);
    if (!value) fault(ErrorCode::kTruncated, "it ends too early");
    return static_cast<std::uint32_t>(value.value_or(0));
  }
  Bytes bytes(std::size_t size) {
    const auto value = m_in.bytes(size);
    if (!value) fault(ErrorCode::kTruncated, "it ends too early");
    return value ? to_bytes(*value) : Bytes{};
  }
  void skip(std::size_t size) { (void)bytes(size); }

  void constant() {
    Constant& out = m_constants.emplace_back();
    out.tag = static_cast<std::uint8_t>(number(1));
    switch (out.tag) {
      case kUtf8: {
        const Bytes text = bytes(number(2));
        out.text.assign(text.begin(), text.end());
        return;
      }
      case kInteger:
        out.number = number(4);
        return;
      case kClassRef:
        out.number = number(2);
        return;
      case kPackageInfo:
        skip(1);  // whether it is a library
        out.number = number(2);
        out.version.minor = static_cast<std::uint8_t>(number(1));
        out.version.major = static_cast<std::uint8_t>(number(1));
        out.aid = bytes(number(1));
        return;
      default:
        fault(ErrorCode::kMalformed, "constant of kind " + std::to_string(out.tag));
    }
  }

  const Constant& at(std::size_t index, std::uint8_t tag) {
    static const Constant kNone;
    if (index < m_constants.size() && m_constants[index].tag == tag) return m_constants[index];
    fault(ErrorCode::kRange, "constant " + std::to_string(index) + " is not of kind " + std::to_string(tag));
    return kNone;
  }
  /// A constant of 64 KB may be the name of any number of members.
  std::string text(std::size_t index) {
    const std::string& found = at(index, kUtf8).text;
    m_copied += found.size();
    if (m_copied <= kMostText) return found;
    fault(ErrorCode::kRange, "its names and descriptors have more than 16 MiB");
    return "";
  }
  /// Of a class, or of a package.
  std::string name(std::size_t index, std::uint8_t tag) {
    const Constant& found = at(index, tag);
    return sound() ? text(found.number) : "";
  }

  void package() {
    const std::size_t index = number(2);
    const Constant found = at(index, kPackageInfo);
    m_out.name = name(index, kPackageInfo);
    m_out.version = found.version;
    const auto aid = Aid::from(found.aid);
    if (!aid)
      return fault(ErrorCode::kMalformed, "the package's AID has " + std::to_string(found.aid.size()) + " bytes, must have 5 to 16");
    m_out.aid = *aid;
  }

  Class class_(bool has_inheritable) {
    Class out;
    out.token = static_cast<std::uint8_t>(number(1));
    const std::uint32_t flags = number(2);
    out.is_interface = (flags & kInterface) != 0;
    out.is_abstract = (flags & kAbstract) != 0 && !out.is_interface;
    out.is_final = (flags & kFinal) != 0;
    out.is_shareable = (flags & kShareable) != 0;
    out.is_remote = (flags & kRemote) != 0;
    out.name = name(number(2), kClassRef);
    if (sound() && !out.name.starts_with(m_out.name + "/"))
      fault(ErrorCode::kMalformed, "class " + out.name + " must be of package " + m_out.name);
    out.since = m_out.version;
    // The nearest superclass comes last. Interfaces have java/lang/Object.
    for (std::size_t left = number(2); left > 0 && sound(); --left) {
      const std::string super = name(number(2), kClassRef);
      if (!out.is_interface) out.super = super;
    }
    for (std::size_t left = number(1); left > 0 && sound(); --left) out.interfaces.push_back(name(number(2), kClassRef));
    for (std::size_t left = number(2); left > 0 && sound(); --left) out.members.push_back(field());
    for (std::size_t left = number(2); left > 0 && sound(); --left) out.members.push_back(method());
    if (has_inheritable) {
      const auto count = static_cast<std::uint8_t>(number(1));
      const auto virtuals = std::ranges::count_if(out.members, [](const Member& member) { return member.kind == MemberKind::kVirtual; });
      if (count < virtuals && !out.is_interface && !out.is_final) out.inheritable = count;
    }
    return out;
  }

  Member field() {
    Member out;
    out.token = static_cast<std::uint8_t>(number(1));
    const std::uint32_t flags = number(2);
    member(out, flags);
    out.kind = (flags & kStatic) != 0 ? MemberKind::kStaticField : MemberKind::kField;
    for (std::size_t left = number(2); left > 0 && sound(); --left) {
      const std::string attribute = text(number(2));
      const std::uint32_t length = number(4);
      constexpr std::uint32_t kIndexSize = 2;
      if (attribute != "ConstantValue" || length != kIndexSize) {
        skip(length);
        continue;
      }
      out.kind = MemberKind::kConstant;
      out.token = kNoToken;
      out.is_final = false;
      out.value = static_cast<std::int32_t>(at(number(2), kInteger).number);
    }
    return out;
  }

  Member method() {
    Member out;
    out.token = static_cast<std::uint8_t>(number(1));
    const std::uint32_t flags = number(2);
    member(out, flags);
    out.kind = out.name == "<init>" ? MemberKind::kInit : (flags & kStatic) != 0 ? MemberKind::kStatic : MemberKind::kVirtual;
    if (out.kind != MemberKind::kVirtual) out.is_final = false;
    return out;
  }

  void member(Member& out, std::uint32_t flags) {
    out.name = text(number(2));
    out.descriptor = text(number(2));
    out.is_protected = (flags & kProtected) != 0;
    out.is_final = (flags & kFinal) != 0;
    out.is_abstract = (flags & kAbstract) != 0;
    out.since = m_out.version;
  }

  ByteReader m_in;
  Package m_out;
  std::vector<Constant> m_constants;
  std::size_t m_copied = 0;
  std::optional<Error> m_error;
};

class FileWriter {
 public:
  using Named = std::function<const Class*(std::string_view)>;

  FileWriter(const Package& package, const Named& named) : m_package(package), m_named(named) {}

  Bytes run() {
    const std::uint16_t self = package_info();
    for (const Class& one : m_package.classes) class_(one);
    ByteWriter out;
    out.u32(kMagic).u8(kMinor).u8(kMajor).u16(m_count).bytes(m_constants.view()).u16(self);
    out.u8(static_cast<std::uint8_t>(m_package.classes.size())).bytes(m_classes.view());
    return to_bytes(out.view());
  }

 private:
  template <typename Write>
  std::uint16_t constant(const std::string& key, const Write& write) {
    const auto [place, is_new] = m_places.try_emplace(key, m_count);
    if (!is_new) return place->second;
    write();
    return m_count++;
  }
  std::uint16_t text(const std::string& words) {
    return constant("u" + words, [&] { m_constants.u8(kUtf8).u16(static_cast<std::uint16_t>(words.size())).bytes(as_bytes(words)); });
  }
  std::uint16_t class_ref(const std::string& name) {
    const std::uint16_t words = text(name);
    return constant("c" + name, [&] { m_constants.u8(kClassRef).u16(words); });
  }
  std::uint16_t package_info() {
    const std::uint16_t name = text(m_package.name);
    return constant("p", [&] {
      constexpr std::uint8_t kLibrary = 1;
      m_constants.u8(kPackageInfo).u8(kLibrary).u16(name).u8(m_package.version.minor).u8(m_package.version.major);
      m_constants.lv(m_package.aid.bytes());
    });
  }

  const Class* class_named(const std::string& name) const {
    const Class* own = m_package.class_named(name);
    return own != nullptr ? own : m_named(name);
  }

  void class_(const Class& one) {
    unsigned flags = kPublic;
    if (one.is_interface) flags |= kInterface | kAbstract;
    if (one.is_abstract) flags |= kAbstract;
    if (one.is_final) flags |= kFinal;
    if (one.is_shareable) flags |= kShareable;
    if (one.is_remote) flags |= kRemote;
    m_classes.u8(one.token).u16(static_cast<std::uint16_t>(flags)).u16(class_ref(one.name));
    std::vector<std::uint16_t> supers;
    constexpr std::size_t kDeepest = 300;
    const Class* step = &one;
    while (step != nullptr && !step->super.empty() && supers.size() < kDeepest) {
      supers.push_back(class_ref(step->super));
      step = class_named(step->super);
    }
    if (one.is_interface) supers.push_back(class_ref("java/lang/Object"));
    std::ranges::reverse(supers);
    m_classes.u16(static_cast<std::uint16_t>(supers.size()));
    for (const std::uint16_t super : supers) m_classes.u16(super);
    m_classes.u8(static_cast<std::uint8_t>(one.interfaces.size()));
    for (const std::string& interface : one.interfaces) m_classes.u16(class_ref(interface));
    members(one, true);
    members(one, false);
  }

  static bool is_field(const Member& member) {
    return member.kind == MemberKind::kConstant || member.kind == MemberKind::kField || member.kind == MemberKind::kStaticField;
  }

  void members(const Class& one, bool fields) {
    const auto wanted = [&](const Member& member) { return is_field(member) == fields; };
    m_classes.u16(static_cast<std::uint16_t>(std::ranges::count_if(one.members, wanted)));
    for (const Member& member : one.members) {
      if (!wanted(member)) continue;
      const bool is_constant = member.kind == MemberKind::kConstant;
      unsigned flags = member.is_protected ? kProtected : kPublic;
      if (is_constant || member.kind == MemberKind::kStaticField || member.kind == MemberKind::kStatic) flags |= kStatic;
      if (is_constant || member.is_final) flags |= kFinal;
      if (member.is_abstract || (one.is_interface && !fields)) flags |= kAbstract;
      m_classes.u8(is_constant ? kNoToken : member.token).u16(static_cast<std::uint16_t>(flags));
      m_classes.u16(text(member.kind == MemberKind::kInit ? "<init>" : member.name)).u16(text(member.descriptor));
      if (!fields) continue;
      m_classes.u16(is_constant ? 1 : 0);
      if (!is_constant) continue;
      const std::uint16_t value =
          constant("i" + std::to_string(member.value), [&] { m_constants.u8(kInteger).u32(static_cast<std::uint32_t>(member.value)); });
      m_classes.u16(text("ConstantValue")).u32(2).u16(value);
    }
  }

  const Package& m_package;
  const Named& m_named;
  ByteWriter m_constants;
  ByteWriter m_classes;
  std::map<std::string, std::uint16_t> m_places;
  std::uint16_t m_count = 0;
};

}  // namespace

bool is_export_file(BytesView bytes) {
  ByteReader in(bytes);
  return in.u32() == kMagic;
}

Result<Package> read_export_file(BytesView bytes) {
  return FileReader(bytes).run();
}

Bytes write_export_file(const Package& package, const std::function<const Class*(std::string_view)>& class_named) {
  return FileWriter(package, class_named).run();
}

}  // namespace uicclab::jcvm::packages
