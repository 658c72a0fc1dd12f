#include "server/search/point_walk.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/random_space.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ParameterSpec Bits(const std::string& name,
                   std::optional<Condition> when = std::nullopt) {
  return {name, IntRange{.min = 0, .max = 1}, std::move(when)};
}

std::vector<std::string> Rest(PointWalk& walk) {
  std::vector<std::string> points;
  while (true) {
    const absl::StatusOr<bool> found = walk.Next();
    EXPECT_THAT(found, IsOk());
    if (!found.ok() || !*found) return points;
    points.push_back(ToString(walk.parameters()));
  }
}

TEST(PointWalkTest, TurnsTheLastParameterFastest) {
  const SearchSpace space{{Bits("a"), Bits("b")}, {}};
  PointWalk walk(space, WalkValues::kAll);
  EXPECT_THAT(Rest(walk),
              ElementsAre("a=0 b=0", "a=0 b=1", "a=1 b=0", "a=1 b=1"));
}

TEST(PointWalkTest, StandsStillAtInactiveParameters) {
  const SearchSpace space{{Bits("a"), Bits("b", Condition{"a", {int64_t{1}}}),
                           Bits("c", Condition{"b", {int64_t{0}}})},
                          {}};
  PointWalk walk(space, WalkValues::kAll);
  EXPECT_THAT(Rest(walk),
              ElementsAre("a=0", "a=1 b=0 c=0", "a=1 b=0 c=1", "a=1 b=1"));
}

TEST(PointWalkTest, LeavesContinuousParametersOpen) {
  const SearchSpace space{{Bits("a"),
                           {"x", DoubleRange{}, Condition{"a", {int64_t{1}}}},
                           Bits("b")},
                          {}};
  PointWalk walk(space, WalkValues::kAll);
  EXPECT_THAT(walk.Next(), IsOkAndHolds(true));
  EXPECT_FALSE(walk.open());
  EXPECT_THAT(walk.place(), ElementsAre(0, kInactive, 0));
  EXPECT_THAT(walk.Next(), IsOkAndHolds(true));
  EXPECT_THAT(walk.Next(), IsOkAndHolds(true));
  EXPECT_TRUE(walk.open());
  EXPECT_THAT(walk.place(), ElementsAre(1, 0, 0));
  EXPECT_EQ(ToString(walk.parameters()), "a=1 b=0");
}

// The step 3 * 0.1 is 0.30000000000000004.
TEST(PointWalkTest, FindsTheStepsThatConditionsAndCombinationsName) {
  const SearchSpace space{
      {{"x", DoubleRange{.min = 0.0, .max = 0.4, .step = 0.1}, std::nullopt},
       Bits("a", Condition{"x", {0.3}}),
       Bits("b")},
      {{{"b", int64_t{0}}, {"x", 0.3}},
       {{"x", 0.1}},
       {{"x", 0.2}},
       {{"x", 0.4}}}};
  PointWalk walk(space, WalkValues::kAll);
  EXPECT_THAT(Rest(walk), ElementsAre("b=0 x=0.0", "b=1 x=0.0",
                                      "a=0 b=1 x=0.30000000000000004",
                                      "a=1 b=1 x=0.30000000000000004"));
}

TEST(PointWalkTest, SeeksAPlaceAndBehindIt) {
  const SearchSpace space{{Bits("a"), Bits("b")}, {}};
  PointWalk from(space, WalkValues::kAll);
  from.SeekFrom({0, 1});
  EXPECT_THAT(Rest(from), ElementsAre("a=0 b=1", "a=1 b=0", "a=1 b=1"));
  PointWalk after(space, WalkValues::kAll);
  after.SeekAfter({0, 1});
  EXPECT_THAT(Rest(after), ElementsAre("a=1 b=0", "a=1 b=1"));
  PointWalk end(space, WalkValues::kAll);
  end.SeekAfter({1, 1});
  EXPECT_THAT(Rest(end), IsEmpty());
}

// A wrong jump would leave points out: compare with all of them.
TEST(PointWalkTest, MeetsEveryPointOfRandomSpacesOnce) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Rng rng(seed);
    SearchSpace space = RandomSpace({.continuous = false}, rng);
    // More combinations than people write, to make it jump.
    for (int i = 0; i < 12; ++i) {
      space.forbidden.push_back(RandomCombination(space, rng));
    }
    std::map<std::string, Parameters> left = AllPoints(space, false);
    PointWalk walk(space, WalkValues::kAll);
    while (true) {
      ATTUNE_ASSERT_OK_AND_ASSIGN(const bool found, walk.Next());
      if (!found) break;
      EXPECT_EQ(left.erase(CanonicalKey(walk.parameters())), 1U)
          << ToString(walk.parameters());
    }
    EXPECT_THAT(left, IsEmpty());
  }
}

// Whatever the place, what stands before it and the rest make the whole.
TEST(PointWalkTest, SeeksAnyPlaceOfRandomSpaces) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Rng rng(seed);
    const SearchSpace space = RandomSpace({.continuous = false}, rng);
    Place place;
    PointWalk whole(space, WalkValues::kAll);
    for (const int64_t size : whole.Sizes()) {
      place.push_back(static_cast<int64_t>(rng.Below(size)));
    }
    std::vector<std::string> behind;
    while (true) {
      ATTUNE_ASSERT_OK_AND_ASSIGN(const bool found, whole.Next());
      if (!found) break;
      if (whole.IsBefore(place)) continue;
      behind.push_back(ToString(whole.parameters()));
    }
    PointWalk walk(space, WalkValues::kAll);
    walk.SeekFrom(place);
    EXPECT_EQ(Rest(walk), behind);
  }
}

SearchSpace Wide(int64_t parameters) {
  SearchSpace space;
  for (int64_t i = 0; i < parameters; ++i) {
    space.parameters.push_back(
        {absl::StrCat("p", i), IntRange{.min = 0, .max = 999}, std::nullopt});
  }
  return space;
}

TEST(PointWalkTest, LeavesAForbiddenSubSpaceAtOnce) {
  SearchSpace space = Wide(100);
  space.forbidden = {{{"p0", int64_t{0}}}, {{"p0", int64_t{1}}}};
  PointWalk walk(space, WalkValues::kAll);
  EXPECT_THAT(walk.Next(), IsOkAndHolds(true));
  EXPECT_EQ(walk.place()[0], 2);
}

TEST(PointWalkTest, GoesBackToTheParameterThatCausedTheFailure) {
  SearchSpace space = Wide(100);
  space.parameters.push_back(Bits("last"));
  space.forbidden = {{{"p0", int64_t{0}}, {"last", int64_t{0}}},
                     {{"p0", int64_t{0}}, {"last", int64_t{1}}}};
  PointWalk walk(space, WalkValues::kAll);
  EXPECT_THAT(walk.Next(), IsOkAndHolds(true));
  EXPECT_EQ(walk.place()[0], 1);
}

TEST(PointWalkTest, SeesThatAHugeSpaceIsEmpty) {
  SearchSpace space = Wide(100);
  space.parameters.push_back(Bits("last"));
  space.forbidden = {{{"last", int64_t{0}}}, {{"last", int64_t{1}}}};
  PointWalk walk(space, WalkValues::kAll);
  EXPECT_THAT(walk.Next(), IsOkAndHolds(false));
  EXPECT_TRUE(FindEmptiness(space, WalkValues::kAll).has_value());
}

// Pigeons into one hole too few: no short proof by going back exists.
TEST(PointWalkTest, GivesUpOnARiddleWithinABound) {
  constexpr int64_t kHoles = 10;
  SearchSpace space;
  for (int64_t i = 0; i <= kHoles; ++i) {
    space.parameters.push_back({absl::StrCat("pigeon", i),
                                IntRange{.min = 1, .max = kHoles},
                                std::nullopt});
    for (int64_t other = 0; other < i; ++other) {
      for (int64_t hole = 1; hole <= kHoles; ++hole) {
        space.forbidden.push_back({{absl::StrCat("pigeon", i), hole},
                                   {absl::StrCat("pigeon", other), hole}});
      }
    }
  }
  PointWalk walk(space, WalkValues::kAll);
  EXPECT_THAT(walk.Next(), StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace attune
