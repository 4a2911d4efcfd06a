// SPDX-License-Identifier: Apache-2.0
#include "profile/loaded.hpp"

#include "core/crypto/hash.hpp"
#include "core/hex.hpp"
#include "emulator/card.hpp"
#include "emulator/registry/content_manager.hpp"
#include "emulator/transaction.hpp"
#include "jcvm/cap/cap_file.hpp"
#include "profile/check.hpp"

namespace uicclab::profile {
namespace {

/// What ends the work, with its place.
struct Refused {
  Error error;
};

std::uint64_t seed_of(const Profile& profile, const emulator::CardImage& image) {
  Bytes all = to_bytes(image.fingerprint());
  for (const LoadFileSpec& file : profile.load_files) append(all, file.components);
  const auto hash = crypto::sha256({all});
  std::uint64_t seed = 0;
  for (const std::uint8_t byte : BytesView(hash).first(8)) seed = seed << 8 | byte;
  return seed;
}

class Installer {
 public:
  Installer(const Profile& profile, const std::shared_ptr<const emulator::CardImage>& image)
      : m_profile(profile), m_random(seed_of(profile, *image)), m_card(image, m_random, m_clock) {}

  Installed run() {
    if (auto on = m_card.reset(); !on) throw Refused{on.error()};
    const auto domain = session().runtime().registry().issuer_domain();
    if (!domain) throw Refused{{ErrorCode::kNotFound, m_profile.source + ": load files need an application issuer-sd on the card"}};
    m_domain = *domain;
    for (const LoadFileSpec& file : m_profile.load_files) load(file);
    for (const ApplicationSpec& application : m_profile.applications) {
      if (!application.load_file.empty()) install(application);
    }
    const std::uint32_t used = session().runtime().registry().memory_used();
    m_card.power_off();
    for (const emulator::Change& change : m_card.nvm().overlay()) {
      const bool of_files = change.id.space() == emulator::Space::kFileBody || change.id.space() == emulator::Space::kFileHeader;
      if (of_files) throw Refused{{ErrorCode::kUnsupported, m_profile.source + ": an application's install() changed files"}};
    }
    return {m_card.nvm().overlay(), used};
  }

 private:
  emulator::Session& session() { return *m_card.session(); }

  [[noreturn]] void refuse(SourcePlace place, const std::string& subject, const std::string& text, ErrorCode code = ErrorCode::kRefused) {
    throw Refused{{code, to_text(m_profile, {Finding::Severity::kError, place, subject, text, ""})}};
  }

  /// `what` gets the issuer domain's card manager; a transaction of its own.
  template <typename What>
  StatusWord manage(const What& what) {
    emulator::ChannelState& basic = session().channels[0];
    emulator::Transaction transaction(session(), basic, session().security());
    emulator::ContentManager manager(session(), m_domain, Channel{0}, session().security());
    const StatusWord status = what(manager);
    if (status == sw::kOk) {
      transaction.commit();
    } else {
      transaction.rollback();
    }
    return status;
  }

  void load(const LoadFileSpec& file) {
    const auto cap = jcvm::cap::CapFile::parse(file.components);
    if (!cap) refuse(file.place, "load file " + file.file, cap.error().text, ErrorCode::kMalformed);
    gp::InstallForLoad request;
    request.load_file = cap->header.package.aid;
    const StatusWord status =
        manage([&](emulator::ContentManager& manager) { return manager.add_load_file(request, *cap, file.components); });
    if (status == sw::kOk) return;
    std::string imports;
    for (const auto& one : cap->imports) {
      if (!session().runtime().registry().has_package(one)) {
        imports += (imports.empty() ? "; the card does not have " : ", ") + to_hex(one.aid.bytes()) + " " + std::to_string(one.major) +
                   "." + std::to_string(one.minor);
      }
    }
    refuse(file.place, "load file " + to_hex(request.load_file.bytes()), "LOAD: " + std::string(meaning(status)) + imports);
  }

  void install(const ApplicationSpec& application) {
    const std::string subject = "application " + to_hex(application.aid.bytes());
    const auto parameters = read_loaded_parameters(application);
    if (!parameters) refuse(application.place, subject, parameters.error().text, parameters.error().code);
    gp::InstallFields fields;
    fields.first = application.load_file;
    fields.second = parameters->module;
    fields.third = application.aid;
    fields.privileges = parameters->privileges;
    fields.parameters = parameters->install_parameters;
    const bool selectable = parameters->life_cycle != gp::kInstalled;
    const StatusWord status = manage([&](emulator::ContentManager& manager) {
      const StatusWord installed = manager.install(fields, selectable);
      if (installed == sw::kOk) finish(application, parameters->life_cycle);
      return installed;
    });
    if (status != sw::kOk) refuse(application.place, subject, "INSTALL: " + std::string(meaning(status)) + " (" + to_hex(status) + ")");
    std::size_t place = 0;
    for (const Bytes& bytes : parameters->commands) {
      // Its data may be keys.
      const std::string name =
          "command " + std::to_string(++place) + " (" + to_hex(BytesView(bytes).first(std::min<std::size_t>(bytes.size(), 4))) + ")";
      const auto command = apdu::parse(bytes);
      if (!command) refuse(application.place, subject, name + ": " + command.error().text, ErrorCode::kMalformed);
      Bytes out;
      const StatusWord answer =
          manage([&](emulator::ContentManager& manager) { return manager.personalize(application.aid, *command, nullptr, out); });
      if (answer != sw::kOk) {
        refuse(application.place, subject, name + ": " + std::string(meaning(answer)) + " (" + to_hex(answer) + ")");
      }
    }
  }

  void finish(const ApplicationSpec& application, std::uint8_t life_cycle) {
    emulator::Registry& registry = session().runtime().registry();
    const std::uint32_t number = registry.by_aid(application.aid).value();
    emulator::InstanceSpec spec = *registry.find(number);
    spec.life_cycle = life_cycle;
    spec.label = application.label;
    registry.set(number, std::move(spec));
  }

  const Profile& m_profile;
  SeededRandom m_random;
  ManualClock m_clock;
  emulator::Card m_card;
  std::uint32_t m_domain = 0;
};

}  // namespace

Result<LoadedParameters> read_loaded_parameters(const ApplicationSpec& application) {
  LoadedParameters out;
  const auto module = from_hex(application.module);
  const auto aid = module ? Aid::from(*module) : tl::unexpected(module.error());
  if (!aid) return fail(ErrorCode::kMalformed, "module must be the AID of an applet of load file " + to_hex(application.load_file.bytes()));
  out.module = *aid;
  const applet::Parameters& given = application.parameters;
  out.install_parameters = ber::encode(0xC9, {});
  Bytes own;
  for (const auto& [name, value] : given.all()) {
    if (name.starts_with("commands.")) continue;
    const auto bytes = given.hex(name);
    if (!bytes) return tl::unexpected(bytes.error());
    if (name == "params") {
      own = *bytes;
      out.install_parameters = ber::encode(0xC9, own);
    } else if (name == "install_parameters") {
      if (given.contains("params")) return fail(ErrorCode::kMalformed, "params and install_parameters: choose one");
      out.install_parameters = *bytes;
    } else if (name == "privileges") {
      Bytes three = *bytes;
      if (three.size() == 1) three.resize(3);
      const auto privileges = gp::Privileges::parse(three);
      if (!privileges)
        return fail(ErrorCode::kMalformed, "privileges must be one or three bytes, and privileges that go together (GP clause 6.6.1)");
      out.privileges = *privileges;
    } else if (name == "life_cycle") {
      if (bytes->size() != 1)
        return fail(ErrorCode::kMalformed, "life_cycle must be one byte: 03 installed, 07 selectable, or the applet's own");
      out.life_cycle = bytes->front();
    } else {
      return fail(ErrorCode::kNotFound,
                  name +
                      " is not a parameter of an application of a load file; they are: params, install_parameters, privileges, "
                      "life_cycle, commands");
    }
  }
  for (std::size_t i = 1; given.contains("commands." + std::to_string(i)); ++i) {
    const auto command = given.hex("commands." + std::to_string(i));
    if (!command) return tl::unexpected(command.error());
    out.commands.push_back(*command);
  }
  return out;
}

Result<Installed> install_loaded(const Profile& profile, const std::shared_ptr<const emulator::CardImage>& image) {
  try {
    return Installer(profile, image).run();
  } catch (const Refused& refused) {
    return tl::unexpected(refused.error);
  } catch (const SystemError& error) {
    // What a load file's code makes of the card's program is no reason to end the program.
    return fail(ErrorCode::kRefused, profile.source + ": load files and their applications: an internal error: " + error.what());
  }
}

}  // namespace uicclab::profile
