#include "server/search/free_points.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/searched_study.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::SizeIs;

Parameters Point(int64_t n) { return {{"n", n}}; }

SearchSpace OneToFour() {
  return {{{"n", IntRange{.min = 1, .max = 4}, std::nullopt}}, {Point(4)}};
}

TEST(FreePointsTest, APointIsTakenOnceIfItIsFree) {
  SearchedStudy study(OneToFour());
  study.Add({Point(1), ""});
  const StudyView view = study.view();
  Rng rng(1);
  FreePoints points(view, rng);
  EXPECT_FALSE(points.Take(Point(1)));  // tried
  EXPECT_TRUE(points.Take(Point(2)));
  EXPECT_FALSE(points.Take(Point(2)));  // taken
  EXPECT_FALSE(points.Take(Point(4)));  // forbidden
}

TEST(FreePointsTest, FillsUpWithWhatIsLeft) {
  SearchedStudy study(OneToFour());
  study.Add({Point(1), ""});
  const StudyView view = study.view();
  Rng rng(1);
  FreePoints points(view, rng);
  std::vector<Suggestion> suggestions;
  ATTUNE_ASSERT_OK(FillUp(points, 5, suggestions));
  EXPECT_THAT(suggestions, SizeIs(2));
}

TEST(FreePointsTest, APointHasNoInactiveParameters) {
  const SearchSpace space = {
      {{"kind", Choice{{std::string("a"), std::string("b")}}, std::nullopt},
       {"x", DoubleRange{}, Condition{"kind", {std::string("b")}}}},
      {}};
  EXPECT_EQ(PointAt(space, {0.2, 0.5}),
            (Parameters{{"kind", std::string("a")}}));
  EXPECT_EQ(PointAt(space, {0.7, 0.5}),
            (Parameters{{"kind", std::string("b")}, {"x", 0.5}}));
}

}  // namespace
}  // namespace attune
