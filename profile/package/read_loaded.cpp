// SPDX-License-Identifier: Apache-2.0
// PE-Application: a load file and instances of applications (IF clause 8.7). Its objects carry the tags of INSTALL, and go to the card as
// such.
#include "core/crypto/hash.hpp"
#include "gp/install_parameters.hpp"
#include "jcvm/cap/cap_file.hpp"
#include "jcvm/packages/package.hpp"
#include "profile/package/importer.hpp"

namespace uicclab::profile::package {
namespace {

enum : ber::Tag {
  kHash = 0xC1,
  kBlock = 0xC4,
  kCode = 0xC6,
  kVolatile = 0xC7,
  kMemory = 0xC8,
};

/// What INSTALL knows in EF (gp/install_parameters.hpp): without contactless services.
constexpr std::array<ber::Tag, 7> kKnownParameters{0xC7, 0xC8, 0xCA, 0xCB, 0xCF, 0xD7, 0xD8};

/// The first import that neither the card's program nor a load file before this one has.
std::optional<std::string> missing_import(const jcvm::cap::CapFile& cap, const std::set<Aid>& before) {
  for (const auto& wanted : cap.imports) {
    const jcvm::packages::Package* platform = jcvm::packages::package_with(wanted.aid);
    const bool built_in = platform != nullptr && is_implemented(*platform, {wanted.major, wanted.minor});
    if (!built_in && !before.contains(wanted.aid)) return (platform != nullptr ? platform->name + ", " : "") + to_text(wanted);
  }
  return std::nullopt;
}

}  // namespace

void Importer::loaded(const Element& element) {
  Fields fields(m_reading, element);
  fields.need(constructed(0), "the element's header");
  const auto block = fields.take(constructed(1));
  const auto list = fields.take(constructed(2));
  fields.finish();
  if (block) load_block(*block);
  if (!list) return;
  for (const Element& each : m_reading.children(*list)) {
    if (!m_reading.failed()) loaded_instance(each);
  }
}

void Importer::load_block(const Element& element) {
  Fields fields(m_reading, element);
  const Element name = fields.need(kAid, "loadPackageAID");
  const auto domain = fields.take(kAid);
  for (const ber::Tag limit : {kCode, kVolatile, kMemory}) {
    if (const auto given = fields.take(limit)) m_reading.notice(*given, "a limit of memory of the load file is left out");
  }
  const auto hash = fields.take(kHash);
  const Element object = fields.need(kBlock, "loadBlockObject");
  fields.finish();
  if (m_reading.failed()) return;
  if (domain) m_reading.notice(*domain, "securityDomainAID: the load file belongs to the issuer's domain here");
  const auto cap = jcvm::cap::CapFile::parse(object.value);
  if (!cap) return m_reading.refuse(object, ErrorCode::kMalformed, "loadBlockObject: " + cap.error().text);
  if (!std::ranges::equal(cap->header.package.aid.bytes(), name.value)) {
    return m_reading.refuse(name, ErrorCode::kMismatch, "loadPackageAID is not that of the load file, " + to_text(cap->header.package));
  }
  if (hash && hash->value.size() == crypto::Sha256Digest{}.size() && !std::ranges::equal(crypto::sha256({object.value}), hash->value)) {
    return m_reading.refuse(*hash, ErrorCode::kMismatch, "hashValue is not the SHA-256 of the load file");
  }
  if (const auto missing = missing_import(*cap, m_packages)) {
    return m_reading.notice(object, "load file " + to_text(cap->header.package) + " is left out, with its applications: it imports " +
                                        *missing + ", which the card does not have");
  }
  m_packages.insert(cap->header.package.aid);
  LoadFileSpec file;
  file.components = to_bytes(object.value);
  m_profile.load_files.push_back(std::move(file));
}

void Importer::loaded_instance(const Element& element) {
  ApplicationSpec out;
  out.in_dir = false;
  Fields fields(m_reading, element);
  const Element load_file = fields.need(kAid, "applicationLoadPackageAID");
  const Element module = fields.need(kAid, "classAID");
  const Element name = fields.need(kAid, "instanceAID");
  const auto domain = fields.take(kAid);
  const Bytes privileges = m_reading.bytes(fields.need(context(2), "applicationPrivileges"), 1, 3);
  const auto state = fields.take(context(3));
  const Element own = fields.need(kC9, "applicationSpecificParametersC9");
  const auto system = fields.take(kSystemParameters);
  const auto uicc = fields.take(kUiccParameters);
  const auto process = fields.take(kSequence);
  const auto control = fields.take(constructed(16));
  fields.finish();
  if (m_reading.failed()) return;
  const auto package = Aid::from(load_file.value);
  if (!package || !m_packages.contains(*package)) {
    return m_reading.notice(
        load_file, "application " + to_hex(name.value) + " is left out: its load file " + to_hex(load_file.value) + " is not on the card");
  }
  const auto aid = Aid::from(name.value);
  if (!aid) return m_reading.refuse(name, ErrorCode::kRange, "an AID has 5 to 16 bytes");
  out.aid = *aid;
  out.load_file = *package;
  out.module = to_hex(module.value);
  if (domain) m_reading.notice(*domain, "extraditeSecurityDomainAID: the application stays under the issuer's domain");
  if (control) m_reading.notice(*control, "controlReferenceTemplate is left out");
  Bytes parameters = ber::encode(kC9, own.value);
  if (system) {
    Bytes known;
    for (const Element& part : m_reading.children(*system)) {
      if (std::ranges::find(kKnownParameters, part.tag) != kKnownParameters.end()) {
        ber::write(known, part.tag, part.value);
      } else {
        m_reading.notice(part, "a system specific parameter is left out: contactless services");
      }
    }
    if (!known.empty()) ber::write(parameters, kSystemParameters, known);
  }
  if (uicc) ber::write(parameters, kUiccParameters, uicc->value);
  out.parameters.set("install_parameters", to_hex(parameters));
  const bool has_any = std::ranges::any_of(privileges, [](std::uint8_t byte) { return byte != 0; });
  if (has_any) out.parameters.set("privileges", to_hex(privileges));
  if (state) out.parameters.set("life_cycle", to_hex(m_reading.bytes(*state, 1, 1)));
  if (process) {
    std::size_t number = 0;
    for (const Element& each : m_reading.children(*process)) {
      out.parameters.set("commands." + std::to_string(++number), to_hex(each.value));
    }
  }
  if (!m_reading.failed()) m_profile.applications.push_back(std::move(out));
}

}  // namespace uicclab::profile::package
