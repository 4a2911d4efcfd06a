// SPDX-License-Identifier: Apache-2.0
#include "dm/m2m_objects.hpp"

#include <array>

#include "core/base64.hpp"

namespace uicclab::dm {
namespace {

constexpr std::array kM2mmobjNodes{
    NodeDescription{"", "node", "Get", false, "A machine (M2ME) and its trusted environment (TRE), TR 33.812 clause 5.1.3.7.3.3"},
    NodeDescription{"DeviceId", "chr", "Get", false, "Identifier of the machine"},
    NodeDescription{"TRE", "node", "Get", false, "The trusted environment"},
    NodeDescription{"TRE/Evidence", "b64", "Get", true, "Statement of the TRE for the platform validation authority"},
    NodeDescription{"TRE/PublicKey", "b64", "Get", false, "PK_D: an X.509 certificate or SubjectPublicKeyInfo, DER"},
    NodeDescription{"Registration", "node", "Get", false, "The registration that is going on"},
    NodeDescription{"Registration/Nonce", "b64", "Get Replace", false, "Registration nonce of the DPF"},
    NodeDescription{"Registration/CardNonce", "b64", "Get", false, "Nonce that an MCIM object for this TRE must contain"},
    NodeDescription{"Registration/State", "chr", "Get", false, "registered, installed or refused"}};
constexpr ObjectDescription kM2mmobjDescription{"M2MMobj", "uicclab:mo-m2mme:1.0", kM2mmobjNodes};

constexpr std::array kM2msimmobjNodes{
    NodeDescription{"", "node", "Add Get Replace", false, "Parameters of an MCIM for the TRE, TR 33.812 clause 5.1.3.7.3.3"},
    NodeDescription{"SHO", "chr", "Add Get Replace", false, "Name of the selected home operator"},
    NodeDescription{"Nonce", "b64", "Add Get Replace", false, "Registration nonce that the object answers"},
    NodeDescription{"Object", "b64", "Add Get Replace", false, "MCIM object"},
    NodeDescription{"Signature", "b64", "Add Get Replace", true, "Signature of the SHO over the object"}};
constexpr ObjectDescription kM2msimmobjDescription{"M2MSIMMobj", "uicclab:mo-m2msim:1.0", kM2msimmobjNodes};

/// Values of one object by their paths, after check_object().
class Values {
 public:
  Values(const ManagementTree& tree, std::string root) : m_tree(tree), m_root(std::move(root)) {}
  std::string text(const char* path) const {
    const auto found = m_tree.nodes().find(m_root + "/" + path);
    return found == m_tree.nodes().end() ? std::string() : found->second.value;
  }
  Bytes octets(const char* path) {
    std::string digits = text(path);
    std::erase_if(digits, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });  // XML may be broken into lines
    auto bytes = from_base64(digits);
    if (!bytes && !m_error) m_error = Error{ErrorCode::kMalformed, m_root + "/" + path + " must be base64"};
    return bytes ? *std::move(bytes) : Bytes();
  }
  void wrong(const char* path, const char* what) {
    if (!m_error) m_error = Error{ErrorCode::kMalformed, m_root + "/" + path + " " + what};
  }
  template <typename T>
  Result<T> done(T value) const {
    if (m_error) return tl::unexpected(*m_error);
    return value;
  }

 private:
  const ManagementTree& m_tree;
  std::string m_root;
  std::optional<Error> m_error;
};

class Commands {
 public:
  explicit Commands(const char* root) : m_root(root) { m_out.push_back({true, m_root, {std::string(kInteriorFormat), {}}}); }
  void interior(const char* path) { m_out.push_back({true, m_root + "/" + path, {std::string(kInteriorFormat), {}}}); }
  void text(const char* path, std::string value) { m_out.push_back({true, m_root + "/" + path, {"chr", std::move(value)}}); }
  void octets(const char* path, BytesView value) { m_out.push_back({true, m_root + "/" + path, {"b64", base64(value)}}); }
  std::vector<TreeCommand> take() { return std::move(m_out); }

 private:
  std::string m_root;
  std::vector<TreeCommand> m_out;
};

constexpr std::array<std::pair<M2mState, std::string_view>, 3> kStates{
    {{M2mState::kRegistered, "registered"}, {M2mState::kInstalled, "installed"}, {M2mState::kRefused, "refused"}}};

}  // namespace

const ObjectDescription& m2mmobj() {
  return kM2mmobjDescription;
}
const ObjectDescription& m2msimmobj() {
  return kM2msimmobjDescription;
}

std::string_view name_of(M2mState state) {
  for (const auto& [value, name] : kStates) {
    if (value == state) return name;
  }
  return {};
}
std::optional<M2mState> parse_m2m_state(std::string_view name) {
  for (const auto& [value, known] : kStates) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::vector<TreeCommand> nodes_of(const M2mEquipment& equipment) {
  Commands out(kM2mmobj);
  out.text("DeviceId", equipment.device);
  out.interior("TRE");
  if (!equipment.evidence.empty()) out.octets("TRE/Evidence", as_bytes(equipment.evidence));  // text whose line ends WBXML would lose
  out.octets("TRE/PublicKey", equipment.platform_key);
  out.interior("Registration");
  out.octets("Registration/Nonce", equipment.registration_nonce);
  out.octets("Registration/CardNonce", equipment.card_nonce);
  out.text("Registration/State", std::string(name_of(equipment.state)));
  return out.take();
}

std::vector<TreeCommand> nodes_of(const M2mSubscription& subscription) {
  Commands out(kM2msimmobj);
  out.text("SHO", subscription.sho);
  out.octets("Nonce", subscription.registration_nonce);
  out.octets("Object", subscription.object);
  if (!subscription.signature.empty()) out.octets("Signature", subscription.signature);
  return out.take();
}

Result<M2mEquipment> read_m2mmobj(const ManagementTree& tree) {
  if (auto good = check_object(tree, kM2mmobj, kM2mmobjDescription); !good) return tl::unexpected(std::move(good.error()));
  Values in(tree, kM2mmobj);
  M2mEquipment out;
  out.device = in.text("DeviceId");
  const Bytes evidence = in.octets("TRE/Evidence");
  out.evidence.assign(evidence.begin(), evidence.end());
  out.platform_key = in.octets("TRE/PublicKey");
  out.registration_nonce = in.octets("Registration/Nonce");
  out.card_nonce = in.octets("Registration/CardNonce");
  const auto state = parse_m2m_state(in.text("Registration/State"));
  if (!state) in.wrong("Registration/State", "must be registered, installed or refused");
  out.state = state.value_or(out.state);
  return in.done(std::move(out));
}

Result<M2mSubscription> read_m2msimmobj(const ManagementTree& tree) {
  if (auto good = check_object(tree, kM2msimmobj, kM2msimmobjDescription); !good) return tl::unexpected(std::move(good.error()));
  Values in(tree, kM2msimmobj);
  M2mSubscription out;
  out.sho = in.text("SHO");
  out.registration_nonce = in.octets("Nonce");
  out.object = in.octets("Object");
  out.signature = in.octets("Signature");
  return in.done(std::move(out));
}

}  // namespace uicclab::dm
