// The house rules, as a test: what may include what, sizes, banned words, links
// in Markdown, a source without its test. docs/style.md says them in prose.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

struct File {
  std::string path;  // from the root, e.g. `core/trial.h`
  std::vector<std::string> lines;
};

fs::path Root() { return ATTUNE_SOURCE_DIR; }

std::string ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

const std::vector<std::string>& ProductFolders() {
  static const std::vector<std::string> folders = {
      "core", "proto", "storage", "server", "worker", "client"};
  return folders;
}

std::vector<File> ReadTree(const std::vector<std::string>& folders,
                           const std::vector<std::string>& extensions) {
  std::vector<File> files;
  for (const std::string& folder : folders) {
    if (!fs::exists(Root() / folder)) continue;
    for (const auto& entry :
         fs::recursive_directory_iterator(Root() / folder)) {
      const std::string extension = entry.path().extension();
      if (!entry.is_regular_file() ||
          std::count(extensions.begin(), extensions.end(), extension) == 0) {
        continue;
      }
      files.push_back({fs::relative(entry.path(), Root()),
                       absl::StrSplit(ReadText(entry.path()), '\n')});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

std::vector<File> ProductSources() {
  return ReadTree(ProductFolders(), {".h", ".cc"});
}

std::vector<File> AllSources() {
  std::vector<std::string> folders = ProductFolders();
  folders.insert(folders.end(), {"tests", "bench"});
  return ReadTree(folders, {".h", ".cc"});
}

std::string At(const File& file, size_t line) {
  return absl::StrCat(file.path, ":", line + 1, ": ", file.lines[line]);
}

// Every line of `files` for which `bad` says so.
std::vector<std::string> FindLines(
    const std::vector<File>& files,
    const std::function<bool(const File&, const std::string&)>& bad) {
  std::vector<std::string> found;
  for (const File& file : files) {
    for (size_t i = 0; i < file.lines.size(); ++i) {
      if (bad(file, file.lines[i])) found.push_back(At(file, i));
    }
  }
  return found;
}

bool InAnyOf(const std::string& path,
             const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) {
                       return absl::StartsWith(path, prefix);
                     });
}

// What `line` includes, with its quotes or brackets; empty if nothing.
std::string Included(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, "#include ")) return "";
  return std::string(line.substr(0, line.find_first_of("\">", 1)));
}

// ---- what may include what --------------------------------------------------

struct FolderRule {
  std::string folder;  // the first rule whose folder fits is the one
  std::vector<std::string> may_include;
};

const std::vector<FolderRule>& FolderRules() {
  static const std::vector<FolderRule> rules = {
      {"core/", {"core/"}},
      {"proto/", {"core/", "proto/"}},
      {"storage/", {"core/", "storage/"}},
      {"server/search/", {"core/", "server/search/"}},
      {"server/stopping/", {"core/", "server/stopping/"}},
      {"worker/nn/", {"core/random.h", "core/check.h", "worker/nn/"}},
      {"worker/optim/", {"core/", "worker/nn/types.h", "worker/optim/"}},
      {"worker/data/", {"core/", "worker/nn/types.h", "worker/data/"}},
      {"worker/artifacts/", {"core/", "worker/artifacts/"}},
      {"worker/training/", {"core/", "worker/"}},
      {"server/", {"core/", "proto/", "storage/", "server/"}},
      {"worker/", {"core/", "proto/", "worker/"}},
      {"client/", {"core/", "proto/", "client/"}},
  };
  return rules;
}

bool IsForbiddenInclude(const File& file, const std::string& line) {
  std::string included = Included(line);
  if (!absl::StartsWith(included, "\"")) return false;
  included.erase(0, 1);
  if (!InAnyOf(included, {"core/", "proto/", "storage/", "server/", "worker/",
                          "client/", "tests/", "bench/"})) {
    return false;
  }
  for (const FolderRule& rule : FolderRules()) {
    if (absl::StartsWith(file.path, rule.folder)) {
      return !InAnyOf(included, rule.may_include);
    }
  }
  return true;
}

TEST(TidyTest, FoldersIncludeOnlyWhatTheTableAllows) {
  EXPECT_THAT(FindLines(ProductSources(), IsForbiddenInclude), IsEmpty());
}

struct LibraryRule {
  std::string header;                // a prefix, with its quote or bracket
  std::vector<std::string> allowed;  // prefixes of paths
};

const std::vector<LibraryRule>& LibraryRules() {
  static const std::vector<LibraryRule> rules = {
      {"<grpc",
       {"proto/grpc_status", "server/rpc", "server/server.",
        "server/health_service", "server/study_service", "server/server_status",
        "server/watch_hub", "server/worker_service", "worker/grpc_coordinator",
        "client/study_client"}},
      {"<sqlite3.h", {"storage/sqlite_db.cc", "storage/sqlite_log.cc"}},
      {"<Eigen/",
       {"server/search/", "worker/nn/", "worker/optim/", "worker/data/"}},
      {"<spdlog/", {"core/log.cc"}},
      {"<nlohmann/", {"storage/", "client/", "worker/artifacts/"}},
      {"<yaml-cpp/", {"client/study_file", "client/yaml"}},
      {"<zlib.h", {"worker/artifacts/", "worker/data/"}},
      {"<regex", {}},
  };
  return rules;
}

TEST(TidyTest, LibrariesStayBehindTheirAdapters) {
  const auto bad = [](const File& file, const std::string& line) {
    const std::string included = Included(line);
    for (const LibraryRule& rule : LibraryRules()) {
      if (absl::StartsWith(included, rule.header) &&
          !InAnyOf(file.path, rule.allowed)) {
        return true;
      }
    }
    return false;
  };
  EXPECT_THAT(FindLines(ProductSources(), bad), IsEmpty());
}

TEST(TidyTest, GeneratedMessagesStayAtTheRim) {
  const auto bad = [](const File& file, const std::string& line) {
    return absl::StrContains(Included(line), ".pb.h") &&
           !InAnyOf(file.path,
                    {"proto/", "server/health_service", "server/rpc",
                     "server/study_queries", "server/study_requests",
                     "server/study_service", "server/server_status",
                     "server/worker_requests", "server/worker_service",
                     "worker/grpc_coordinator", "worker/onnx_file", "client/"});
  };
  EXPECT_THAT(FindLines(ProductSources(), bad), IsEmpty());
}

// ---- sizes ------------------------------------------------------------------

// Characters, not bytes: continuation bytes of UTF-8 do not count.
int64_t Width(const std::string& line) {
  return std::count_if(line.begin(), line.end(),
                       [](char c) { return (c & 0xC0) != 0x80; });
}

TEST(TidyTest, LinesAreAtMost80Wide) {
  const auto bad = [](const File&, const std::string& line) {
    return Width(line) > 80 && !absl::StartsWith(line, "#include") &&
           !absl::StrContains(line, "R\"");
  };
  EXPECT_THAT(FindLines(AllSources(), bad), IsEmpty());
}

TEST(TidyTest, FilesAreShort) {
  std::vector<std::string> found;
  for (const File& file : AllSources()) {
    const bool product = InAnyOf(file.path, ProductFolders());
    const size_t most = absl::EndsWith(file.path, ".h") && product ? 200 : 600;
    if (file.lines.size() > most + 1) {
      found.push_back(absl::StrCat(file.path, ": ", file.lines.size() - 1,
                                   " lines, at most ", most));
    }
  }
  EXPECT_THAT(found, IsEmpty());
}

size_t Indent(const std::string& line) {
  const size_t at = line.find_first_not_of(' ');
  return at == std::string::npos ? 1000 : at;
}

// The first line of the block that `file.lines[end]`, a lone `}`, closes: with
// clang-format's layout, the nearest line above that is indented just as much.
size_t BlockStart(const File& file, size_t end) {
  const size_t indent = Indent(file.lines[end]);
  size_t start = end;
  while (start > 0) {
    const std::string& line = file.lines[--start];
    if (Indent(line) == indent && line[indent] != '#') break;
  }
  return start;
}

TEST(TidyTest, FunctionsAreAtMost70Lines) {
  std::vector<std::string> found;
  for (const File& file : AllSources()) {
    for (size_t i = 0; i < file.lines.size(); ++i) {
      if (file.lines[i] != "}" && file.lines[i] != "  }") continue;
      const size_t start = BlockStart(file, i);
      if (i - start + 1 > 70) {
        found.push_back(
            absl::StrCat(At(file, start), " (", i - start + 1, " lines)"));
      }
    }
  }
  EXPECT_THAT(found, IsEmpty());
}

// ---- words ------------------------------------------------------------------

struct WordRule {
  std::string word;
  std::vector<std::string> allowed;  // prefixes of paths
};

const std::vector<WordRule>& WordRules() {
  // Written apart so that this file does not break its own rule.
  static const std::vector<WordRule> rules = {
      {"TO"
       "DO",
       {}},
      {"FIX"
       "ME",
       {}},
      {"XX"
       "X",
       {}},
      {"sleep"
       "_for",
       {"core/clock"}},
      {"using name"
       "space ",
       {}},
      {"std::random"
       "_device",
       {}},
      {"std::c"
       "out",
       {"client/main.cc", "client/format", "bench/"}},
      {"std::normal"
       "_distribution",
       {}},
      {"std::shared"
       "_ptr<",
       {"proto/", "worker/grpc_", "client/study_", "server/rpc", "tests/",
        "bench/"}},
      {"#pragma on"
       "ce",
       {}},
      {"NOLINT("
       "*)",
       {}},
  };
  return rules;
}

TEST(TidyTest, BannedWordsAreNotThere) {
  const auto bad = [](const File& file, const std::string& line) {
    for (const WordRule& rule : WordRules()) {
      if (absl::StrContains(line, rule.word) &&
          !InAnyOf(file.path, rule.allowed)) {
        return true;
      }
    }
    return false;
  };
  EXPECT_THAT(FindLines(AllSources(), bad), IsEmpty());
}

TEST(TidyTest, NothingOfOursThrows) {
  const auto bad = [](const File&, const std::string& line) {
    return absl::StartsWith(absl::StripLeadingAsciiWhitespace(line), "throw ");
  };
  EXPECT_THAT(FindLines(ProductSources(), bad), IsEmpty());
}

TEST(TidyTest, HeadersHaveTheGuardOfTheirPath) {
  std::vector<std::string> found;
  for (const File& file : AllSources()) {
    if (!absl::EndsWith(file.path, ".h")) continue;
    std::string guard = "ATTUNE_";
    for (const char c : file.path) {
      guard += std::isalnum(static_cast<unsigned char>(c))
                   ? static_cast<char>(std::toupper(c))
                   : '_';
    }
    guard += '_';
    const std::string text = absl::StrJoin(file.lines, "\n");
    if (!absl::StrContains(
            text, absl::StrCat("#ifndef ", guard, "\n#define ", guard))) {
      found.push_back(absl::StrCat(file.path, ": expected the guard ", guard));
    }
  }
  EXPECT_THAT(found, IsEmpty());
}

// ---- completeness -----------------------------------------------------------

// Sources whose tests stand elsewhere, and where.
const std::set<std::string>& TestedElsewhere() {
  static const std::set<std::string> sources = {
      "core/check.cc",  // every test that passes uses it
      "server/main.cc", "worker/main.cc", "client/main.cc",  // tests/e2e
  };
  return sources;
}

TEST(TidyTest, EverySourceHasItsTest) {
  std::vector<std::string> found;
  for (const File& file : ProductSources()) {
    if (!absl::EndsWith(file.path, ".cc") ||
        absl::StartsWith(file.path, "client/commands/") ||  // tests/e2e
        TestedElsewhere().count(file.path) > 0) {
      continue;
    }
    const std::string stem = file.path.substr(0, file.path.size() - 3);
    if (!fs::exists(Root() / "tests" / (stem + "_test.cc"))) {
      found.push_back(absl::StrCat(file.path, ": no tests/", stem, "_test.cc"));
    }
  }
  EXPECT_THAT(found, IsEmpty());
}

TEST(TidyTest, EverySourceIsInACMakeList) {
  std::vector<std::string> found;
  for (const File& file : AllSources()) {
    if (!absl::EndsWith(file.path, ".cc")) continue;
    bool listed = false;
    for (fs::path folder = fs::path(file.path).parent_path();
         !folder.empty() && !listed; folder = folder.parent_path()) {
      const std::string name = fs::relative(file.path, folder);
      listed =
          absl::StrContains(ReadText(Root() / folder / "CMakeLists.txt"), name);
    }
    if (!listed) found.push_back(file.path);
  }
  EXPECT_THAT(found, IsEmpty());
}

// ---- documents --------------------------------------------------------------

std::vector<File> Documents() {
  std::vector<File> files =
      ReadTree({"docs", "examples", "bench", "docker", "tests"}, {".md"});
  for (const char* name : {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}) {
    files.push_back({name, absl::StrSplit(ReadText(Root() / name), '\n')});
  }
  return files;
}

// The targets of `[text](target)` in a line.
std::vector<std::string> Links(const std::string& line) {
  std::vector<std::string> links;
  for (size_t at = line.find("]("); at != std::string::npos;
       at = line.find("](", at + 2)) {
    const size_t end = line.find(')', at);
    if (end == std::string::npos) break;
    links.push_back(line.substr(at + 2, end - at - 2));
  }
  return links;
}

TEST(TidyTest, LinksInMarkdownLeadSomewhere) {
  std::vector<std::string> found;
  for (const File& file : Documents()) {
    const fs::path folder = (Root() / file.path).parent_path();
    for (size_t i = 0; i < file.lines.size(); ++i) {
      for (const std::string& link : Links(file.lines[i])) {
        const std::string target = link.substr(0, link.find('#'));
        if (target.empty() || absl::StrContains(link, "://")) continue;
        if (!fs::exists(folder / target)) found.push_back(At(file, i));
      }
    }
  }
  EXPECT_THAT(found, IsEmpty());
}

TEST(TidyTest, EveryDocumentIsNamedInTheIndex) {
  const std::string index = ReadText(Root() / "docs/README.md");
  std::vector<std::string> found;
  for (const File& file : ReadTree({"docs"}, {".md"})) {
    const std::string name = file.path.substr(5);
    if (name != "README.md" && !absl::StrContains(index, "(" + name + ")")) {
      found.push_back(file.path);
    }
  }
  EXPECT_THAT(found, IsEmpty());
}

// ---- the rules themselves ---------------------------------------------------

TEST(TidyTest, FindsWhatItForbids) {
  EXPECT_TRUE(
      IsForbiddenInclude({"core/trial.h", {}}, "#include \"proto/convert.h\""));
  EXPECT_TRUE(IsForbiddenInclude({"client/main.cc", {}},
                                 "#include \"server/server.h\""));
  EXPECT_FALSE(IsForbiddenInclude({"server/server.cc", {}},
                                  "#include \"storage/storage.h\""));
  const File file = {"x.cc", {"int F() {", "  if (a) {", "  }", "}"}};
  EXPECT_EQ(BlockStart(file, 3), 0);
  EXPECT_EQ(BlockStart(file, 2), 1);
  EXPECT_THAT(Links("see [a](b.md) and [c](d.md#e)"),
              testing::ElementsAre("b.md", "d.md#e"));
  EXPECT_EQ(Width("äöü"), 3);
}

}  // namespace
}  // namespace attune
