#ifndef ATTUNE_TESTS_TESTING_STORAGE_CONTRACT_H_
#define ATTUNE_TESTS_TESTING_STORAGE_CONTRACT_H_

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

// What every Storage must do with studies and with commits; the rest stands in
// storage_contract_trials.h. Both are included by one file, which names the
// storages:
//   INSTANTIATE_TEST_SUITE_P(All, StorageContractTest,
//   Values(StorageCase{...}),
//                            StorageCaseName);
namespace attune {

struct StorageCase {
  std::string name;
  // An empty storage; `directory` is there for its files.
  std::function<std::unique_ptr<Storage>(const TemporaryDirectory& directory)>
      make;
};

inline void PrintTo(const StorageCase& storage_case, std::ostream* out) {
  *out << storage_case.name;
}

inline std::string StorageCaseName(
    const testing::TestParamInfo<StorageCase>& info) {
  return info.param.name;
}

inline bool operator==(const TrialMeasurements& a, const TrialMeasurements& b) {
  return a.trial == b.trial && a.measurements == b.measurements;
}

class StorageContractTest : public testing::TestWithParam<StorageCase> {
 protected:
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();

  // Stores a study with the id 1 that `trials` can belong to.
  void CommitStudy(std::vector<Trial> trials = {}, Goal goal = Goal::kMinimize,
                   int64_t id = 1, const std::string& name = "test-study") {
    StudySpec spec = MakeStudySpec(name);
    spec.objectives[0].goal = goal;
    ATTUNE_ASSERT_OK(storage_->Commit(
        {.studies = {MakeStudy(spec, id)}, .trials = std::move(trials)}));
  }

  std::vector<Study> Studies(const StudyFilter& filter = {}) const {
    auto studies = storage_->ListStudies(filter);
    EXPECT_THAT(studies, IsOk());
    return studies.ok() ? *studies : std::vector<Study>();
  }

  std::vector<Trial> Trials(TrialFilter filter = {}) const {
    if (filter.study.value == 0) filter.study = {1};
    auto trials = storage_->ListTrials(filter);
    EXPECT_THAT(trials, IsOk());
    return trials.ok() ? *trials : std::vector<Trial>();
  }

  std::vector<int64_t> Numbers(TrialFilter filter = {}) const {
    std::vector<int64_t> numbers;
    for (const Trial& trial : Trials(std::move(filter))) {
      numbers.push_back(trial.id.number);
    }
    return numbers;
  }

  std::vector<TrialMeasurements> Measurements(
      MeasurementFilter filter = {}) const {
    if (filter.study.value == 0) filter.study = {1};
    auto measurements = storage_->ListMeasurements(filter);
    EXPECT_THAT(measurements, IsOk());
    return measurements.ok() ? *measurements : std::vector<TrialMeasurements>();
  }

  absl::Status Report(int64_t trial, std::vector<Measurement> measurements) {
    return storage_->Commit(
        {.measurements = {{.trial = {.study = {1}, .number = trial},
                           .measurements = std::move(measurements)}}});
  }

  // The study as it is read after it was stored.
  Study StoredAndRead(StudySpec spec) {
    const Study study = MakeStudy(std::move(spec));
    EXPECT_THAT(storage_->Commit({.studies = {study}}), IsOk());
    const std::vector<Study> read = Studies({.id = study.id});
    return read.size() == 1 ? read[0] : Study();
  }

  // Stores the study 1 and `trial`, and reads the trial.
  Trial StoredAndRead(const Trial& trial) {
    CommitStudy({trial});
    const std::vector<Trial> read = Trials({.number = trial.id.number});
    return read.size() == 1 ? read[0] : Trial();
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Storage> storage_ = GetParam().make(directory_);
};

// ---- studies ----------------------------------------------------------------

TEST_P(StorageContractTest, IsEmptyAtFirst) {
  EXPECT_TRUE(Studies().empty());
  EXPECT_TRUE(Trials().empty());
  EXPECT_TRUE(Measurements().empty());
  EXPECT_THAT(storage_->CountTrials({1}), IsOkAndHolds(testing::IsEmpty()));
  EXPECT_THAT(storage_->Commit({}), IsOk());
}

TEST_P(StorageContractTest, KeepsEveryDomain) {
  StudySpec spec = MakeStudySpec();
  spec.space = MakeSpaceOfAllDomains();
  const Study read = StoredAndRead(spec);
  ASSERT_EQ(read.spec.space.parameters.size(), spec.space.parameters.size());
  for (size_t i = 0; i < spec.space.parameters.size(); ++i) {
    EXPECT_EQ(read.spec.space.parameters[i], spec.space.parameters[i])
        << spec.space.parameters[i].name;
  }
}

TEST_P(StorageContractTest, KeepsTheTypeAndValueOfEveryNumberOfADomain) {
  constexpr int64_t kBig = (int64_t{1} << 53) + 1;
  StudySpec spec = MakeStudySpec();
  spec.space.parameters = {
      {.name = "whole", .domain = DoubleRange{.min = 1.0, .max = 2.0}},
      {.name = "big", .domain = IntRange{.min = -kBig, .max = kBig}},
      {.name = "values",
       .domain = Choice{{1.0, int64_t{1}, true, std::string("1"),
                         std::string("\"\\\xc3\xa9\n"), kBig, 1e300, 5e-324}}},
      {.name = "points",
       .domain = DoubleRange{.min = 0.1, .max = 0.3, .points = 3}}};
  EXPECT_EQ(StoredAndRead(spec).spec, spec);
}

TEST_P(StorageContractTest, KeepsConditionsAndForbiddenCombinations) {
  StudySpec spec = MakeStudySpec();
  spec.space.parameters = {
      {.name = "kind", .domain = Choice{{std::string("a"), true, 1.0}}},
      {.name = "x",
       .domain = DoubleRange{},
       .when = Condition{.parameter = "kind", .any_of = {true, 1.0}}}};
  spec.space.forbidden = {{{"kind", true}, {"x", 0.5}},
                          {{"kind", std::string("a")}}};
  EXPECT_EQ(StoredAndRead(spec).spec, spec);
}

TEST_P(StorageContractTest, KeepsASpaceWithoutParameters) {
  StudySpec spec = MakeStudySpec();
  spec.space = {};
  EXPECT_EQ(StoredAndRead(spec).spec, spec);
}

TEST_P(StorageContractTest, KeepsObjectivesBudgetSeedAndAttempts) {
  StudySpec spec = MakeStudySpec();
  spec.objectives = {{.metric = "accuracy", .goal = Goal::kMaximize},
                     {.metric = "loss", .goal = Goal::kMinimize}};
  spec.budget = {.max_trials = 7,
                 .max_parallel = 2,
                 .max_duration = absl::Milliseconds(1500),
                 .max_failed = 4};
  spec.seed = std::numeric_limits<int64_t>::max();
  spec.max_attempts = 5;
  spec.algorithm = Algorithm{.name = "grid"};
  EXPECT_EQ(StoredAndRead(spec).spec, spec);
}

TEST_P(StorageContractTest, KeepsAnUnlimitedBudget) {
  StudySpec spec = MakeStudySpec();
  spec.budget = {};
  EXPECT_EQ(StoredAndRead(spec).spec, spec);
}

TEST_P(StorageContractTest, KeepsTheSettingsOfRules) {
  StudySpec spec = MakeStudySpec();
  spec.stopping = {
      .name = "median",
      .settings = {{"min_trials", int64_t{3}}, {"warmup_steps", int64_t{4}}}};
  EXPECT_EQ(StoredAndRead(spec).spec, spec);
}

TEST_P(StorageContractTest, KeepsTheMetricOfMedianStopping) {
  StudySpec spec = MakeStudySpec();
  spec.stopping = {.name = "median",
                   .metric = Objective{"accuracy", Goal::kMaximize}};
  EXPECT_EQ(StoredAndRead(spec).spec, spec);
}

TEST_P(StorageContractTest, KeepsANetworkTaskWithTypedSettings) {
  StudySpec spec = MakeStudySpec();
  spec.task = NetworkTask{{{"learning_rate", 1.0},
                           {"epochs", int64_t{10}},
                           {"dataset", std::string("fashion-mnist")},
                           {"flag", true}}};
  EXPECT_EQ(StoredAndRead(spec).spec, spec);
}

TEST_P(StorageContractTest, KeepsANetworkTaskWithoutSettings) {
  StudySpec spec = MakeStudySpec();
  spec.task = NetworkTask{};
  EXPECT_EQ(StoredAndRead(spec).spec, spec);
}

TEST_P(StorageContractTest, KeepsAFunctionTask) {
  StudySpec spec = MakeStudySpec();
  spec.task = FunctionTask{"sphere"};
  EXPECT_EQ(StoredAndRead(spec).spec, spec);
}

TEST_P(StorageContractTest, UpdatesAStudyWithANewSpec) {
  Study study = StoredAndRead(MakeStudySpec());
  study.revision = 2;
  study.state = StudyState::kStopped;
  study.state_reason = "enough";
  study.update_time += absl::Seconds(1);
  study.spec = MakeStudySpec("renamed");
  study.spec.space = MakeSpaceOfAllDomains();
  study.spec.task = NetworkTask{{{"epochs", int64_t{3}}}};
  study.attributes = {{"owner", "anna"}};
  ATTUNE_ASSERT_OK(storage_->Commit({.studies = {study}}));
  EXPECT_THAT(Studies(), testing::ElementsAre(study));
}

TEST_P(StorageContractTest, UpdatesAStudyThatKeepsItsSpec) {
  Study study = StoredAndRead(MakeStudySpec());
  for (const StudyState state :
       {StudyState::kPaused, StudyState::kActive, StudyState::kStopped,
        StudyState::kCompleted}) {
    ++study.revision;
    study.state = state;
    study.state_reason += "x";
    study.update_time += absl::Seconds(1);
    study.attributes["state"] = study.state_reason;
    ATTUNE_ASSERT_OK(storage_->Commit({.studies = {study}}));
    EXPECT_THAT(Studies(), testing::ElementsAre(study));
  }
}

TEST_P(StorageContractTest, UpdatesOneStudyTwiceInABatch) {
  Study second = MakeStudy(MakeStudySpec());
  second.revision = 2;
  second.spec.max_attempts = 9;
  Study third = MakeStudy(MakeStudySpec());
  third.revision = 3;
  ATTUNE_ASSERT_OK(storage_->Commit({.studies = {MakeStudy(MakeStudySpec())}}));
  ATTUNE_ASSERT_OK(storage_->Commit({.studies = {second, third}}));
  EXPECT_THAT(Studies(), testing::ElementsAre(third));
}

TEST_P(StorageContractTest, ListsStudiesByIdNameAndPage) {
  CommitStudy({}, Goal::kMinimize, 1, "a");
  CommitStudy({}, Goal::kMinimize, 3, "c");
  CommitStudy({}, Goal::kMinimize, 2, "b");
  const auto ids = [&](const StudyFilter& filter) {
    std::vector<int64_t> found;
    for (const Study& study : Studies(filter)) found.push_back(study.id.value);
    return found;
  };
  using testing::ElementsAre;
  EXPECT_THAT(ids({}), ElementsAre(1, 2, 3));
  EXPECT_THAT(ids({.id = StudyId{2}}), ElementsAre(2));
  EXPECT_THAT(ids({.id = StudyId{4}}), ElementsAre());
  EXPECT_THAT(ids({.name = "c"}), ElementsAre(3));
  EXPECT_THAT(ids({.id = StudyId{1}, .name = "c"}), ElementsAre());
  EXPECT_THAT(ids({.limit = 2}), ElementsAre(1, 2));
  EXPECT_THAT(ids({.after = {2}, .limit = 2}), ElementsAre(3));
  EXPECT_THAT(ids({.id = StudyId{2}, .after = {2}}), ElementsAre());
}

TEST_P(StorageContractTest, RefusesANameThatIsTaken) {
  CommitStudy();
  const absl::Status status =
      storage_->Commit({.studies = {MakeStudy(MakeStudySpec(), 2)}});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(status, HasReason(reason::kStudyExists));
  EXPECT_EQ(Resource(status), "studies/test-study");
}

TEST_P(StorageContractTest, RefusesToRenameToANameThatIsTaken) {
  CommitStudy({}, Goal::kMinimize, 1, "a");
  CommitStudy({}, Goal::kMinimize, 2, "b");
  Study study = MakeStudy(MakeStudySpec("a"), 2);
  study.revision = 2;
  EXPECT_THAT(storage_->Commit({.studies = {study}}),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(StorageContractTest, DeletesAStudyWithAllThatBelongsToIt) {
  CommitStudy({MakeCompletedTrial(1, 0.5)});
  CommitStudy({MakeTrial(1, Waiting{}, {}, 2)}, Goal::kMinimize, 2, "other");
  ATTUNE_ASSERT_OK(Report(1, {{.step = 1, .metrics = {{"loss", 0.5}}}}));
  ATTUNE_ASSERT_OK(storage_->Commit({.deleted_studies = {{1}}}));
  EXPECT_EQ(Studies().size(), 1);
  EXPECT_TRUE(Trials().empty());
  EXPECT_TRUE(Measurements().empty());
  EXPECT_THAT(storage_->CountTrials({1}), IsOkAndHolds(testing::IsEmpty()));
  EXPECT_EQ(Trials({.study = {2}}).size(), 1);
}

TEST_P(StorageContractTest, GivesTheNameOfADeletedStudyToANewOne) {
  CommitStudy();
  ATTUNE_ASSERT_OK(
      storage_->Commit({.deleted_studies = {{1}, {7}},
                        .studies = {MakeStudy(MakeStudySpec(), 2)}}));
  EXPECT_THAT(Studies(), testing::ElementsAre(MakeStudy(MakeStudySpec(), 2)));
}

TEST_P(StorageContractTest, NeverGivesAnIdTwice) {
  EXPECT_THAT(storage_->NextStudyId(), IsOkAndHolds(StudyId{1}));
  EXPECT_THAT(storage_->NextStudyId(), IsOkAndHolds(StudyId{2}));
  CommitStudy({}, Goal::kMinimize, 5);
  ATTUNE_ASSERT_OK(storage_->Commit({.deleted_studies = {{5}}}));
  EXPECT_THAT(storage_->NextStudyId(), IsOkAndHolds(StudyId{6}));
}

TEST_P(StorageContractTest, KeepsWholeMicroseconds) {
  const absl::Duration fine = absl::Nanoseconds(1'234'567'890);
  Study study = MakeStudy(MakeStudySpec());
  study.create_time = absl::UnixEpoch() - fine;
  study.update_time = absl::UnixEpoch() + fine;
  study.spec.budget.max_duration = fine;
  ATTUNE_ASSERT_OK(storage_->Commit({.studies = {study}}));
  study.create_time = absl::FromUnixMicros(-1'234'568);
  study.update_time = absl::FromUnixMicros(1'234'567);
  study.spec.budget.max_duration = absl::Microseconds(1'234'567);
  EXPECT_THAT(Studies(), testing::ElementsAre(study));
}

// ---- commits ----------------------------------------------------------------

TEST_P(StorageContractTest, RefusesRevisionsThatDoNotFollow) {
  CommitStudy({MakeTrial(1)});
  const auto expect_refused = [&](const WriteBatch& batch) {
    const absl::Status status = storage_->Commit(batch);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted));
    EXPECT_THAT(status, HasReason(reason::kRevisionMismatch));
  };
  for (const int64_t revision : {-1, 0, 1, 3}) {
    Study study = MakeStudy(MakeStudySpec());
    study.revision = revision;
    expect_refused({.studies = {study}});
    Trial trial = MakeTrial(1);
    trial.revision = revision;
    expect_refused({.trials = {trial}});
  }
  Trial unknown = MakeTrial(2);
  unknown.revision = 2;
  expect_refused({.trials = {unknown}});
  unknown.id.study = {2};
  expect_refused({.trials = {unknown}});
  Study unknown_study = MakeStudy(MakeStudySpec("other"), 2);
  unknown_study.revision = 2;
  expect_refused({.studies = {unknown_study}});
}

TEST_P(StorageContractTest, SaysWhichRevisionsItFoundAndExpected) {
  CommitStudy({MakeTrial(17)});
  Trial trial = MakeTrial(17);
  trial.revision = 5;
  const absl::Status status = storage_->Commit({.trials = {trial}});
  EXPECT_EQ(Resource(status), "studies/1/trials/17");
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(testing::HasSubstr("studies/1/trials/17"),
                             testing::HasSubstr("revision 5"),
                             testing::HasSubstr("has revision 1"),
                             testing::HasSubstr("expected revision 2")));
}

TEST_P(StorageContractTest, RefusesWhatHasNoOwner) {
  EXPECT_THAT(storage_->Commit({.trials = {MakeTrial(1)}}),
              StatusIs(absl::StatusCode::kInternal,
                       testing::HasSubstr("studies/1 is not stored")));
  CommitStudy();
  EXPECT_THAT(Report(1, {{.step = 1, .metrics = {{"a", 1.0}}}}),
              StatusIs(absl::StatusCode::kInternal,
                       testing::HasSubstr("studies/1/trials/1")));
}

TEST_P(StorageContractTest, StoresAllOfABatchOrNothing) {
  CommitStudy({MakeTrial(1), MakeTrial(2)});
  ATTUNE_ASSERT_OK(Report(1, {{.step = 1, .metrics = {{"a", 1.0}}}}));
  CommitStudy({MakeTrial(1, Waiting{}, {}, 2)}, Goal::kMinimize, 2, "other");
  const auto studies = Studies();
  const auto trials = Trials();
  const auto measurements = Measurements();

  Study changed = MakeStudy(MakeStudySpec("changed"));
  changed.revision = 2;
  Trial advanced = MakeCompletedTrial(1, 1.0);
  advanced.revision = 2;
  const Measurement more = {.step = 2, .metrics = {{"a", 2.0}}};
  const WriteBatch batch = {
      .deleted_studies = {{2}},
      .studies = {changed, MakeStudy(MakeStudySpec("new"), 3)},
      .trials = {advanced, MakeTrial(3), MakeTrial(1, Waiting{}, {}, 3)},
      .measurements = {
          {{{1}, 1}, {more}}, {{{1}, 3}, {more}}, {{{1}, 99}, {more}}}};
  EXPECT_THAT(storage_->Commit(batch), StatusIs(absl::StatusCode::kInternal));

  EXPECT_EQ(Studies(), studies);
  EXPECT_EQ(Trials(), trials);
  EXPECT_EQ(Trials({.study = {2}}).size(), 1);
  EXPECT_TRUE(Trials({.study = {3}}).empty());
  EXPECT_EQ(Measurements(), measurements);
  EXPECT_EQ(Measurements({.latest_only = true}), measurements);

  WriteBatch corrected = batch;
  corrected.measurements.pop_back();
  EXPECT_THAT(storage_->Commit(corrected), IsOk());
  EXPECT_EQ(Measurements().size(), 2);
}

TEST_P(StorageContractTest, ShowsWholeCommitsToReadersInOtherThreads) {
  constexpr int64_t kCommits = 50;
  CommitStudy({MakeTrial(1), MakeTrial(2)});
  std::atomic<int64_t> committed = 1;  // the revision of both trials
  std::atomic<bool> done = false;
  // Each commit moves both trials on, so a reader must never see one without
  // the other, nor miss a commit that returned before it began.
  const auto read = [&] {
    while (!done) {
      const int64_t before = committed;
      const auto trials = storage_->ListTrials({.study = {1}});
      ASSERT_THAT(trials, IsOk());
      ASSERT_EQ((*trials)[0].revision, (*trials)[1].revision);
      ASSERT_GE((*trials)[0].revision, before);
      ASSERT_THAT(storage_->CountTrials({1}),
                  IsOkAndHolds(StateCounts{{"waiting", 2}}));
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(read);
  for (int64_t revision = 2; revision <= kCommits; ++revision) {
    Trial first = MakeTrial(1);
    Trial second = MakeTrial(2);
    first.revision = second.revision = revision;
    EXPECT_THAT(storage_->Commit({.trials = {first, second}}), IsOk());
    committed = revision;
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_STORAGE_CONTRACT_H_
