// SPDX-License-Identifier: Apache-2.0
#include "cli/mcim/pva_policy.hpp"

#include <algorithm>
#include <filesystem>

#include <toml++/toml.h>

#include "cli/common/commands.hpp"
#include "cli/common/input_file.hpp"
#include "cli/mcim/roles.hpp"
#include "core/hex.hpp"

namespace uicclab::cli {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& path) : m_path(path) {}

  [[noreturn]] void wrong(const toml::node& node, const std::string& what) const {
    throw Exit{kUsage, m_path + ":" + std::to_string(node.source().begin.line) + ": " + what};
  }
  std::string text(const toml::node& node, const char* what) const {
    const auto value = node.value_exact<std::string>();
    if (!value || value->empty()) wrong(node, std::string(what) + " must be a text");
    return *value;
  }
  /// A text or a list of them.
  std::vector<std::string> texts(const toml::node& node, const char* what) const {
    const toml::array* list = node.as_array();
    if (list == nullptr) return {text(node, what)};
    std::vector<std::string> out;
    for (const toml::node& one : *list) out.push_back(text(one, what));
    return out;
  }
  crypto::Sha256Digest digest(const toml::node& node, const std::string& digits) const {
    const auto bytes = from_hex(digits);
    crypto::Sha256Digest out{};
    if (!bytes || bytes->size() != out.size()) wrong(node, "a digest is SHA-256, 64 hexadecimal digits (sha256sum FILE)");
    std::ranges::copy(*bytes, out.begin());
    return out;
  }

  mcim::PvaPolicy policy(const toml::table& table) const {
    mcim::PvaPolicy out;
    for (const auto& [key, node] : table) {
      if (key == "name") {
        out.name = text(node, "name");
      } else if (key == "makers") {
        for (const std::string& file : texts(node, "makers")) add_anchors(out, file);
      } else if (key == "revoked") {
        for (std::string& tre : texts(node, "revoked")) out.revoked.insert(std::move(tre));
      } else if (key == "lifetime") {
        const auto seconds = node.value_exact<std::int64_t>();
        if (!seconds || *seconds < 1 || *seconds > 0xFFFFFFFF) wrong(node, "lifetime must be a number of seconds, 1 to 4294967295");
        out.lifetime = *seconds;
      } else if (key == "model" && node.is_array()) {
        for (const toml::node& one : *node.as_array()) add_model(out, one);
      } else {
        wrong(node, std::string(key.str()) + " is not known here");
      }
    }
    if (out.name.empty()) wrong(table, "name is missing");
    if (out.anchors.empty()) wrong(table, "makers is missing: files with the certificates of the makers of TREs");
    return out;
  }

 private:
  void add_anchors(mcim::PvaPolicy& out, const std::string& file) const {
    const auto path = std::filesystem::path(m_path).parent_path() / file;
    for (Bytes& one : certificates_in(path.string())) out.anchors.push_back(std::move(one));
  }
  void add_model(mcim::PvaPolicy& out, const toml::node& node) const {
    const toml::table* table = node.as_table();
    const toml::node* name = table == nullptr ? nullptr : table->get("name");
    const toml::table* components = table == nullptr ? nullptr : (*table)["components"].as_table();
    if (name == nullptr || components == nullptr || table->size() != 2) wrong(node, "a [[model]] has name and components");
    auto& model = out.models[text(*name, "name")];
    if (!model.empty()) wrong(*name, "two models have the same name");
    for (const auto& [component, digests] : *components) {
      for (const std::string& one : texts(digests, "a digest")) model[std::string(component.str())].push_back(digest(digests, one));
    }
    if (model.empty()) wrong(node, "a model has at least one component");
  }

  std::string m_path;
};

}  // namespace

mcim::PvaPolicy read_pva_policy(const std::string& path) {
  const std::string text = read_input_text(path, kObjectFile);
  try {
    return Reader(path).policy(toml::parse(text));
  } catch (const toml::parse_error& error) {
    throw Exit{kUsage, path + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description())};
  }
}

}  // namespace uicclab::cli
