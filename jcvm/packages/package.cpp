// SPDX-License-Identifier: Apache-2.0
#include "jcvm/packages/package.hpp"

#include <charconv>
#include <sstream>

#include "core/hex.hpp"

namespace uicclab::jcvm::packages {
namespace {

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Version> version(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto major = number<std::uint8_t>(text.substr(0, dot));
  const auto minor = number<std::uint8_t>(text.substr(dot + 1));
  if (!major || !minor) return std::nullopt;
  return Version{*major, *minor};
}

std::optional<MemberKind> member_kind(std::string_view word) {
  if (word == "const") return MemberKind::kConstant;
  if (word == "field") return MemberKind::kField;
  if (word == "static-field") return MemberKind::kStaticField;
  if (word == "init") return MemberKind::kInit;
  if (word == "static") return MemberKind::kStatic;
  if (word == "virtual") return MemberKind::kVirtual;
  return std::nullopt;
}

/// The words of one line, with what is wrong about it.
class Line {
 public:
  Line(std::size_t number, std::string_view text) : m_number(number) {
    std::istringstream words{std::string(text.substr(0, text.find('#')))};
    for (std::string word; words >> word;) m_words.push_back(std::move(word));
  }
  bool empty() const { return m_at == m_words.size(); }
  std::string next() { return empty() ? "" : m_words[m_at++]; }
  std::string_view peek() const { return empty() ? std::string_view() : m_words[m_at]; }
  tl::unexpected<Error> refuse(const std::string& text) const {
    return fail(ErrorCode::kMalformed, "line " + std::to_string(m_number) + ": " + text, m_number);
  }

 private:
  std::size_t m_number;
  std::vector<std::string> m_words;
  std::size_t m_at = 0;
};

class TableReader {
 public:
  Result<Package> run(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      Line line(++count, text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (line.empty()) continue;
      if (auto read = one(line); !read) return tl::unexpected(read.error());
    }
    if (m_out.name.empty()) return fail(ErrorCode::kMalformed, "line 1: the table must begin with 'package NAME VERSION AID'", 1);
    return std::move(m_out);
  }

 private:
  Result<void> one(Line& line) {
    const std::string word = line.next();
    if (m_out.name.empty() != (word == "package")) return line.refuse("'package' must come first, and once");
    if (word == "package") return package(line);
    if (word == "implemented") {
      m_out.implemented = version(line.next());
      if (!m_out.implemented || !line.empty()) return line.refuse("'implemented' must have a version, 1.6");
      return {};
    }
    if (word == "class" || word == "interface") return class_(line, word == "interface");
    const auto kind = member_kind(word);
    if (!kind) return line.refuse("'" + word + "' is not known here");
    if (m_out.classes.empty()) return line.refuse("a member must follow its class");
    return member(line, *kind);
  }

  Result<void> package(Line& line) {
    m_out.name = line.next();
    const auto number = version(line.next());
    const auto bytes = from_hex(line.next());
    const auto aid = bytes ? Aid::from(*bytes) : fail(ErrorCode::kMalformed, "");
    if (m_out.name.empty() || !number || !aid || !line.empty()) return line.refuse("must be 'package NAME VERSION AID'");
    m_out.version = *number;
    m_out.aid = *aid;
    return {};
  }

  /// "Applet" is a class of this package, "java/lang/Object" is a full name.
  std::string full(const std::string& name) const { return name.find('/') == std::string::npos ? m_out.name + "/" + name : name; }

  Result<void> since(Line& line, Version& out) const {
    const auto value = version(line.next());
    if (!value || !satisfies(m_out.version, *value)) return line.refuse("'since' must have a version of the package, at most its own");
    out = *value;
    return {};
  }

  Result<void> class_(Line& line, bool is_interface) {
    Class one;
    bool hidden = false;
    const auto token = number<std::uint8_t>(line.next());
    const std::string name = line.next();
    if (!token || name.empty()) return line.refuse("must have a token (0 to 255) and a name");
    if (*token < m_out.classes.size() || (!m_out.classes.empty() && *token <= m_out.classes.back().token)) {
      return line.refuse("token " + std::to_string(*token) + " must be above that of the class before");
    }
    one.token = *token;
    one.name = full(name);
    one.is_interface = is_interface;
    one.since = {m_out.version.major, 0};
    while (!line.empty()) {
      const std::string word = line.next();
      if (word == "abstract") {
        one.is_abstract = true;
      } else if (word == "final") {
        one.is_final = true;
      } else if (word == "shareable") {
        one.is_shareable = true;
      } else if (word == "remote") {
        one.is_remote = true;
      } else if (word == "hidden") {
        hidden = true;
      } else if (word == "inheritable") {
        one.inheritable = number<std::uint8_t>(line.next());
        if (!one.inheritable) return line.refuse("'inheritable' must have a count of methods");
      } else if (word == "since") {
        if (auto read = since(line, one.since); !read) return read;
      } else if (word == "extends" && !is_interface) {
        one.super = full(line.next());
      } else if (word == (is_interface ? "extends" : "implements")) {
        while (!line.empty()) one.interfaces.push_back(full(line.next()));
      } else {
        return line.refuse("'" + word + "' is not known for a class");
      }
    }
    if (!hidden && !m_out.hidden.empty()) return line.refuse("hidden classes must be the last ones");
    (hidden ? m_out.hidden : m_out.classes).push_back(std::move(one));
    return {};
  }

  Result<void> member(Line& line, MemberKind kind) {
    Class& owner = (m_out.hidden.empty() ? m_out.classes : m_out.hidden).back();
    Member one;
    one.kind = kind;
    one.since = owner.since;
    if (kind != MemberKind::kConstant) {
      const auto token = number<std::uint8_t>(line.next());
      if (!token) return line.refuse("must have a token, 0 to 255");
      one.token = *token;
    }
    one.name = kind == MemberKind::kInit ? "<init>" : line.next();
    one.descriptor = line.next();
    const bool is_method = kind == MemberKind::kInit || kind == MemberKind::kStatic || kind == MemberKind::kVirtual;
    if (one.name.empty() || one.descriptor.empty() || one.descriptor.starts_with("(") != is_method) {
      return line.refuse("must have a name and the descriptor of a " + std::string(is_method ? "method" : "field"));
    }
    if (kind == MemberKind::kConstant) {
      const auto value = number<std::int32_t>(line.next());
      if (!value) return line.refuse("a constant must have its value");
      one.value = *value;
    }
    while (!line.empty()) {
      const std::string word = line.next();
      if (word == "protected") {
        one.is_protected = true;
      } else if (word == "final") {
        one.is_final = true;
      } else if (word == "abstract") {
        one.is_abstract = true;
      } else if (word == "since") {
        if (auto read = since(line, one.since); !read) return read;
      } else {
        return line.refuse("'" + word + "' is not known for a member");
      }
    }
    if (owner.is_interface && is_method) one.is_abstract = true;
    owner.members.push_back(std::move(one));
    return {};
  }

  Package m_out;
};

template <typename Predicate>
const Member* find(const std::vector<Member>& members, Predicate matches) {
  const auto found = std::ranges::find_if(members, matches);
  return found == members.end() ? nullptr : &*found;
}

}  // namespace

const Member* Class::static_method(std::uint8_t number) const {
  return find(members,
              [&](const Member& m) { return (m.kind == MemberKind::kStatic || m.kind == MemberKind::kInit) && m.token == number; });
}
const Member* Class::virtual_method(std::uint8_t number) const {
  return find(members, [&](const Member& m) { return m.kind == MemberKind::kVirtual && m.token == number; });
}
const Member* Class::static_field(std::uint8_t number) const {
  return find(members, [&](const Member& m) { return m.kind == MemberKind::kStaticField && m.token == number; });
}
const Member* Class::instance_field(std::uint8_t number) const {
  return find(members, [&](const Member& m) { return m.kind == MemberKind::kField && m.token == number; });
}
const Member* Class::method(std::string_view method_name, std::string_view descriptor) const {
  return find(members, [&](const Member& m) { return m.name == method_name && m.descriptor == descriptor; });
}
const Member* Class::field(std::string_view field_name) const {
  return find(members, [&](const Member& m) { return m.name == field_name && !m.descriptor.starts_with("("); });
}

const Class* Package::class_with(std::uint8_t token) const {
  const auto found = std::ranges::lower_bound(classes, token, {}, &Class::token);
  return found == classes.end() || found->token != token ? nullptr : &*found;
}

namespace {

const Class* named_in(const std::vector<Class>& classes, std::string_view package, std::string_view name) {
  const auto found = std::ranges::find_if(
      classes, [&](const Class& one) { return one.name == name || std::string_view(one.name).substr(package.size() + 1) == name; });
  return found == classes.end() ? nullptr : &*found;
}

}  // namespace

const Class* Package::class_named(std::string_view class_name) const {
  return named_in(classes, name, class_name);
}

const Class* Package::native_class(std::string_view class_name) const {
  const Class* found = class_named(class_name);
  return found != nullptr ? found : named_in(hidden, name, class_name);
}

Result<Package> Package::parse(std::string_view text) {
  return TableReader().run(text);
}

}  // namespace uicclab::jcvm::packages
