#include "worker/training/cross_validation.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

// Reports these losses, one an epoch, then ends.
class ListedRun : public TrialRun {
 public:
  ListedRun(std::vector<double> losses, absl::StatusOr<Outcome> end,
            double seconds)
      : losses_(std::move(losses)), end_(std::move(end)), seconds_(seconds) {}

  absl::StatusOr<std::variant<Measurement, Outcome>> Advance(
      std::stop_token /*stop*/) override {
    if (epoch_ == losses_.size()) {
      if (!end_.ok()) return end_.status();
      return *end_;
    }
    Measurement measurement{.step = static_cast<int64_t>(epoch_) + 1,
                            .metrics = {{"loss", losses_[epoch_]}}};
    // As a rate that could not be measured in every epoch.
    if (losses_[epoch_] > 5.0) measurement.metrics["rate"] = 100.0;
    ++epoch_;
    if (seconds_ > 0.0) {
      measurement.metrics["elapsed_seconds"] =
          seconds_ * static_cast<double>(epoch_);
    }
    return measurement;
  }

 private:
  const std::vector<double> losses_;
  const absl::StatusOr<Outcome> end_;
  const double seconds_;  // of an epoch; 0: it does not tell
  size_t epoch_ = 0;
};

class CrossValidationTest : public testing::Test {
 protected:
  void AddFold(std::vector<double> losses,
               absl::StatusOr<Outcome> end = Outcome(Finished{}),
               double seconds = 0.0) {
    folds_.push_back(std::make_unique<ListedRun>(std::move(losses),
                                                 std::move(end), seconds));
  }
  CrossValidation Make() { return CrossValidation(std::move(folds_)); }

  static Measurement NextMeasurement(CrossValidation& run) {
    return std::get<Measurement>(run.Advance({}).value());
  }
  static Outcome End(CrossValidation& run) {
    return std::get<Outcome>(run.Advance({}).value());
  }

  std::vector<std::unique_ptr<TrialRun>> folds_;
};

TEST_F(CrossValidationTest, ReportsTheMeansOfEveryEpoch) {
  AddFold({3.0, 2.0});
  AddFold({5.0, 1.0});
  CrossValidation run = Make();
  EXPECT_EQ(NextMeasurement(run),
            (Measurement{.step = 1, .metrics = {{"loss", 4.0}}}));
  EXPECT_EQ(NextMeasurement(run),
            (Measurement{.step = 2, .metrics = {{"loss", 1.5}}}));
  EXPECT_EQ(End(run), Outcome(Finished{}));
}

TEST_F(CrossValidationTest, AddsUpTheTime) {
  AddFold({3.0, 2.0}, Outcome(Finished{}), 10.0);
  AddFold({5.0}, Outcome(Finished{}), 4.0);
  CrossValidation run = Make();
  EXPECT_EQ(NextMeasurement(run).metrics.at("elapsed_seconds"), 14.0);
  EXPECT_EQ(NextMeasurement(run).metrics.at("elapsed_seconds"), 24.0);
}

TEST_F(CrossValidationTest, AFoldThatIsFinishedCountsWithItsLastMeasurement) {
  AddFold({3.0});
  AddFold({5.0, 1.0});
  CrossValidation run = Make();
  NextMeasurement(run);
  EXPECT_EQ(NextMeasurement(run),
            (Measurement{.step = 2, .metrics = {{"loss", 2.0}}}));
  EXPECT_EQ(End(run), Outcome(Finished{}));
}

TEST_F(CrossValidationTest, AMetricIsTheMeanOfThoseThatHaveIt) {
  AddFold({8.0});
  AddFold({2.0});
  CrossValidation run = Make();
  EXPECT_THAT(NextMeasurement(run).metrics,
              UnorderedElementsAre(Pair("loss", 5.0), Pair("rate", 100.0)));
}

TEST_F(CrossValidationTest, DivergesIfOneDoes) {
  AddFold({3.0, 2.0});
  AddFold({3.0}, Outcome(Diverged{.reason = "the loss became inf"}));
  CrossValidation run = Make();
  NextMeasurement(run);
  EXPECT_EQ(End(run),
            Outcome(Diverged{.reason = "in fold 1 the loss became inf"}));
}

TEST_F(CrossValidationTest, PassesAnErrorOn) {
  AddFold({}, absl::CancelledError("stopped"));
  CrossValidation run = Make();
  EXPECT_THAT(run.Advance({}), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace attune
