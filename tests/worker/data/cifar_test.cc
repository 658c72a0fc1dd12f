#include "worker/data/cifar.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/idx_files.h"
#include "tests/testing/status_matchers.h"

namespace attune::nn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A class and an image of one color.
std::string Record(char label, char red, char green, char blue) {
  return std::string(1, label) + std::string(1024, red) +
         std::string(1024, green) + std::string(1024, blue);
}

class CifarTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& bytes) const {
    WriteFile(folder_ + "/" + name, bytes);
    return folder_ + "/" + name;
  }
  static auto Refused(const std::string& why) {
    return StatusIs(absl::StatusCode::kDataLoss, HasSubstr(why));
  }

 private:
  const std::string folder_ = TestFolder();
};

TEST_F(CifarTest, JoinsTheRecordsOfAllFiles) {
  const std::string one =
      Write("1", Record(9, 'r', 'g', 'b') + Record(0, 'R', 'G', 'B'));
  const std::string two =
      Write("2", Record(3, 'x', 'y', 'z') + Record(3, 'X', 'Y', 'Z'));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Dataset dataset, ReadCifar10({one, two}));
  EXPECT_EQ(dataset.image,
            (ImageShape{.channels = 3, .height = 32, .width = 32}));
  EXPECT_EQ(dataset.num_features(), 3072);
  EXPECT_THAT(dataset.labels, ElementsAre(9, 0, 3, 3));
  EXPECT_EQ(dataset.classes[9], "truck");
  EXPECT_EQ(dataset.num_classes(), 10);
  const auto& pixels = std::get<Pixels>(dataset.inputs);
  EXPECT_EQ(pixels(0, 0), 'r');
  EXPECT_EQ(pixels(1023, 0), 'r');
  EXPECT_EQ(pixels(1024, 0), 'g');
  EXPECT_EQ(pixels(3071, 3), 'Z');
}

TEST_F(CifarTest, RefusesAPartOfARecord) {
  EXPECT_THAT(ReadCifar10({Write("1", Record(1, 'a', 'b', 'c') + "x")}),
              Refused("/1: expected records of 3073 bytes as in CIFAR-10's "
                      "binary version, found 3074 bytes, which are 1 records "
                      "and 1 bytes"));
}

TEST_F(CifarTest, RefusesAnEmptyFile) {
  EXPECT_THAT(ReadCifar10({Write("1", "")}), Refused("found 0 bytes"));
}

TEST_F(CifarTest, RefusesAClassThatThereIsNot) {
  EXPECT_THAT(ReadCifar10({Write(
                  "1", Record(1, 'a', 'b', 'c') + Record(10, 'a', 'b', 'c'))}),
              Refused("expected a class from 0 to 9 at byte 3073, found 10"));
}

TEST_F(CifarTest, RefusesAFileThatEndsBeforeTheOthers) {
  const std::string record = Record(1, 'a', 'b', 'c');
  EXPECT_THAT(ReadCifar10({Write("1", record + record), Write("2", record)}),
              Refused("/2: expected 2 records as in the first file, found 1"));
}

TEST_F(CifarTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_THAT(ReadCifar10({"/nowhere/1"}),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace attune::nn
