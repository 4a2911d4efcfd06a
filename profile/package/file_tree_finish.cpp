// SPDX-License-Identifier: Apache-2.0
// From drafts to the files of a profile: links, sizes, contents as a profile writes them, order, names.
#include "profile/body.hpp"
#include "profile/package/file_tree.hpp"

namespace uicclab::profile::package {
namespace {

/// Without the FF at its end.
Bytes trimmed(BytesView bytes, std::uint8_t rest) {
  while (!bytes.empty() && bytes.back() == rest) bytes = bytes.first(bytes.size() - 1);
  return to_bytes(bytes);
}

/// The shortest that a profile can say: what the content begins with, and what fills the rest if that is not FF.
void set_content(FileSpec& file, const Bytes& body) {
  const uicc::FileHeader& header = file.header;
  constexpr std::size_t kWorthAFill = 8;
  const std::uint8_t last = body.empty() ? std::uint8_t{0xFF} : body.back();
  const bool uniform = std::ranges::all_of(body, [&](std::uint8_t byte) { return byte == last; });
  if (header.kind == uicc::FileKind::kBerTlv) {
    file.content = body;
  } else if (uniform && last != 0xFF) {
    file.fill = {last};
  } else if (!has_records(header.kind)) {
    const Bytes content = trimmed(body, last);
    const bool filled = last != 0xFF && body.size() - content.size() > kWorthAFill;
    if (filled) file.fill = {last};
    file.content = filled || last == 0xFF ? content : body;
  } else {
    for (std::size_t at = 0; at < body.size(); at += header.record_length) {
      file.records.push_back(trimmed(BytesView(body).subspan(at, header.record_length), 0xFF));
    }
    while (!file.records.empty() && file.records.back().empty()) file.records.pop_back();
  }
  // An empty EF_DIR would be taken for one that follows from the applications.
  if (file.path == kDirPath && uniform) file.records = {Bytes{0xFF}};
}

/// MF and its directories first, then the ADFs in the order of the package; a directory before its EFs, these before its DFs.
struct Place {
  std::size_t root;
  std::string directory;
  bool is_file;
  std::string path;
  auto operator<=>(const Place&) const = default;
};

}  // namespace

std::string_view name_of(std::string_view path) {
  static constexpr std::uint8_t kOfMf[] = {16, 17, 18};
  static constexpr std::uint8_t kOfUsim[] = {19, 20, 23, 24, 28, 29, 30, 31};
  static constexpr std::uint8_t kOfIsim[] = {21, 22};
  static constexpr std::uint8_t kOfCsim[] = {25, 26};
  const std::string_view root = path.substr(0, path.find('/'));
  if (depth(path) == 0) return root == kMfPath ? "MF" : root;
  const std::span<const std::uint8_t> elements = root.starts_with("ADF.USIM")   ? std::span<const std::uint8_t>(kOfUsim)
                                                 : root.starts_with("ADF.ISIM") ? std::span<const std::uint8_t>(kOfIsim)
                                                 : root.starts_with("ADF.CSIM") ? std::span<const std::uint8_t>(kOfCsim)
                                                                                : std::span<const std::uint8_t>(kOfMf);
  const Fid fid = last_fid(path).value_or(Fid{});
  const std::string_view above = parent_path(path);
  for (const Template& each : templates()) {
    if (std::ranges::find(elements, each.element) == elements.end()) continue;
    const TemplateFile& first = each.files.front();
    for (const TemplateFile& file : each.files) {
      if (file.fid == 0 || Fid{file.fid} != fid) continue;
      // A file in the directory of the first one of its template, in that one, or in a DF below.
      const bool heads = &file == &first;
      const std::uint16_t holder = file.directory != 0 ? file.directory : first.kind == uicc::FileKind::kDf && !heads ? first.fid : 0;
      const std::string_view suffix = above.substr(std::min(above.size(), root.size()));
      const bool fits = holder == 0 ? suffix.empty() : last_fid(above) == Fid{holder} && depth(path) <= 3;
      if (fits) return file.name;
    }
  }
  return {};
}

void FileTree::copy_links(const Draft& directory, const std::string& target, std::vector<Draft>& more) {
  const std::string prefix = target + "/";
  const std::size_t count = m_drafts.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Draft& below = m_drafts[i];
    if (!below.spec.path.starts_with(prefix)) continue;
    Draft copy = below;
    copy.spec.path = directory.spec.path + "/" + below.spec.path.substr(prefix.size());
    if (!is_directory(below.spec.header.kind)) copy.spec.link = below.spec.path;
    copy.made_by = directory.made_by;
    more.push_back(std::move(copy));
  }
}

void FileTree::follow_links() {
  std::vector<Draft> more;
  for (const Draft& draft : m_drafts) {
    if (draft.link.empty()) continue;
    const std::string target = resolve(draft.made_by, draft.link);
    const auto found = m_by_path.find(target);
    if (found == m_by_path.end()) {
      if (m_reading.failed()) return;
      return m_reading.refuse(draft.made_by, ErrorCode::kNotFound,
                              "the link of " + draft.spec.path + " leads to " + target + ", which is not there");
    }
    const bool to_directory = is_directory(m_drafts[found->second].spec.header.kind);
    if (to_directory != is_directory(draft.spec.header.kind)) {
      return m_reading.refuse(draft.made_by, ErrorCode::kMismatch, "the link of " + draft.spec.path + " points to another kind of file");
    }
    if (to_directory) copy_links(draft, target, more);
  }
  for (Draft& draft : more) {
    if (m_by_path.contains(draft.spec.path)) continue;
    m_by_path.emplace(draft.spec.path, m_drafts.size());
    m_drafts.push_back(std::move(draft));
  }
  for (Draft& draft : m_drafts) {
    if (is_directory(draft.spec.header.kind) || (draft.link.empty() && draft.spec.link.empty())) continue;
    // A link to a link is one to what that leads to; as many steps as there are files end every circle.
    std::string target = draft.spec.link.empty() ? resolve(draft.made_by, draft.link) : draft.spec.link;
    const Draft* end = nullptr;
    for (std::size_t steps = 0; steps <= m_drafts.size(); ++steps) {
      const auto found = m_by_path.find(target);
      if (found == m_by_path.end()) break;
      const Draft& next = m_drafts[found->second];
      if (next.link.empty() && (next.spec.link.empty() || next.spec.link == next.spec.path)) {
        end = &next;
        break;
      }
      target = next.link.empty() ? next.spec.link : resolve(next.made_by, next.link);
    }
    if (end == nullptr || end == &draft) {
      return m_reading.refuse(draft.made_by, ErrorCode::kMalformed, "the link of " + draft.spec.path + " leads nowhere");
    }
    uicc::FileHeader& header = draft.spec.header;
    const uicc::FileHeader& other = end->spec.header;
    if (header.kind != other.kind) {
      return m_reading.refuse(draft.made_by, ErrorCode::kMismatch,
                              "the link of " + draft.spec.path + " leads to " + end->spec.path + ", which has another structure");
    }
    if (header.record_length != 0 && header.record_length != other.record_length) {
      m_reading.notice(draft.made_by, "the link " + draft.spec.path + " has records of " + std::to_string(header.record_length) +
                                          " bytes, " + end->spec.path + " those of " + std::to_string(other.record_length) +
                                          ", which is what the card has");
    }
    draft.spec.link = end->spec.path;
    header.size = other.size;
    header.record_length = other.record_length;
    header.max_size = other.max_size;
  }
}

std::vector<FileSpec> FileTree::finish() {
  for (Draft& draft : m_drafts) {
    uicc::FileHeader& header = draft.spec.header;
    if (is_directory(header.kind) || !draft.link.empty()) continue;
    if (draft.grows) header.size = static_cast<std::uint32_t>(draft.body.size());
    if (header.size == 0) {
      m_reading.refuse(draft.made_by, ErrorCode::kNotFound, "the size is missing for the file " + draft.spec.path);
      return {};
    }
  }
  follow_links();
  if (m_reading.failed()) return {};
  std::map<std::string, std::size_t, std::less<>> roots;
  std::vector<std::pair<Place, FileSpec>> all;
  for (Draft& draft : m_drafts) {
    FileSpec& file = draft.spec;
    uicc::FileHeader& header = file.header;
    if (has_records(header.kind)) header.record_count = static_cast<std::uint16_t>(header.size / header.record_length);
    if (!is_directory(header.kind) && file.link.empty()) set_content(file, draft.body);
    file.name = name_of(file.path);
    const std::string root = file.path.substr(0, file.path.find('/'));
    const std::size_t number = roots.emplace(root, root == kMfPath ? 0 : roots.size() + 1).first->second;
    header.aid = Aid{};  // that of the application
    const bool is_file = !is_directory(header.kind);
    all.emplace_back(Place{number, is_file ? std::string(parent_path(file.path)) : file.path, is_file, file.path}, std::move(file));
  }
  std::ranges::stable_sort(all, {}, [](const auto& entry) -> const Place& { return entry.first; });
  std::vector<FileSpec> files;
  for (auto& [place, file] : all) files.push_back(std::move(file));
  return files;
}

}  // namespace uicclab::profile::package
