// SPDX-License-Identifier: Apache-2.0
#include "cli/common/secret_text.hpp"

#include <cstdlib>
#include <iostream>

#include <termios.h>
#include <unistd.h>

#include "cli/common/commands.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "core/crypto/wiped_bytes.hpp"
#include "core/hex.hpp"

namespace uicclab::cli {
namespace {

constexpr std::string_view kHex = "hex:", kAscii = "ascii:", kEnv = "env:", kFile = "file:", kPrompt = "prompt";

void wipe_text(std::string& text) {
  crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  text.clear();
}

SecretText with_form(std::string text) {
  const auto behind = [&](std::string_view prefix, SecretText::Form form) {
    SecretText out(form, text.substr(prefix.size()));
    wipe_text(text);
    return out;
  };
  if (text.starts_with(kHex)) return behind(kHex, SecretText::Form::kHex);
  if (text.starts_with(kAscii)) return behind(kAscii, SecretText::Form::kAscii);
  return {SecretText::Form::kPlain, std::move(text)};
}

void trim_end(std::string& text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) text.pop_back();
}

}  // namespace

SecretText::~SecretText() {
  wipe_text(text);
}

crypto::SecretBytes SecretText::bytes(const std::string& what, Form plain) const {
  const auto checked = [&](BytesView value) {
    auto secret = crypto::SecretBytes::from(value);
    if (!secret) throw Exit{kUsage, what + ": " + secret.error().text};
    return *std::move(secret);
  };
  if ((form == Form::kPlain ? plain : form) != Form::kHex) return checked(as_bytes(text));
  auto read = from_hex(text);
  if (!read)
    throw Exit{kUsage,
               what + ": no hexadecimal digits (" + read.error().text + " at character " + std::to_string(read.error().offset + 1) + ")"};
  auto out = checked(*read);
  crypto::wipe(*read);
  return out;
}

bool names_secret(const std::string& given) {
  return given == kPrompt || given.starts_with(kHex) || given.starts_with(kAscii) || given.starts_with(kEnv) || given.starts_with(kFile);
}

SecretText read_secret(const std::string& what, const std::string& given) {
  std::string text;
  if (given.starts_with(kEnv)) {
    const std::string name = given.substr(kEnv.size());
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
    if (value == nullptr) throw Exit{kUsage, what + ": the environment variable " + name + " is not set"};
    text = value;
  } else if (given.starts_with(kFile)) {
    const std::string path = given.substr(kFile.size());
    tell_if_readable_by_others(path);
    text = read_input_text(path, kKeyFile);
  } else if (given == kPrompt) {
    text = typed_secret(what);
  } else {
    return with_form(given);
  }
  trim_end(text);
  if (text.empty()) throw Exit{kUsage, what + ": " + given + " gives nothing"};
  return with_form(std::move(text));
}

std::string typed_secret(const std::string& what) {
  std::cerr << what << ": " << std::flush;
  termios before{};
  const bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    termios silent = before;
    silent.c_lflag &= static_cast<tcflag_t>(~static_cast<tcflag_t>(ECHO));
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  std::string value = read_standard_line().value_or("");
  if (terminal) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  std::cerr << "\n";
  return value;
}

}  // namespace uicclab::cli
