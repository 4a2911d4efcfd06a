// SPDX-License-Identifier: Apache-2.0
// Applications of a package and their secrets: akaParameter (IF clause 8.5), cdmaParameter, securityDomain (clause 8.6), rfm (clause 8.8).
#include "gp/install_parameters.hpp"
#include "gp/privileges.hpp"
#include "profile/package/importer.hpp"

namespace uicclab::profile::package {
namespace {

// Universal and application class tags of the ASN.1.
constexpr ber::Tag kOctets = 0x04;

enum : std::uint32_t { kMilenage = 1, kTuak = 2, kTestAlgorithm = 3 };

constexpr std::string_view kUsual[5] = {"00000000000000000000000000000000", "00000000000000000000000000000001",
                                        "00000000000000000000000000000002", "00000000000000000000000000000004",
                                        "00000000000000000000000000000008"};
constexpr std::array<std::uint8_t, 5> kUsualRotations{0x40, 0x00, 0x20, 0x40, 0x60};

constexpr std::size_t kSqnCount = 32;
constexpr std::uint8_t kDes = 0x80;
constexpr std::uint8_t kAes = 0x88;

std::uint64_t value_of(BytesView bytes) {
  std::uint64_t value = 0;
  for (std::uint8_t byte : bytes) value = (value << 8) | byte;
  return value;
}

std::string tars_text(const std::vector<Tar>& tars) {
  std::string text;
  for (Tar tar : tars) text += (text.empty() ? "" : " ") + to_hex(tar);
  return text;
}

}  // namespace

ApplicationSpec* Importer::current_application(const Element& at, std::string_view what) {
  const std::string& adf = m_tree.directory();
  const auto found = std::ranges::find_if(
      m_profile.applications, [&](const ApplicationSpec& a) { return !a.adf.empty() && (adf == a.adf || adf.starts_with(a.adf + "/")); });
  if (found != m_profile.applications.end()) return &*found;
  m_reading.refuse(at, ErrorCode::kNotFound, std::string(what) + " without the files of an application before it");
  return nullptr;
}

void Importer::aka(const Element& element) {
  ApplicationSpec* application = current_application(element, "akaParameter");
  if (application == nullptr) return;
  if (application->module == "csim") return m_reading.notice(element, "no CSIM has AKA here: it is left out");
  if (!application->parameters.all().empty())
    return m_reading.refuse(element, ErrorCode::kMalformed, "a second akaParameter for one application");
  Fields fields(m_reading, element);
  fields.need(constructed(0), "the element's header");
  for (const Element& either : m_reading.children(fields.need(constructed(1), "algoConfiguration"))) {
    if (either.tag == constructed(1)) {
      algorithm(either, *application);
    } else if (either.tag == constructed(0)) {
      mapping(either, *application);
    } else {
      m_reading.refuse(either, ErrorCode::kMalformed, "neither mappingParameter nor algoParameter");
    }
  }
  sequence_numbers(fields, *application);
  fields.finish();
}

void Importer::algorithm(const Element& element, ApplicationSpec& application) {
  Fields fields(m_reading, element);
  applet::Parameters& out = application.parameters;
  const Element id = fields.need(context(0), "algorithmID");
  const std::uint32_t algorithm = m_reading.number(id, 0xFF);
  const Element options = fields.need(context(1), "algorithmOptions");
  const Bytes option = m_reading.bytes(options, 1, 1);
  const Element key = fields.need(context(2), "key");
  const Element opc = fields.need(context(3), "opc");
  const auto rotations = fields.take(context(4));
  const auto constants = fields.take(context(5));
  if (const auto most = fields.take(context(6))) {
    m_reading.notice(*most, "authCounterMax: the card counts no authentications");
  }
  const auto keccak = fields.take(context(7));
  fields.finish();
  if (m_reading.failed()) return;
  // Of RES: 32, 64, 128 or 256 bits (IF clause 8.5.2).
  const std::uint8_t res = option[0] & 0x07;
  switch (algorithm) {
    case kMilenage:
      out.set("algorithm", std::string("milenage"));
      out.set("k", to_hex(m_reading.bytes(key, 16, 16)));
      out.set("opc", to_hex(m_reading.bytes(opc, 16, 16)));
      if (rotations) {
        const Bytes r = m_reading.bytes(*rotations, 5, 5);
        for (std::size_t i = 0; i < r.size(); ++i) {
          if (r[i] > 127) m_reading.refuse(*rotations, ErrorCode::kRange, "a rotation by more than 127 bits");
          if (r[i] != kUsualRotations[i]) out.set("r" + std::to_string(i + 1), std::int64_t{r[i]});
        }
      }
      if (constants) {
        const Bytes c = m_reading.bytes(*constants, 80, 80);
        for (std::size_t i = 0; i < c.size() / 16; ++i) {
          const std::string text = to_hex(BytesView(c).subspan(16 * i, 16));
          if (text != kUsual[i]) out.set("c" + std::to_string(i + 1), text);
        }
      }
      return;
    case kTuak:
      out.set("algorithm", std::string("tuak"));
      if (key.value.size() != 16) m_reading.bytes(key, 32, 32);
      out.set("k", to_hex(key.value));
      out.set("topc", to_hex(m_reading.bytes(opc, 32, 32)));
      if (keccak) {
        const std::uint32_t iterations = m_reading.number(*keccak, 0xFF);
        if (iterations == 0) m_reading.refuse(*keccak, ErrorCode::kRange, "TUAK has 1 to 255 iterations");
        if (iterations != 1) out.set("keccak_iterations", std::int64_t{iterations});
      }
      if (res <= 3 && res != 1) out.set("res_length", std::int64_t{4} << res);
      if (option[0] > 3)
        m_reading.notice(options, "algorithmOptions beyond the length of RES: MAC, CK and IK have 64, 128 and 128 bits here");
      return;
    case kTestAlgorithm:
      out.set("algorithm", std::string("xor"));
      out.set("gsm_algorithm", std::string("xor"));
      out.set("k", to_hex(m_reading.bytes(key, 16, 16)));
      if (option[0] > 2) m_reading.notice(options, "algorithmOptions that are not known here: RES has 128 bits");
      if (option[0] < 2) out.set("res_length", std::int64_t{4} << res);
      return;
    default:
      m_reading.refuse(id, ErrorCode::kUnsupported, "algorithm " + std::to_string(algorithm) + "; 1 to 3 are known");
  }
}

void Importer::mapping(const Element& element, ApplicationSpec& application) {
  Fields fields(m_reading, element);
  m_reading.bytes(fields.need(context(0), "mappingOptions"), 1, 1);
  const Element source = fields.need(context(1), "mappingSource");
  fields.finish();
  const auto found = std::ranges::find_if(
      m_profile.applications, [&](const ApplicationSpec& a) { return std::ranges::equal(a.aid.bytes(), source.value) && !a.adf.empty(); });
  if (found == m_profile.applications.end() || found->parameters.all().empty() || &*found == &application) {
    return m_reading.refuse(source, ErrorCode::kNotFound, "the application whose parameters are mapped has no parameters");
  }
  application.parameters = found->parameters;
  m_reading.notice(element,
                   "keys and sequence numbers are those of " + found->adf + "; here they begin equal and the numbers are counted for each");
}

void Importer::sequence_numbers(Fields& fields, ApplicationSpec& application) {
  applet::Parameters& out = application.parameters;
  const auto options = fields.take(context(2));
  const Bytes flags = options ? m_reading.bytes(*options, 1, 1) : Bytes{0x02};
  const auto delta = fields.take(context(3));
  const std::uint64_t jump = delta ? value_of(m_reading.bytes(*delta, 6, 6)) : std::uint64_t{1} << 28;
  const auto age = fields.take(context(4));
  if (age) m_reading.bytes(*age, 6, 6);
  const auto start = fields.take(constructed(5));
  if (m_reading.failed() || !out.contains("algorithm")) return;
  const auto name = out.text("algorithm");
  // The test algorithm ignores these (IF annex, AlgoParameter): any jump of the number is taken.
  const bool ignored = name && *name == "xor";
  if (ignored)
    out.set("sqn.delta", std::int64_t{0});
  else if (jump != std::uint64_t{1} << 28)
    out.set("sqn.delta", static_cast<std::int64_t>(std::min<std::uint64_t>(jump, (std::uint64_t{1} << 43) - 1)));
  if (!ignored && (flags[0] & ~0x02) != 0) {
    m_reading.notice(options.value_or(Element{}),
                     "sqnOptions beyond the check of jumps (02): the age of a sequence number is not checked here");
  }
  if (!start) return;
  std::uint64_t first = 0, most = 0;
  std::size_t count = 0;
  bool same = true;
  for (const Element& each : m_reading.children(*start)) {
    const std::uint64_t value = value_of(m_reading.bytes(each, 6, 6));
    if (value >= std::uint64_t{1} << 43) m_reading.refuse(each, ErrorCode::kRange, "a sequence number without its index has 43 bits");
    if (count++ == 0) first = value;
    same = same && value == first;
    most = std::max(most, value);
  }
  if (!m_reading.failed() && count != kSqnCount) m_reading.refuse(*start, ErrorCode::kRange, "sqnInit has 32 numbers");
  if (!same) m_reading.notice(*start, "sequence numbers that differ by index: here all begin with the highest");
  if (most != 0) out.set("sqn.start", static_cast<std::int64_t>(most << 5));
}

void Importer::cdma(const Element& element) {
  ApplicationSpec* application = current_application(element, "cdmaParameter");
  if (application == nullptr) return;
  if (application->module != "csim")
    return m_reading.notice(element, "keys of a CSIM for an application that is not a CSIM: they are left out");
  Fields fields(m_reading, element);
  fields.need(constructed(0), "the element's header");
  const auto keep = [&](const std::optional<Element>& field, std::string_view name, std::size_t least, std::size_t most) {
    if (field) application->parameters.set(std::string(name), to_hex(m_reading.bytes(*field, least, most)));
  };
  keep(fields.need(context(1), "authenticationKey"), "a_key", 8, 8);
  keep(fields.take(context(2)), "ssd", 16, 16);
  keep(fields.take(context(3)), "hrpd_auth", 2, 32);
  keep(fields.take(context(4)), "simple_ip_auth", 3, 483);
  keep(fields.take(context(5)), "mobile_ip_auth", 5, 957);
  fields.finish();
}

void Importer::security_domain(const Element& element) {
  Fields fields(m_reading, element);
  fields.need(constructed(0), "the element's header");
  const bool issuer = std::ranges::find(m_profile.applications, "issuer-sd", &ApplicationSpec::module) == m_profile.applications.end();
  ApplicationSpec application = instance(fields.need(constructed(1), "instance"), issuer);
  if (const auto list = fields.take(constructed(2))) keys(*list, application);
  if (const auto data = fields.take(constructed(3))) personalisation(*data, application);
  if (const auto open = fields.take(constructed(4)))
    m_reading.notice(*open, "openPersoData is left out: parameters of contactless services");
  if (const auto cat_tp = fields.take(constructed(5))) m_reading.notice(*cat_tp, "catTpParameters are left out: the card has no CAT_TP");
  fields.finish();
  if (!m_reading.failed()) m_profile.applications.push_back(std::move(application));
}

ApplicationSpec Importer::instance(const Element& element, bool issuer) {
  ApplicationSpec out;
  out.module = issuer ? "issuer-sd" : "security-domain";
  out.in_dir = false;
  Fields fields(m_reading, element);
  fields.need(kAid, "applicationLoadPackageAID");
  fields.need(kAid, "classAID");
  const Element name = fields.need(kAid, "instanceAID");
  const auto aid = Aid::from(name.value);
  if (!aid) m_reading.refuse(name, ErrorCode::kRange, "instanceAID: " + aid.error().text);
  out.aid = aid.value_or(Aid{});
  if (const auto other = fields.take(kAid)) {
    if (issuer || !std::ranges::equal(other->value, m_profile.applications.empty() ? BytesView{} : BytesView(other->value))) {
      m_reading.notice(*other, "extraditeSecurityDomainAID: the domain stays under the issuer's");
    }
  }
  const Element privileges = fields.need(context(2), "applicationPrivileges");
  const Bytes bits = m_reading.bytes(privileges, 1, 3);
  const auto state = fields.take(context(3));
  const Bytes life_cycle = state ? m_reading.bytes(*state, 1, 1) : Bytes{0x07};
  const auto specific = fields.take(kC9);
  if (!specific) m_reading.refuse(element, ErrorCode::kNotFound, "applicationSpecificParametersC9 is missing");
  const auto system = fields.take(kSystemParameters);
  const auto uicc = fields.take(kUiccParameters);
  const auto process = fields.take(kSequence);
  const auto control = fields.take(constructed(16));
  fields.finish();
  if (m_reading.failed()) return out;

  Bytes three = bits;
  three.resize(3, 0);
  const auto parsed = gp::Privileges::parse(three);
  if (!parsed) {
    m_reading.notice(privileges,
                     "privileges " + to_hex(bits) + " that GlobalPlatform does not allow together: the domain gets those of its kind");
  } else if (parsed->has(gp::Privilege::kSecurityDomain) && parsed->has(gp::Privilege::kAuthorizedManagement) == issuer) {
    out.parameters.set("privileges", to_hex(three));
  } else {
    m_reading.notice(privileges,
                     "the first domain of a package manages the card and no other does: privileges " + to_hex(bits) + " are left out");
  }
  if (issuer && life_cycle[0] == 0x0F) out.parameters.set("life_cycle", std::string("secured"));
  if (system) m_reading.notice(*system, "systemSpecificParameters are left out: quotas and contactless services of the domain");
  if (process) m_reading.notice(*process, "processData is left out: commands that the eUICC would give the application");
  if (control) m_reading.notice(*control, "controlReferenceTemplate is left out");
  for (const Element& part : uicc ? m_reading.children(*uicc) : std::vector<Element>{}) {
    if (part.tag != context(0)) {
      m_reading.notice(part, "access parameters of a security domain are left out");
      continue;
    }
    const auto toolkit = gp::UiccParameters::parse(ber::encode(0x80, part.value));
    if (!toolkit || !toolkit->toolkit) {
      m_reading.refuse(part, ErrorCode::kMalformed, "toolkit parameters that cannot be read");
    } else if (!toolkit->toolkit->tars.empty()) {
      out.parameters.set("tars", tars_text(toolkit->toolkit->tars));
      const std::uint8_t level = toolkit->toolkit->minimum_spi1;
      if (level != 0) out.parameters.set("minimum_security", to_hex(BytesView{&level, 1}));
    }
  }
  return out;
}

void Importer::keys(const Element& list, ApplicationSpec& application) {
  for (const Element& each : m_reading.children(list)) {
    if (m_reading.failed()) return;
    key(each, application);
  }
}

void Importer::key(const Element& element, ApplicationSpec& application) {
  Fields fields(m_reading, element);
  m_reading.bytes(fields.need(0x95, "keyUsageQualifier"), 1, 2);
  const auto access = fields.take(0x96);
  const Bytes id = m_reading.bytes(fields.need(context(2), "keyIdentifier"), 1, 1);
  const Bytes version = m_reading.bytes(fields.need(context(3), "keyVersionNumber"), 1, 1);
  const auto counter = fields.take(context(5));
  const Element components = fields.need(kSequence, "keyComponents");
  fields.finish();
  const std::vector<Element> parts = m_reading.children(components);
  if (m_reading.failed()) return;
  const std::string who = "key " + to_hex(version) + "/" + to_hex(id);
  if (access && access->value.size() == 1 && access->value[0] != 0) m_reading.notice(*access, who + " may be used by everybody here");
  if (counter && value_of(counter->value) != 0) m_reading.notice(*counter, who + " begins with its counter at 0 here");
  if (parts.size() != 1) return m_reading.notice(components, who + " has several components: it is left out");
  Fields part(m_reading, parts.front());
  const Bytes type = m_reading.bytes(part.need(context(0), "keyType"), 1, 2);
  const Element data = part.need(context(6), "keyData");
  if (const auto mac = part.take(context(7)); mac && m_reading.number(*mac, 0xFF) != 8) {
    m_reading.notice(*mac, who + " makes checksums that are not 8 bytes long: here they have 8");
  }
  part.finish();
  if (m_reading.failed()) return;
  const bool of_packets = version[0] >= 0x01 && version[0] <= 0x0F;
  const bool des = type[0] == kDes || (type[0] >= 0x82 && type[0] <= 0x84);
  const bool known = (des || type[0] == kAes) && id[0] >= 1 && id[0] <= 3 && version[0] >= 1 && version[0] <= 0x7F && version[0] < 0x40;
  const std::size_t size = data.value.size();
  const bool fits = des ? size == 16 || size == 24 || (size == 8 && of_packets && id[0] != 3) : size == 16 || size == 24 || size == 32;
  if (!known || !fits) {
    return m_reading.notice(
        data, who + " of type " + to_hex(type) + " with " + std::to_string(size) + " bytes is not used by the card: it is left out");
  }
  static constexpr std::array<std::string_view, 3> kOfPackets{"kic", "kid", "kik"};
  static constexpr std::array<std::string_view, 3> kOfChannels{"enc", "mac", "dek"};
  const std::string prefix = "keys." + to_hex(version) + ".";
  const std::string name = prefix + std::string((of_packets ? kOfPackets : kOfChannels)[id[0] - 1U]);
  if (application.parameters.contains(name)) return m_reading.refuse(element, ErrorCode::kMalformed, who + " occurs twice");
  if (des) application.parameters.set(prefix + "type", std::string("des"));
  application.parameters.set(name, to_hex(data.value));
}

/// sdPersoData: DGIs of STORE DATA (IF clause 8.6.4), each two bytes of tag, a length and TLVs.
void Importer::personalisation(const Element& list, ApplicationSpec& application) {
  for (const Element& each : m_reading.children(list)) {
    const BytesView dgi = each.value;
    if (dgi.size() < 3 || dgi[2] == 0xFF || dgi.size() != 3U + dgi[2]) {
      m_reading.notice(each, "personalisation data that is not a data grouping is left out");
      continue;
    }
    const auto object = dgi[0] == 0x00 && dgi[1] == 0x70 ? ber::first(dgi.subspan(3)) : Result<ber::Tlv>(ber::Tlv{});
    if (object && object->tag == 0x66 && object->whole.size() == dgi.size() - 3 && !object->value.empty() && object->value.size() <= 127) {
      application.parameters.set("recognition", to_hex(object->value));
    } else {
      m_reading.notice(each, "personalisation data of the grouping " + to_hex(dgi.first(2)) + " is left out");
    }
  }
}

void Importer::rfm(const Element& element) {
  ApplicationSpec out;
  out.module = "rfm";
  out.in_dir = false;
  Fields fields(m_reading, element);
  fields.need(constructed(0), "the element's header");
  const Element name = fields.need(kAid, "instanceAID");
  const auto aid = Aid::from(name.value);
  if (!aid) m_reading.refuse(name, ErrorCode::kRange, "instanceAID: " + aid.error().text);
  out.aid = aid.value_or(Aid{});
  if (const auto domain = fields.take(kAid)) {
    const auto issuer = std::ranges::find(m_profile.applications, "issuer-sd", &ApplicationSpec::module);
    const bool own = issuer != m_profile.applications.end() && std::ranges::equal(issuer->aid.bytes(), domain->value);
    if (!own) m_reading.notice(*domain, "securityDomainAID is not the issuer's: packets use the keys of the issuer's domain");
  }
  std::string tars;
  if (const auto list = fields.take(constructed(0))) {
    for (const Element& tar : m_reading.children(*list)) tars += (tars.empty() ? "" : " ") + to_hex(m_reading.bytes(tar, 3, 3));
  } else if (out.aid.bytes().size() >= 15) {
    tars = to_hex(out.aid.bytes().subspan(12, 3));  // ETSI TS 101 220 clause 6.2: bytes 13 to 15 of the AID
  }
  const Bytes level = m_reading.bytes(fields.need(context(1), "minimumSecurityLevel"), 1, 1);
  const Element shared = fields.need(kOctets, "uiccAccessDomain");
  const Element shared_admin = fields.need(kOctets, "uiccAdminAccessDomain");
  const auto adf = fields.take(kSequence);
  fields.finish();
  if (m_reading.failed()) return;
  if (tars.empty()) return m_reading.notice(element, "no TAR leads to this application: it is left out");
  applet::Parameters& parameters = out.parameters;
  parameters.set("tars", tars);
  if (level[0] != 0) parameters.set("minimum_security", to_hex(level));
  const auto set_domain = [&](const Element& from, std::string_view key) {
    const bool known =
        from.value.size() == 4 ? from.value[0] == 0x02 : from.value.size() == 1 && (from.value[0] == 0x00 || from.value[0] == 0xFF);
    if (!known) m_reading.notice(from, "an access domain that is not known here: everything is allowed");
    if (known && from.value[0] != 0x00) parameters.set(std::string(key), to_hex(from.value));
  };
  set_domain(shared, "access");
  set_domain(shared_admin, "admin_access");
  if (adf) {
    Fields of(m_reading, *adf);
    parameters.set("adf", to_hex(m_reading.bytes(of.need(context(0), "adfAID"), 5, 16)));
    set_domain(of.need(context(1), "adfAccessDomain"), "adf_access");
    const Element admin = of.need(context(2), "adfAdminAccessDomain");
    of.finish();
    if (!std::ranges::equal(admin.value, shared_admin.value)) {
      m_reading.notice(admin, "adfAdminAccessDomain differs from uiccAdminAccessDomain, which is used for both");
    }
  }
  if (!m_reading.failed()) m_profile.applications.push_back(std::move(out));
}

}  // namespace uicclab::profile::package
