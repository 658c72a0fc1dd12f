// A second coordinator on the same file, whatever name it is given.

#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/process.h"
#include "tests/e2e/service.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SameFileTest : public testing::Test {
 protected:
  SameFileTest() : service_(StartService(db_)) {
    std::filesystem::create_directory(dir_.path("other"));
  }

  // That `attuned` on `database` is refused, and `attune` asks the first one.
  void ExpectRefused(const std::string& database,
                     const ProcessOptions& options = {}) {
    ASSERT_NE(service_.address, "") << service_.process->Log();
    const Finish second = RunProgram(
        {"attuned", "--db", database, "--listen", "127.0.0.1:0"}, options);
    EXPECT_EQ(second.exit_code, 1);
    EXPECT_THAT(second.log,
                AllOf(HasSubstr(absl::StrCat("pid ", service_.process->pid())),
                      HasSubstr(service_.address)));
    const Finish status =
        RunProgram({"attune", "status", "--db", database}, options);
    EXPECT_EQ(status.exit_code, 0) << status.log;
    EXPECT_THAT(status.output, HasSubstr(service_.address));
    EXPECT_EQ(Sql(db_, "pragma integrity_check"), "ok");
  }

  const TempDir dir_;
  const std::string db_ = dir_.path("attune.db");
  const Service service_;
};

TEST_F(SameFileTest, ByTheSameName) { ExpectRefused(db_); }

TEST_F(SameFileTest, ByARelativePath) {
  ExpectRefused("../attune.db", {.directory = dir_.path("other")});
}

TEST_F(SameFileTest, ByASymbolicLinkElsewhere) {
  std::filesystem::create_symlink(db_, dir_.path("other/link.db"));
  ExpectRefused(dir_.path("other/link.db"));
}

TEST_F(SameFileTest, ByALinkToItsFolder) {
  std::filesystem::create_directory_symlink(".", dir_.path("here"));
  ExpectRefused(dir_.path("here/attune.db"));
}

TEST_F(SameFileTest, ByAHardLink) {
  std::filesystem::create_hard_link(db_, dir_.path("other/hard.db"));
  ExpectRefused(dir_.path("other/hard.db"));
}

class Mounted {
 public:
  Mounted(const std::string& from, const std::string& to)
      : to_(to),
        mounted_(mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr) ==
                 0) {}
  ~Mounted() {
    if (mounted_) umount2(to_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }

 private:
  const std::string to_;
  const bool mounted_;
};

TEST_F(SameFileTest, ByAMountOfItsFolder) {
  const TempDir elsewhere;
  std::filesystem::create_directory(elsewhere.path("mounted"));
  const Mounted mounted(dir_.path(""), elsewhere.path("mounted"));
  if (!mounted.mounted()) {
    GTEST_SKIP() << "this process may not mount, so this is not tested here";
  }
  ExpectRefused(elsewhere.path("mounted/attune.db"));
}

TEST_F(SameFileTest, ByAMountOfTheFileAlone) {
  const std::string other = dir_.Write("other/attune.db", "");
  const Mounted mounted(db_, other);
  if (!mounted.mounted()) {
    GTEST_SKIP() << "this process may not mount, so this is not tested here";
  }
  ExpectRefused(other);
}

}  // namespace
}  // namespace attune
