// SPDX-License-Identifier: Apache-2.0
#include "profile/toml.hpp"

#include "core/hex.hpp"
#include "profile/toml_choices.hpp"
#include "profile/toml_files.hpp"
#include "profile/toml_remote.hpp"

namespace uicclab::profile {
namespace {

Identity read_identity(const toml::table& table, Complaints& complaints) {
  TableReader in(table, "identity", complaints);
  Identity identity;
  identity.place = place_of(table.source());
  take(identity.imsi, in.text("imsi"));
  take(identity.mcc, in.text("mcc"));
  take(identity.mnc, in.text("mnc"));
  take(identity.iccid, in.text("iccid"));
  take(identity.msisdn, in.text("msisdn"));
  take(identity.smsc, in.text("smsc"));
  take(identity.spn, in.text("spn"));
  take(identity.impi, in.text("impi"));
  take(identity.impu, in.texts("impu"));
  take(identity.domain, in.text("domain"));
  in.refuse_unknown();
  return identity;
}

/// Up to eight characters are a text, padded with FF (ETSI TS 102 221 clause 9.5.1); anything longer is hexadecimal.
Bytes read_pin_value(TableReader& in, std::string_view key) {
  const auto text = in.text(key);
  if (!text) return {};
  if (text->size() > 8) {
    auto bytes = in.hex(key);
    if (bytes && bytes->size() != 8) in.complain(key, "must be up to 8 characters, or 8 bytes in hexadecimal");
    return bytes.value_or(Bytes{});
  }
  const bool printable = std::ranges::all_of(*text, [](char c) { return c > 0x20 && c < 0x7F; });
  if (text->empty() || !printable) in.complain(key, "must be 1 to 8 printable characters, or 8 bytes in hexadecimal");
  Bytes value = to_bytes(as_bytes(*text));
  value.resize(8, 0xFF);
  return value;
}

PinSpec read_pin(const toml::table& table, Complaints& complaints) {
  TableReader in(table, "pin", complaints);
  PinSpec pin;
  pin.place = place_of(table.source());
  if (in.find("key") == nullptr) in.complain("key", "is missing");
  if (in.find("value") == nullptr) in.complain("value", "is missing");
  if (const auto key = in.hex("key")) pin.key = read_key(in, "key", *key).value_or(KeyReference{});
  take(pin.scope, in.text("in"));
  pin.value = read_pin_value(in, "value");
  pin.puk = read_pin_value(in, "puk");
  take(pin.enabled, in.flag("enabled"));
  const auto low = static_cast<std::uint8_t>(pin.key.value & 0x7F);
  pin.can_be_disabled = low < 0x0A || low == 0x11;  // an ADM cannot be disabled
  take(pin.can_be_disabled, in.flag("can_be_disabled"));
  take(pin.max_tries, in.number("tries", 1, 15));
  take(pin.max_puk_tries, in.number("puk_tries", 1, 15));
  in.refuse_unknown();
  return pin;
}

void read_parameters(const toml::table& table, const std::string& prefix, applet::Parameters& parameters, Complaints& complaints);

void read_parameter(const toml::node& node, const std::string& name, applet::Parameters& parameters, Complaints& complaints) {
  if (const toml::table* nested = node.as_table()) {
    read_parameters(*nested, name + ".", parameters, complaints);
  } else if (const toml::array* list = node.as_array()) {
    std::size_t number = 0;
    for (const toml::node& one : *list) read_parameter(one, name + "." + std::to_string(++number), parameters, complaints);
  } else if (const auto text = node.value_exact<std::string>()) {
    parameters.set(name, *text);
  } else if (const auto whole = node.value_exact<std::int64_t>()) {
    parameters.set(name, *whole);
  } else if (const auto flag = node.value_exact<bool>()) {
    parameters.set(name, *flag);
  } else {
    complaints.add(place_of(node.source()), "application parameters", name + " must be a text, a whole number, true or false");
  }
}

/// Nested tables become dotted names, the places in a list numbers from 1; keys are letters, digits, - and _, so that a dot in a name is
/// always a table or a list.
void read_parameters(const toml::table& table, const std::string& prefix, applet::Parameters& parameters, Complaints& complaints) {
  for (const auto& [key, node] : in_text_order(table)) {
    const std::string name = prefix + std::string(key->str());
    const bool bare = !key->str().empty() && std::ranges::all_of(key->str(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    });
    if (!bare) {
      complaints.add(place_of(key->source()), "application parameters", "a name has letters, digits, - and _ only");
    } else {
      read_parameter(*node, name, parameters, complaints);
    }
  }
}

LoadFileSpec read_load_file(const toml::table& table, Complaints& complaints) {
  TableReader in(table, "load file", complaints);
  LoadFileSpec file;
  file.place = place_of(table.source());
  take(file.file, in.text("file"));
  take(file.components, in.hex("content"));
  file.verify_strictly = read_verify(in);
  if (file.file.empty() == file.components.empty())
    in.complain("file", "or content must be given, one of them: a CAP file, or its components");
  in.refuse_unknown();
  return file;
}

ApplicationSpec read_application(const toml::table& table, Complaints& complaints) {
  TableReader in(table, "application", complaints);
  ApplicationSpec application;
  application.place = place_of(table.source());
  if (in.find("module") == nullptr) in.complain("module", "is missing");
  if (in.find("aid") == nullptr) in.complain("aid", "is missing");
  take(application.module, in.text("module"));
  if (const auto bytes = in.hex("aid")) {
    const auto aid = Aid::from(*bytes);
    if (!aid) in.complain("aid", "is wrong: " + aid.error().text);
    application.aid = aid.value_or(Aid{});
  }
  take(application.label, in.text("label"));
  if (application.label.starts_with(kHexLabel)) {
    const auto bytes = from_hex(std::string_view(application.label).substr(kHexLabel.size()));
    if (!bytes) in.complain("label", "must have hexadecimal digits after hex:");
    application.label = bytes ? std::string(bytes->begin(), bytes->end()) : "";
  }
  if (const auto bytes = in.hex("load_file")) {
    const auto aid = Aid::from(*bytes);
    if (!aid) in.complain("load_file", "is wrong: " + aid.error().text);
    application.load_file = aid.value_or(Aid{});
    application.in_dir = false;
  }
  take(application.adf, in.text("adf"));
  take(application.in_dir, in.flag("in_dir"));
  if (const toml::table* parameters = in.table("parameters")) read_parameters(*parameters, "", application.parameters, complaints);
  in.refuse_unknown();
  return application;
}

Profile read_profile(const toml::table& table, std::string_view source, Complaints& complaints) {
  TableReader in(table, "", complaints);
  Profile profile;
  profile.source = source;
  take(profile.name, in.text("name"));
  if (in.find("atr") == nullptr) in.complain("atr", "is missing");
  take(profile.atr, in.hex("atr"));
  if (const toml::node* atr = in.find("atr")) profile.atr_place = place_of(atr->source());
  take(profile.free_memory, in.number("free_memory", 0, 0x7FFFFFFF));
  take(profile.logical_channels, in.number("logical_channels", 0, 19));
  take(profile.gsm_class, in.flag("gsm_class"));
  profile.choices = read_choices(in);
  take(profile.max_suspend_seconds, in.number("max_suspend_seconds", 0, 0x7FFFFFFF));
  if (const toml::table* identity = in.table("identity")) profile.identity = read_identity(*identity, complaints);
  if (const toml::table* remote = in.table("ota")) profile.remote = read_remote(*remote, complaints);
  for (const toml::table* pin : in.tables("pins")) profile.pins.push_back(read_pin(*pin, complaints));
  for (const toml::table* each : in.tables("load_files")) profile.load_files.push_back(read_load_file(*each, complaints));
  for (const toml::table* each : in.tables("applications")) profile.applications.push_back(read_application(*each, complaints));
  if (const toml::table* files = in.table("files")) profile.files = read_files(*files, complaints);
  in.refuse_unknown();
  return profile;
}

}  // namespace

Result<Profile> parse_profile(std::string_view text, std::string_view source) {
  Complaints complaints(source);
  try {
    const toml::table table = toml::parse(text, source);
    Profile profile = read_profile(table, source, complaints);
    if (complaints.first()) return tl::unexpected(*complaints.first());
    return profile;
  } catch (const toml::parse_error& error) {
    complaints.add(place_of(error.source()), "", error.description());
    return tl::unexpected(*complaints.first());
  }
}

}  // namespace uicclab::profile
