// SPDX-License-Identifier: Apache-2.0
// The state between the elements while a package is read.
#pragma once

#include <set>

#include "profile/package/file_tree.hpp"

namespace uicclab::profile::package {

/// Tags that the objects of several elements have (IF clause 8.7).
enum : ber::Tag { kSequence = 0x30, kAid = 0x4F, kC9 = 0xC9, kUiccParameters = 0xEA, kSystemParameters = 0xEF };

class Importer {
 public:
  Importer(BytesView package, std::string_view source) : m_reading(package, source), m_tree(m_reading), m_source(source) {}

  Result<Imported> run();

 private:
  struct Puk {
    Bytes value;
    std::uint8_t tries = 10;
  };
  struct PendingPin {
    Element at;
    std::string scope;
    PinSpec pin;
    std::optional<std::uint32_t> puk;
  };
  struct SharedPins {
    Element at;
    std::string directory;
    Bytes path;
  };

  void element(const Element& element);
  void header(const Element& element);
  void services(const Element& list);
  void from_template(const Element& element, const Template& which);
  std::string base_of(const Element& element, const Template& which);
  void manage_files(const Element& element);
  void pins(const Element& element);
  void pin(const Element& element);
  void puks(const Element& element);
  void aka(const Element& element);
  void algorithm(const Element& element, ApplicationSpec& application);
  void mapping(const Element& element, ApplicationSpec& application);
  void sequence_numbers(Fields& fields, ApplicationSpec& application);
  void cdma(const Element& element);
  void security_domain(const Element& element);
  ApplicationSpec instance(const Element& element, bool issuer);
  void keys(const Element& list, ApplicationSpec& application);
  void key(const Element& element, ApplicationSpec& application);
  void personalisation(const Element& list, ApplicationSpec& application);
  void rfm(const Element& element);
  void loaded(const Element& element);
  void load_block(const Element& element);
  void loaded_instance(const Element& element);
  void unsupported(const Element& element, std::string_view what);
  void finish_pins();
  void name_applications();
  /// The application whose files came last; nothing after an error.
  ApplicationSpec* current_application(const Element& at, std::string_view what);

  Reading m_reading;
  FileTree m_tree;
  std::string m_source;
  Profile m_profile;
  std::set<Aid> m_packages;  ///< of its load files
  Bytes m_iccid;
  std::map<std::uint32_t, Puk> m_puks;
  std::vector<PendingPin> m_pins;
  std::vector<SharedPins> m_shared;
  std::string m_usim, m_isim, m_csim;  ///< the ADF that the optional elements add to
};

}  // namespace uicclab::profile::package
