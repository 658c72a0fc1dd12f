#include "storage/measurement_rows.h"

#include "storage/study_rows.h"
#include "storage/trial_rows.h"
#include "tests/testing/builders.h"
#include "tests/testing/schema_test.h"

namespace attune {
namespace {

class MeasurementRowsTest : public SchemaTest {
 protected:
  MeasurementRowsTest() {
    EXPECT_THAT(WriteStudy(*db_, MakeStudy(MakeStudySpec()), false), IsOk());
    EXPECT_THAT(WriteTrial(*db_, MakeTrial(1)), IsOk());
  }

  absl::Status Store(int64_t step,
                     const std::map<std::string, double>& metrics) {
    return WriteMeasurements(
        *db_, {.trial = {{1}, 1},
               .measurements = {{.step = step, .metrics = metrics}}});
  }
};

TEST_F(MeasurementRowsTest, HasOneRowForEachMetric) {
  ATTUNE_ASSERT_OK(Store(1, {{"a", 1.0}, {"b", 2.0}}));
  EXPECT_THAT(db_->QueryInt("SELECT count(*) FROM measurements"),
              IsOkAndHolds(2));
}

TEST_F(MeasurementRowsTest, LatestMetricsFollowTheHighestStep) {
  ATTUNE_ASSERT_OK(Store(2, {{"a", 2.0}, {"b", 2.0}}));
  ATTUNE_ASSERT_OK(Store(3, {{"a", 3.0}}));
  ATTUNE_ASSERT_OK(Store(1, {{"a", 1.0}, {"c", 1.0}}));
  EXPECT_THAT(db_->QueryInt("SELECT count(*) FROM latest_metrics"),
              IsOkAndHolds(3));
  EXPECT_THAT(
      db_->QueryInt("SELECT value = 3.0 AND step = 3 FROM latest_metrics"
                    " WHERE metric = 'a'"),
      IsOkAndHolds(1));
}

TEST_F(MeasurementRowsTest, NanIsNull) {
  ATTUNE_ASSERT_OK(Store(1, {{"a", std::nan("")}}));
  EXPECT_THAT(db_->QueryInt("SELECT value IS NULL FROM measurements"),
              IsOkAndHolds(1));
}

TEST_F(MeasurementRowsTest, ValuesAreNumbersAndStepsAreNotNegative) {
  ATTUNE_ASSERT_OK(Store(1, {{"a", 1.0}}));
  EXPECT_FALSE(Allows("measurements", "value = 'one'"));
  EXPECT_FALSE(Allows("measurements", "value = 1"));
  EXPECT_FALSE(Allows("measurements", "step = -1"));
  EXPECT_THAT(Store(-1, {{"a", 1.0}}),
              StatusIs(absl::StatusCode::kInternal,
                       testing::HasSubstr("studies/1/trials/1, step -1")));
}

}  // namespace
}  // namespace attune
