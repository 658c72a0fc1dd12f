#include <string>
#include <variant>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/convert.h"
#include "tests/proto/filled_message.h"
#include "tests/proto/matchers.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

TEST(ConvertStudyTest, EveryFieldOfASpecSurvives) {
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

TEST(ConvertStudyTest, EveryFieldOfAStudySurvives) {
  auto message = Filled<pb::Study>(0);
  message.set_name("studies/a-study");
  message.clear_trial_counts();  // not of the study itself
  message.set_etag(ToEtag(message.revision()));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Study study, FromProto(message));
  EXPECT_THAT(ToProto(study), EqualsProto(message));
}

TEST(ConvertStudyTest, AnEtagStandsForARevision) {
  EXPECT_THAT(ParseEtag(ToEtag(17), "etag"),
              IsOkAndHolds(std::optional<int64_t>(17)));
  EXPECT_THAT(ParseEtag("", "etag"),
              IsOkAndHolds(std::optional<int64_t>(std::nullopt)));
  for (const char* text : {"*", "x", "017", "1.5", "99999999999999999999"}) {
    EXPECT_EQ(Violations(ParseEtag(text, "etag").status()).size(), 1) << text;
  }
}

TEST(ConvertStudyTest, EveryStateOfAStudySurvives) {
  for (StudyState state : {StudyState::kActive, StudyState::kPaused,
                           StudyState::kStopped, StudyState::kCompleted}) {
    Study study = MakeStudy(MakeStudySpec());
    study.state = state;
    EXPECT_THAT(FromProto(ToProto(study)), IsOkAndHolds(study));
  }
}

TEST(ConvertStudyTest, EveryDomainSurvives) {
  StudySpec spec = MakeStudySpec();
  spec.space = MakeSpaceOfAllDomains();
  EXPECT_THAT(FromProto(spec.name, ToProto(spec)), IsOkAndHolds(spec));
}

TEST(ConvertStudyTest, AnEmptySpecHasTheDefaultsOfTheProto) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudySpec spec,
                              FromProto("s", pb::StudySpec()));
  EXPECT_EQ(spec, (StudySpec{.name = "s", .max_attempts = 3}));
  EXPECT_EQ(spec.algorithm.name, "random");
  EXPECT_EQ(spec.stopping.name, "none");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(spec.task));
}

TEST(ConvertStudyTest, ZerosOfAnIntRangeAreDefaults) {
  pb::StudySpec message;
  auto* parameter = message.mutable_search_space()->add_parameters();
  parameter->set_name("n");
  parameter->mutable_int_range()->set_max(9);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudySpec spec, FromProto("s", message));
  const auto& range = std::get<IntRange>(spec.space.parameters[0].domain);
  EXPECT_EQ(range.step, 1);
  EXPECT_EQ(range.scale, Scale::kLinear);
  EXPECT_EQ(range.points, std::nullopt);
}

TEST(ConvertStudyTest, AllThatIsUnsetOrUnknownIsNamedAtOnce) {
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
  (*message.mutable_algorithm()->mutable_settings())["order"];
  message.mutable_stopping()->set_name("median");
  message.mutable_stopping()->mutable_metric()->set_goal(
      static_cast<pb::Goal>(9));
  message.set_seed(-1);
  EXPECT_THAT(
      FieldsOf(FromProto("s", message)),
      UnorderedElementsAre(
          "objective.goal", "parameters.lr", "parameters.units.values[0]",
          "parameters.units.when.lr[0]", "parameters[2].scale",
          "forbidden[0].lr", "train.epochs", "budget.max_duration",
          "algorithm.random.order", "stopping.median.metric.goal", "seed"));
}

TEST(ConvertStudyTest, AFieldOfALaterVersionIsRefused) {
  pb::StudySpec message;
  auto* algorithm = message.mutable_algorithm();
  algorithm->GetReflection()->MutableUnknownFields(algorithm)->AddVarint(99, 1);
  const absl::StatusOr<StudySpec> spec = FromProto("s", message);
  EXPECT_THAT(FieldsOf(spec), ElementsAre("spec.algorithm"));
  EXPECT_THAT(std::string(spec.status().message()), HasSubstr("field 99"));
}

TEST(ConvertStudyTest, AStudyOfALaterVersionCanBeRead) {
  pb::Study message = ToProto(MakeStudy(MakeStudySpec()));
  auto* algorithm = message.mutable_spec()->mutable_algorithm();
  algorithm->GetReflection()->MutableUnknownFields(algorithm)->AddVarint(99, 1);
  EXPECT_THAT(FromProto(message), IsOk());
}

TEST(ConvertStudyTest, TimesBeforeTheEpochAndBeyondAllBoundsCanBeWritten) {
  Study study = MakeStudy(MakeStudySpec());
  study.create_time = absl::UnixEpoch() - absl::Milliseconds(1500);
  EXPECT_THAT(FromProto(ToProto(study)), IsOkAndHolds(study));
  study.update_time = absl::InfiniteFuture();
  EXPECT_THAT(FromProto(ToProto(study)), IsOk());
}

}  // namespace
}  // namespace attune
