// SPDX-License-Identifier: Apache-2.0
#include "cli/gba/subscriber_file.hpp"

#include <fstream>

#include <toml++/toml.h>

#include "cli/common/file_lock.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "core/crypto/milenage.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "core/net/fd.hpp"
#include "core/reader.hpp"
#include "core/wall_clock.hpp"
#include "gba/bsf.hpp"
#include "gba/hss.hpp"

namespace uicclab::cli {
namespace {

class SubscriberFile final : public gba::HssSubscribers {
 public:
  explicit SubscriberFile(const std::string& name) : m_name(name), m_lock(lock_file(name + ".sqn")) {
    if (!std::ifstream(name)) throw Exit{kEnvironment, "cannot read " + name};
    try {
      m_table = toml::parse_file(name);
    } catch (const toml::parse_error& error) {
      throw Exit{kUsage, name + ": " + std::string(error.description()) + ", line " + std::to_string(error.source().begin.line)};
    }
    m_imsi = m_table["imsi"].value_exact<std::string>().value_or("");
    auto impi = gba::impi_of(m_imsi, static_cast<std::size_t>(m_table["mnc_digits"].value_or<std::int64_t>(2)));
    if (!impi) throw Exit{kUsage, m_name + ": imsi, mnc_digits: " + impi.error().text};
    m_impi = *std::move(impi);
    auto algorithm = crypto::Milenage::from(key("k"), key("opc"));
    if (!algorithm) throw Exit{kUsage, m_name + ": " + algorithm.error().text};
    m_algorithm.emplace(*std::move(algorithm));
    (void)sqn();  // what is wrong with it shows before anything else
  }
  const std::string& imsi() const { return m_imsi; }

  std::optional<gba::HssSubscriber> find(const gba::UserIdentity& user) override {
    if (user.digits != m_imsi || !m_algorithm) return std::nullopt;
    gba::HssSubscriber out{m_imsi, m_impi, gba::UiccType::kGbaU, std::make_unique<crypto::Milenage>(*std::move(m_algorithm))};
    m_algorithm.reset();
    return out;
  }
  std::optional<std::uint64_t> advance(const std::string&,
                                       const std::function<std::optional<std::uint64_t>(std::uint64_t)>& next) override {
    const auto value = next(sqn());
    if (value) write_private(sqn_file(), as_bytes(to_hex(ByteWriter().number(*value, 6).view()) + "\n"));
    return value;
  }

 private:
  crypto::SecretBytes key(const char* which) const {
    auto bytes = from_hex(m_table[which].value_or<std::string>(""));
    if (!bytes || bytes->size() != 16) throw Exit{kUsage, m_name + ": " + which + " has 32 hexadecimal digits"};
    crypto::SecretBytes out(*bytes);
    crypto::wipe(*bytes);
    return out;
  }
  /// The last sequence number that was used; 0 before the first.
  std::uint64_t sqn() const {
    const std::string path = sqn_file();
    if (::access(path.c_str(), F_OK) != 0) return 0;
    const Bytes text = read_input(path, kObjectFile);
    const auto number = from_hex(std::string_view(reinterpret_cast<const char*>(text.data()), text.size()).substr(0, 12));
    if (!number || number->size() != 6) throw Exit{kUsage, path + ": a sequence number has 12 hexadecimal digits"};
    return *ByteReader(*number).number(6);
  }
  std::string sqn_file() const { return m_name + ".sqn"; }

  std::string m_name;
  net::Fd m_lock;
  toml::table m_table;
  std::string m_imsi, m_impi;
  std::optional<crypto::Milenage> m_algorithm;  ///< for the one vector
};

}  // namespace

gba::ZpnAnswer push_for_file(const std::string& file, const std::string& bsf, gba::ZpnRequest request) {
  SubscriberFile subscriber(file);
  crypto::SystemRandom random;
  const WallClock clock;
  gba::Hss hss(subscriber, random);
  request.naf = "lwm2m";
  request.user = {gba::UserIdentity::Kind::kImsi, subscriber.imsi()};
  gba::Bsf own(
      {bsf, {{request.naf, {request.naf_id}, 0, gba::NafPolicy::GbaU::kAllowed}}},
      [&hss](const gba::ZhRequest& asked) { return hss.vector(asked); }, clock, random);
  auto answer = own.push(request);
  if (answer) return *std::move(answer);
  const bool auts = answer.error().code == gba::ResultCode::kNotAuthorized && request.resynchronisation;
  throw Exit{auts ? kWrongKeys : kCheckFailed, gba::to_text(answer.error())};
}

}  // namespace uicclab::cli
