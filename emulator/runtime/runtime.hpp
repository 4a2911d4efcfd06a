// The runtime of the applications: which instances the card has, and their volatile objects. Concrete applications are known to it only as
// modules (applet/api).
#pragma once

#include <memory>
#include <vector>

#include "emulator/nvm/nvm.hpp"

namespace uicclab::emulator {

struct Session;

class Runtime {
 public:
  explicit Runtime(const Nvm& nvm) : m_nvm(nvm), m_objects(nvm.image().instances().size()) {}

  std::uint32_t count() const { return static_cast<std::uint32_t>(m_nvm.image().instances().size()); }
  const InstanceSpec& instance(std::uint32_t number) const { return m_nvm.image().instances()[number]; }

  /// Numbers of the instances whose AID begins with `partial`, in the order of the registry.
  std::vector<std::uint32_t> find(BytesView partial) const;
  /// The instance whose ADF this is.
  std::optional<std::uint32_t> by_adf(FileId adf) const;
  /// First instance of the module with this name.
  std::optional<std::uint32_t> by_module(std::string_view name) const;

  /// The instance's object, made at its first use in this session.
  applet::Applet& object(std::uint32_t number);

 private:
  const Nvm& m_nvm;
  std::vector<std::unique_ptr<applet::Applet>> m_objects;
};

}  // namespace uicclab::emulator
