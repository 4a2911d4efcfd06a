// SPDX-License-Identifier: Apache-2.0
// uicclab gp info, list: data about the card, and its content.
#include <iostream>
#include <map>

#include "cli/gp/gp.hpp"
#include "core/json.hpp"
#include "core/visible.hpp"

namespace uicclab::cli {
namespace {

using gp::RegistryEntry;
using gp::host::CardInformation;

std::string aid_hex(const Aid& aid) {
  return to_hex(aid.bytes());
}

void line(std::string_view name, const std::string& value) {
  constexpr std::size_t kColumn = 26;
  std::cout << name << std::string(name.size() < kColumn ? kColumn - name.size() : 1, ' ') << visible(value) << "\n";
}

std::string mode_words(const gp::SecureChannelProtocol& protocol) {
  std::string out = "SCP" + hex_byte(protocol.number) + " i=" + hex_byte(protocol.i);
  if (protocol.number != scp03::kProtocolNumber) return out;
  const scp03::Mode mode{protocol.i};
  out += mode.is_s16() ? " (S16" : " (S8";
  out += mode.has_pseudo_random_challenge() ? ", pseudo-random challenge" : ", random challenge";
  return out + (mode.offers_r_encryption() ? ", answers MACed and encrypted)"
                : mode.offers_r_mac()      ? ", answers MACed)"
                                           : ", answers unprotected)");
}

std::string key_words(const gp::KeyInformation& key) {
  const std::string type = key.type == gp::kAesKey ? "AES" : key.type == gp::kDesKey ? "DES" : "type " + hex_byte(key.type);
  return hex_byte(key.id.value) + " " + type + "-" + std::to_string(key.length * 8);
}

void print_information(const CardInformation& card) {
  line("security domain", card.domain.aid.empty() ? "not reported" : aid_hex(card.domain.aid));
  line("longest command data", std::to_string(card.domain.longest_command_data));
  if (!card.domain.management_data.empty()) line("management data (73)", to_hex(card.domain.management_data));
  for (const auto& protocol : card.protocols) line("secure channel", mode_words(protocol));
  std::map<KeyVersion, std::string> versions;
  for (const auto& key : card.keys) versions[key.version] += (versions[key.version].empty() ? "" : ", ") + key_words(key);
  for (const auto& [version, keys] : versions) line("key version " + hex_byte(version.value), keys);
  if (card.sequence_counter) line("sequence counter", std::to_string(*card.sequence_counter));
  for (const auto& [name, value] :
       {std::pair{"diversification data", &card.diversification}, std::pair{"issuer (IIN)", &card.issuer_identification},
        std::pair{"card image (CIN)", &card.card_image}}) {
    if (!value->empty()) line(name, to_hex(*value));
  }
  if (card.resources) {
    line("applications", std::to_string(card.resources->applications));
    line("free memory",
         std::to_string(card.resources->non_volatile_free) + " bytes, volatile " + std::to_string(card.resources->volatile_free));
  }
  for (const auto& text : gp::host::capability_lines(card.capabilities)) line("capability", text);
  for (const auto& text : card.oids) line("object identifier", text);
  if (!card.cplc.empty()) {
    line("CPLC", to_hex(card.cplc));
    for (const auto& [name, value] : gp::host::cplc_fields(card.cplc)) line("  " + std::string(name), to_hex(value));
  }
  for (const auto& text : card.oddities) line("odd", text);
}

Json json_information(const CardInformation& card) {
  Json out = Json::object();
  const auto bytes = [&](const char* name, BytesView value) { value.empty() ? out.set(name, Json()) : out.set(name, Json(to_hex(value))); };
  bytes("security_domain", card.domain.aid.bytes());
  out.set("locked", Json(card.domain.locked));
  out.set("longest_command_data", Json(card.domain.longest_command_data));
  Json protocols = Json::array();
  for (const auto& one : card.protocols) {
    protocols.add(Json::object().set("scp", Json(hex_byte(one.number))).set("i", Json(hex_byte(one.i))));
  }
  out.set("secure_channels", protocols);
  Json keys = Json::array();
  for (const auto& key : card.keys) {
    keys.add(Json::object()
                 .set("version", Json(hex_byte(key.version.value)))
                 .set("id", Json(std::size_t{key.id.value}))
                 .set("type", Json(hex_byte(key.type)))
                 .set("length", Json(std::size_t{key.length})));
  }
  out.set("keys", keys);
  out.set("sequence_counter", card.sequence_counter ? Json(std::size_t{*card.sequence_counter}) : Json());
  bytes("diversification", card.diversification);
  bytes("iin", card.issuer_identification);
  bytes("cin", card.card_image);
  bytes("cplc", card.cplc);
  Json fields = Json::object();
  for (const auto& [name, value] : gp::host::cplc_fields(card.cplc)) fields.set(name, Json(to_hex(value)));
  out.set("cplc_fields", fields);
  bytes("management_data", card.domain.management_data);
  bytes("recognition", card.recognition);
  bytes("capabilities", card.capabilities);
  Json oids = Json::array();
  for (const auto& one : card.oids) oids.add(Json(one.substr(0, one.find(' '))));
  out.set("oids", oids);
  if (card.resources) {
    out.set("resources", Json::object()
                             .set("applications", Json(std::size_t{card.resources->applications}))
                             .set("non_volatile_free", Json(std::size_t{card.resources->non_volatile_free}))
                             .set("volatile_free", Json(std::size_t{card.resources->volatile_free})));
  }
  return out;
}

std::string kind_words(const RegistryEntry& entry) {
  switch (entry.kind) {
    case RegistryEntry::Kind::kIssuerDomain:
      return "issuer security domain";
    case RegistryEntry::Kind::kLoadFile:
      return "load file";
    default:
      return entry.privileges.has(gp::Privilege::kSecurityDomain) ? "security domain" : "application";
  }
}

void print_entry(const RegistryEntry& entry, std::size_t depth) {
  const std::string indent(2 * depth, ' ');
  std::cout << indent << aid_hex(entry.aid) << "  " << kind_words(entry);
  if (entry.version.size() == 2) std::cout << " " << int{entry.version[0]} << "." << int{entry.version[1]};
  std::cout << ", " << gp::life_cycle_words(entry) << "\n";
  if (entry.kind != RegistryEntry::Kind::kLoadFile) {
    if (!entry.load_file.empty()) std::cout << indent << "    from load file " << aid_hex(entry.load_file) << "\n";
    if (entry.privileges.bits() != 0) std::cout << indent << "    privileges " << words(entry.privileges) << "\n";
  }
  for (const Aid& module : entry.modules) std::cout << indent << "    module " << aid_hex(module) << "\n";
}

/// Each domain with what is associated with it below; what names no domain, or one that is not there, at the end.
class Tree {
 public:
  explicit Tree(const std::vector<RegistryEntry>& entries) : m_entries(entries), m_shown(entries.size()) {}

  void print() {
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
      if (m_entries[i].kind == RegistryEntry::Kind::kIssuerDomain) print(i, 0);
    }
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
      const bool top =
          m_entries[i].domain.empty() || std::ranges::find(m_entries, m_entries[i].domain, &RegistryEntry::aid) == m_entries.end();
      if (top) print(i, 0);
    }
    for (std::size_t i = 0; i < m_entries.size(); ++i) print(i, 0);  // domains in a ring, if a card says so
  }

 private:
  void print(std::size_t which, std::size_t depth) {
    if (m_shown[which]) return;
    m_shown[which] = true;
    print_entry(m_entries[which], depth);
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
      if (m_entries[i].domain == m_entries[which].aid && m_entries[which].kind != RegistryEntry::Kind::kLoadFile) print(i, depth + 1);
    }
  }

  const std::vector<RegistryEntry>& m_entries;
  std::vector<bool> m_shown;
};

Json json_entry(const RegistryEntry& entry) {
  Json out = Json::object();
  out.set("aid", Json(aid_hex(entry.aid))).set("kind", Json(kind_words(entry)));
  out.set("life_cycle", entry.life_cycle ? Json(hex_byte(*entry.life_cycle)) : Json()).set("state", Json(gp::life_cycle_words(entry)));
  const auto aid = [&](const char* name, const Aid& value) { out.set(name, value.empty() ? Json() : Json(aid_hex(value))); };
  aid("domain", entry.domain);
  if (entry.kind == RegistryEntry::Kind::kLoadFile) {
    out.set("version", entry.version.empty() ? Json() : Json(to_hex(entry.version)));
    Json modules = Json::array();
    for (const Aid& module : entry.modules) modules.add(Json(aid_hex(module)));
    return out.set("modules", modules);
  }
  aid("load_file", entry.load_file);
  Json privileges = Json::array();
  for (std::uint32_t bit = 0x800000; bit >= 0x10; bit >>= 1) {
    const auto one = gp::Privileges::from_bits(entry.privileges.bits() & bit);
    if (one.bits() != 0) privileges.add(Json(words(one)));
  }
  return out.set("privileges", privileges);
}

int list(GpContext& context, bool json) {
  const auto told = gp_value(context.manager.registry());
  const auto& entries = told.entries;
  if (context.dry_run) return kOk;
  for (const std::string& one : told.oddities) context.say("GET STATUS: " + one);
  if (json) {
    Json out = Json::array();
    for (const RegistryEntry& entry : entries) out.add(json_entry(entry));
    std::cout << out.text() << "\n";
  } else {
    Tree(entries).print();
  }
  return kOk;
}

}  // namespace

void add_gp_show(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  auto* info = gp.add_subcommand("info", "Show the card's data that need no keys: protocols, key versions, identifiers, memory, CPLC");
  set_example(*info, "  uicclab gp info\n  uicclab gp info --json");
  info->callback([common, &action] {
    action = [common] {
      return run_gp(*common, {GpJob::Kind::kLook,
                              "",
                              [common](GpContext& context) {
                                common->json ? std::cout << json_information(context.card).text() << "\n"
                                             : (print_information(context.card), std::cout);
                                return static_cast<int>(kOk);
                              },
                              {},
                              true});
    };
  });
  auto* listing =
      gp.add_subcommand("list", "Show the content of the card: domains with their applications and load files, states, privileges");
  set_example(*listing, "  uicclab gp list\n  uicclab gp list --level 33 --json");
  listing->callback([common, &action] {
    action = [common] {
      return run_gp(*common, {GpJob::Kind::kRead, "", [common](GpContext& context) { return list(context, common->json); }, {}, true});
    };
  });
}

}  // namespace uicclab::cli
