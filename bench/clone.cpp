// SPDX-License-Identifier: Apache-2.0
#include "bench/clone.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "bench/file_reader.hpp"
#include "core/atr.hpp"
#include "core/ber_tlv.hpp"
#include "core/hex.hpp"
#include "core/transceive.hpp"
#include "ef/followed_selection.hpp"
#include "ef/phonebook.hpp"
#include "script/explain.hpp"
#include "script/file_names.hpp"
#include "script/guard_port.hpp"
#include "uicc/fcp.hpp"
#include "uicc/file_facts.hpp"

namespace uicclab::bench {
namespace {

using profile::FileSpec;
using uicc::FileHeader;

using profile::PinSpec;

constexpr std::string_view kMf = "3F00";
constexpr std::string_view kDir = "3F00/2F00";
constexpr std::string_view kReferenceFile = "/4F30";  // EF_PBR
constexpr std::size_t kMostFiles = 4096;
constexpr std::size_t kMostDepth = 6;
/// Of the PKCS #15 application: its EF_ARR, EF(ODF), EF(TokenInfo), EF(UnusedSpace) (ISO/IEC 7816-15 clause 7), and where LwM2M bootstrap
/// files are found.
constexpr std::array<std::string_view, 20> kPkcs15{"6F06", "5031", "5032", "5033", "6430", "6431", "6432", "6433", "6434", "6435",
                                                   "6436", "6437", "6438", "6439", "643A", "643B", "643C", "643D", "643E", "643F"};

/// Identifiers in the order in which they are tried: EF_PBR before the files that it names.
struct TriedBefore {
  bool operator()(const std::string& a, const std::string& b) const {
    const auto rank = [](const std::string& fid) { return std::pair(fid != kReferenceFile.substr(1), std::string_view(fid)); };
    return rank(a) < rank(b);
  }
};

/// An application that EF_DIR lists (ETSI TS 102 221 clause 13.1).
struct Listed {
  Bytes aid;
  std::string label;
};

std::vector<Listed> applications_of(const std::vector<Bytes>& records) {
  std::vector<Listed> out;
  for (const Bytes& record : records) {
    const auto aid = ber::find_path(record, {0x61, 0x4F});
    if (!aid || aid->empty()) continue;
    const auto label = ber::find_path(record, {0x61, 0x50}).value_or(BytesView());
    out.push_back({to_bytes(*aid), std::string(label.begin(), label.end())});
  }
  return out;
}

struct Module {
  std::string_view adf;
  std::string_view module;
  bool has_keys;
};
constexpr std::array<Module, 3> kModules{{{"ADF.USIM", "usim", true}, {"ADF.ISIM", "isim", true}, {"ADF.PKCS15", "pkcs15", false}}};

/// Channels besides the basic one: the last bits of the card capabilities (ISO/IEC 7816-4 clause 8.1.1.2.7, third table).
std::uint8_t channels_of(BytesView atr) {
  const auto parsed = parse_atr(atr);
  if (!parsed) return 0;
  for (std::size_t i = 1; i < parsed->historical.size();) {
    const std::uint8_t head = parsed->historical[i];
    const std::size_t size = head & 0x0F;
    if (head == 0x73 && i + size < parsed->historical.size()) {
      const std::uint8_t most = parsed->historical[i + 3] & 0x07;
      return most == 7 ? std::uint8_t{19} : most;
    }
    i += 1 + size;
  }
  return 0;
}

class Cloner {
 public:
  Cloner(CardPort& card, const CloneOptions& options) : m_card(card), m_options(options) { m_clone.profile.name = options.name; }

  Result<Clone> run() {
    auto atr = m_card.reset();
    if (!atr) return tl::unexpected(atr.error());
    m_clone.profile.atr = *atr;
    m_clone.profile.logical_channels = channels_of(*atr);
    if (auto given = give_pins(false); !given) return tl::unexpected(given.error());
    if (auto root = begin(std::string(kMf), "00A40004023F00"_h); !root) return tl::unexpected(root.error());
    if (auto walked = walk(std::string(kMf), 0); !walked) return tl::unexpected(walked.error());
    for (const Listed& one : applications_of(m_directory)) {
      if (auto done = application(one); !done) return tl::unexpected(done.error());
    }
    const auto gsm = transceive(m_card, "A0A40000023F00"_h);
    if (!gsm) return tl::unexpected(gsm.error());
    m_clone.profile.gsm_class = gsm->status.is_success();
    m_card.power_off();
    return std::move(m_clone);
  }

 private:
  void remark(std::string text) { m_clone.remarks.push_back(std::move(text)); }
  static FileSpec spec_of(const std::string& path, std::string_view name, FileHeader header) {
    FileSpec spec;
    spec.path = path;
    spec.name = name;
    spec.header = std::move(header);
    return spec;
  }
  /// By the EF_PBR of its directory, if it is a phonebook file.
  std::string_view name_of(const std::string& path, const FileHeader& header) const {
    const auto slash = path.rfind('/');
    const auto book = slash == std::string::npos ? m_phonebooks.end() : m_phonebooks.find(path.substr(0, slash));
    if (book != m_phonebooks.end() && ef::file_at(path) == nullptr)
      return book->second.name(path.substr(slash + 1), ef::shape_of(header.kind, header.record_length)).name;
    return ef::name_of_file(path, ef::shape_of(header.kind, header.record_length)).name;
  }
  static std::string label(const std::string& path) {
    const std::string_view name = script::name_of_file(path);
    return name.empty() ? path : path + " " + std::string(name);
  }

  // PINs.

  Result<void> give_pins(bool local) {
    for (const auto& pin : m_options.pins) {
      if (KeyReference{pin.reference}.is_local() != local) continue;
      const auto answer = transceive(m_card, apdu::Command{0x00, 0x20, 0x00, pin.reference, pin.value, std::nullopt});
      if (!answer) return tl::unexpected(answer.error());
      if (answer->status == sw::kReferencedDataInvalidated) continue;  // disabled: nothing asks for it (clause 11.1.9)
      if (!answer->status.is_success() || answer->status.sw1() == 0x63) {
        if (local) continue;  // of another application, maybe: the guard lets it be tried no more
        return fail(ErrorCode::kMismatch, script::pin_name(pin.reference) + " was not verified: " + script::describe(answer->status));
      }
    }
    return {};
  }

  const Bytes* given(KeyReference key) const {
    const auto found = std::ranges::find(m_options.pins, key.value, &CloneOptions::Pin::reference);
    return found == m_options.pins.end() ? nullptr : &found->value;
  }

  /// The keys of a PIN status template (clause 11.1.1.4.10), once each.
  Result<void> pins_of(const std::string& root, const FileHeader& header, BytesView fcp) {
    const std::vector<bool> enabled = uicc::enabled_keys(fcp);
    for (std::size_t i = 0; i < header.keys.size(); ++i) {
      const KeyReference key = header.keys[i];
      const std::string scope = key.is_local() ? root : "";
      if (key.is_local() && root == kMf) continue;  // of the application that is selected: its ADF says it again
      if (!m_pins.insert({key.value, scope}).second) continue;
      PinSpec pin;
      pin.key = key;
      pin.scope = scope;
      pin.enabled = i < enabled.size() && enabled[i];
      const Bytes* value = given(key);
      pin.value = value != nullptr ? *value : Bytes(8, '0');
      pin.can_be_disabled = (key.value & 0x7F) < 0x0A || key.value == 0x11;
      const auto tries = transceive(m_card, Bytes{0x00, 0x20, 0x00, key.value});
      if (!tries) return tl::unexpected(tries.error());
      const std::string name = script::pin_name(key.value) + (scope.empty() ? "" : " of " + scope);
      if (tries->status == sw::kAuthenticationBlocked || tries->status == sw::tries_left(0)) {
        remark(name + ": blocked; the clone's is not");
      } else if (tries->status.sw1() == 0x63) {
        const auto left = static_cast<std::uint8_t>(tries->status.sw2() & 0x0F);
        pin.max_tries = std::max<std::uint8_t>(left, 3);
        if (left < 3) remark(name + ": " + std::to_string(left) + " tries left; the clone has 3");
      }
      if (value == nullptr) remark(name + ": its value is not known; the clone's is 00000000, without a PUK");
      m_clone.profile.pins.push_back(std::move(pin));
    }
    return {};
  }

  // Files.

  /// A directory without a parent: the MF or an ADF.
  Result<void> begin(const std::string& path, BytesView select) {
    const auto answer = transceive(m_card, select);
    if (!answer) return tl::unexpected(answer.error());
    auto header = header_of(answer->data);
    if (!header)
      return fail(ErrorCode::kMalformed, path + " cannot be selected with an FCP: " +
                                             (answer->status.is_success() ? header.error().text : script::describe(answer->status)));
    header->kind = path == kMf ? uicc::FileKind::kMf : uicc::FileKind::kAdf;
    if (auto pins = pins_of(path, *header, answer->data); !pins) return pins;
    m_clone.profile.files.push_back(spec_of(path, path == kMf ? "MF" : std::string_view(path), *std::move(header)));
    return {};
  }

  /// The FCP, without the data objects that TS 102 221 does not have: cards add their own.
  static Result<FileHeader> header_of(BytesView fcp) {
    static constexpr std::array<ber::Tag, 11> kKnown{0x80, 0x81, 0x82, 0x83, 0x84, 0x88, 0x8A, 0x8B, 0x8C, 0xA5, 0xAB};
    const auto whole = ber::find(fcp, 0x62);
    if (!whole) return fail(ErrorCode::kMalformed, "the answer is not an FCP");
    Bytes known;
    bool life_cycle = false;
    ber::Reader reader(*whole);
    while (!reader.empty()) {
      const auto tlv = reader.next();
      if (!tlv) return tl::unexpected(tlv.error());
      life_cycle = life_cycle || tlv->tag == 0x8A;
      if (tlv->tag == 0xC6 || std::ranges::find(kKnown, tlv->tag) != kKnown.end()) append(known, tlv->whole);
    }
    if (!life_cycle) ber::write(known, 0x8A, "05"_h);
    return uicc::parse_fcp(ber::encode(0x62, known));
  }

  /// SELECT by path from the MF or from the current ADF (clause 11.1.1.2, P1 = 08).
  Result<apdu::Response> select(const std::string& path) {
    std::string digits = path.substr(path.find('/') + 1);
    std::erase(digits, '/');
    const auto fids = from_hex(digits);
    if (!fids) return fail(ErrorCode::kMalformed, path + " is not a path");
    const Bytes whole = path.starts_with(kMf) ? *fids : concat({"7FFF"_h, *fids});
    return transceive(m_card, apdu::Command{0x00, 0xA4, 0x08, 0x04, whole, 256});
  }

  std::set<std::string, TriedBefore> candidates(const std::string& directory) const {
    std::set<std::string, TriedBefore> out;
    for (std::string& fid : script::fids_below(directory)) out.insert(std::move(fid));
    if (directory.starts_with("ADF.PKCS15")) out.insert(kPkcs15.begin(), kPkcs15.end());
    if (!m_options.every_fid) return out;
    const bool top = directory == kMf;
    for (const std::uint8_t high : top ? std::vector<std::uint8_t>{0x2F, 0x6F, 0x7F} : std::vector<std::uint8_t>{0x4F, 0x5F, 0x6F, 0x7F}) {
      for (unsigned low = 0; low <= 0xFF; ++low) out.insert(to_hex(std::array{high, static_cast<std::uint8_t>(low)}));
    }
    return out;
  }

  Result<void> walk(const std::string& directory, std::size_t depth) {
    std::vector<std::string> directories;
    for (const std::string& fid : candidates(directory)) {
      if (fid.size() != 4 || fid == "7FFF" || fid == "3F00") continue;  // an application is listed by its name
      const std::string path = directory + "/" + fid;
      const auto answer = select(path);
      if (!answer) return tl::unexpected(answer.error());
      if (!answer->status.is_success()) {
        if (answer->status != sw::kFileNotFound) remark(label(path) + ": not selected, " + script::describe(answer->status));
        continue;
      }
      if (m_clone.profile.files.size() >= kMostFiles)
        return fail(ErrorCode::kMalformed, "implausibly many files: the card accepts every SELECT");
      auto header = header_of(answer->data);
      if (!header) {
        remark(label(path) + ": left out, its FCP cannot be read: " + header.error().text + ": " + to_hex(answer->data));
        continue;
      }
      if (to_hex(header->fid) != fid) continue;  // another file that the card found by this path
      if (is_directory(header->kind)) {
        header->kind = uicc::FileKind::kDf;
        if (auto pins = pins_of(directory.substr(0, directory.find('/')), *header, answer->data); !pins) return pins;
        directories.push_back(path);
        m_clone.profile.files.push_back(spec_of(path, name_of(path, *header), FileHeader(*header)));
        continue;
      }
      if (auto added = file(path, *std::move(header)); !added) return added;
    }
    for (const std::string& path : directories) {
      if (depth + 1 >= kMostDepth) continue;
      if (auto walked = walk(path, depth + 1); !walked) return walked;
    }
    return {};
  }

  Result<void> file(const std::string& path, FileHeader header) {
    if (header.kind == uicc::FileKind::kBerTlv && header.max_size != 0) {
      header.size = std::exchange(header.max_size, 0);  // tag 80 is what its objects take now, 86 the limit (clause 11.1.1.4.1)
    }
    FileSpec spec = spec_of(path, name_of(path, header), FileHeader(header));
    const auto content = read_content(m_card, spec.header);
    if (!content) return tl::unexpected(content.error());
    spec.content = content->whole;
    spec.records = content->records;
    if (!content->refused.empty()) {
      remark(label(path) + ": not read, " + content->refused + "; the clone has FF");
      spec.name += spec.name.empty() ? "not read" : ", not read";
    }
    if (path == kDir) m_directory = spec.records;
    if (path.ends_with(kReferenceFile)) {
      for (const Bytes& record : spec.records) m_phonebooks[path.substr(0, path.size() - kReferenceFile.size())].add_reference(record);
    }
    m_clone.profile.files.push_back(std::move(spec));
    return {};
  }

  Result<void> application(const Listed& listed) {
    const std::string adf = ef::path_of_aid(listed.aid);
    const auto aid = Aid::from(listed.aid);
    const auto module = std::ranges::find(kModules, adf, &Module::adf);
    if (!aid || module == kModules.end()) {
      remark("application " + to_hex(listed.aid) + " " + listed.label + ": left out, the emulator does not have this application");
      return {};
    }
    const bool again = std::ranges::any_of(m_clone.profile.applications, [&](const auto& one) { return one.adf == adf; });
    if (again) {
      remark("application " + to_hex(listed.aid) + ": left out, there is another " + adf);
      return {};
    }
    const Bytes select = apdu::encode({0x00, 0xA4, 0x04, 0x04, listed.aid, 256});
    if (auto begun = begin(adf, select); !begun) {
      if (begun.error().code == ErrorCode::kIo) return begun;
      remark("application " + to_hex(listed.aid) + ": left out, " + begun.error().text);
      return {};
    }
    if (auto pins = give_pins(true); !pins) return pins;
    profile::ApplicationSpec application;
    application.module = module->module;
    application.aid = *aid;
    application.label = listed.label;
    application.adf = adf;
    if (module->has_keys) {
      application.parameters.set("algorithm", std::string("milenage"));
      application.parameters.set("k", std::string(32, '0'));
      application.parameters.set("opc", std::string(32, '0'));
      remark(adf + ": its keys do not leave the card; AUTHENTICATE of the clone works with K and OPc of zeros");
    }
    m_clone.profile.applications.push_back(std::move(application));
    return walk(adf, 0);
  }

  CardPort& m_card;
  const CloneOptions& m_options;
  Clone m_clone;
  std::vector<Bytes> m_directory;                     ///< records of EF_DIR
  std::map<std::string, ef::Phonebook> m_phonebooks;  ///< by directory
  std::set<std::pair<std::uint8_t, std::string>> m_pins;
};

}  // namespace

Result<Clone> clone_card(CardPort& card, const CloneOptions& options) {
  script::GuardPort guard(card);
  return Cloner(guard, options).run();
}

}  // namespace uicclab::bench
