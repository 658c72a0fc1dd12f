#include "proto/convert.h"

#include <google/protobuf/util/message_differencer.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/proto/filled_message.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::util::MessageDifferencer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

MATCHER_P(EqualsProto, expected, "") {
  std::string difference;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  const bool equal = differencer.Compare(expected, arg);
  *result_listener << difference;
  return equal;
}

// The fields of the violations of an INVALID_ARGUMENT.
template <typename T>
std::vector<std::string> FieldsOf(const absl::StatusOr<T>& result) {
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(result, HasReason(reason::kInvalidField));
  std::vector<std::string> fields;
  for (const Violation& violation : Violations(result.status())) {
    fields.push_back(violation.field);
  }
  return fields;
}

// ---- every field survives ---------------------------------------------------

template <typename M>
M Filled(int variant) {
  M message;
  FillMessage(variant, message);
  return message;
}

TEST(ConvertTest, EveryFieldOfASpecSurvives) {
  const int variants = CountVariants(*pb::StudySpec::descriptor());
  EXPECT_GE(variants, 4);
  for (int variant = 0; variant < variants; ++variant) {
    const auto message = Filled<pb::StudySpec>(variant);
    ATTUNE_ASSERT_OK_AND_ASSIGN(const StudySpec spec,
                                FromProto("a-study", message));
    EXPECT_EQ(spec.name, "a-study");
    EXPECT_THAT(ToProto(spec), EqualsProto(message)) << "variant " << variant;
  }
}

TEST(ConvertTest, EveryFieldOfAStudySurvives) {
  auto message = Filled<pb::Study>(0);
  message.set_name("studies/a-study");
  message.clear_trial_counts();  // not of the study itself
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Study study, FromProto(message));
  EXPECT_THAT(ToProto(study), EqualsProto(message));
}

TEST(ConvertTest, EveryStateOfAStudySurvives) {
  for (StudyState state : {StudyState::kActive, StudyState::kPaused,
                           StudyState::kStopped, StudyState::kCompleted}) {
    Study study = MakeStudy(MakeStudySpec());
    study.state = state;
    EXPECT_THAT(FromProto(ToProto(study)), IsOkAndHolds(study));
  }
}

TEST(ConvertTest, EveryDomainSurvives) {
  StudySpec spec = MakeStudySpec();
  spec.space = MakeSpaceOfAllDomains();
  EXPECT_THAT(FromProto(spec.name, ToProto(spec)), IsOkAndHolds(spec));
}

TEST(ConvertTest, EveryFieldOfAMeasurementSurvives) {
  const auto message = Filled<pb::Measurement>(0);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Measurement measurement,
                              FromProto(message));
  EXPECT_THAT(ToProto(measurement), EqualsProto(message));
}

TEST(ConvertTest, NanAndInfinitiesSurviveInMeasurements) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Measurement measurement{
      .step = 3,
      .metrics = {{"a", std::nan("")}, {"b", kInfinity}, {"c", -kInfinity}}};
  EXPECT_THAT(FromProto(ToProto(measurement)), IsOkAndHolds(measurement));
}

TEST(ConvertTest, EveryFieldOfALeaseSurvives) {
  for (int variant = 0; variant < 4; ++variant) {
    auto message = Filled<pb::LeaseTrialsResponse>(variant);
    for (pb::Lease& lease : *message.mutable_leases()) {
      lease.set_trial(TrialName("a-study", lease.token().trial_number()));
    }
    ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply reply, FromProto(message));
    EXPECT_THAT(ToProto(reply), EqualsProto(message)) << "variant " << variant;
  }
}

TEST(ConvertTest, SeedsOfTrialsUseAll64Bits) {
  LeaseReply reply{.assignments = {{.worker = {"w"},
                                    .token = {.trial = {{1}, 1}},
                                    .study = "s",
                                    .seed = ~uint64_t{0}}}};
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply read, FromProto(ToProto(reply)));
  EXPECT_EQ(read.assignments[0].seed, ~uint64_t{0});
}

TEST(ConvertTest, EveryFieldOfALeaseRequestSurvives) {
  auto message = Filled<pb::LeaseTrialsRequest>(0);
  message.set_study("studies/a-study");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseRequest request, FromProto(message));
  EXPECT_EQ(request.study, "a-study");
  EXPECT_THAT(ToProto(request), EqualsProto(message));
}

TEST(ConvertTest, EveryVerdictSurvives) {
  const std::vector<Verdict> verdicts = {Verdict::kContinue, Verdict::kStop,
                                         Verdict::kLeaseLost};
  EXPECT_THAT(FromProto(ToProto(verdicts)), IsOkAndHolds(verdicts));
}

TEST(ConvertTest, EveryResultOfATrialSurvives) {
  for (const Outcome& outcome :
       {Outcome(Finished{}), Outcome(Stopped{}), Outcome(Diverged{"inf"})}) {
    pb::CompleteTrialRequest request;
    SetResult(outcome, request);
    EXPECT_THAT(FromProto(request), IsOkAndHolds(outcome));
  }
}

TEST(ConvertTest, TokensSurvive) {
  const LeaseToken token{.trial = {.study = {7}, .number = 12}, .attempt = 3};
  EXPECT_THAT(FromProto(ToProto(token)), IsOkAndHolds(token));
}

// The fields that are set in one of `trials`.
std::set<std::string> SetFields(const std::vector<pb::Trial>& trials) {
  std::set<std::string> names;
  for (const pb::Trial& trial : trials) {
    std::vector<const FieldDescriptor*> fields;
    trial.GetReflection()->ListFields(trial, &fields);
    for (const FieldDescriptor* field : fields) names.insert(field->name());
  }
  return names;
}

TEST(ConvertTest, EveryFieldOfATrialIsWritten) {
  const Measurement latest{.step = 4, .metrics = {{"loss", 0.5}}};
  Trial completed = MakeCompletedTrial(3, 0.5);
  completed.tag = "bracket 2";
  completed.seen_revision = 9;
  Trial failed = MakeTrial(
      4, Failed{.cause = std::string(cause::kWorkerError), .message = "died"});
  Trial running = MakeTrial(
      5, Running{.lease = {.worker = {"w-1"}}, .stop_requested = "median"});
  std::set<std::string> all;
  for (int i = 0; i < pb::Trial::descriptor()->field_count(); ++i) {
    all.insert(pb::Trial::descriptor()->field(i)->name());
  }
  EXPECT_EQ(SetFields({ToProto(completed, "s", &latest),
                       ToProto(failed, "s", nullptr),
                       ToProto(running, "s", nullptr)}),
            all);
}

TEST(ConvertTest, ATrialSaysWhatItsStateHolds) {
  const pb::Trial completed =
      ToProto(MakeCompletedTrial(3, 0.25), "a-study", nullptr);
  EXPECT_EQ(completed.name(), "studies/a-study/trials/3");
  EXPECT_EQ(completed.state(), pb::Trial::COMPLETED);
  EXPECT_THAT(completed.objectives(), ElementsAre(0.25));
  EXPECT_FALSE(completed.has_last_step());

  const pb::Trial failed = ToProto(
      MakeTrial(4, Failed{.cause = "WORKER_ERROR", .message = "no memory"}),
      "a-study", nullptr);
  EXPECT_EQ(failed.state(), pb::Trial::FAILED);
  EXPECT_EQ(failed.failure_cause(), "WORKER_ERROR");
  EXPECT_THAT(failed.state_reason(), HasSubstr("no memory"));

  const pb::Trial stopping =
      ToProto(MakeTrial(5, Running{.lease = {.worker = {"w-1"}},
                                   .stop_requested = "worse than the median"}),
              "a-study", nullptr);
  EXPECT_EQ(stopping.state(), pb::Trial::RUNNING);
  EXPECT_TRUE(stopping.stop_requested());
  EXPECT_EQ(stopping.state_reason(), "worse than the median");
  EXPECT_EQ(stopping.worker(), "w-1");
}

TEST(ConvertTest, EveryStateOfATrialIsNamedAsInStorage) {
  const std::vector<TrialState> states = {Waiting{},  Running{},    Completed{},
                                          Pruned{},   Infeasible{}, Failed{},
                                          Cancelled{}};
  for (const TrialState& state : states) {
    const pb::Trial::State sent =
        ToProto(MakeTrial(1, state), "s", nullptr).state();
    EXPECT_EQ(absl::AsciiStrToLower(pb::Trial::State_Name(sent)),
              StateName(state));
  }
}

// ---- what the zero of a field means
// ------------------------------------------

TEST(ConvertTest, AnEmptySpecHasTheDefaultsOfTheProto) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudySpec spec,
                              FromProto("s", pb::StudySpec()));
  EXPECT_EQ(spec, (StudySpec{.name = "s", .max_attempts = 3}));
  EXPECT_TRUE(std::holds_alternative<RandomSearch>(spec.algorithm));
  EXPECT_TRUE(std::holds_alternative<NoStopping>(spec.stopping));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(spec.task));
}

TEST(ConvertTest, ZerosOfMedianAndIntRangeAreDefaults) {
  pb::StudySpec message;
  message.mutable_stopping()->mutable_median();
  auto* parameter = message.mutable_search_space()->add_parameters();
  parameter->set_name("n");
  parameter->mutable_int_range()->set_max(9);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudySpec spec, FromProto("s", message));
  EXPECT_EQ(std::get<MedianStopping>(spec.stopping).min_trials, 5);
  const auto& range = std::get<IntRange>(spec.space.parameters[0].domain);
  EXPECT_EQ(range.step, 1);
  EXPECT_EQ(range.scale, Scale::kLinear);
  EXPECT_EQ(range.points, std::nullopt);
}

// ---- what cannot be read
// ------------------------------------------------------

TEST(ConvertTest, AllThatIsUnsetOrUnknownIsNamedAtOnce) {
  pb::StudySpec message;
  message.add_objectives()->set_metric("loss");
  auto* parameters = message.mutable_search_space();
  parameters->add_parameters()->set_name("lr");
  auto* second = parameters->add_parameters();
  second->set_name("units");
  second->mutable_choice()->add_values();
  second->mutable_when()->set_parameter("lr");
  second->mutable_when()->add_any_of()->set_double_value(std::nan(""));
  auto* third = parameters->add_parameters();
  third->mutable_double_range()->set_scale(static_cast<pb::Scale>(77));
  (*parameters->add_forbidden()->mutable_values())["lr"];
  (*message.mutable_task()->mutable_network()->mutable_settings())["epochs"];
  message.mutable_budget()->mutable_max_duration()->set_nanos(2'000'000'000);
  message.mutable_stopping()->mutable_median()->mutable_metric()->set_goal(
      static_cast<pb::Goal>(9));
  message.set_seed(-1);
  EXPECT_THAT(FieldsOf(FromProto("s", message)),
              UnorderedElementsAre("objective.goal", "parameters.lr",
                                   "parameters.units.values[0]",
                                   "parameters.units.when.lr[0]",
                                   "parameters[2].scale", "forbidden[0].lr",
                                   "train.epochs", "budget.max_duration",
                                   "stopping.median.metric.goal", "seed"));
}

TEST(ConvertTest, AFieldOfALaterVersionIsRefused) {
  pb::StudySpec message;
  auto* algorithm = message.mutable_algorithm();
  algorithm->GetReflection()->MutableUnknownFields(algorithm)->AddVarint(99, 1);
  const absl::StatusOr<StudySpec> spec = FromProto("s", message);
  EXPECT_THAT(FieldsOf(spec), ElementsAre("spec.algorithm"));
  EXPECT_THAT(std::string(spec.status().message()), HasSubstr("field 99"));
}

TEST(ConvertTest, AStudyOfALaterVersionCanBeRead) {
  pb::Study message = ToProto(MakeStudy(MakeStudySpec()));
  auto* algorithm = message.mutable_spec()->mutable_algorithm();
  algorithm->GetReflection()->MutableUnknownFields(algorithm)->AddVarint(99, 1);
  EXPECT_THAT(FromProto(message), IsOk());
}

TEST(ConvertTest, ValuesMustBeThereAndFinite) {
  pb::ParameterValue value;
  EXPECT_THAT(FieldsOf(FromProto(value)), ElementsAre("value"));
  value.set_double_value(std::numeric_limits<double>::infinity());
  EXPECT_THAT(FieldsOf(FromProto(value)), ElementsAre("value"));
}

TEST(ConvertTest, ResultVerdictTokenAndStepMustBeThere) {
  EXPECT_THAT(FieldsOf(FromProto(pb::CompleteTrialRequest())),
              ElementsAre("result"));
  EXPECT_THAT(FieldsOf(FromProto(pb::VERDICT_UNSPECIFIED)),
              ElementsAre("verdict"));
  EXPECT_THAT(FieldsOf(FromProto(pb::LeaseToken())), ElementsAre("token"));
  pb::ReportMeasurementsRequest request;
  request.add_measurements();
  request.add_measurements()->set_step(-2);
  EXPECT_THAT(FieldsOf(FromProto(request.measurements())),
              ElementsAre("measurements[1].step"));
}

TEST(ConvertTest, DurationsOfMixedSignsAreRefused) {
  pb::LeaseTrialsRequest request;
  request.mutable_wait()->set_seconds(5);
  request.mutable_wait()->set_nanos(-1);
  EXPECT_THAT(FieldsOf(FromProto(request)), ElementsAre("wait"));
}

TEST(ConvertTest, TimesBeforeTheEpochAndBeyondAllBoundsCanBeWritten) {
  Study study = MakeStudy(MakeStudySpec());
  study.create_time = absl::UnixEpoch() - absl::Milliseconds(1500);
  EXPECT_THAT(FromProto(ToProto(study)), IsOkAndHolds(study));
  study.update_time = absl::InfiniteFuture();
  EXPECT_THAT(FromProto(ToProto(study)), IsOk());
}

// ---- names
// --------------------------------------------------------------------

TEST(ConvertTest, NamesSurvive) {
  EXPECT_THAT(ParseStudyName(StudyName("mnist")), IsOkAndHolds("mnist"));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const ParsedTrialName name,
                              ParseTrialName(TrialName("mnist", 17)));
  EXPECT_EQ(name.study, "mnist");
  EXPECT_EQ(name.number, 17);
}

class BadTrialNameTest : public testing::TestWithParam<std::string> {};

TEST_P(BadTrialNameTest, IsRefusedWithItsField) {
  EXPECT_THAT(FieldsOf(ParseTrialName(GetParam(), "parent")),
              ElementsAre("parent"));
}

INSTANTIATE_TEST_SUITE_P(
    ConvertTest, BadTrialNameTest,
    testing::Values("", "studies/a", "studies/a/trials", "studies/a/trials/",
                    "studies//trials/1", "studies/a/trials/0",
                    "studies/a/trials/-1", "studies/a/trials/+1",
                    "studies/a/trials/01", "studies/a/trials/x",
                    "studies/a/trials/9999999999999999999",
                    "studies/a/trials/1/", "workers/a/trials/1"));

TEST(ConvertTest, ABadStudyNameIsQuotedInPart) {
  const absl::StatusOr<std::string> name =
      ParseStudyName(std::string(5000, '\xff'), "parent");
  EXPECT_THAT(FieldsOf(name), ElementsAre("parent"));
  EXPECT_LT(name.status().message().size(), 200);
}

}  // namespace
}  // namespace attune
