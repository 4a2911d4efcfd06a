// SPDX-License-Identifier: Apache-2.0
// The tables of this folder, which are part of the program.
#include <map>
#include <mutex>

#include "core/hex.hpp"
#include "jcvm/packages/package.hpp"

namespace uicclab::jcvm::packages {
namespace {

struct Source {
  std::string_view file;
  std::string_view text;
};

constexpr auto kSources = std::to_array<Source>({
#include "jcvm/packages/tables.inc"
});

/// One table, read when it is asked for first.
class Table {
 public:
  explicit Table(const Source& source) : m_source(source) {}
  const Package& package() {
    std::call_once(m_once, [&] {
      auto read = Package::parse(m_source.text);
      if (!read) throw SystemError("jcvm/packages/" + std::string(m_source.file) + ": " + read.error().text);
      m_package = *std::move(read);
    });
    return m_package;
  }

 private:
  Source m_source;
  std::once_flag m_once;
  Package m_package;
};

/// Names and AIDs of all tables, of their first lines alone.
class Index {
 public:
  Index() {
    for (const Source& source : kSources) {
      const std::size_t begin = source.text.find("\npackage ") + 1;
      const std::string_view line = source.text.substr(begin, source.text.find('\n', begin) - begin);
      const auto head = Package::parse(line);
      if (!head) throw SystemError("jcvm/packages/" + std::string(source.file) + ": " + head.error().text);
      m_by_name.try_emplace(head->name, source);
      m_names_by_aid.try_emplace(head->aid, head->name);
    }
  }
  Table* find(std::string_view name) {
    const auto found = m_by_name.find(name);
    return found == m_by_name.end() ? nullptr : &found->second;
  }
  Table* find(const Aid& aid) {
    const auto found = m_names_by_aid.find(aid);
    return found == m_names_by_aid.end() ? nullptr : find(found->second);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& [name, table] : m_by_name) out.push_back(name);
    return out;
  }

 private:
  std::map<std::string, Table, std::less<>> m_by_name;
  std::map<Aid, std::string> m_names_by_aid;
};

Index& index() {
  static Index tables;  // what the program holds as text, read once; nothing changes it after
  return tables;
}

const Package* package_of(Table* table) {
  return table == nullptr ? nullptr : &table->package();
}

}  // namespace

const Package* package_with(const Aid& aid) {
  return package_of(index().find(aid));
}

const Package* package_named(std::string_view name) {
  std::string slashed(name);
  std::ranges::replace(slashed, '.', '/');
  return package_of(index().find(slashed));
}

const Class* class_named(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  const Package* package = slash == std::string_view::npos ? nullptr : package_named(name.substr(0, slash));
  return package == nullptr ? nullptr : package->class_named(name);
}

std::vector<std::string> names() {
  return index().names();
}

}  // namespace uicclab::jcvm::packages
