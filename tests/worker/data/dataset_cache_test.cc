#include "worker/data/dataset_cache.h"

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/idx_files.h"
#include "tests/testing/status_matchers.h"

namespace attune::nn {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(DatasetCacheTest, FindsFashionMnistInAFolderOrBelowIt) {
  const std::string folder = TestFolder();
  WriteSmallFashionMnist(folder, 9);
  DatasetCache at({"/nowhere", folder});
  EXPECT_EQ(at.Get("fashion-mnist", "").value()->num_examples(), 9);

  std::filesystem::create_directories(folder + "/above/fashion-mnist");
  WriteSmallFashionMnist(folder + "/above/fashion-mnist", 12);
  DatasetCache below({folder + "/above", folder});
  EXPECT_EQ(below.Get("fashion-mnist", "").value()->num_examples(), 12);
}

TEST(DatasetCacheTest, SaysWhereItLookedAndWhichPackageHasIt) {
  DatasetCache cache({"/nowhere"});
  EXPECT_THAT(cache.Get("fashion-mnist", ""),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("/nowhere/fashion-mnist"),
                             HasSubstr("dataset-fashion-mnist"))));
}

TEST(DatasetCacheTest, SaysIfTheLabelsAreMissing) {
  const std::string folder = TestFolder();
  WriteSmallFashionMnist(folder, 9);
  std::filesystem::remove(folder + "/train-labels-idx1-ubyte.gz");
  DatasetCache cache({folder});
  EXPECT_THAT(cache.Get("fashion-mnist", ""),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("train-labels-idx1-ubyte.gz")));
}

TEST(DatasetCacheTest, LoadsOnceForAllThreads) {
  const std::string folder = TestFolder();
  WriteSmallFashionMnist(folder, 300);
  DatasetCache cache({folder});
  std::vector<const Dataset*> seen(4, nullptr);
  std::vector<std::thread> threads;
  for (const Dataset*& dataset : seen) {
    threads.emplace_back(
        [&] { dataset = cache.Get("fashion-mnist", "").value(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(seen[0], nullptr);
  EXPECT_THAT(seen, testing::Each(seen[0]));
}

TEST(DatasetCacheTest, ReadsATableOncePerLabelColumn) {
  const std::string folder = TestFolder();
  WriteFile(folder + "/t.csv", "a,b\n1,2\n3,4\n");
  DatasetCache cache({"/nowhere", folder});
  const Dataset* const by_a = cache.Get("t.csv", "a").value();
  EXPECT_EQ(cache.Get("t.csv", "a").value(), by_a);
  EXPECT_NE(cache.Get("t.csv", "b").value(), by_a);
  EXPECT_EQ(cache.Get(folder + "/t.csv", "a").value()->classes, by_a->classes);
}

TEST(DatasetCacheTest, TriesAgainAfterAFailure) {
  const std::string folder = TestFolder();
  DatasetCache cache({folder});
  EXPECT_THAT(cache.Get("t.csv", "a"), StatusIs(absl::StatusCode::kNotFound,
                                                HasSubstr(folder + "/t.csv")));
  WriteFile(folder + "/t.csv", "a,b\n1,2\n3,4\n");
  ATTUNE_EXPECT_OK(cache.Get("t.csv", "a"));
}

}  // namespace
}  // namespace attune::nn
