#include "worker/data/dataset_source.h"

#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/idx_files.h"
#include "tests/testing/status_matchers.h"

namespace attune::nn {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class DatasetSourceTest : public testing::Test {
 protected:
  // As many records of nothing.
  void WriteCifar(const std::string& name, int records) const {
    std::filesystem::create_directories(
        std::filesystem::path(folder_ + "/" + name).parent_path());
    std::string bytes(3073 * records, '\0');
    if (records > 1) bytes[3073] = '\1';  // the second one's class
    WriteFile(folder_ + "/" + name, bytes);
  }
  absl::StatusOr<Dataset> Load(const DatasetSource& source) const {
    return LoadDataset(source, {"/nowhere", folder_});
  }

  const std::string folder_ = TestFolder();
};

TEST_F(DatasetSourceTest, FindsFashionMnistInAFolderOrBelowIt) {
  WriteSmallFashionMnist(folder_, 9);
  EXPECT_EQ(Load({.name = "fashion-mnist"})->num_examples(), 9);
  std::filesystem::create_directories(folder_ + "/fashion-mnist");
  WriteSmallFashionMnist(folder_ + "/fashion-mnist", 12);
  EXPECT_EQ(Load({.name = "fashion-mnist"})->num_examples(), 12);
}

TEST_F(DatasetSourceTest, SaysWhereItLookedAndWhichPackageHasIt) {
  EXPECT_THAT(Load({.name = "fashion-mnist"}),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("/nowhere/fashion-mnist"),
                             HasSubstr("dataset-fashion-mnist"))));
}

TEST_F(DatasetSourceTest, SaysIfTheLabelsAreMissing) {
  WriteSmallFashionMnist(folder_, 9);
  std::filesystem::remove(folder_ + "/train-labels-idx1-ubyte.gz");
  EXPECT_THAT(Load({.name = "fashion-mnist"}),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("expected train-labels-idx1-ubyte or")));
}

TEST_F(DatasetSourceTest, ReadsAFolderOfIdxFiles) {
  std::filesystem::create_directories(folder_ + "/mine");
  WriteSmallFashionMnist(folder_ + "/mine", 6);
  EXPECT_EQ(Load({.name = "mine/"})->num_examples(), 6);
  EXPECT_EQ(Load({.name = folder_ + "/mine"})->num_examples(), 6);
  EXPECT_THAT(Load({.name = "yours/"}),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr(folder_ + "/yours/; name its folder")));
}

TEST_F(DatasetSourceTest, RefusesImagesOfASingleClass) {
  std::filesystem::create_directories(folder_ + "/one");
  WriteFile(folder_ + "/one/train-images-idx3-ubyte",
            IdxBytes({2, 1, 2}, "abcd"));
  WriteFile(folder_ + "/one/train-labels-idx1-ubyte",
            IdxBytes({2}, std::string("\1\1", 2)));
  EXPECT_THAT(Load({.name = "one/"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("train-labels-idx1-ubyte: found the class 1 "
                                 "alone, expected at least 2 classes")));
}

TEST_F(DatasetSourceTest, FindsCifar10) {
  for (int i = 1; i <= 5; ++i) {
    WriteCifar("cifar-10-batches-bin/data_batch_" + std::to_string(i) + ".bin",
               2);
  }
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                              Load({.name = "cifar-10"}));
  EXPECT_EQ(dataset.num_examples(), 10);
  EXPECT_EQ(dataset.image.channels, 3);
}

TEST_F(DatasetSourceTest, SaysWhichFileOfCifar10IsMissing) {
  WriteCifar("data_batch_1.bin", 1);
  EXPECT_THAT(Load({.name = "cifar-10"}),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("expected data_batch_2.bin")));
}

TEST_F(DatasetSourceTest, ReadsATable) {
  WriteFile(folder_ + "/t.csv", "a,b\n1,2\n3,4\n");
  EXPECT_EQ(Load({.name = "t.csv", .csv = {.target_column = "a"}})->classes,
            (std::vector<std::string>{"1", "3"}));
  EXPECT_EQ(Load({.name = folder_ + "/t.csv", .csv = {.target_column = "b"}})
                ->classes,
            (std::vector<std::string>{"2", "4"}));
  EXPECT_THAT(Load({.name = "u.csv"}),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("/nowhere/u.csv, " + folder_),
                             HasSubstr("--data-dir"))));
}

TEST_F(DatasetSourceTest, MakesUpExamplesBySeed) {
  const auto load = [&](uint64_t seed) {
    const Dataset dataset =
        Load({.name = "xor", .synthetic = {.samples = 20}, .seed = seed})
            .value();
    return std::get<Table>(dataset.inputs);
  };
  EXPECT_EQ(load(1).cols(), 20);
  EXPECT_EQ(load(1), load(1));
  EXPECT_NE(load(1), load(2));
}

TEST_F(DatasetSourceTest, RefusesAnUnknownName) {
  EXPECT_THAT(Load({.name = "mnist"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("found the name `mnist`")));
}

TEST_F(DatasetSourceTest, FindsTheTestExamples) {
  std::filesystem::create_directories(folder_ + "/mine");
  WriteFile(folder_ + "/mine/train-images-idx3-ubyte", "");
  WriteCifar("data_batch_1.bin", 1);
  WriteFile(folder_ + "/mine/t10k-images-idx3-ubyte",
            IdxBytes({2, 1, 2}, "abcd"));
  WriteFile(folder_ + "/mine/t10k-labels-idx1-ubyte",
            IdxBytes({2}, std::string("\0\1", 2)));
  EXPECT_EQ(
      LoadTestDataset({.name = "mine/"}, {folder_}).value()->num_examples(), 2);
  WriteCifar("test_batch.bin", 3);
  EXPECT_EQ(
      LoadTestDataset({.name = "cifar-10"}, {folder_}).value()->num_examples(),
      3);
}

TEST_F(DatasetSourceTest, TakesNoTestExamplesOfAnotherFolder) {
  const std::string mine = folder_ + "/mine";
  std::filesystem::create_directories(mine);
  WriteSmallFashionMnist(mine, 9);
  WriteFile(folder_ + "/t10k-images-idx3-ubyte", IdxBytes({2, 1, 2}, "abcd"));
  WriteFile(folder_ + "/t10k-labels-idx1-ubyte",
            IdxBytes({2}, std::string("\0\1", 2)));
  EXPECT_EQ(LoadTestDataset({.name = "fashion-mnist"}, {mine, folder_}).value(),
            nullptr);
}

TEST_F(DatasetSourceTest, ADatasetNeedsNoTestExamples) {
  WriteSmallFashionMnist(folder_, 9);
  WriteFile(folder_ + "/t.csv", "a,b\n1,2\n3,4\n");
  EXPECT_EQ(LoadTestDataset({.name = "fashion-mnist"}, {folder_}).value(),
            nullptr);
  EXPECT_EQ(LoadTestDataset({.name = "t.csv"}, {folder_}).value(), nullptr);
}

TEST_F(DatasetSourceTest, MadeUpTestExamplesAreOthers) {
  const DatasetSource source = {.name = "xor", .synthetic = {.samples = 20}};
  EXPECT_NE(std::get<Table>(Load(source)->inputs),
            std::get<Table>(LoadTestDataset(source, {}).value()->inputs));
}

}  // namespace
}  // namespace attune::nn
