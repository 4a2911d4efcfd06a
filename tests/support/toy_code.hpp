// SPDX-License-Identifier: Apache-2.0
// Code that was loaded and that a test can run: its load files are CAP files whose byte codes nobody looks at, its applets do what their
// commands say.
#pragma once

#include <map>
#include <string>

#include "applet/api/applet.hpp"
#include "applet/api/loaded_code.hpp"
#include "core/hex.hpp"

namespace uicclab::test {

/// What a test and the code share. Outlives the card.
struct Toy {
  std::vector<std::string> events;  ///< what was called, in order
  StatusWord load = sw::kOk;        ///< answer of CodeSession::load()
  StatusWord remove = sw::kOk;      ///< of CodeSession::remove()
  StatusWord install = sw::kOk;     ///< of Applet::install()
  StatusWord uninstall = sw::kOk;   ///< of Applet::uninstall()
  bool install_throws = false;
  bool has_modules = true;  ///< the code can be run
};

class ToySession final : public applet::CodeSession {
 public:
  explicit ToySession(Toy& toy) : m_toy(toy) { m_toy.events.push_back("session"); }

  /// The load file's static field: object 1000 + number.
  StatusWord load(applet::CodeServices& services, const applet::LoadFile& file) override {
    m_toy.events.push_back("load " + std::to_string(file.number) + (services.objects().seals() ? " seals" : ""));
    services.objects().write(1000 + file.number, "00"_h);
    return m_toy.load;
  }
  StatusWord remove(applet::CodeServices& services, std::span<const std::uint32_t> instances,
                    std::span<const std::uint32_t> files) override {
    std::string event = "remove";
    for (const std::uint32_t number : instances) event += " i" + std::to_string(number);
    for (const std::uint32_t number : files) {
      event += " f" + std::to_string(number);
      services.objects().erase(1000 + number);
    }
    m_toy.events.push_back(event + (services.objects().seals() ? " seals" : ""));
    return m_toy.remove;
  }
  void on_transaction_end(bool committed) override { m_toy.events.push_back(committed ? "committed" : "taken back"); }

  std::uint32_t volatile_memory(applet::CodeServices& /*services*/, std::uint32_t instance) override {
    const auto it = transient.find(instance);
    return it == transient.end() ? 0 : it->second;
  }

  int calls = 0;                                     ///< volatile: of all instances
  std::map<std::uint32_t, std::uint32_t> transient;  ///< bytes, by instance

 private:
  Toy& m_toy;
};

/// INS 10: object P1 becomes the data. 11: so, and a refusal. 12: in a unit that ends; 13: in one that is abandoned; 14: in one that stays
/// open. 15: in a unit that is abandoned the first byte is written at once. 16: so, and something is thrown. 1F: object P1 is read. 1E: the
/// calls in this session. 1D: P1 and P2 bytes more of volatile memory, if quota and card have them.
class ToyApplet final : public applet::Applet {
 public:
  explicit ToyApplet(Toy& toy) : m_toy(toy) {}

  StatusWord install(applet::Context& context, const applet::Installation& installation) override {
    m_toy.events.push_back("install " + to_hex(context.aid().bytes()) + " " + to_hex(installation.parameters));
    context.code()->objects().write(1, "AA"_h);
    context.store(applet::Slot{1}, "BB"_h);
    context.code()->objects().begin();
    context.code()->objects().write(2, "CC"_h);
    context.code()->objects().write_part_now(2, 0, "DD"_h);
    context.store_now(applet::Slot{2}, "EE"_h);
    context.code()->objects().end();
    if (m_toy.install_throws) throw std::bad_alloc();
    return m_toy.install;
  }
  StatusWord uninstall(applet::Context& context) override {
    m_toy.events.push_back("uninstall " + to_hex(context.aid().bytes()));
    context.code()->objects().erase(1);
    context.code()->objects().erase(2);
    return m_toy.uninstall;
  }
  StatusWord process(applet::Context& context, const apdu::Command& command, Bytes& out) override {
    applet::CodeObjects& objects = context.code()->objects();
    const int calls = ++static_cast<ToySession&>(context.code()->session()).calls;
    const std::uint32_t number = command.p1;
    switch (command.ins) {
      case 0x10:
      case 0x11:
        objects.write(number, command.data);
        return command.ins == 0x10 ? sw::kOk : sw::kConditionsNotSatisfied;
      case 0x12:
      case 0x13:
      case 0x14:
        objects.begin();
        objects.write(number, command.data);
        if (command.ins == 0x12) objects.end();
        if (command.ins == 0x13) objects.abandon();
        return sw::kOk;
      case 0x15:
      case 0x16:
        objects.begin();
        objects.write_part(number, 1, command.data.subspan(1, 1));
        objects.write_part_now(number, 0, command.data.first(1));
        if (command.ins == 0x16) throw std::bad_alloc();
        append(out, objects.read(number).value_or(BytesView{}));
        objects.abandon();
        return sw::kOk;
      case 0x1D: {
        auto& bytes = static_cast<ToySession&>(context.code()->session()).transient[*context.code()->instance(context.aid())];
        const auto most = context.code()->quota(*context.code()->instance(context.aid())).volatile_memory;
        const std::uint32_t wanted = bytes + command.p1p2();
        if (command.p1p2() > context.code()->free_volatile_memory() || (most && wanted > *most)) return sw::kNotEnoughMemory;
        bytes = wanted;
        return sw::kOk;
      }
      case 0x1E:
        out.push_back(static_cast<std::uint8_t>(calls));
        return sw::kOk;
      case 0x1F:
        append(out, objects.read(number).value_or(BytesView{}));
        return sw::kOk;
      default:
        return sw::kInsNotSupported;
    }
  }

 private:
  Toy& m_toy;
};

class ToyModule final : public applet::Module {
 public:
  ToyModule(Toy& toy, const Aid& file, const Aid& module) : m_toy(toy), m_file(file), m_module(module) {}
  std::string_view name() const override { return "toy"; }
  Aid load_file_aid() const override { return m_file; }
  Aid module_aid() const override { return m_module; }
  Result<applet::InitialObjects> personalise(const applet::Parameters& /*parameters*/) const override { return applet::InitialObjects{}; }
  Result<applet::InitialObjects> install(BytesView /*parameters*/) const override { return applet::InitialObjects{}; }
  bool writes_at_once() const override { return true; }
  std::unique_ptr<applet::Applet> make() const override { return std::make_unique<ToyApplet>(m_toy); }

 private:
  Toy& m_toy;
  Aid m_file;
  Aid m_module;
};

class ToyCode final : public applet::ManagedCode {
 public:
  explicit ToyCode(Toy& toy) : m_toy(toy) {}
  std::shared_ptr<const applet::Module> module(const applet::LoadFile& file, const Aid& module_aid) const override {
    if (!m_toy.has_modules || file.components.empty()) return nullptr;
    return std::make_shared<const ToyModule>(m_toy, file.aid, module_aid);
  }
  std::unique_ptr<applet::CodeSession> make_session() const override { return std::make_unique<ToySession>(m_toy); }

 private:
  Toy& m_toy;
};

}  // namespace uicclab::test
