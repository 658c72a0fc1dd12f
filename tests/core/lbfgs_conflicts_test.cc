#include "core/lbfgs_conflicts.h"

#include <string>
#include <utility>
#include <vector>

#include "core/network_settings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

std::string Text(const char* text) { return text; }

// As `field: description`.
std::vector<std::string> Conflicts(const Parameters& settings,
                                   SearchSpace space = {}) {
  std::vector<Violation> violations;
  CheckLbfgs(settings, space, violations);
  std::vector<std::string> texts;
  for (const Violation& violation : violations) {
    texts.push_back(violation.field + ": " + violation.description);
  }
  return texts;
}

const ParameterSpec kAnyOptimizer = {
    .name = "optimizer", .domain = Choice{{Text("adam"), Text("lbfgs")}}};
const ParameterSpec kAnyBatch = {.name = "batch_size",
                                 .domain = Choice{{int64_t{32}, Text("full")}}};

struct NeedCase {
  std::string setting;
  ParameterValue wrong;
  ParameterValue right;
};

class LbfgsNeedTest : public testing::TestWithParam<NeedCase> {};

TEST_P(LbfgsNeedTest, IsThatOfTheSameSmoothLoss) {
  const auto& [setting, wrong, right] = GetParam();
  const Parameters lbfgs = {{"optimizer", Text("lbfgs")}};
  Parameters settings = lbfgs;
  settings.Set(setting, wrong);
  EXPECT_THAT(Conflicts(settings),
              ElementsAre(StartsWith("train." + setting + ": found `" +
                                     ToString(wrong) + "` where")));
  settings.Set("optimizer", Text("adam"));
  EXPECT_THAT(Conflicts(settings), IsEmpty());
  settings = lbfgs;
  settings.Set(setting, right);
  EXPECT_THAT(Conflicts(settings), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    All, LbfgsNeedTest,
    testing::Values(NeedCase{"batch_size", int64_t{64}, Text("full")},
                    NeedCase{"dropout", 0.5, int64_t{0}},
                    NeedCase{"batch_norm", true, false},
                    NeedCase{"layers", Text("flatten, dropout 0.5, dense 8"),
                             Text("flatten, dense 8")},
                    NeedCase{"precision", Text("bf16"), Text("float")},
                    NeedCase{"shift", int64_t{2}, int64_t{0}},
                    NeedCase{"flip", 0.5, 0.0}, NeedCase{"l1", 0.1, 0.0},
                    NeedCase{"weight_decay", 0.1, 0.0},
                    NeedCase{"clip_norm", 1.0, 0.0},
                    NeedCase{"clip_value", 1.0, 0.0}),
    [](const auto& test) { return test.param.setting; });

TEST(CheckLbfgsTest, OneTrialThatHasItIsEnough) {
  EXPECT_THAT(
      Conflicts({{"dropout", 0.5}}, {.parameters = {kAnyOptimizer, kAnyBatch}}),
      ElementsAre("parameters.batch_size: found other values where "
                  "`optimizer` can be lbfgs, expected `full`: it needs the "
                  "same smooth loss in every step",
                  "train.dropout: found `0.5` where `optimizer` can be lbfgs, "
                  "expected 0: it needs the same smooth loss in every step"));
}

TEST(CheckLbfgsTest, AConditionCanKeepThemApart) {
  const ParameterSpec norm = {
      .name = "batch_norm",
      .domain = Choice{{true, false}},
      .when = Condition{.parameter = "optimizer", .any_of = {Text("adam")}}};
  const ParameterSpec dropout = {
      .name = "dropout",
      .domain = DoubleRange{.min = 0.0, .max = 0.5},
      .when = Condition{.parameter = "batch_norm", .any_of = {false}}};
  const SearchSpace space = {.parameters = {kAnyOptimizer, norm, dropout}};
  EXPECT_THAT(Conflicts({}, space), IsEmpty());
  // A trial without the parameter has the setting.
  EXPECT_THAT(Conflicts({{"dropout", 0.5}}, space),
              ElementsAre(StartsWith("train.dropout: found `0.5`")));
  ParameterSpec other = norm;
  other.when->any_of = {Text("lbfgs")};
  EXPECT_THAT(Conflicts({}, {.parameters = {kAnyOptimizer, other, dropout}}),
              SizeIs(2));
}

TEST(CheckLbfgsTest, ForbiddenCombinationsCanKeepThemApart) {
  EXPECT_THAT(Conflicts({}, {.parameters = {kAnyOptimizer, kAnyBatch},
                             .forbidden = {{{"optimizer", Text("lbfgs")},
                                            {"batch_size", int64_t{32}}}}}),
              IsEmpty());
}

TEST(CheckLbfgsTest, IsAPartOfTheStudysAndOfTheTrialsValidation) {
  EXPECT_THAT(
      ValidateNetworkTask({}, {.parameters = {kAnyOptimizer, kAnyBatch}}),
      SizeIs(1));
  EXPECT_THAT(
      ResolveNetworkConfig({{"dropout", 0.5}}, {{"optimizer", Text("lbfgs")}}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               testing::HasSubstr("train.dropout")));
  EXPECT_THAT(
      ResolveNetworkConfig({{"optimizer", Text("lbfgs")}}, {{"dropout", 0.5}}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               testing::HasSubstr("parameters.dropout")));
}

}  // namespace
}  // namespace attune
