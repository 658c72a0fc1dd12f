#include "storage/memory_storage.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/random.h"
#include "gtest/gtest.h"
#include "storage/sqlite_storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

constexpr int64_t kStudies = 3;
constexpr int64_t kTrials = 4;

// Batches that are often legal and often not: a revision that does not follow,
// a name that is taken, an owner that is not there.
class RandomBatches {
 public:
  explicit RandomBatches(uint64_t seed) : rng_(seed) {}

  WriteBatch Next(const Storage& storage) {
    WriteBatch batch;
    if (rng_.Below(8) == 0) batch.deleted_studies.push_back(SomeStudy());
    for (uint64_t n = rng_.Below(2); n > 0; --n) {
      batch.studies.push_back(NextStudy(storage));
    }
    for (uint64_t n = rng_.Below(3); n > 0; --n) {
      batch.trials.push_back(NextTrial(storage));
    }
    for (uint64_t n = rng_.Below(3); n > 0; --n) {
      batch.measurements.push_back(NextMeasurements());
    }
    return batch;
  }

 private:
  int64_t Below(int64_t n) {
    return static_cast<int64_t>(rng_.Below(static_cast<uint64_t>(n)));
  }
  StudyId SomeStudy() { return {1 + Below(kStudies)}; }
  TrialId SomeTrial() { return {SomeStudy(), 1 + Below(kTrials)}; }

  // Mostly the one that is legal.
  int64_t NextRevision(int64_t stored) {
    return Below(10) == 0 ? Below(3) : stored + 1;
  }

  Study NextStudy(const Storage& storage) {
    const StudyId id = SomeStudy();
    StudySpec spec = MakeStudySpec(absl::StrCat("s", Below(kStudies + 2)));
    spec.objectives[0].goal = Below(2) == 0 ? Goal::kMaximize : Goal::kMinimize;
    if (Below(2) == 0) spec.space = MakeSpaceOfAllDomains();
    if (Below(2) == 0) spec.task = NetworkTask{{{"epochs", Below(9)}}};
    Study study = MakeStudy(std::move(spec), id.value);
    const auto stored = storage.ListStudies({.id = id});
    EXPECT_THAT(stored, IsOk());
    if (!stored->empty() && Below(3) > 0) study.spec = stored->front().spec;
    study.revision =
        NextRevision(stored->empty() ? 0 : stored->front().revision);
    study.state = Below(2) == 0 ? StudyState::kPaused : StudyState::kActive;
    study.update_time += absl::Nanoseconds(Below(10'000));
    return study;
  }

  TrialState NextState() {
    const int attempt = 1 + static_cast<int>(Below(3));
    switch (Below(7)) {
      case 0:
        return Waiting{.attempt = attempt - 1, .lost = 0};
      case 1:
        return Running{
            .lease = {.worker = {absl::StrCat("w", Below(3))},
                      .attempt = attempt,
                      .deadline = TestTime() + absl::Nanoseconds(Below(5000))},
            .lost = 0,
            .stop_requested =
                Below(2) == 0 ? std::optional<std::string>("s") : std::nullopt};
      case 2:
        return Pruned{.attempt = attempt, .reason = "median"};
      case 3:
        return Infeasible{.attempt = attempt, .reason = "diverged"};
      case 4:
        return Failed{.attempt = attempt,
                      .cause = std::string(cause::kWorkerError),
                      .message = "x"};
      case 5:
        return Cancelled{.attempt = attempt - 1, .reason = "asked"};
      default:
        return Completed{.attempt = attempt,
                         .objectives = {static_cast<double>(Below(4)), 1.5}};
    }
  }

  Trial NextTrial(const Storage& storage) {
    const TrialId id = SomeTrial();
    Trial trial =
        MakeTrial(id.number, NextState(),
                  {{"x", rng_.Normal()}, {"n", Below(5)}}, id.study.value);
    const auto stored =
        storage.ListTrials({.study = id.study, .number = id.number});
    EXPECT_THAT(stored, IsOk());
    if (!stored->empty()) KeepAttempts(stored->front(), trial);
    trial.revision =
        NextRevision(stored->empty() ? 0 : stored->front().revision);
    return trial;
  }

  // Attempts are never taken away.
  static void KeepAttempts(const Trial& stored, Trial& trial) {
    for (size_t i = trial.attempts.size(); i < stored.attempts.size(); ++i) {
      trial.attempts.push_back(stored.attempts[i]);
    }
  }

  TrialMeasurements NextMeasurements() {
    TrialMeasurements measurements = {.trial = SomeTrial(), .measurements = {}};
    for (int64_t n = Below(3); n > 0; --n) {
      Measurement measurement = {.step = Below(5), .metrics = {}};
      for (int64_t m = Below(3); m > 0; --m) {
        measurement.metrics[absl::StrCat("m", Below(3))] =
            Below(5) == 0 ? std::numeric_limits<double>::quiet_NaN()
                          : rng_.Normal();
      }
      measurements.measurements.push_back(std::move(measurement));
    }
    return measurements;
  }

  Rng rng_;
};

std::map<TrialId, std::vector<Measurement>> MeasurementsIn(
    const Storage& storage, const MeasurementFilter& filter) {
  std::map<TrialId, std::vector<Measurement>> found;
  const auto read = storage.ListMeasurements(filter);
  EXPECT_THAT(read, IsOk());
  for (const TrialMeasurements& of_trial : *read) {
    found[of_trial.trial] = of_trial.measurements;
  }
  return found;
}

void ExpectSame(const Storage& a, const Storage& b) {
  ASSERT_EQ(*a.ListStudies({}), *b.ListStudies({}));
  for (int64_t id = 1; id <= kStudies; ++id) {
    const StudyId study = {id};
    for (const TrialFilter& filter :
         {TrialFilter{.study = study},
          TrialFilter{.study = study, .finished = true, .limit = 2},
          TrialFilter{.study = study, .finished = false, .after_number = 1},
          TrialFilter{.study = study, .states = {"waiting", "completed"}},
          TrialFilter{.study = study, .order = TrialOrder::kBestFirst}}) {
      ASSERT_EQ(*a.ListTrials(filter), *b.ListTrials(filter));
    }
    ASSERT_EQ(*a.CountTrials(study), *b.CountTrials(study));
    for (const bool latest : {false, true}) {
      const MeasurementFilter filter = {.study = study, .latest_only = latest};
      ASSERT_EQ(MeasurementsIn(a, filter), MeasurementsIn(b, filter));
    }
  }
}

class MemoryStorageTest : public testing::TestWithParam<uint64_t> {};

TEST_P(MemoryStorageTest, AgreesWithSqliteOnRandomBatches) {
  const TemporaryDirectory directory;
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto sqlite,
                              SqliteStorage::Open(directory.File("a.db")));
  MemoryStorage memory;
  RandomBatches batches(GetParam());
  int committed = 0;
  for (int i = 0; i < 100; ++i) {
    const WriteBatch batch = batches.Next(memory);
    const absl::Status expected = memory.Commit(batch);
    const absl::Status status = sqlite->Commit(batch);
    ASSERT_EQ(status.code(), expected.code()) << status << expected;
    if (status.ok()) ++committed;
    ASSERT_NO_FATAL_FAILURE(ExpectSame(memory, *sqlite)) << "batch " << i;
  }
  EXPECT_GT(committed, 10);
  EXPECT_LT(committed, 100);
}

INSTANTIATE_TEST_SUITE_P(Seeds, MemoryStorageTest,
                         testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace attune
