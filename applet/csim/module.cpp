// SPDX-License-Identifier: Apache-2.0
#include "applet/csim/module.hpp"

#include <array>

namespace uicclab::applet::csim {
namespace {

struct Secret {
  std::string_view name;
  std::size_t least;
  std::size_t most;
};

/// In the order of their slots, from 1 (sizes: "Interoperable Format Technical Specification", PE-CDMAParameter).
constexpr auto kSecrets =
    std::to_array<Secret>({{"a_key", 8, 8}, {"ssd", 16, 16}, {"hrpd_auth", 2, 32}, {"simple_ip_auth", 3, 483}, {"mobile_ip_auth", 5, 957}});

class Csim final : public Applet {
 public:
  StatusWord process(Context&, const apdu::Command&, Bytes&) override { return sw::kInsNotSupported; }
};

}  // namespace

Aid CsimModule::load_file_aid() const {
  return Aid::from("F075696363 6C616206"_h).value();
}

Aid CsimModule::module_aid() const {
  return Aid::from("F075696363 6C616206 01"_h).value();
}

Result<InitialObjects> CsimModule::personalise(const Parameters& parameters) const {
  InitialObjects objects;
  for (const auto& [name, value] : parameters.all()) {
    const auto known = std::ranges::find(kSecrets, name, &Secret::name);
    if (known == kSecrets.end()) return fail(ErrorCode::kMalformed, name + " is not a parameter of csim");
    auto bytes = parameters.hex(name);
    if (!bytes) return tl::unexpected(bytes.error());
    if (bytes->size() < known->least || bytes->size() > known->most) {
      return fail(ErrorCode::kRange, name + " has " + std::to_string(bytes->size()) + " bytes");
    }
    objects.emplace_back(Slot{static_cast<std::uint32_t>(1 + (known - kSecrets.begin()))}, *std::move(bytes));
  }
  return objects;
}

std::unique_ptr<Applet> CsimModule::make() const {
  return std::make_unique<Csim>();
}

}  // namespace uicclab::applet::csim
