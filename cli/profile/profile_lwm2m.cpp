// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/profile_lwm2m.hpp"

#include "applet/lwm2m_sms/session_keys.hpp"
#include "lwm2m/secured_sms.hpp"
#include "lwm2m/validation.hpp"

namespace uicclab::cli {
namespace {

using profile::ApplicationSpec;
using profile::FileSpec;
using profile::Finding;
using profile::Profile;

/// Bytes of a session-key file with keys of 24 bytes.
constexpr std::size_t kSessionKeyFileSize = 77;

class Lwm2mCheck {
 public:
  explicit Lwm2mCheck(const Profile& profile) : m_profile(profile) {}

  std::vector<Finding> run() {
    for (const ApplicationSpec& application : m_profile.applications) {
      if (application.module == "pkcs15") check(application);
    }
    return std::move(m_findings);
  }

 private:
  const FileSpec* file(const ApplicationSpec& application, BytesView path) const {
    const auto found = std::ranges::find(m_profile.files, application.adf + "/" + to_hex(path), &FileSpec::path);
    return found == m_profile.files.end() ? nullptr : &*found;
  }
  void warn(const FileSpec& file, std::string text, std::string clause = "") {
    m_findings.push_back({Finding::Severity::kWarning, file.place, "file " + file.path, std::move(text), std::move(clause)});
  }

  void check(const ApplicationSpec& application) {
    const FileSpec* spec = file(application, applet::lwm2m_sms::kBootstrapFile);
    if (spec == nullptr || spec->content.empty()) return;
    const auto bootstrap = lwm2m::parse_bootstrap_file(spec->content);
    if (!bootstrap) return warn(*spec, "a device cannot read it: " + bootstrap.error().text, "OMA LwM2M Core appendix G.3.3");
    for (const lwm2m::Refusal& refusal : lwm2m::validate(*bootstrap)) {
      const bool refused = refusal.severity == lwm2m::Refusal::Severity::kRefused;
      warn(*spec, refusal.path + ": " + refusal.reason + (refused ? "; a device refuses it" : ""));
    }
    check_account(application, *spec);
  }

  /// Secured packets: somebody must take them, and their session keys need a file.
  void check_account(const ApplicationSpec& application, const FileSpec& spec) {
    const auto account = applet::lwm2m_sms::parse_account(spec.content);
    if (!account) return;
    const FileSpec* keys = file(application, applet::lwm2m_sms::kSessionKeyFile);
    if (keys == nullptr || std::max<std::size_t>(keys->header.size, keys->content.size()) < kSessionKeyFileSize) {
      warn(spec, "secured packets need a session-key file 6433 of at least " + std::to_string(kSessionKeyFileSize) + " bytes");
    }
    if (account->end_point != applet::lwm2m_sms::EndPoint::kCard) return;
    for (const ApplicationSpec& sms : m_profile.applications) {
      if (sms.module != "lwm2m-sms") continue;
      const Bytes tars = sms.parameters.hex("tars").value_or(to_bytes(lwm2m::kToCard.value));
      for (std::size_t i = 0; i + 3 <= tars.size(); i += 3) {
        if (equal(BytesView(tars).subspan(i, 3), account->binding.tar)) return;
      }
    }
    warn(spec, "no application lwm2m-sms takes packets for TAR " + to_hex(account->binding.tar), "OMA LwM2M 1.0 clause 7.2.2.3");
  }

  const Profile& m_profile;
  std::vector<Finding> m_findings;
};

}  // namespace

std::vector<Finding> check_lwm2m(const Profile& profile) {
  return Lwm2mCheck(profile).run();
}

}  // namespace uicclab::cli
