// SPDX-License-Identifier: Apache-2.0
// From a profile to a package: elements in the order of IF clause 8.1, so that what an element refers to precedes it.
#include <set>

#include "core/crypto/milenage.hpp"
#include "core/crypto/tuak.hpp"
#include "core/hex.hpp"
#include "gp/install_parameters.hpp"
#include "jcvm/cap/cap_file.hpp"
#include "profile/body.hpp"
#include "profile/complete.hpp"
#include "profile/loaded.hpp"
#include "profile/package/reading.hpp"
#include "profile/package/write_files.hpp"

namespace uicclab::profile::package {
namespace {

constexpr std::string_view kIssuerPrivileges = "9EDE00";
constexpr std::string_view kDomainPrivileges = "800000";
// SCP80, and rules for extradition and deletion as the issuer's domain decides.
constexpr std::string_view kDomainParameters = "810280008201F08301F08701F0";
constexpr std::uint8_t kJavaCard = 11;  // of the services in the header
constexpr std::uint8_t kPukReferences[] = {1, 2, 3, 4, 5, 6, 7, 8, 129, 130, 131, 132, 133, 134, 135, 136};

class Exporter {
 public:
  explicit Exporter(const Profile& profile) : m_profile(complete(profile)), m_files(m_profile, m_notices) {}

  Result<Exported> run() {
    for (const char* path : {"3F00", "3F00/2FE2", "3F00/2F00", "3F00/2F06"}) {
      if (m_files.find(path) == nullptr) return fail(ErrorCode::kUnsupported, std::string("a package needs the file ") + path);
    }
    assign_puks();
    Bytes body;
    template_element(body, 16, "3F00");
    puks(body);
    pins(body, "");
    for (const ApplicationSpec& application : m_profile.applications) {
      if (application.load_file.empty()) this->application(body, application);
    }
    load_files(body);
    const Bytes rest = m_files.remaining(m_adfs);
    if (!rest.empty()) element(body, 1, ber::encode(constructed(1), ber::encode(0x30, rest)));
    for (const FileSpec& file : m_profile.files) {
      if (file.header.kind == uicc::FileKind::kDf && has_pins(file.path)) {
        element(body, 1, ber::encode(constructed(1), ber::encode(0x30, ber::encode(0x80, m_files.path_of(file.path)))));
        pins(body, file.path);
      }
    }
    element(body, 10, {});
    Bytes package = header();
    append(package, body);
    return Exported{std::move(package), std::move(m_notices)};
  }

 private:
  void notice(const ApplicationSpec& application, std::string text) {
    m_notices.push_back({0, "application " + application.module, std::move(text)});
  }

  /// PEHeader: mandated, and a number that counts.
  Bytes element_header() {
    Bytes out = ber::encode(0x80, {});
    ber::write(out, 0x81, integer(++m_number));
    return ber::encode(constructed(0), out);
  }
  void element(Bytes& out, unsigned number, BytesView fields) {
    Bytes value = element_header();
    append(value, fields);
    ber::write(out, constructed(number), value);
  }

  Bytes header() {
    Bytes out = ber::encode(0x80, integer(2U));
    ber::write(out, 0x81, integer(3U));
    const std::string name = m_profile.name.substr(0, 100);
    if (!name.empty()) ber::write(out, 0x82, as_bytes(name));
    Bytes iccid = make_body(*m_files.find("3F00/2FE2"));
    iccid.resize(10, 0xFF);
    ber::write(out, 0x83, swapped_nibbles(iccid));
    Bytes services;
    for (const std::uint8_t service : m_services) ber::write(services, context(service), {});
    ber::write(out, 0xA5, services);
    Bytes templates;
    for (const std::uint8_t oid : m_templates) ber::write(templates, 0x06, Bytes{0x67, 0x81, 0x0F, 0x01, 0x02, oid});
    ber::write(out, 0xA6, templates);
    return ber::encode(constructed(0), out);
  }

  void template_element(Bytes& out, std::uint8_t number, const std::string& base) {
    for (const Template& which : templates()) {
      if (which.element != number) continue;
      m_templates.insert(which.oid);
      Bytes fields = ber::encode(0x81, Bytes{0x67, 0x81, 0x0F, 0x01, 0x02, which.oid});
      for (const TemplateFile& row : which.files) {
        if ((row.versions & 1) == 0) continue;
        const bool first = row.member == which.files.front().member;
        m_files.member(fields, row, first ? base : base + "/" + to_hex(Fid{row.fid}));
      }
      element(out, number, fields);
    }
  }

  void assign_puks() {
    for (const PinSpec& pin : m_profile.pins) {
      if (pin.puk.empty() || puk_of(pin)) continue;
      if (m_puks.size() == std::size(kPukReferences)) {
        m_notices.push_back({0, "pins", "a package has 16 PUKs at most: the others are left out"});
        return;
      }
      m_puks.emplace_back(pin.puk, pin.max_puk_tries);
    }
  }
  std::optional<std::uint8_t> puk_of(const PinSpec& pin) const {
    const auto it = std::ranges::find(m_puks, std::pair(pin.puk, pin.max_puk_tries));
    if (pin.puk.empty() || it == m_puks.end()) return std::nullopt;
    return kPukReferences[it - m_puks.begin()];
  }
  void puks(Bytes& out) {
    if (m_puks.empty()) return;
    Bytes list;
    for (std::size_t i = 0; i < m_puks.size(); ++i) {
      Bytes code = ber::encode(0x80, integer(kPukReferences[i]));
      ber::write(code, 0x81, m_puks[i].first);
      ber::write(code, 0x82, integer(m_puks[i].second * 0x11U));
      ber::write(list, 0x30, code);
    }
    element(out, 3, ber::encode(constructed(1), list));
  }

  bool has_pins(std::string_view scope) const {
    return std::ranges::any_of(m_profile.pins, [&](const PinSpec& pin) { return pin.scope == scope; });
  }
  /// The PINs of a directory; with the global ones, those of the MF.
  void pins(Bytes& out, std::string_view scope) {
    Bytes list;
    for (const PinSpec& pin : m_profile.pins) {
      if (pin.scope != scope && !(scope.empty() && pin.scope == kMfPath)) continue;
      Bytes code = ber::encode(0x80, integer(pin.key.value));
      ber::write(code, 0x81, pin.value);
      if (const auto puk = puk_of(pin)) ber::write(code, 0x82, integer(*puk));
      ber::write(code, 0x83, integer((pin.enabled ? 1U : 0U) | 2U | (pin.can_be_disabled ? 4U : 0U)));
      ber::write(code, 0x84, integer(pin.max_tries * 0x11U));
      ber::write(list, 0x30, code);
    }
    if (!list.empty()) element(out, 2, ber::encode(constructed(1), ber::encode(constructed(0), list)));
  }

  void application(Bytes& out, const ApplicationSpec& application) {
    const std::string& module = application.module;
    const std::uint8_t number = module == "usim" ? 19 : module == "isim" ? 21 : module == "csim" ? 25 : 0;
    if (number != 0 && !application.adf.empty()) {
      m_adfs.push_back(application.adf);
      m_services.insert(module == "usim" ? 1 : module == "isim" ? 2 : 3);
      template_element(out, number, application.adf);
      pins(out, application.adf);
      if (module == "csim")
        cdma(out, application);
      else
        aka(out, application);
    } else if (module == "issuer-sd" || module == "security-domain") {
      security_domain(out, application);
    } else if (module == "rfm") {
      rfm(out, application);
    } else {
      notice(application, "it is left out, with its files: a package has no such application");
    }
  }

  static std::string text(const applet::Parameters& parameters, std::string_view key, std::string_view otherwise = "") {
    return parameters.contains(key) ? parameters.text(key).value_or(std::string(otherwise)) : std::string(otherwise);
  }
  static Bytes hex(const applet::Parameters& parameters, std::string_view key, std::string_view otherwise = "") {
    return from_hex(text(parameters, key, otherwise)).value_or(Bytes{});
  }
  static std::uint64_t number(const applet::Parameters& parameters, std::string_view key, std::uint64_t otherwise) {
    if (!parameters.contains(key)) return otherwise;
    return static_cast<std::uint64_t>(parameters.number(key, 0, std::int64_t{1} << 62).value_or(0));
  }
  static Bytes six(std::uint64_t value) {
    Bytes out;
    for (int shift = 40; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
    return out;
  }

  /// OPc or TOPc, computed if the profile has OP or TOP.
  Bytes operator_constant(const applet::Parameters& p, const std::string& algorithm) {
    const bool tuak = algorithm == "tuak";
    if (p.contains(tuak ? "topc" : "opc")) return hex(p, tuak ? "topc" : "opc");
    const crypto::SecretBytes k{BytesView(hex(p, "k"))};
    const crypto::SecretBytes op{BytesView(hex(p, tuak ? "top" : "op"))};
    auto derived = tuak ? crypto::Tuak::topc_from_top(k, op, static_cast<unsigned>(number(p, "keccak_iterations", 1)))
                        : crypto::Milenage::opc_from_op(k, op);
    return derived ? to_bytes(derived->expose(crypto::ExposeSecret{"a profile package holds it"})) : Bytes{};
  }

  void aka(Bytes& out, const ApplicationSpec& application) {
    const applet::Parameters& p = application.parameters;
    const std::string algorithm = text(p, "algorithm");
    const bool milenage = algorithm == "milenage", tuak = algorithm == "tuak", test = algorithm == "xor";
    if (!milenage && !tuak && !test)
      return notice(application, "its algorithm " + algorithm + " is not possible in a package: its keys are left out");
    m_services.insert(milenage ? 4 : test ? 17 : hex(p, "k").size() == 32 ? 16 : 5);
    const std::uint64_t res = number(p, "res_length", test ? 16 : 8);
    const std::uint8_t option = milenage ? 0 : res == 4 ? 0 : res == 8 ? 1 : res == 16 ? 2 : 3;
    Bytes fields = ber::encode(0x80, integer(milenage ? 1U : tuak ? 2U : 3U));
    ber::write(fields, 0x81, Bytes{option});
    ber::write(fields, 0x82, hex(p, "k"));
    ber::write(fields, 0x83, test ? Bytes(16, 0x00) : operator_constant(p, algorithm));
    if (milenage) {
      constexpr std::uint8_t kRotations[] = {0x40, 0x00, 0x20, 0x40, 0x60};
      Bytes rotations, constants;
      for (unsigned i = 0; i < 5; ++i) {
        rotations.push_back(static_cast<std::uint8_t>(number(p, "r" + std::to_string(i + 1), kRotations[i])));
        Bytes c(16, 0x00);
        c.back() = static_cast<std::uint8_t>(i == 0 ? 0 : 1U << (i - 1));
        if (const std::string name = "c" + std::to_string(i + 1); p.contains(name)) c = hex(p, name);
        append(constants, c);
      }
      ber::write(fields, 0x84, rotations);
      ber::write(fields, 0x85, constants);
      if (res != 8) notice(application, "a RES of " + std::to_string(res) + " bytes is not possible in a package: it has 8");
    }
    ber::write(fields, 0x87, integer(number(p, "keccak_iterations", 1)));
    for (const char* key : {"mac_length", "ck_length", "ik_length", "sqn.age_limit", "gsm_ki", "pin"}) {
      if (p.contains(key)) notice(application, std::string(key) + " is left out: a package does not have it");
    }
    if (number(p, "sqn.ind_bits", 5) != 5) notice(application, "sqn.ind_bits is left out: an index has five bits in a package");
    Bytes value = ber::encode(constructed(1), ber::encode(constructed(1), fields));
    ber::write(value, 0x82, Bytes{0x02});
    ber::write(value, 0x83, six(number(p, "sqn.delta", std::uint64_t{1} << 28)));
    ber::write(value, 0x84, six(std::uint64_t{1} << 28));
    Bytes start;
    for (int i = 0; i < 32; ++i) ber::write(start, 0x04, six(number(p, "sqn.start", 0) >> 5));
    ber::write(value, constructed(5), start);
    element(out, 4, value);
  }

  void cdma(Bytes& out, const ApplicationSpec& application) {
    const applet::Parameters& p = application.parameters;
    if (!p.contains("a_key")) return;
    Bytes value = ber::encode(0x81, hex(p, "a_key"));
    ber::Tag tag = 0x82;
    for (const char* key : {"ssd", "hrpd_auth", "simple_ip_auth", "mobile_ip_auth"}) {
      if (p.contains(key)) ber::write(value, tag, hex(p, key));
      ++tag;
    }
    element(out, 5, value);
  }

  void security_domain(Bytes& out, const ApplicationSpec& application) {
    const applet::Parameters& p = application.parameters;
    const bool issuer = application.module == "issuer-sd";
    Bytes instance = ber::encode(0x4F, *from_hex("A0000001515350"));
    ber::write(instance, 0x4F, *from_hex("A000000151535041"));
    ber::write(instance, 0x4F, application.aid.bytes());
    ber::write(instance, 0x82, hex(p, "privileges", issuer ? kIssuerPrivileges : kDomainPrivileges));
    const bool secured = text(p, "life_cycle") == "secured";
    ber::write(instance, 0x83, Bytes{static_cast<std::uint8_t>(secured ? 0x0F : 0x07)});
    ber::write(instance, 0xC9, *from_hex(kDomainParameters));
    if (p.contains("tars")) {
      gp::UiccParameters uicc;
      uicc.toolkit.emplace();
      const Bytes tars = hex(p, "tars");
      for (std::size_t i = 0; i + 3 <= tars.size(); i += 3) uicc.toolkit->tars.push_back(Tar{{tars[i], tars[i + 1], tars[i + 2]}});
      if (const Bytes level = hex(p, "minimum_security"); !level.empty()) uicc.toolkit->minimum_spi1 = level[0];
      ber::write(instance, 0xEA, ber::encode(0x80, ber::find(uicc.encoded(), 0x80).value_or(BytesView{})));
    }
    Bytes value = ber::encode(constructed(1), instance);
    if (const Bytes list = keys(p); !list.empty()) ber::write(value, constructed(2), list);
    if (p.contains("recognition")) {
      const Bytes object = ber::encode(0x66, hex(p, "recognition"));
      Bytes dgi{0x00, 0x70, static_cast<std::uint8_t>(object.size())};
      append(dgi, object);
      ber::write(value, constructed(3), ber::encode(0x04, dgi));
    }
    for (const char* key : {"i", "scp02", "diversification", "cplc", "iin", "cin", "fci"}) {
      if (p.contains(key)) notice(application, std::string(key) + " is left out: a package does not have it");
    }
    element(out, 6, value);
  }

  static Bytes keys(const applet::Parameters& p) {
    Bytes list;
    for (const auto& [name, value] : p.all()) {
      if (!name.starts_with("keys.") || name.ends_with(".type")) continue;
      const std::string prefix = name.substr(0, name.rfind('.') + 1);
      const std::string role = name.substr(prefix.size());
      const std::uint8_t id = role == "kic" || role == "enc" ? 1 : role == "kid" || role == "mac" ? 2 : 3;
      const Bytes version = from_hex(prefix.substr(5, prefix.size() - 6)).value_or(Bytes{});
      Bytes key = ber::encode(0x95, Bytes{static_cast<std::uint8_t>(id == 1 ? 0x18 : id == 2 ? 0x14 : 0x48)});
      ber::write(key, 0x82, Bytes{id});
      ber::write(key, 0x83, version);
      Bytes component = ber::encode(0x80, Bytes{static_cast<std::uint8_t>(text(p, prefix + "type", "aes") == "des" ? 0x80 : 0x88)});
      ber::write(component, 0x86, hex(p, name));
      ber::write(key, 0x30, ber::encode(0x30, component));
      ber::write(list, 0x30, key);
    }
    return list;
  }

  void rfm(Bytes& out, const ApplicationSpec& application) {
    const applet::Parameters& p = application.parameters;
    Bytes value = ber::encode(0x4F, application.aid.bytes());
    Bytes list;
    const Bytes tars = hex(p, "tars");
    for (std::size_t i = 0; i + 3 <= tars.size(); i += 3) ber::write(list, 0x04, BytesView(tars).subspan(i, 3));
    ber::write(value, constructed(0), list);
    ber::write(value, 0x81, hex(p, "minimum_security", "00"));
    const Bytes admin = hex(p, "admin_access", "00");
    ber::write(value, 0x04, hex(p, "access", "00"));
    ber::write(value, 0x04, admin);
    if (p.contains("adf")) {
      const Bytes aid = hex(p, "adf");
      const auto holder =
          std::ranges::find_if(m_profile.applications, [&](const ApplicationSpec& a) { return std::ranges::equal(a.aid.bytes(), aid); });
      if (holder != m_profile.applications.end() && std::ranges::find(m_adfs, holder->adf) == m_adfs.end()) {
        return notice(application, "it is left out: so is the application whose files it manages");
      }
      Bytes adf = ber::encode(0x80, aid);
      ber::write(adf, 0x81, hex(p, "adf_access", "00"));
      ber::write(adf, 0x82, admin);
      ber::write(value, 0x30, adf);
    }
    element(out, 7, value);
  }

  /// Instances are in the element of their load file, where other tools look for them, unless one that comes before them is of a load file
  /// that comes later: instances keep their order.
  void load_files(Bytes& out) {
    std::vector<const ApplicationSpec*> left;
    for (const ApplicationSpec& application : m_profile.applications) {
      if (!application.load_file.empty()) left.push_back(&application);
    }
    auto next = left.begin();
    const auto instances_of = [&](const Aid& package) {
      Bytes list;
      for (; next != left.end() && (*next)->load_file == package; ++next) loaded(list, **next);
      return list.empty() ? Bytes{} : ber::encode(constructed(2), list);
    };
    for (const LoadFileSpec& file : m_profile.load_files) {
      const auto cap = jcvm::cap::CapFile::parse(file.components);
      if (!cap) {
        m_notices.push_back({0, "load file " + file.file, "it is left out: " + cap.error().text});
        continue;
      }
      const Aid& package = cap->header.package.aid;
      Bytes block = ber::encode(0x4F, package.bytes());
      ber::write(block, 0xC4, file.components);
      m_services.insert(kJavaCard);
      Bytes value = ber::encode(constructed(1), block);
      append(value, instances_of(package));
      element(out, 8, value);
    }
    while (next != left.end()) {
      const Aid package = (*next)->load_file;
      if (const Bytes list = instances_of(package); !list.empty()) element(out, 8, list);
    }
  }

  void loaded(Bytes& out, const ApplicationSpec& application) {
    const auto parameters = read_loaded_parameters(application);
    if (!parameters) return notice(application, "it is left out: " + parameters.error().text);
    Bytes instance = ber::encode(0x4F, application.load_file.bytes());
    ber::write(instance, 0x4F, parameters->module.bytes());
    ber::write(instance, 0x4F, application.aid.bytes());
    ber::write(instance, 0x82, parameters->privileges.encoded());
    if (parameters->life_cycle != gp::kSelectable) ber::write(instance, 0x83, Bytes{parameters->life_cycle});
    append(instance, parameters->install_parameters);
    if (!parameters->commands.empty()) {
      Bytes list;
      for (const Bytes& command : parameters->commands) ber::write(list, 0x04, command);
      ber::write(instance, 0x30, list);
    }
    ber::write(out, 0x30, instance);
  }

  Profile m_profile;
  std::vector<Notice> m_notices;
  FileWriter m_files;
  std::vector<std::pair<Bytes, std::uint8_t>> m_puks;
  std::vector<std::string> m_adfs;  ///< whose files are in the package
  std::set<std::uint8_t> m_services;
  std::set<std::uint8_t> m_templates;
  unsigned m_number = 0;
};

}  // namespace

Result<Exported> write_package(const Profile& profile) {
  return Exporter(profile).run();
}

}  // namespace uicclab::profile::package
