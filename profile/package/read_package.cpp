// SPDX-License-Identifier: Apache-2.0
// The elements of a package, one after the other (IF clause 8.1); their files, PINs and PUKs. Keys and applications: read_applications.cpp.
#include "profile/body.hpp"
#include "profile/package/importer.hpp"

namespace uicclab::profile::package {
namespace {

// Tag numbers of ProfileElement (IF annex, ASN.1). Those from 16 on are templates.
enum : unsigned {
  kHeader = 0,
  kGenericFileManagement = 1,
  kPinCodes = 2,
  kPukCodes = 3,
  kAkaParameter = 4,
  kCdmaParameter = 5,
  kSecurityDomain = 6,
  kRfm = 7,
  kApplication = 8,
  kNonStandard = 9,
  kEnd = 10,
  kMf = 16,
  kCd = 17,
  kTelecom = 18,
  kUsim = 19,
  kOptUsim = 20,
  kIsim = 21,
  kOptIsim = 22,
  kCsim = 25,
  kOptCsim = 26,
};
constexpr std::array<std::string_view, 11> kNames{
    "header", "genericFileManagement", "pinCodes",    "pukCodes", "akaParameter", "cdmaParameter", "securityDomain",
    "rfm",    "application",           "nonStandard", "end"};

// { 2 23 143 1 2 } of the templates.
constexpr std::array<std::uint8_t, 5> kTemplates{0x67, 0x81, 0x0F, 0x01, 0x02};

/// The ATR of a card whose package does not contain one: T=0 and T=1, 20 logical channels, extended lengths, "uicclab".
constexpr std::array<std::uint8_t, 24> kAtr{0x3B, 0x9F, 0x96, 0x80, 0x91, 0xFE, 0x1F, 0x87, 0x80, 0x31, 0xE0, 0x73,
                                            0xFE, 0x21, 0x5F, 0x67, 0x75, 0x69, 0x63, 0x63, 0x6C, 0x61, 0x62, 0xC8};

/// Elements that add files to an ADF which is there.
constexpr bool is_optional(unsigned element) {
  return element == kOptUsim || element == kOptIsim || element == kOptCsim;
}

unsigned number_of(ber::Tag tag) {
  return tag > 0xFF ? (tag & 0x7F) : (tag & 0x1F);
}

/// Services that a package can demand and no card of ours has (ServicesList), by tag number.
struct Service {
  unsigned number;
  std::string_view name;
};
constexpr auto kMissingServices = std::to_array<Service>({{0, "contactless"},
                                                          {6, "cave"},
                                                          {9, "mbms"},
                                                          {10, "eap"},
                                                          {12, "multos"},
                                                          {20, "cat-tp"},
                                                          {24, "suciCalculatorApi"},
                                                          {25, "dns-resolution"},
                                                          {26, "scp11ac"},
                                                          {27, "scp11c-authorization-mechanism"},
                                                          {29, "eaka"}});

}  // namespace

bool is_package(BytesView bytes) {
  const auto first = ber::first(bytes);
  return first && first->tag == constructed(kHeader) && ber::find(first->value, context(0)) && ber::find(first->value, context(3));
}

Result<Imported> read_package(BytesView package, std::string_view source) {
  return Importer(package, source).run();
}

Result<Imported> Importer::run() {
  m_profile.source = m_source;
  m_profile.atr = to_bytes(kAtr);
  m_profile.gsm_class = false;
  unsigned number = 0;
  bool ended = false;
  for (const Element& each : m_reading.elements()) {
    ++number;
    const unsigned kind = number_of(each.tag);
    std::string name = kind < kNames.size() ? std::string(kNames[kind]) : "profile element " + std::to_string(kind);
    for (const Template& one : templates()) {
      if (one.element == kind) name = one.name;
    }
    const Reading::Inside inside(m_reading, name + " (element " + std::to_string(number) + ")");
    if ((each.tag != constructed(kind))) m_reading.refuse(each, ErrorCode::kMalformed, "no tag of a profile element");
    if ((kind == kHeader) != (number == 1)) m_reading.refuse(each, ErrorCode::kMalformed, "a package begins with its one header");
    if (ended) m_reading.refuse(each, ErrorCode::kTrailing, "an element after the end");
    if (m_reading.failed()) break;
    element(each);
    ended = kind == kEnd;
  }
  const Element whole{};
  if (!ended) m_reading.refuse(whole, ErrorCode::kTruncated, "the end element is missing");
  if (!m_reading.failed()) m_profile.files = m_tree.finish();
  if (!m_reading.failed()) finish_pins();
  if (m_reading.failed()) return tl::unexpected(m_reading.error());
  name_applications();
  return Imported{std::move(m_profile), m_reading.take_notices()};
}

void Importer::element(const Element& element) {
  switch (const unsigned kind = number_of(element.tag)) {
    case kHeader:
      return header(element);
    case kGenericFileManagement:
      return manage_files(element);
    case kPinCodes:
      return pins(element);
    case kPukCodes:
      return puks(element);
    case kAkaParameter:
      return aka(element);
    case kCdmaParameter:
      return cdma(element);
    case kSecurityDomain:
      return security_domain(element);
    case kRfm:
      return rfm(element);
    case kApplication:
      return loaded(element);
    case kNonStandard:
      return unsupported(element, "an element of its issuer's own: it is left out");
    case kEnd:
      return;
    default:
      for (const Template& which : templates()) {
        if (which.element == kind) return from_template(element, which);
      }
      unsupported(element, "an element that is not known here: it is left out");
  }
}

void Importer::unsupported(const Element& element, std::string_view what) {
  m_reading.notice(element, what);
}

void Importer::header(const Element& element) {
  Fields fields(m_reading, element);
  const Element version = fields.need(context(0), "major-version");
  const std::uint32_t major = m_reading.number(version, 0xFF);
  if (!m_reading.failed() && (major < 1 || major > 3)) {
    m_reading.refuse(version, ErrorCode::kUnsupported, "version " + std::to_string(major) + " of the format; 1 to 3 are known");
  }
  m_reading.number(fields.need(context(1), "minor-version"), 0xFF);
  if (const auto type = fields.take(context(2))) {
    const Bytes text = m_reading.bytes(*type, 1, 100);
    m_profile.name.assign(text.begin(), text.end());
  }
  const Element iccid = fields.need(context(3), "iccid");
  m_iccid = m_reading.bytes(iccid, 10, 10);
  if (const auto rules = fields.take(context(4)))
    m_reading.notice(*rules, "policy rules (pol): nobody enables or deletes this card's profile");
  services(fields.need(constructed(5), "eUICC-Mandatory-services"));
  fields.need(constructed(6), "eUICC-Mandatory-GFSTEList");
  if (const auto more = fields.take(context(7)))
    m_reading.notice(*more, "connectivityParameters are left out: the card has no remote provisioning");
  if (const auto more = fields.take(constructed(8))) m_reading.notice(*more, "eUICC-Mandatory-AIDs: libraries that the card does not have");
  if (const auto more = fields.take(constructed(9))) m_reading.notice(*more, "iotOptions are left out: no minimal profile is known here");
  fields.finish();
}

void Importer::services(const Element& list) {
  for (const Element& each : m_reading.children(list)) {
    const auto missing = std::ranges::find(kMissingServices, number_of(each.tag), &Service::number);
    if (missing != kMissingServices.end()) {
      m_reading.notice(each, "the service " + std::string(missing->name) + " is mandatory for the package; the card does not have it");
    }
  }
}

/// Where the template's first file goes: the path of its directory, or the name of a new ADF.
std::string Importer::base_of(const Element& element, const Template& which) {
  const auto new_adf = [&](std::string_view name, std::string& current) {
    std::string adf(name);
    for (unsigned n = 2; m_tree.contains(adf); ++n) adf = std::string(name) + std::to_string(n);
    current = adf;
    return adf;
  };
  const auto need = [&](const std::string& adf, std::string_view what) {
    if (adf.empty()) m_reading.refuse(element, ErrorCode::kNotFound, std::string("no ") + std::string(what) + " element precedes it");
    return adf;
  };
  switch (which.element) {
    case kMf:
    case kCd:
    case kTelecom:
      return std::string(kMfPath);
    case kUsim:
      return new_adf("ADF.USIM", m_usim);
    case kIsim:
      return new_adf("ADF.ISIM", m_isim);
    case kCsim:
      return new_adf("ADF.CSIM", m_csim);
    case kOptIsim:
      return need(m_isim, "isim");
    case kOptCsim:
      return need(m_csim, "csim");
    default:
      return need(m_usim, "usim");
  }
}

void Importer::from_template(const Element& element, const Template& which) {
  Fields fields(m_reading, element);
  fields.need(constructed(0), "the element's header");
  const Element id = fields.need(context(1), "templateID");
  const Bytes oid = m_reading.bytes(id, 6, 7);
  if (m_reading.failed()) return;
  const std::uint8_t version = oid.size() == 7 ? oid[6] : std::uint8_t{1};
  if (!std::equal(kTemplates.begin(), kTemplates.end(), oid.begin()) || oid[5] != which.oid) {
    return m_reading.refuse(id, ErrorCode::kMismatch, "the template is not one of this element");
  }
  if (version < 1 || version > which.versions) {
    return m_reading.refuse(id, ErrorCode::kUnsupported, "version " + std::to_string(version) + " of the template is not known");
  }
  const std::string base = base_of(element, which);
  if (m_reading.failed()) return;

  const TemplateFile& first = which.files.front();
  std::map<std::uint16_t, std::string> made;  // directories of this element, by the identifier that the template gives them
  for (auto begin = which.files.begin(); begin != which.files.end() && !m_reading.failed();) {
    const auto end = std::find_if(begin, which.files.end(), [&](const TemplateFile& file) { return file.member != begin->member; });
    // Several rows for one member: versions of the template differ in it.
    const auto row_of_version =
        std::find_if(begin, end, [&](const TemplateFile& file) { return (file.versions >> (version - 1) & 1) != 0; });
    const TemplateFile& row = row_of_version != end ? *row_of_version : *begin;
    const bool by_default = which.created_by_default && row_of_version != end;
    begin = end;

    const Reading::Inside inside(m_reading, row.name);
    const bool heads = row.member == first.member;
    const auto member = fields.take(constructed(row.member));
    const auto holder = made.find(row.directory != 0 ? row.directory : first.fid);
    const bool at_base = heads || first.kind != uicc::FileKind::kDf;
    if (member && !at_base && holder == made.end()) m_reading.refuse(*member, ErrorCode::kNotFound, "its directory is not there");
    const std::string directory = at_base ? base : holder != made.end() ? holder->second : std::string();
    if (member && !m_reading.failed()) {
      const std::string path = m_tree.add_member(*member, row, directory);
      if (row.kind == uicc::FileKind::kDf) made[row.fid] = path;
    } else if (by_default && row.size != 0) {
      m_tree.add_default(element, row, directory);
    } else if (heads && !is_optional(which.element)) {
      m_reading.refuse(element, ErrorCode::kNotFound, "it is missing");
    }
  }
  if (m_reading.failed()) return;
  fields.finish();

  // What follows the element belongs to the directory that it made or added to.
  m_tree.set_directory(first.kind == uicc::FileKind::kDf && made.contains(first.fid) ? made[first.fid] : base);
  const std::string_view module = which.element == kUsim ? "usim" : which.element == kIsim ? "isim" : which.element == kCsim ? "csim" : "";
  if (module.empty()) return;
  ApplicationSpec application;
  application.module = module;
  application.adf = base;
  application.aid = m_tree.aid_of(base);
  m_profile.applications.push_back(std::move(application));
}

void Importer::manage_files(const Element& element) {
  Fields fields(m_reading, element);
  fields.need(constructed(0), "the element's header");
  const Element list = fields.need(constructed(1), "fileManagementCMD");
  for (const Element& commands : m_reading.children(list)) {
    if (commands.tag != 0x30) m_reading.refuse(commands, ErrorCode::kMalformed, "fileManagementCMD is a sequence of sequences");
    if (m_reading.failed()) return;
    m_tree.manage(commands);
  }
  fields.finish();
}

void Importer::puks(const Element& element) {
  Fields fields(m_reading, element);
  fields.need(constructed(0), "the element's header");
  for (const Element& each : m_reading.children(fields.need(constructed(1), "pukCodes"))) {
    Fields code(m_reading, each);
    const Element reference = code.need(context(0), "keyReference");
    Puk puk;
    const std::uint32_t key = m_reading.number(reference, 0xFFFF);
    puk.value = m_reading.bytes(code.need(context(1), "pukValue"), 8, 8);
    const auto tries = code.take(context(2));
    const std::uint32_t both = tries ? m_reading.number(*tries, 0xFF) : 0xAA;
    puk.tries = static_cast<std::uint8_t>(both >> 4);
    if (puk.tries == 0) m_reading.refuse(tries.value_or(each), ErrorCode::kRange, "a PUK without any try");
    if ((both & 0x0F) != puk.tries) {
      m_reading.notice(*tries, "PUK " + std::to_string(key) + " has fewer tries left than it can have; here all are left");
    }
    if (m_reading.failed()) return;
    if (!m_puks.emplace(key, std::move(puk)).second) m_reading.refuse(reference, ErrorCode::kMalformed, "a PUK that occurs twice");
    code.finish();
  }
  fields.finish();
}

void Importer::pins(const Element& element) {
  Fields fields(m_reading, element);
  fields.need(constructed(0), "the element's header");
  const Element choice = fields.need(constructed(1), "pinCodes");
  for (const Element& either : m_reading.children(choice)) {
    if (either.tag == constructed(0)) {
      for (const Element& each : m_reading.children(either)) pin(each);
    } else if (either.tag == context(1)) {
      m_shared.push_back({either, m_tree.directory(), m_reading.bytes(either, 0, 8)});
    } else {
      m_reading.refuse(either, ErrorCode::kMalformed, "neither pinconfig nor filePath");
    }
  }
  fields.finish();
}

void Importer::pin(const Element& element) {
  Fields fields(m_reading, element);
  PendingPin pending{element, {}, {}, {}};
  PinSpec& pin = pending.pin;
  pin.key = KeyReference{static_cast<std::uint8_t>(m_reading.number(fields.need(context(0), "keyReference"), 0xFF))};
  pin.value = m_reading.bytes(fields.need(context(1), "pinValue"), 8, 8);
  if (const auto puk = fields.take(context(2))) pending.puk = m_reading.number(*puk, 0xFFFF);
  const auto attributes = fields.take(context(3));
  const std::uint32_t bits = attributes ? m_reading.number(*attributes, 0xFF) : 7;
  const auto tries = fields.take(context(4));
  const std::uint32_t both = tries ? m_reading.number(*tries, 0xFF) : 0x33;
  fields.finish();
  const std::string who = "PIN " + to_hex(BytesView{&pin.key.value, 1});
  // pinAttributes: bit 1 enabled, bit 2 can be changed, bit 3 can be disabled (IF clause 8.4.2).
  pin.enabled = (bits & 1) != 0;
  pin.can_be_disabled = (bits & 4) != 0;
  if ((bits & 2) == 0) m_reading.notice(*attributes, who + " must not be changed; here CHANGE PIN changes it");
  if ((bits & ~7U) != 0) m_reading.notice(*attributes, who + " has attributes that are not known here");
  pin.max_tries = static_cast<std::uint8_t>(both >> 4);
  if (pin.max_tries == 0) m_reading.refuse(tries.value_or(element), ErrorCode::kRange, who + " cannot be tried");
  if ((both & 0x0F) != pin.max_tries) m_reading.notice(*tries, who + " has fewer tries left than it can have; here all are left");
  if (pin.key.is_local()) pin.scope = m_tree.directory().empty() ? std::string(kMfPath) : m_tree.directory();
  if (!m_reading.failed()) m_pins.push_back(std::move(pending));
}

void Importer::finish_pins() {
  for (const SharedPins& shared : m_shared) {
    const std::string from = m_tree.resolve(shared.at, shared.path);
    const std::size_t count = m_pins.size();
    std::size_t copied = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (m_pins[i].pin.scope != from) continue;
      PendingPin copy = m_pins[i];
      copy.pin.scope = shared.directory;
      m_pins.push_back(std::move(copy));
      ++copied;
    }
    if (copied != 0) {
      m_reading.notice(shared.at,
                       "the local PINs of " + from + " are those of " + shared.directory + " as well; here they begin equal and are two");
    }
  }
  for (PendingPin& pending : m_pins) {
    if (pending.puk) {
      const auto puk = m_puks.find(*pending.puk);
      if (puk == m_puks.end()) return m_reading.refuse(pending.at, ErrorCode::kNotFound, "the PUK of a PIN is not among pukCodes");
      pending.pin.puk = puk->second.value;
      pending.pin.max_puk_tries = puk->second.tries;
    }
    m_profile.pins.push_back(pending.pin);
  }
  std::ranges::stable_sort(m_profile.pins, {}, [](const PinSpec& pin) { return std::pair(pin.scope, pin.key); });
  const auto twice = std::ranges::adjacent_find(m_profile.pins, {}, [](const PinSpec& pin) { return std::pair(pin.scope, pin.key); });
  if (twice != m_profile.pins.end()) m_reading.refuse({}, ErrorCode::kMalformed, "a PIN occurs twice in one directory");
}

/// Labels are in EF_DIR (ETSI TS 102 221 clause 13.1); the ICCID occurs twice.
void Importer::name_applications() {
  for (const FileSpec& file : m_profile.files) {
    if (file.path == "3F00/2FE2" && make_body(file) != swapped_nibbles(m_iccid)) {
      m_reading.notice({}, "EF_ICCID differs from the header; the card has the number of EF_ICCID");
    }
    if (file.path != kDirPath) continue;
    for (const Bytes& record : file.records) {
      const auto entry = ber::find(record, 0x61);
      if (!entry) continue;
      const auto aid = ber::find(*entry, 0x4F);
      const auto label = ber::find(*entry, 0x50);
      for (ApplicationSpec& application : m_profile.applications) {
        if (!aid || !label || application.label.empty() == false || !std::ranges::equal(application.aid.bytes(), *aid)) continue;
        application.label.assign(label->begin(), label->end());
      }
    }
  }
}

}  // namespace uicclab::profile::package
