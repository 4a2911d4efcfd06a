// SPDX-License-Identifier: Apache-2.0
#include "cli/gba/bsf_policy.hpp"

#include <algorithm>
#include <array>

#include <toml++/toml.h>

#include "cli/common/commands.hpp"
#include "cli/common/input_file.hpp"
#include "cli/gba/gba.hpp"

namespace uicclab::cli {
namespace {

using gba::NafPolicy;

struct GbaUName {
  const char* name;
  NafPolicy::GbaU value;
};
constexpr std::array kGbaUNames{GbaUName{"refused", NafPolicy::GbaU::kRefused}, GbaUName{"allowed", NafPolicy::GbaU::kAllowed},
                                GbaUName{"required", NafPolicy::GbaU::kRequired}};

class Reader {
 public:
  explicit Reader(const std::string& path) : m_path(path) {}

  [[noreturn]] void wrong(const toml::node& node, const std::string& what) const {
    throw Exit{kUsage, m_path + ":" + std::to_string(node.source().begin.line) + ": " + what};
  }
  void only(const toml::table& table, std::initializer_list<std::string_view> known) const {
    for (const auto& [key, value] : table) {
      if (std::ranges::find(known, key.str()) == known.end()) wrong(value, std::string(key.str()) + " is not known here");
    }
  }
  std::string text(const toml::table& table, const char* name, bool required = true) const {
    const toml::node* node = table.get(name);
    if (node == nullptr && !required) return {};
    const auto value = node == nullptr ? std::nullopt : node->value_exact<std::string>();
    if (!value || value->empty())
      wrong(node == nullptr ? static_cast<const toml::node&>(table) : *node, std::string(name) + " must be a text");
    return *value;
  }

  NafPolicy naf(const toml::table& table) const {
    only(table, {"name", "token", "naf_ids", "longest_lifetime", "gba_u"});
    NafPolicy out;
    out.naf = text(table, "name");
    const toml::array* ids = table["naf_ids"].as_array();
    if (ids == nullptr || ids->empty()) wrong(table, "naf_ids must be a list of texts, dm.example.com/FF00000001");
    for (const toml::node& one : *ids) {
      const auto id = one.value_exact<std::string>();
      const auto parsed = id ? gba::parse_naf_name(*id) : fail(ErrorCode::kMalformed, "naf_ids must be texts");
      if (!parsed) wrong(one, parsed.error().text);
      out.naf_ids.push_back(*parsed);
    }
    const auto longest = table["longest_lifetime"].value_exact<std::int64_t>();
    if (!longest || *longest < 1 || *longest > 0xFFFFFFFF) wrong(table, "longest_lifetime must be a number of seconds, 1 to 4294967295");
    out.longest = static_cast<std::uint32_t>(*longest);
    const std::string gba_u = text(table, "gba_u", false);
    const auto row = std::ranges::find_if(kGbaUNames, [&](const GbaUName& one) { return gba_u == one.name; });
    if (!gba_u.empty() && row == kGbaUNames.end()) wrong(table, "gba_u must be refused, allowed or required, is " + gba_u);
    if (row != kGbaUNames.end()) out.gba_u = row->value;
    return out;
  }

 private:
  std::string m_path;
};

}  // namespace

BsfPolicyFile read_bsf_policy(const std::string& path) {
  const std::string text = read_input_text(path, kObjectFile);
  const Reader reader(path);
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw Exit{kUsage, path + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description())};
  }
  reader.only(table, {"name", "naf"});
  BsfPolicyFile out;
  out.policy.name = reader.text(table, "name");
  if (out.policy.name.size() > 200) reader.wrong(table, "name has at most 200 characters");
  const toml::array* nafs = table["naf"].as_array();
  for (std::size_t i = 0; nafs != nullptr && i < nafs->size(); ++i) {
    const toml::table* one = (*nafs)[i].as_table();
    if (one == nullptr) reader.wrong(*nafs, "each [[naf]] must be a table");
    gba::NafPolicy naf = reader.naf(*one);
    if (std::ranges::find(out.policy.nafs, naf.naf, &gba::NafPolicy::naf) != out.policy.nafs.end()) {
      reader.wrong(*one, "two NAFs have the name " + naf.naf);
    }
    const std::string token = reader.text(*one, "token", false);
    if (!token.empty()) out.tokens[naf.naf] = token;
    out.policy.nafs.push_back(std::move(naf));
  }
  return out;
}

}  // namespace uicclab::cli
