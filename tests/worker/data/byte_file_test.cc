#include "worker/data/byte_file.h"

#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/idx_files.h"
#include "tests/testing/status_matchers.h"

namespace attune::nn {
namespace {

using testing::HasSubstr;

class ByteFileTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const {
    return folder_ + "/" + name;
  }
  std::string Compressed(const std::string& bytes) const {
    WriteGzip(Path("compressed"), bytes);
    std::ifstream file(Path("compressed"), std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), {});
  }
  absl::StatusOr<std::string> ReadAll(const std::string& name) const {
    absl::StatusOr<ByteFile> file = ByteFile::Open(Path(name));
    if (!file.ok()) return file.status();
    return file->ReadRest();
  }

 private:
  const std::string folder_ = TestFolder();
};

TEST_F(ByteFileTest, ReadsPlainAndCompressedFiles) {
  const std::string bytes(3 << 20, 'x');
  WriteFile(Path("plain"), bytes);
  WriteGzip(Path("compressed"), bytes);
  EXPECT_THAT(ReadAll("plain"), IsOkAndHolds(bytes));
  EXPECT_THAT(ReadAll("compressed"), IsOkAndHolds(bytes));
}

TEST_F(ByteFileTest, ReadsOnFromWhereItIs) {
  WriteFile(Path("file"), "abcdef");
  ATTUNE_ASSERT_OK_AND_ASSIGN(ByteFile file, ByteFile::Open(Path("file")));
  uint8_t begin[4] = {};
  EXPECT_THAT(file.Read(4, begin), IsOkAndHolds(4));
  EXPECT_EQ(begin[3], 'd');
  EXPECT_THAT(file.ReadRest(), IsOkAndHolds(std::string("ef")));
  EXPECT_THAT(file.Read(4, begin), IsOkAndHolds(0));
}

TEST_F(ByteFileTest, RefusesATruncatedCompressedFile) {
  const std::string whole = Compressed(std::string(10000, 'x'));
  WriteFile(Path("part"), whole.substr(0, whole.size() - 12));
  EXPECT_THAT(ReadAll("part"),
              StatusIs(absl::StatusCode::kDataLoss,
                       "reading " + Path("part") +
                           ": the compressed file is truncated"));
}

TEST_F(ByteFileTest, ReadsStreamsOneAfterTheOther) {
  WriteFile(Path("two"), Compressed("abc") + Compressed("def"));
  EXPECT_THAT(ReadAll("two"), IsOkAndHolds(std::string("abcdef")));
}

TEST_F(ByteFileTest, RefusesADamagedCompressedFile) {
  std::string damaged = Compressed("abc");
  damaged[damaged.size() - 6] ^= 1;  // of its sum
  WriteFile(Path("file"), damaged);
  EXPECT_THAT(ReadAll("file"), StatusIs(absl::StatusCode::kDataLoss,
                                        HasSubstr("incorrect data check")));
}

TEST_F(ByteFileTest, RefusesWhatFollowsACompressedFile) {
  const std::string compressed = Compressed(std::string(300, 'x'));
  for (const std::string& junk :
       {std::string("x"), std::string(1 << 18, 'x'), std::string(1, '\0')}) {
    WriteFile(Path("file"), compressed + junk);
    EXPECT_THAT(ReadAll("file"),
                StatusIs(absl::StatusCode::kDataLoss,
                         "reading " + Path("file") +
                             ": found something behind the end of what is "
                             "compressed"));
  }
  WriteFile(Path("file"), compressed + "\x1f\x8bjunk");
  EXPECT_THAT(ReadAll("file"), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(ByteFileTest, SaysWhichFileIsWrong) {
  WriteFile(Path("file"), "");
  EXPECT_THAT(ByteFile::Open(Path("file"))->Wrong("expected more"),
              StatusIs(absl::StatusCode::kDataLoss,
                       "reading " + Path("file") + ": expected more"));
}

TEST_F(ByteFileTest, ADeviceIsNoFile) {
  EXPECT_THAT(ByteFile::Open("/dev/zero").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("no regular file")));
}

TEST_F(ByteFileTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_THAT(ReadAll("missing"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("opening " + Path("missing"))));
}

}  // namespace
}  // namespace attune::nn
