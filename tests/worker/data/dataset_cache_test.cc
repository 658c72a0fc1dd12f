#include "worker/data/dataset_cache.h"

#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/idx_files.h"
#include "tests/testing/status_matchers.h"

namespace attune::nn {
namespace {

using testing::HasSubstr;

const DatasetSource kFashionMnist = {.name = "fashion-mnist"};

DatasetSource CsvSource(const std::string& target) {
  return {.name = "t.csv", .csv = {.target_column = target}};
}

TEST(DatasetCacheTest, LoadsOnceForAllThreads) {
  const std::string folder = TestFolder();
  WriteSmallFashionMnist(folder, 300);
  DatasetCache cache({folder});
  std::vector<const Dataset*> seen(4, nullptr);
  std::vector<std::thread> threads;
  for (const Dataset*& dataset : seen) {
    threads.emplace_back([&] { dataset = cache.Get(kFashionMnist).value(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(seen[0], nullptr);
  EXPECT_THAT(seen, testing::Each(seen[0]));
}

TEST(DatasetCacheTest, ReadsATableOnceForEachWayToReadIt) {
  const std::string folder = TestFolder();
  WriteFile(folder + "/t.csv", "a,b\n1,2\n3,4\n");
  DatasetCache cache({"/nowhere", folder});
  const Dataset* const by_a = cache.Get(CsvSource("a")).value();
  EXPECT_EQ(cache.Get(CsvSource("a")).value(), by_a);
  EXPECT_NE(cache.Get(CsvSource("b")).value(), by_a);
}

TEST(DatasetCacheTest, WhatDoesNotCountMakesNoDifference) {
  const std::string folder = TestFolder();
  WriteSmallFashionMnist(folder, 9);
  DatasetCache cache({folder});
  EXPECT_EQ(cache
                .Get({.name = "fashion-mnist",
                      .csv = {.target_column = "a"},
                      .synthetic = {.samples = 7},
                      .seed = 3})
                .value(),
            cache.Get(kFashionMnist).value());
}

TEST(DatasetCacheTest, MadeUpSetsDifferByTheirSeed) {
  DatasetCache cache({});
  const Dataset* const one = cache.Get({.name = "moons", .seed = 1}).value();
  EXPECT_EQ(cache.Get({.name = "moons", .seed = 1}).value(), one);
  EXPECT_NE(cache.Get({.name = "moons", .seed = 2}).value(), one);
}

TEST(DatasetCacheTest, TriesAgainAfterAFailure) {
  const std::string folder = TestFolder();
  DatasetCache cache({folder});
  EXPECT_THAT(
      cache.Get(CsvSource("a")),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr(folder + "/t.csv")));
  WriteFile(folder + "/t.csv", "a,b\n1,2\n3,4\n");
  ATTUNE_EXPECT_OK(cache.Get(CsvSource("a")));
}

class TestExamplesTest : public testing::Test {
 protected:
  TestExamplesTest() { WriteSmallFashionMnist(folder_, 9); }

  void WriteTest(uint32_t width, char label) {
    WriteFile(folder_ + "/t10k-images-idx3-ubyte",
              IdxBytes({1, 4, width}, std::string(4 * width, 'x')));
    WriteFile(folder_ + "/t10k-labels-idx1-ubyte",
              IdxBytes({1}, std::string(1, label)));
  }

  const std::string folder_ = TestFolder();
  DatasetCache cache_{{folder_}};
};

TEST_F(TestExamplesTest, AreLoadedOnceBesideTheOthers) {
  WriteTest(4, 1);
  const Dataset* const test = cache_.GetTest(kFashionMnist).value();
  ASSERT_NE(test, nullptr);
  EXPECT_EQ(test->num_examples(), 1);
  EXPECT_EQ(cache_.GetTest(kFashionMnist).value(), test);
  EXPECT_NE(cache_.Get(kFashionMnist).value(), test);
}

TEST_F(TestExamplesTest, MayBeMissing) {
  EXPECT_EQ(cache_.GetTest(kFashionMnist).value(), nullptr);
}

TEST_F(TestExamplesTest, HaveTheShapeOfTheOthers) {
  WriteTest(5, 1);
  EXPECT_THAT(cache_.GetTest(kFashionMnist),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("found 20 features and 2 classes, expected 16 "
                                 "and at most 3")));
}

TEST_F(TestExamplesTest, HaveTheClassesOfTheOthers) {
  WriteTest(4, 3);
  EXPECT_THAT(
      cache_.GetTest(kFashionMnist),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("and 4 classes")));
}

}  // namespace
}  // namespace attune::nn
