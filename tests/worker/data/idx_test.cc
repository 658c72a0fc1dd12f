#include "worker/data/idx.h"

#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/idx_files.h"
#include "tests/testing/status_matchers.h"

namespace attune::nn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class IdxTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const {
    return folder_ + "/" + name;
  }
  std::string Write(const std::string& name, const std::string& bytes) const {
    WriteFile(Path(name), bytes);
    return Path(name);
  }
  static auto Refused(const std::string& why) {
    return StatusIs(absl::StatusCode::kDataLoss, HasSubstr(why));
  }

 private:
  const std::string folder_ = TestFolder();
};

const std::string& TwoImages() {
  static const auto* const bytes =
      new std::string(IdxBytes({2, 2, 3}, "abcdefghijkl"));
  return *bytes;
}

TEST_F(IdxTest, ReadsImages) {
  const IdxImages images = ReadIdxImages(Write("images", TwoImages())).value();
  const Pixels& pixels = images.pixels;
  EXPECT_EQ(pixels.rows(), 6);
  EXPECT_EQ(pixels.cols(), 2);
  EXPECT_EQ(pixels(1, 0), 'b');
  EXPECT_EQ(pixels(0, 1), 'g');
  EXPECT_EQ(images.shape, (ImageShape{.channels = 1, .height = 2, .width = 3}));
}

TEST_F(IdxTest, ReadsCompressedFiles) {
  WriteGzip(Path("images.gz"), TwoImages());
  const Pixels pixels = ReadIdxImages(Path("images.gz")).value().pixels;
  EXPECT_EQ(pixels(5, 1), 'l');
}

TEST_F(IdxTest, JoinsImagesAndLabels) {
  const Dataset dataset =
      ReadIdx(Write("images", TwoImages()),
              Write("labels", IdxBytes({2}, std::string("\x02\x00", 2))))
          .value();
  EXPECT_THAT(dataset.labels, ElementsAre(2, 0));
  EXPECT_EQ(dataset.image,
            (ImageShape{.channels = 1, .height = 2, .width = 3}));
  EXPECT_THAT(dataset.classes, ElementsAre("0", "1", "2"));
}

TEST_F(IdxTest, RefusesATruncatedFile) {
  const std::string path =
      Write("images", TwoImages().substr(0, TwoImages().size() - 1));
  EXPECT_THAT(ReadIdxImages(path),
              Refused("reading " + path +
                      ": the file is truncated: expected 12 bytes (2 images "
                      "of 2 x 3), found 11"));
  EXPECT_THAT(ReadIdxImages(Write("header", TwoImages().substr(0, 9))),
              Refused("the file ends within its header"));
  EXPECT_THAT(ReadIdxImages(Write("empty", "")), Refused("an empty file"));
}

TEST_F(IdxTest, RefusesATruncatedCompressedFile) {
  WriteGzip(Path("whole.gz"), IdxBytes({1, 100, 100}, std::string(10000, 'x')));
  std::ifstream whole(Path("whole.gz"), std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(whole)), {});
  bytes.resize(bytes.size() - 12);
  EXPECT_THAT(ReadIdxImages(Write("part.gz", bytes)), Refused("truncated"));
}

TEST_F(IdxTest, RefusesACorruptCompressedFile) {
  WriteGzip(Path("whole.gz"), IdxBytes({1, 10, 10}, std::string(100, 'x')));
  std::ifstream whole(Path("whole.gz"), std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(whole)), {});
  bytes[bytes.size() - 6] ^= 1;  // in the checksum
  EXPECT_THAT(ReadIdxImages(Write("bad.gz", bytes)), Refused("data"));
}

TEST_F(IdxTest, RefusesAnOversizedFile) {
  EXPECT_THAT(ReadIdxImages(Write("images", TwoImages() + "m")),
              Refused("expected the file to end after 12 bytes (2 images of 2 "
                      "x 3), found more"));
}

TEST_F(IdxTest, RefusesAMislabelledFile) {
  EXPECT_THAT(ReadIdxLabels(Write("images", TwoImages())),
              Refused("expected labels in IDX format, which begins with the "
                      "bytes 00 00 08 01, found 00 00 08 03"));
  EXPECT_THAT(ReadIdxImages(Write("png", "\x89PNG")),
              Refused("found 89 50 4e 47"));
}

TEST_F(IdxTest, RefusesSizesThatNothingHas) {
  EXPECT_THAT(ReadIdxImages(
                  Write("huge", IdxBytes({1u << 31, 1u << 31, 1u << 31}, ""))),
              Refused("the header says"));
  EXPECT_THAT(ReadIdxImages(Write("none", IdxBytes({0, 28, 28}, ""))),
              Refused("the header says 0"));
}

TEST_F(IdxTest, RefusesAnotherNumberOfLabels) {
  EXPECT_THAT(ReadIdx(Write("images", TwoImages()),
                      Write("labels", IdxBytes({3}, "abc"))),
              Refused("expected 2 labels, one for each image"));
}

TEST_F(IdxTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_THAT(ReadIdxImages("/nowhere/images"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("opening /nowhere/images")));
}

}  // namespace
}  // namespace attune::nn
