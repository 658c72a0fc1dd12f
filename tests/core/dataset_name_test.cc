#include "core/dataset_name.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

struct NameCase {
  std::string name;
  std::string dataset;
  std::optional<DatasetKind> kind;
};

class DatasetNameTest : public testing::TestWithParam<NameCase> {};

TEST_P(DatasetNameTest, TellsWhatKindItIs) {
  EXPECT_EQ(KindOfDataset(GetParam().dataset), GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    All, DatasetNameTest,
    testing::Values(
        NameCase{"FashionMnist", "fashion-mnist", DatasetKind::kFashionMnist},
        NameCase{"Cifar10", "cifar-10", DatasetKind::kCifar10},
        NameCase{"Spirals", "spirals", DatasetKind::kClasses},
        NameCase{"Moons", "moons", DatasetKind::kClasses},
        NameCase{"Blobs", "blobs", DatasetKind::kClasses},
        NameCase{"Xor", "xor", DatasetKind::kClasses},
        NameCase{"Friedman1", "friedman1", DatasetKind::kRegression},
        NameCase{"Table", "a.csv", DatasetKind::kTable},
        NameCase{"TableInAFolder", "/data/A.CSV", DatasetKind::kTable},
        NameCase{"Folder", "mnist/", DatasetKind::kIdxFolder},
        NameCase{"FolderInAFolder", "sets/mnist", DatasetKind::kIdxFolder},
        NameCase{"Typo", "fashion_mnist", std::nullopt},
        NameCase{"Nothing", "", std::nullopt}),
    [](const auto& test) { return test.param.name; });

TEST(DatasetKindTest, SomeHaveImagesAndSomeAreMadeUp) {
  EXPECT_TRUE(HasImages(DatasetKind::kFashionMnist));
  EXPECT_TRUE(HasImages(DatasetKind::kCifar10));
  EXPECT_TRUE(HasImages(DatasetKind::kIdxFolder));
  EXPECT_FALSE(HasImages(DatasetKind::kTable));
  EXPECT_FALSE(HasImages(DatasetKind::kClasses));
  EXPECT_TRUE(IsSynthetic(DatasetKind::kClasses));
  EXPECT_TRUE(IsSynthetic(DatasetKind::kRegression));
  EXPECT_FALSE(IsSynthetic(DatasetKind::kTable));
  EXPECT_FALSE(IsSynthetic(DatasetKind::kFashionMnist));
}

TEST(ImageSizeOfTest, IsKnownByTheName) {
  EXPECT_EQ(ImageSizeOf(DatasetKind::kFashionMnist), (ImageSize{28, 28}));
  EXPECT_EQ(ImageSizeOf(DatasetKind::kCifar10), (ImageSize{32, 32}));
  EXPECT_EQ(ImageSizeOf(DatasetKind::kIdxFolder), std::nullopt);
  EXPECT_EQ(ImageSizeOf(DatasetKind::kTable), std::nullopt);
}

TEST(NumExamplesOfTest, IsKnownByTheName) {
  EXPECT_EQ(NumExamplesOf(DatasetKind::kFashionMnist), 60'000);
  EXPECT_EQ(NumExamplesOf(DatasetKind::kCifar10), 50'000);
  EXPECT_EQ(NumExamplesOf(DatasetKind::kIdxFolder), std::nullopt);
  EXPECT_EQ(NumExamplesOf(DatasetKind::kClasses), std::nullopt);
}

TEST(ExpectedDatasetTest, ListsTheNames) {
  EXPECT_THAT(ExpectedDataset(),
              testing::StartsWith("one of fashion-mnist, cifar-10, spirals, "
                                  "moons, blobs, xor, friedman1, the path"));
}

}  // namespace
}  // namespace attune
