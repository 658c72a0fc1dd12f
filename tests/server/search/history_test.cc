#include "server/search/history.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/searched_study.h"

namespace attune {
namespace {

using testing::ElementsAre;

SearchSpace Space() {
  return {{{"kind", Choice{{std::string("a"), std::string("b")}}, std::nullopt},
           {"x", DoubleRange{.min = 0.0, .max = 4.0},
            Condition{"kind", {std::string("b")}}}},
          {}};
}

TEST(HistoryTest, HasTheCoordinatesOfEveryTrialThatSaysSomething) {
  SearchedStudy study(Space());
  const Parameters a = {{"kind", std::string("a")}};
  const Parameters b = {{"kind", std::string("b")}, {"x", 3.0}};
  study.Add({b, ""}, Completed{.objectives = {7.0}});
  study.Add({a, ""}, Failed{.cause = std::string(cause::kLeaseExpired)});
  study.Add({a, ""}, Cancelled{});
  study.Add({a, ""}, Pruned{});
  study.Add({a, ""}, Failed{.cause = std::string(cause::kNonFiniteObjective)});
  study.Add({b, ""}, Waiting{});
  const History history = ReadHistory(study.view());
  EXPECT_THAT(history.outcomes, ElementsAre(Outcome::kMeasured, Outcome::kBad,
                                            Outcome::kBad, Outcome::kPending));
  EXPECT_THAT(history.values, ElementsAre(7.0, 0.0, 0.0, 0.0));
  EXPECT_THAT(history.Row(0), ElementsAre(0.75, 0.75));
  EXPECT_THAT(history.Row(1), ElementsAre(0.25, kInactiveUnit));
}

TEST(HistoryTest, LessIsBetterWhateverTheGoal) {
  SearchedStudy study(Space());
  study.Add({{{"kind", std::string("a")}}, ""}, Completed{.objectives = {7.0}});
  StudySpec spec = study.spec();
  spec.objectives = {{"score", Goal::kMaximize}};
  const StudyView view = {spec, study.view().trials, study.tried()};
  EXPECT_THAT(ReadHistory(view).values, ElementsAre(-7.0));
}

}  // namespace
}  // namespace attune
