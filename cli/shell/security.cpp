// SPDX-License-Identifier: Apache-2.0
// Commands of the shell for PINs and AUTHENTICATE: ETSI TS 102 221 clauses 11.1.9 to 11.1.13; 3GPP TS 31.102 clause 7.1.
#include <algorithm>
#include <array>
#include <iostream>

#include "cli/card/file_commands.hpp"
#include "cli/card/pin_option.hpp"
#include "cli/common/secret_text.hpp"
#include "cli/shell/shell.hpp"
#include "core/crypto/milenage.hpp"
#include "core/crypto/random.hpp"
#include "core/crypto/xor_auth.hpp"
#include "core/hex.hpp"
#include "core/reader.hpp"

namespace uicclab::cli {
namespace {

struct PinCommand {
  std::string_view name;
  std::string_view text;
  std::uint8_t ins;
  std::uint8_t p1;
  std::array<std::string_view, 2> values;  ///< what is asked for
};
constexpr auto kPinCommands = std::to_array<PinCommand>({
    {"verify", "Give a PIN or ADM key: verify ADM1", 0x20, 0x00, {"value", ""}},
    {"change", "Change a PIN: change PIN1", 0x24, 0x00, {"old value", "new value"}},
    {"disable", "Disable a PIN", 0x26, 0x00, {"value", ""}},
    {"enable", "Enable a PIN", 0x28, 0x00, {"value", ""}},
    {"unblock", "Unblock a PIN with its PUK", 0x2C, 0x00, {"PUK", "new value"}},
});
constexpr std::uint8_t kDisable = 0x26;
constexpr unsigned kAllTries = 3, kAllPukTries = 10;

struct PinOptions {
  std::string name;
  std::vector<std::string> values;
  bool risk = false;
};

/// Tries left of a PIN or its PUK; nothing if the card does not report them.
std::optional<unsigned> tries_of(StatusWord status) {
  if (status == sw::kAuthenticationBlocked) return 0;
  if (status.sw1() == 0x63 && (status.sw2() & 0xF0) == 0xC0) return status.sw2() & 0x0FU;
  return std::nullopt;
}

void run_pin(Shell& shell, const PinCommand& command, const PinOptions& options) {
  const auto key = named_key(shell.files, options.name, shell.directory);
  if (const auto active = shell.files.activate(key); !active) files_fail(active.error());
  const bool puk = command.ins == 0x2C;
  const auto left =
      tries_of(shell_send(shell, {0x00, puk ? command.ins : std::uint8_t{0x20}, 0x00, key.reference, {}, std::nullopt}, false).status);
  if (left && *left < (puk ? kAllPukTries : kAllTries) && !options.risk) {
    throw Exit{kCheckFailed, options.name + " has " + std::to_string(*left) + " tries left; nothing was sent (--risk sends it)"};
  }
  Bytes data;
  crypto::SecretBytes last;
  for (std::size_t i = 0; i < command.values.size() && !command.values[i].empty(); ++i) {
    if (i >= options.values.size() && !shell.terminal) throw Exit{kUsage, "the " + std::string(command.values[i]) + " is missing"};
    const std::string what = options.name + " " + std::string(command.values[i]);
    auto value = pin_value(i < options.values.size() ? options.values[i] : "prompt", what);
    append(data, value.expose(crypto::ExposeSecret{"PIN command"}));
    last = std::move(value);
  }
  const auto answer = shell_send(shell, {0x00, command.ins, command.p1, key.reference, data, std::nullopt}, false);
  crypto::wipe(data);
  if (answer.status == sw::kOk || answer.status.sw1() == 0x91) {
    if (command.ins != kDisable) shell.files.remember(key, last);
    std::cout << options.name << ": done\n";
    return;
  }
  if (answer.status == sw::kReferencedDataInvalidated) throw Exit{kCheckFailed, options.name + " is disabled"};
  const auto now = tries_of(answer.status);
  throw Exit{now ? kWrongKeys : kCheckFailed, options.name + ": " + to_hex(answer.status) + " (" + std::string(meaning(answer.status)) +
                                                  ")" + (now ? "; " + std::to_string(*now) + " tries left" : "")};
}

void add_pins(App& app, Action& action, Shell& shell) {
  for (const PinCommand& command : kPinCommands) {
    const auto options = std::make_shared<PinOptions>();  // shared with the callback, which outlives this function
    auto* sub = app.add_subcommand(std::string(command.name), std::string(command.text));
    sub->add_option("NAME", options->name, "PIN1, PIN2, UPIN, ADM1, ADF.ISIM/PIN2, ...")->required();
    sub->add_option("VALUE", options->values, std::string("Its value (") + kSecretForms + "); in a terminal it is asked for");
    sub->add_flag("--risk", options->risk, "Send it although tries are missing");
    sub->callback([&shell, &command, options, &action] {
      action = [&shell, &command, options] {
        run_pin(shell, command, *options);
        return static_cast<int>(kOk);
      };
    });
  }
  auto* pins = app.add_subcommand("pins", "Which PINs there are, and the tries they have left");
  pins->callback([&shell, &action] {
    action = [&shell] {
      for (const auto* name : {"PIN1", "PIN2", "UPIN", "ADM1", "ADM2", "ADM3", "ADM4", "ADM5"}) {
        const auto status = shell_send(shell, {0x00, 0x20, 0x00, *ef::pin_reference(name), {}, std::nullopt}, false).status;
        const auto left = tries_of(status);
        if (!left && status != sw::kOk && status != sw::kReferencedDataInvalidated) continue;
        std::cout << name << "  " << (left ? std::to_string(*left) + " tries left" : "not needed now") << "\n";
      }
      return static_cast<int>(kOk);
    };
  });
}

struct AuthOptions {
  std::string rand, autn, k, opc, sqn = "000000000020", amf = "8000";
  bool gsm = false, exclusive_or = false;
};

template <std::size_t N>
std::array<std::uint8_t, N> fixed(const std::string& name, const std::string& text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != N) throw Exit{kUsage, name + " has " + std::to_string(N) + " bytes in hexadecimal"};
  std::array<std::uint8_t, N> out{};
  std::ranges::copy(*bytes, out.begin());
  return out;
}

crypto::SecretBytes secret_of_16(const std::string& name, const std::string& given) {
  auto out = read_secret(name, given).bytes(name, SecretText::Form::kHex);
  if (out.size() != 16) throw Exit{kUsage, name + " has 16 bytes in hexadecimal"};
  return out;
}

std::unique_ptr<crypto::AuthAlgorithm> network(const AuthOptions& options) {
  const auto k = secret_of_16("--k", options.k);
  if (options.exclusive_or) return std::make_unique<crypto::XorAuth>(files_value(crypto::XorAuth::from(k)));
  return std::make_unique<crypto::Milenage>(files_value(crypto::Milenage::from(k, secret_of_16("--opc", options.opc))));
}

/// The answer of AUTHENTICATE taken apart (3GPP TS 31.102 clause 7.1.2).
void print_answer(BytesView data, crypto::AuthAlgorithm* algorithm, const crypto::Rand& rand) {
  if (data.empty()) return;
  ByteReader reader(data.subspan(data[0] == 0xDB || data[0] == 0xDC ? 1 : 0));
  const auto print = [&](const char* name) {
    if (const auto value = reader.lv()) std::cout << name << to_hex(*value) << "\n";
  };
  if (data[0] == 0xDB) {
    for (const auto* name : {"RES  ", "CK   ", "IK   ", "Kc   "}) print(name);
    if (algorithm != nullptr) {
      const auto expected = algorithm->f2345(rand);
      const bool same = data.size() > 2 && data[1] == expected.res.size() && equal(data.subspan(2, data[1]), expected.res.view());
      std::cout << (same ? "RES is what the network expects\n" : "RES is not what the network expects\n");
    }
  } else if (data[0] == 0xDC) {
    const auto auts = reader.lv();
    if (!auts) return;
    std::cout << "AUTS " << to_hex(*auts) << " (synchronisation failure)\n";
    if (algorithm == nullptr) return;
    const auto sqn = crypto::open_auts(*algorithm, rand, *auts);
    std::cout << (sqn ? "SQN of the card: " + to_hex(*sqn) + "\n" : "AUTS is wrong: " + sqn.error().text + "\n");
  } else {
    for (const auto* name : {"SRES ", "Kc   "}) print(name);
  }
}

int run_auth(Shell& shell, const AuthOptions& options) {
  crypto::Rand rand{};
  if (options.rand.empty()) {
    crypto::SystemRandom().fill(rand);
  } else {
    rand = fixed<16>("RAND", options.rand);
  }
  std::unique_ptr<crypto::AuthAlgorithm> algorithm;
  if (!options.k.empty()) algorithm = network(options);
  Bytes data{16};
  append(data, rand);
  if (!options.gsm) {
    Bytes autn;
    if (!options.autn.empty()) {
      autn = to_bytes(fixed<16>("AUTN", options.autn));
    } else if (algorithm) {
      autn = to_bytes(crypto::make_autn(*algorithm, rand, fixed<6>("--sqn", options.sqn), fixed<2>("--amf", options.amf)).view());
    } else {
      throw Exit{kUsage, "auth RAND AUTN, or the keys of the network: auth --k K --opc OPC --sqn SQN"};
    }
    data.push_back(static_cast<std::uint8_t>(autn.size()));
    append(data, autn);
    std::cout << "RAND " << to_hex(rand) << "\nAUTN " << to_hex(autn) << "\n";
  }
  // AUTHENTICATE belongs to an application.
  if (!shell.directory.starts_with("ADF.")) files_value(shell.files.select("ADF.USIM"));
  const auto answer = shell_send(shell, {0x00, 0x88, 0x00, options.gsm ? std::uint8_t{0x80} : std::uint8_t{0x81}, data, 256}, false);
  if (!answer.status.is_success())
    throw Exit{kCheckFailed, "AUTHENTICATE: " + to_hex(answer.status) + " (" + std::string(meaning(answer.status)) + ")"};
  print_answer(answer.data, algorithm.get(), rand);
  return kOk;
}

void add_auth(App& app, Action& action, Shell& shell) {
  const auto options = std::make_shared<AuthOptions>();
  auto* auth = app.add_subcommand("auth", "AUTHENTICATE: auth RAND AUTN, or as the network does: auth --k K --opc OPC --sqn SQN");
  auth->add_option("RAND", options->rand, "16 bytes; random without it");
  auth->add_option("AUTN", options->autn, "16 bytes");
  auth->add_flag("--gsm", options->gsm, "Use the GSM security context: only RAND");
  auth->add_option("--k", options->k, "K of the subscriber, in hexadecimal");
  auth->add_option("--opc", options->opc, "OPc (Milenage)");
  auth->add_flag("--xor", options->exclusive_or, "The XOR algorithm of test cards instead of Milenage");
  auth->add_option("--sqn", options->sqn, "SQN that the network uses, six bytes")->capture_default_str();
  auth->add_option("--amf", options->amf, "AMF, two bytes")->capture_default_str();
  auth->callback([&shell, options, &action] { action = [&shell, options] { return run_auth(shell, *options); }; });
}

}  // namespace

void add_shell_security(App& app, Action& action, Shell& shell) {
  add_pins(app, action, shell);
  add_auth(app, action, shell);
}

}  // namespace uicclab::cli
