#include "server/study_requests.h"

#include <string>
#include <variant>
#include <vector>

#include "core/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

template <typename T, typename Request>
absl::StatusOr<T> Read(const Request& request) {
  absl::StatusOr<Command> command = ToCommand(request);
  if (!command.ok()) return command.status();
  return std::get<T>(*std::move(command));
}

template <typename Request>
std::vector<std::string> WrongFields(const Request& request) {
  std::vector<std::string> fields;
  for (const Violation& violation : Violations(ToCommand(request).status())) {
    fields.push_back(violation.field);
  }
  return fields;
}

v1::UpdateStudyRequest Update(const std::vector<std::string>& paths) {
  v1::UpdateStudyRequest request;
  request.mutable_study()->set_name("studies/mlp");
  for (const std::string& path : paths) {
    request.mutable_update_mask()->add_paths(path);
  }
  return request;
}

TEST(StudyRequestsTest, ReadsWhatTheMaskNames) {
  v1::UpdateStudyRequest request =
      Update({"spec.budget.max_trials", "spec.budget.max_duration"});
  request.mutable_study()->mutable_spec()->mutable_budget()->set_max_trials(7);
  (*request.mutable_study()->mutable_attributes())["owner"] = "anna";
  ATTUNE_ASSERT_OK_AND_ASSIGN(const UpdateStudy update,
                              Read<UpdateStudy>(request));
  EXPECT_EQ(update.study, "mlp");
  EXPECT_EQ(update.revision, std::nullopt);
  EXPECT_THAT(update.fields, UnorderedElementsAre(StudyField::kMaxTrials,
                                                  StudyField::kMaxDuration));
  EXPECT_EQ(update.budget.max_trials, 7);
  EXPECT_EQ(update.budget.max_duration, std::nullopt);
  EXPECT_EQ(update.attributes, Attributes());
}

TEST(StudyRequestsTest, AWholeBudgetIsAllOfItsFields) {
  v1::UpdateStudyRequest request = Update({"spec.budget", "attributes"});
  (*request.mutable_study()->mutable_attributes())["owner"] = "anna";
  request.mutable_study()->set_etag("12");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const UpdateStudy update,
                              Read<UpdateStudy>(request));
  EXPECT_EQ(update.fields.size(), 5);
  EXPECT_EQ(update.revision, 12);
  EXPECT_EQ(update.attributes, (Attributes{{"owner", "anna"}}));
}

TEST(StudyRequestsTest, RefusesAMaskThatNamesNothingOrTheUnknown) {
  EXPECT_THAT(WrongFields(Update({})), ElementsAre("update_mask"));
  const absl::Status status =
      ToCommand(Update({"spec.budget.max_trails", "spec.seed"})).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  ASSERT_EQ(Violations(status).size(), 2);
  EXPECT_THAT(Violations(status)[0].description,
              HasSubstr("did you mean `spec.budget.max_trials`?"));
}

TEST(StudyRequestsTest, RefusesAnEtagThatIsNone) {
  v1::UpdateStudyRequest request = Update({"attributes"});
  request.mutable_study()->set_etag("*");
  EXPECT_THAT(WrongFields(request), ElementsAre("study.etag"));
  v1::DeleteStudyRequest remove;
  remove.set_name("studies/mlp");
  remove.set_etag("07");
  EXPECT_THAT(WrongFields(remove), ElementsAre("etag"));
}

TEST(StudyRequestsTest, ReadsTheTrialsToCreate) {
  v1::CreateTrialsRequest request;
  request.set_parent("studies/mlp");
  request.set_request_id("abc");
  v1::Trial& trial = *request.add_trials();
  (*trial.mutable_parameters()->mutable_values())["x"].set_int_value(3);
  (*trial.mutable_attributes())["owner"] = "anna";
  ATTUNE_ASSERT_OK_AND_ASSIGN(const CreateTrials create,
                              Read<CreateTrials>(request));
  EXPECT_EQ(create.study, "mlp");
  EXPECT_EQ(create.request_id, "abc");
  ASSERT_EQ(create.trials.size(), 1);
  EXPECT_EQ(create.trials[0].parameters, (Parameters{{"x", int64_t{3}}}));
  EXPECT_EQ(create.trials[0].attributes, (Attributes{{"owner", "anna"}}));

  (*request.add_trials()->mutable_parameters()->mutable_values())["y"];
  EXPECT_THAT(WrongFields(request), ElementsAre("trials[1].parameters.y"));
}

TEST(StudyRequestsTest, OneSuggestionUnlessMoreAreAskedFor) {
  v1::SuggestTrialsRequest request;
  request.set_parent("studies/mlp");
  request.set_worker("me");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const SuggestTrials one,
                              Read<SuggestTrials>(request));
  EXPECT_EQ(one.count, 1);
  EXPECT_EQ(one.worker.value, "me");
  request.set_count(-4);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const SuggestTrials wrong,
                              Read<SuggestTrials>(request));
  EXPECT_EQ(wrong.count, -4);  // for the coordinator's checks to refuse
}

TEST(StudyRequestsTest, ReadsTrialsByName) {
  v1::CancelTrialRequest cancel;
  cancel.set_name("studies/mlp/trials/4");
  cancel.set_reason(std::string(10'000, 'x'));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const CancelTrial read,
                              Read<CancelTrial>(cancel));
  EXPECT_EQ(read.study, "mlp");
  EXPECT_EQ(read.number, 4);
  EXPECT_EQ(read.reason.size(), 8192);
  v1::RetryTrialRequest retry;
  retry.set_name("studies/mlp");
  EXPECT_THAT(WrongFields(retry), ElementsAre("name"));
  v1::UpdateTrialRequest update;
  update.mutable_trial()->set_name("studies/mlp/trials/4");
  update.mutable_update_mask()->add_paths("parameters");
  EXPECT_THAT(WrongFields(update), ElementsAre("update_mask"));
}

}  // namespace
}  // namespace attune
