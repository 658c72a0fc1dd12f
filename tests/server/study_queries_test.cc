#include "server/study_queries.h"

#include <string>
#include <utility>
#include <vector>

#include "core/check.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/convert.h"
#include "server/page_token.h"
#include "storage/memory_storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// One study, `s`, with trials 1 to 25: the odd ones completed with their number
// as the loss, the others waiting; trial 1 has measurements.
class StudyQueriesTest : public testing::Test {
 protected:
  StudyQueriesTest() {
    WriteBatch batch;
    batch.studies = {MakeStudy(MakeStudySpec("s"))};
    for (int64_t n = 1; n <= 25; ++n) {
      batch.trials.push_back(n % 2 == 1
                                 ? MakeCompletedTrial(n, static_cast<double>(n))
                                 : MakeTrial(n));
    }
    TrialMeasurements measurements{.trial = {{1}, 1}};
    for (int64_t step = 0; step < 10; ++step) {
      measurements.measurements.push_back(
          {.step = step,
           .metrics = {{"loss", 10.0 - static_cast<double>(step)}}});
    }
    batch.measurements = {measurements};
    ATTUNE_CHECK(storage_.Commit(batch).ok());
  }

  std::vector<int64_t> Numbers(
      const google::protobuf::RepeatedPtrField<pb::Trial>& trials) {
    std::vector<int64_t> numbers;
    for (const pb::Trial& trial : trials) numbers.push_back(trial.number());
    return numbers;
  }

  // The sizes of the pages until there is no token, and the numbers in them.
  std::vector<int> ReadPages(pb::ListTrialsRequest request,
                             std::vector<int64_t>& numbers) {
    std::vector<int> sizes;
    do {
      const auto page = queries_.ListTrials(request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      sizes.push_back(page->trials_size());
      for (int64_t number : Numbers(page->trials())) numbers.push_back(number);
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return sizes;
  }

  MemoryStorage storage_;
  const StudyQueries queries_{&storage_};
};

pb::ListTrialsRequest TrialsOf(const std::string& parent, int page_size = 0) {
  pb::ListTrialsRequest request;
  request.set_parent(parent);
  request.set_page_size(page_size);
  return request;
}

TEST_F(StudyQueriesTest, AStudySaysHowManyTrialsAreInEachState) {
  pb::GetStudyRequest request;
  request.set_name("studies/s");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study study,
                              queries_.GetStudy(request));
  EXPECT_THAT(study.trial_counts(),
              UnorderedElementsAre(Pair("completed", 13), Pair("waiting", 12)));
}

TEST_F(StudyQueriesTest, MissingStudiesAndTrialsAreNamed) {
  pb::GetStudyRequest study;
  study.set_name("studies/other");
  EXPECT_THAT(queries_.GetStudy(study), HasReason(reason::kStudyNotFound));
  EXPECT_EQ(Resource(queries_.GetStudy(study).status()), "studies/other");
  EXPECT_THAT(queries_.ListTrials(TrialsOf("studies/other")),
              HasReason(reason::kStudyNotFound));
  pb::GetTrialRequest trial;
  trial.set_name("studies/s/trials/26");
  EXPECT_THAT(queries_.GetTrial(trial), HasReason(reason::kTrialNotFound));
  EXPECT_EQ(Resource(queries_.GetTrial(trial).status()), "studies/s/trials/26");
}

TEST_F(StudyQueriesTest, ATrialHasItsLatestMetrics) {
  pb::GetTrialRequest request;
  request.set_name("studies/s/trials/1");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial trial,
                              queries_.GetTrial(request));
  EXPECT_EQ(trial.last_step(), 9);
  EXPECT_THAT(trial.metrics(), UnorderedElementsAre(Pair("loss", 1.0)));
  EXPECT_THAT(trial.objectives(), ElementsAre(1.0));
}

TEST_F(StudyQueriesTest, PagesHoldEveryTrialOnce) {
  std::vector<int64_t> numbers;
  EXPECT_THAT(ReadPages(TrialsOf("studies/s", 10), numbers),
              ElementsAre(10, 10, 5));
  std::vector<int64_t> expected;
  for (int64_t n = 1; n <= 25; ++n) expected.push_back(n);
  EXPECT_EQ(numbers, expected);
}

TEST_F(StudyQueriesTest, APageThatFitsExactlyIsTheLast) {
  std::vector<int64_t> numbers;
  EXPECT_THAT(ReadPages(TrialsOf("studies/s", 25), numbers), ElementsAre(25));
}

TEST_F(StudyQueriesTest, StatesSelectTrialsOnEveryPage) {
  pb::ListTrialsRequest request = TrialsOf("studies/s", 5);
  request.add_states(pb::Trial::WAITING);
  request.add_states(pb::Trial::FAILED);
  std::vector<int64_t> numbers;
  EXPECT_THAT(ReadPages(request, numbers), ElementsAre(5, 5, 2));
  EXPECT_THAT(
      numbers,
      testing::Each(testing::Truly([](int64_t n) { return n % 2 == 0; })));
}

TEST_F(StudyQueriesTest, ATokenFitsItsOwnQueryOnly) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto page,
                              queries_.ListTrials(TrialsOf("studies/s", 10)));
  pb::ListTrialsRequest next = TrialsOf("studies/s", 3);
  next.set_page_token(page.next_page_token());
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto second, queries_.ListTrials(next));
  EXPECT_THAT(Numbers(second.trials()), ElementsAre(11, 12, 13));
  next.add_states(pb::Trial::WAITING);
  EXPECT_THAT(queries_.ListTrials(next),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(StudyQueriesTest, WrongSizesAndStatesAreRefused) {
  EXPECT_THAT(queries_.ListTrials(TrialsOf("studies/s", -1)),
              HasReason(reason::kInvalidField));
  pb::ListTrialsRequest request = TrialsOf("studies/s");
  request.add_states(pb::Trial::STATE_UNSPECIFIED);
  request.add_states(pb::Trial::RUNNING);
  request.add_states(static_cast<pb::Trial::State>(1234));
  const absl::Status status = queries_.ListTrials(request).status();
  std::vector<std::string> fields;
  for (const Violation& violation : Violations(status)) {
    fields.push_back(violation.field);
  }
  EXPECT_THAT(fields, ElementsAre("states[0]", "states[2]"));
}

TEST_F(StudyQueriesTest, AFilterAndAnOrderHoldOnEveryPage) {
  pb::ListTrialsRequest request = TrialsOf("studies/s", 4);
  request.set_filter("state = completed AND number > 5");
  std::vector<int64_t> numbers;
  EXPECT_THAT(ReadPages(request, numbers), ElementsAre(4, 4, 2));
  EXPECT_THAT(numbers, ElementsAre(7, 9, 11, 13, 15, 17, 19, 21, 23, 25));
  numbers.clear();
  request.set_order_by("number desc");
  EXPECT_THAT(ReadPages(request, numbers), ElementsAre(4, 4, 2));
  EXPECT_THAT(numbers, ElementsAre(25, 23, 21, 19, 17, 15, 13, 11, 9, 7));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto page, queries_.ListTrials(request));
  request.set_page_token(page.next_page_token());
  request.set_order_by("number");
  EXPECT_EQ(Violations(queries_.ListTrials(request).status())[0].field,
            "page_token");
}

TEST_F(StudyQueriesTest, APageEndsBeforeItIsTooLarge) {
  WriteBatch batch;
  batch.studies = {MakeStudy(MakeStudySpec("large"), 2)};
  for (int64_t n = 1; n <= 7; ++n) {
    batch.trials.push_back(MakeTrial(
        n, Waiting{}, {{"x", std::string(kMaxPageBytes / 3, 'x')}}, 2));
  }
  batch.trials.push_back(
      MakeTrial(8, Waiting{}, {{"x", std::string(kMaxPageBytes + 1, 'x')}}, 2));
  ATTUNE_ASSERT_OK(storage_.Commit(batch));
  std::vector<int64_t> numbers;
  EXPECT_THAT(ReadPages(TrialsOf("studies/large"), numbers),
              ElementsAre(2, 2, 2, 1, 1));
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_F(StudyQueriesTest, StudiesHavePagesToo) {
  WriteBatch batch;
  for (int64_t id = 2; id <= 5; ++id) {
    batch.studies.push_back(
        MakeStudy(MakeStudySpec("s" + std::to_string(id)), id));
  }
  ATTUNE_ASSERT_OK(storage_.Commit(batch));
  pb::ListStudiesRequest request;
  request.set_page_size(3);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto first, queries_.ListStudies(request));
  EXPECT_THAT(first.studies(), SizeIs(3));
  EXPECT_EQ(first.studies(0).trial_counts().at("completed"), 13);
  request.set_page_token(first.next_page_token());
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto second, queries_.ListStudies(request));
  ASSERT_THAT(second.studies(), SizeIs(2));
  EXPECT_EQ(second.studies(1).name(), "studies/s5");
  EXPECT_THAT(second.next_page_token(), IsEmpty());
  request.set_filter("name != s3");
  EXPECT_EQ(Violations(queries_.ListStudies(request).status())[0].field,
            "page_token");
  request.clear_page_token();
  request.set_order_by("name desc");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto last, queries_.ListStudies(request));
  ASSERT_THAT(last.studies(), SizeIs(3));
  EXPECT_EQ(last.studies(2).name(), "studies/s2");
}

TEST_F(StudyQueriesTest, TheBestComeFirst) {
  pb::ListBestTrialsRequest request;
  request.set_parent("studies/s");
  request.set_page_size(3);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto best,
                              queries_.ListBestTrials(request));
  EXPECT_THAT(Numbers(best.trials()), ElementsAre(1, 3, 5));
  EXPECT_EQ(best.trials(0).last_step(), 9);
  request.set_page_size(0);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto ten, queries_.ListBestTrials(request));
  EXPECT_THAT(ten.trials(), SizeIs(10));
}

TEST_F(StudyQueriesTest, TheBestOfSeveralObjectivesAreTheParetoFront) {
  StudySpec spec = MakeStudySpec("two");
  spec.objectives = {{.metric = "loss", .goal = Goal::kMinimize},
                     {.metric = "speed", .goal = Goal::kMaximize}};
  WriteBatch batch;
  batch.studies = {MakeStudy(spec, 2)};
  const std::vector<std::vector<double>> results = {
      {2.0, 5.0}, {1.0, 1.0}, {2.0, 4.0}, {3.0, 9.0}};
  for (size_t i = 0; i < results.size(); ++i) {
    batch.trials.push_back(MakeTrial(
        static_cast<int64_t>(i) + 1,
        Completed{.attempt = 1, .objectives = results[i]}, {{"x", 0.5}}, 2));
  }
  ATTUNE_ASSERT_OK(storage_.Commit(batch));
  pb::ListBestTrialsRequest request;
  request.set_parent("studies/two");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto front,
                              queries_.ListBestTrials(request));
  EXPECT_THAT(Numbers(front.trials()), ElementsAre(1, 2, 4));
  request.set_page_size(2);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto two, queries_.ListBestTrials(request));
  EXPECT_THAT(Numbers(two.trials()), ElementsAre(1, 2));
}

TEST_F(StudyQueriesTest, ReadsWhatChangedAfterAPosition) {
  Study study = MakeStudy(MakeStudySpec("c"), 3);
  study.change = 7;
  WriteBatch batch = {.studies = {study}};
  for (int64_t n = 1; n <= 3; ++n) {
    Trial trial = MakeTrial(n, Waiting{}, {{"x", 0.5}}, 3);
    trial.change = 10 - n;
    batch.trials.push_back(trial);
  }
  ATTUNE_ASSERT_OK(storage_.Commit(batch));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudyId id,
                              queries_.FindStudyId("studies/c"));
  WatchPosition position;
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto all,
                              queries_.ReadChanges(id, position));
  EXPECT_EQ(all.study().name(), "studies/c");
  EXPECT_THAT(Numbers(all.trials()), ElementsAre(3, 2, 1));
  EXPECT_EQ(position, (WatchPosition{.study = 7, .trials = 9}));
  EXPECT_THAT(ReadResumeToken(id, all.resume_token()), IsOkAndHolds(position));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto none,
                              queries_.ReadChanges(id, position));
  EXPECT_FALSE(none.has_study());
  EXPECT_THAT(none.trials(), IsEmpty());
  position = {.study = 6, .trials = 8};
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto some,
                              queries_.ReadChanges(id, position));
  EXPECT_TRUE(some.has_study());
  EXPECT_THAT(Numbers(some.trials()), ElementsAre(1));
}

TEST_F(StudyQueriesTest, MeasurementsHavePages) {
  pb::ListMeasurementsRequest request;
  request.set_parent("studies/s/trials/1");
  request.set_page_size(7);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto first,
                              queries_.ListMeasurements(request));
  ASSERT_THAT(first.measurements(), SizeIs(7));
  EXPECT_EQ(first.measurements(0).step(), 0);
  request.set_page_token(first.next_page_token());
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto second,
                              queries_.ListMeasurements(request));
  ASSERT_THAT(second.measurements(), SizeIs(3));
  EXPECT_EQ(second.measurements(0).step(), 7);
  EXPECT_THAT(second.next_page_token(), IsEmpty());
}

TEST_F(StudyQueriesTest, ATrialWithoutMeasurementsHasNone) {
  pb::ListMeasurementsRequest request;
  request.set_parent("studies/s/trials/2");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto page,
                              queries_.ListMeasurements(request));
  EXPECT_THAT(page.measurements(), IsEmpty());
  request.set_parent("studies/s/trials/26");
  EXPECT_THAT(queries_.ListMeasurements(request),
              HasReason(reason::kTrialNotFound));
}

}  // namespace
}  // namespace attune
