#include "server/trial_listing.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/check.h"
#include "core/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/memory_storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

constexpr StudyId kStudy = {1};

// Trials 1 to `count`: x is the number modulo 10, every second is completed
// with a loss of minus its number, and every fourth has the attribute `who`.
void Fill(int64_t count, MemoryStorage& storage) {
  WriteBatch batch;
  batch.studies = {MakeStudy(MakeStudySpec("s"))};
  for (int64_t n = 1; n <= count; ++n) {
    Trial trial = n % 2 == 0 ? MakeCompletedTrial(n, -static_cast<double>(n))
                             : MakeTrial(n);
    trial.parameters = {{"x", n % 10}};
    if (n % 4 == 0) trial.attributes = {{"who", "anna"}};
    batch.trials.push_back(std::move(trial));
    if (n % 2 == 1) continue;
    batch.measurements.push_back(
        {.trial = {kStudy, n},
         .measurements = {
             {.step = 1, .metrics = {{"loss", -static_cast<double>(n)}}}}});
  }
  ATTUNE_CHECK(storage.Commit(batch).ok());
}

class TrialListingTest : public testing::Test {
 protected:
  void Fill(int64_t count) { attune::Fill(count, storage_); }

  static absl::StatusOr<TrialQuery> Parse(const std::string& filter,
                                          const std::string& order_by) {
    return ParseTrialQuery({}, filter, order_by);
  }

  TrialListing List(const std::string& filter, const std::string& order_by,
                    int64_t after = 0, int64_t count = 100) {
    const absl::StatusOr<TrialQuery> query = Parse(filter, order_by);
    EXPECT_THAT(query, IsOk());
    if (!query.ok()) return {};
    absl::StatusOr<TrialListing> listing =
        ListTrials(storage_, kStudy, *query, after, count);
    EXPECT_THAT(listing, IsOk());
    return listing.ok() ? *std::move(listing) : TrialListing();
  }

  static std::vector<int64_t> Numbers(const TrialListing& listing) {
    std::vector<int64_t> numbers;
    for (const ListedTrial& listed : listing.trials) {
      numbers.push_back(listed.trial.id.number);
    }
    return numbers;
  }

  MemoryStorage storage_;
};

TEST_F(TrialListingTest, FiltersByEveryField) {
  Fill(12);
  EXPECT_THAT(Numbers(List("number >= 11", "")), ElementsAre(11, 12));
  EXPECT_THAT(Numbers(List("state=completed AND number<5", "")),
              ElementsAre(2, 4));
  EXPECT_THAT(Numbers(List("parameters.x = 2", "")), ElementsAre(2, 12));
  EXPECT_THAT(Numbers(List("metrics.loss < -9", "")), ElementsAre(10, 12));
  EXPECT_THAT(Numbers(List("attributes.who = anna", "")),
              ElementsAre(4, 8, 12));
  EXPECT_THAT(Numbers(List("create_time < 1999-01-01T00:00:00Z", "")),
              IsEmpty());
}

TEST_F(TrialListingTest, EveryStateHasItsWord) {
  const TrialState states[] = {Waiting(),    Running(), Completed(), Pruned(),
                               Infeasible(), Failed(),  Cancelled()};
  static_assert(std::size(states) == std::variant_size_v<TrialState>);
  for (const TrialState& state : states) {
    const std::string name(StateName(state));
    EXPECT_THAT(Parse("state = " + name, ""), IsOk()) << name;
  }
}

TEST_F(TrialListingTest, SortsByAnyField) {
  Fill(6);
  EXPECT_THAT(Numbers(List("", "number desc")), ElementsAre(6, 5, 4, 3, 2, 1));
  EXPECT_THAT(Numbers(List("", "metrics.loss")), ElementsAre(6, 4, 2, 1, 3, 5))
      << "those without come last, by number";
  EXPECT_THAT(Numbers(List("number > 2", "state, parameters.x desc")),
              ElementsAre(6, 4, 5, 3));
}

TEST_F(TrialListingTest, GoesOnFromAPlace) {
  Fill(9);
  const TrialListing first = List("parameters.x > 2", "", 0, 3);
  EXPECT_THAT(Numbers(first), ElementsAre(3, 4, 5));
  EXPECT_THAT(first.next, Optional(5));
  EXPECT_THAT(Numbers(List("parameters.x > 2", "", 5, 4)),
              ElementsAre(6, 7, 8, 9));
  EXPECT_EQ(List("parameters.x > 2", "", 5, 4).next, std::nullopt);

  const TrialListing sorted = List("parameters.x > 2", "number desc", 0, 3);
  EXPECT_THAT(Numbers(sorted), ElementsAre(9, 8, 7));
  EXPECT_THAT(sorted.next, Optional(3));
  EXPECT_EQ(sorted.trials[1].place, 2);
  EXPECT_THAT(Numbers(List("parameters.x > 2", "number desc", 3, 4)),
              ElementsAre(6, 5, 4, 3));
  EXPECT_EQ(List("parameters.x > 2", "number desc", 3, 4).next, std::nullopt);
  constexpr int64_t kFar = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(Numbers(List("", "number desc", kFar, kFar)), IsEmpty());
}

TEST_F(TrialListingTest, EveryTrialIsListedOnce) {
  Fill(3500);
  for (const std::string order_by : {"", "number", "parameters.x"}) {
    std::set<int64_t> seen;
    std::optional<int64_t> next = 0;
    while (next.has_value()) {
      const TrialListing page =
          List("state = completed", order_by, *next, /*count=*/900);
      for (const int64_t number : Numbers(page)) {
        EXPECT_TRUE(seen.insert(number).second) << order_by << " " << number;
      }
      next = page.next;
    }
    EXPECT_EQ(seen.size(), 1750) << order_by;
  }
}

TEST_F(TrialListingTest, ARareTrialMayNeedSeveralCalls) {
  Fill(30'000);
  const std::string filter = "number = 29999";
  const TrialListing first = List(filter, "");
  EXPECT_THAT(Numbers(first), IsEmpty());
  ASSERT_THAT(first.next, Optional(20'000));
  const TrialListing second = List(filter, "", *first.next);
  EXPECT_THAT(Numbers(second), ElementsAre(29'999));
  EXPECT_EQ(second.next, std::nullopt);
}

TEST_F(TrialListingTest, EverythingThatIsWrongIsSaid) {
  EXPECT_EQ(Violations(Parse("x<1", "").status())[0].field, "filter");
  EXPECT_EQ(Violations(Parse("", "metrics").status())[0].field, "order_by");
}

// A study that says it has a million trials.
class LargeStorage : public MemoryStorage {
 public:
  absl::StatusOr<StateCounts> CountTrials(StudyId /*study*/) const override {
    return StateCounts{{"completed", 999'999}, {"running", 1}};
  }
};

TEST(LargeListingTest, IsNotSorted) {
  const LargeStorage storage;
  const TrialQuery query = {
      .order = {{.field = {.name = "number"}, .descending = true}}};
  const auto listing = ListTrials(storage, kStudy, query, 0, 10);
  EXPECT_THAT(listing, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(listing, HasReason(reason::kTooLarge));
}

}  // namespace
}  // namespace attune
