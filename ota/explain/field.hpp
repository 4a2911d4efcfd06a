// SPDX-License-Identifier: Apache-2.0
// The meaning of bytes, field by field: name, clause, place, meaning. For people, tools and traces.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/reader.hpp"

namespace uicclab::ota {

/// The kind of a field's content, as far as programs need it.
enum class Content : std::uint8_t {
  kOther,
  kFrame,     ///< its parts cover it: bytes that they do not cover could not be read
  kPacket,    ///< a frame: a command or response packet
  kScript,    ///< a frame: what a command packet brings, the commands of a script among its parts
  kCommand,   ///< a command APDU of a script
  kAnswer,    ///< an answer APDU of a script, with its status word
  kData,      ///< data of an answer, without
  kResponse,  ///< a frame: what a response packet brings
  kUnread,    ///< a script or its response in a packet that does not check
  kCiphered,  ///< the same, and the keys are not known
  kPart,      ///< of a concatenated message
  kWhole,     ///< put together from parts; offsets below count from its beginning
};

/// A field, or a group of fields.
struct Field {
  std::string name;
  std::string clause;      ///< empty for a group that no clause names
  std::size_t offset = 0;  ///< in the message; deciphered bytes keep the place of the ciphered ones
  Bytes bytes;
  std::string meaning;  ///< in plain words; may be empty
  std::vector<Field> parts;
  Content content = Content::kOther;

  /// The first field of this name, at any depth; nullptr if there is none.
  const Field* find(std::string_view wanted) const;
};

/// A decoded message.
struct Explanation {
  std::string what;  ///< "SMS-DELIVER", "command packet", ...
  std::vector<Field> fields;
  /// What is wrong and where; the fields before it are good. kMismatch: it reads well, and its check is wrong.
  std::optional<Error> wrong;

  const Field* find(std::string_view wanted) const;
};

/// Takes fields off the front of bytes and appends them to a list. After the first failure nothing is taken any more.
class FieldReader {
 public:
  /// `base`: offset of `bytes` in the message. `out` and `wrong` must outlive this object.
  FieldReader(BytesView bytes, std::size_t base, std::vector<Field>& out, std::optional<Error>& wrong)
      : m_reader(bytes), m_base(base), m_out(out), m_wrong(wrong) {}

  /// The next `size` bytes as a field. Nothing, and an error that names the field, if there are fewer.
  std::optional<BytesView> take(std::string name, std::string clause, std::size_t size, std::string meaning = {});
  std::optional<std::uint8_t> u8(std::string name, std::string clause, std::string meaning = {});
  std::optional<std::uint16_t> u16(std::string name, std::string clause, std::string meaning = {});
  /// All that is left, as one field; nothing is added if nothing is left.
  BytesView rest(std::string name, std::string clause, std::string meaning = {});

  /// Passes over bytes that are shown elsewhere; there are as many.
  void skip(std::size_t size) { m_reader.skip(size); }

  /// The field taken last.
  Field& last() { return m_out.back(); }
  void say(std::string meaning) { last().meaning = std::move(meaning); }
  /// Error at the end of what was taken, or `back` bytes before it; the first one stays.
  void fail(ErrorCode code, std::string text, std::size_t back = 0);
  bool failed() const { return m_wrong.has_value(); }
  /// Errors: kTrailing if bytes are left.
  void end(std::string_view of);

  std::size_t offset() const { return m_base + m_reader.offset(); }
  std::size_t remaining() const { return m_reader.remaining(); }
  BytesView view() const { return m_reader.rest(); }

 private:
  ByteReader m_reader;
  std::size_t m_base;
  std::vector<Field>& m_out;
  std::optional<Error>& m_wrong;
};

/// The fields alone, as to_text() and to_json() write them: lines, each after `indent`; a JSON array.
std::string fields_to_text(const std::vector<Field>& fields, bool clauses, std::size_t width, const std::string& indent = {});
Json fields_to_json(const std::vector<Field>& fields);

/// As lines: indented by depth, with offset, name, bytes, meaning and, if wanted, clause. Long values are cut to `width` bytes, 0: never.
std::string to_text(const Explanation& explanation, bool clauses, std::size_t width = 24);
/// As one JSON object.
std::string to_json(const Explanation& explanation);

}  // namespace uicclab::ota
