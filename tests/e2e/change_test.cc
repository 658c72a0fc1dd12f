// Studies and trials that people change, with the real programs.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/process.h"
#include "tests/e2e/service.h"
#include "worker/grpc_coordinator.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kSphere[] = R"(name: study
objective: {metric: value, goal: minimize}
attributes: {owner: anna, ticket: 17}
budget: {max_trials: 3}
parameters:
  x: {min: -5.0, max: 5.0}
  y: {min: -5.0, max: 5.0}
function: sphere
)";

// A study of programs of one's own, which bring the parameters.
constexpr char kOwnLoop[] = R"(name: study
objectives:
  - {metric: error, goal: minimize}
  - {metric: size, goal: minimize}
)";

// `attune` on a database that no coordinator serves.
class Offline {
 public:
  Finish Run(std::vector<std::string> words) const {
    words.insert(words.begin(), "attune");
    words.insert(words.end(), {"--db", db()});
    return RunProgram(std::move(words));
  }
  std::string Ask(const std::string& sql) const { return Sql(db(), sql); }
  std::string Write(const std::string& name, const std::string& text) const {
    return dir_.Write(name, text);
  }
  std::string db() const { return dir_.path("attune.db"); }

 private:
  const TempDir dir_;
};

TEST(ChangeTest, AStudyGoesOnWithANewBudget) {
  const Offline attune;
  const std::string file = attune.Write("study.yaml", kSphere);
  ASSERT_EQ(attune.Run({"create", file}).exit_code, 0);
  const Finish created = attune.Run({"create-trial", "study", "x=0", "y=1e-3",
                                     "--attribute", "source=guess"});
  ASSERT_EQ(created.exit_code, 0) << created.log;
  EXPECT_THAT(created.log, HasSubstr("attune run FILE --db"));
  ASSERT_EQ(attune.Run({"run", file}).exit_code, 0);
  EXPECT_EQ(attune.Ask("select trial, objective from best_trials limit 1"),
            "1|1.0e-06");

  const Finish filtered =
      attune.Run({"trials", "--filter", "metrics.value <= 1e-3", "-o", "csv"});
  ASSERT_EQ(filtered.exit_code, 0) << filtered.log;
  EXPECT_THAT(filtered.output, AllOf(HasSubstr("\n1,"), Not(HasSubstr("\n2,")),
                                     Not(HasSubstr("\n3,"))));
  const Finish sorted = attune.Run(
      {"trials", "--order-by", "metrics.value", "--limit", "1", "-o", "csv"});
  EXPECT_THAT(sorted.output, AllOf(HasSubstr("\n1,"), Not(HasSubstr("\n2,"))));
  EXPECT_EQ(
      attune.Run({"list", "--filter", "attributes.owner=ben", "-o", "json"})
          .output,
      "[]\n");
  const Finish wrong = attune.Run({"trials", "--filter", "x < 1"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.log,
              HasSubstr("--filter: column 1: found `x`, expected one "
                        "of the fields number, state"));
  const Finish unordered = attune.Run({"list", "--order-by", "age"});
  EXPECT_EQ(unordered.exit_code, 2);
  EXPECT_THAT(unordered.log, HasSubstr("--order-by: column 1: found `age`"));

  const Finish update =
      attune.Run({"update", "study", "--max-trials", "5", "--attribute",
                  "owner=ben", "--remove-attribute", "ticket"});
  ASSERT_EQ(update.exit_code, 0) << update.log;
  EXPECT_THAT(update.output, AllOf(HasSubstr("completed  active"),
                                   HasSubstr("anna       ben")));
  EXPECT_THAT(update.log, HasSubstr("attune run FILE --db"));
  EXPECT_THAT(attune.Run({"show"}).output,
              AllOf(HasSubstr("owner: ben"), Not(HasSubstr("ticket"))));

  // The file says 3 still.
  const Finish again = attune.Run({"run", file});
  EXPECT_EQ(again.exit_code, 0) << again.log;
  EXPECT_THAT(again.log, HasSubstr("the budget of `study` is 5 trials, where "
                                   "its file says 3 trials"));
  EXPECT_EQ(attune.Ask("select count(*) from trials where state = 'completed'"),
            "5");
}

TEST(ChangeTest, ATrialIsCancelledAndTriedAgain) {
  const Offline attune;
  const std::string file = attune.Write("study.yaml", kSphere);
  ASSERT_EQ(attune.Run({"create", file}).exit_code, 0);
  ASSERT_EQ(attune.Run({"create-trial", "study", "x=1", "y=2"}).exit_code, 0);

  // One that is not there keeps the other from being cancelled.
  const Finish refused =
      attune.Run({"cancel", "study", "--trial", "1", "--trial", "9"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.log, HasSubstr("study `study` has no trial 9"));
  EXPECT_EQ(attune.Ask("select state from trials"), "waiting");
  EXPECT_THAT(attune.Run({"retry", "study", "--trial", "1"}).log,
              HasSubstr("trial 1 of `study` is waiting, expected one that "
                        "ended without being completed"));

  const Finish cancelled = attune.Run(
      {"cancel", "study", "--trial", "1", "--reason", "a typing error"});
  ASSERT_EQ(cancelled.exit_code, 0) << cancelled.log;
  EXPECT_THAT(cancelled.output, HasSubstr("a typing error"));
  const Finish retry =
      attune.Run({"retry", "study", "--trial", "1", "-o", "json"});
  ASSERT_EQ(retry.exit_code, 0) << retry.log;
  EXPECT_THAT(retry.output,
              AllOf(HasSubstr("\"trial\":2"), HasSubstr("\"retry_of\":1"),
                    HasSubstr("\"x\":1.0")));
  ASSERT_EQ(attune.Run({"run", file}).exit_code, 0);
  EXPECT_EQ(attune.Ask("select trial, state from trials_flat order by trial"),
            "1|cancelled\n2|completed\n3|completed");
}

TEST(ChangeTest, ATableOfPointsIsTakenWholeOrNotAtAll) {
  const Offline attune;
  ASSERT_EQ(attune.Run({"create", attune.Write("s.yaml", kSphere)}).exit_code,
            0);
  const std::string points = attune.Write("points.csv", "x,y\n1,2\n3,far\n");
  const Finish refused =
      attune.Run({"create-trial", "study", "--file", points});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.log, HasSubstr("line 3: parameters.y: found the text "
                                     "`far`, expected a number"));
  EXPECT_EQ(attune.Ask("select count(*) from trials"), "0");

  attune.Write("points.csv", "x,y\n1,2\n3,4\n");
  for (int i = 0; i < 2; ++i) {
    const Finish created = attune.Run(
        {"create-trial", "study", "--file", points, "--request-id", "first"});
    EXPECT_EQ(created.exit_code, 0) << created.log;
  }
  EXPECT_EQ(attune.Ask("select count(*) from trials"), "2");
  const Finish too_many =
      attune.Run({"create-trial", "study", "--file", points});
  EXPECT_EQ(too_many.exit_code, 1);
  EXPECT_THAT(too_many.log, HasSubstr("has 2 of at most 3 trials"));
}

TEST(ChangeTest, WorkersOfSingleTrialsAreToldToStop) {
  const TempDir dir;
  const Service service = StartService(dir.path("attune.db"));
  ASSERT_NE(service.address, "") << service.process->Log();
  ASSERT_EQ(
      Attune(service, {"create", dir.Write("s.yaml", kOwnLoop)}).exit_code, 0);
  for (const char* kind : {"kind=a", "kind=b"}) {
    ASSERT_EQ(Attune(service, {"create-trial", "study", kind}).exit_code, 0);
  }
  GrpcCoordinator api({.address = service.address});
  const auto leased =
      api.LeaseTrials({.workers = {{"test/1"}, {"test/2"}}, .study = "study"});
  ASSERT_TRUE(leased.ok()) << leased.status();
  ASSERT_EQ(leased->assignments.size(), 2U);

  const Finish stop =
      Attune(service, {"stop", "study", "--trial", "2", "--reason", "enough"});
  EXPECT_EQ(stop.exit_code, 0) << stop.log;
  EXPECT_THAT(stop.output, HasSubstr("enough"));
  EXPECT_EQ(Sql(dir.path("attune.db"), "select state from studies"), "active");
  const Measurement measurement = {.step = 1,
                                   .metrics = {{"error", 0.5}, {"size", 2.0}}};
  for (const Assignment& assignment : leased->assignments) {
    const auto verdict =
        api.ReportMeasurements(assignment.token, {measurement});
    ASSERT_TRUE(verdict.ok()) << verdict.status();
    EXPECT_EQ(*verdict, assignment.token.trial.number == 2
                            ? Verdict::kStop
                            : Verdict::kContinue);
  }
  EXPECT_TRUE(
      api.FinishTrial(leased->assignments[0].token, {}, Finished()).ok());

  // The front has no ranks, and the parameters are those that the trials have.
  const Finish best = Attune(service, {"best", "study"});
  EXPECT_THAT(best.output,
              AllOf(HasSubstr("trial  error  size  kind"),
                    HasSubstr("1    0.5     2  a"), Not(HasSubstr("rank"))));
  EXPECT_THAT(Attune(service, {"show", "study"}).output,
              HasSubstr("front          1 trial\n"));
}

TEST(ChangeTest, TheExampleWithTwoObjectivesPrintsItsFront) {
  const Offline attune;
  const std::string file =
      std::string(ATTUNE_SOURCE_DIR) + "/examples/two-objectives.yaml";
  const Finish run = attune.Run({"run", file});
  ASSERT_EQ(run.exit_code, 0) << run.log;
  EXPECT_THAT(run.log, HasSubstr(" in the front"));
  EXPECT_THAT(run.output,
              HasSubstr("trial  validation_accuracy  samples_per_second"));
  EXPECT_EQ(attune.Run({"best", "two-objectives"}).output, run.output);
}

TEST(ChangeTest, APreviewSaysThatWhoeverCreatesTrialsBringsTheirParameters) {
  const Offline attune;
  const Finish preview =
      attune.Run({"preview", attune.Write("s.yaml", kOwnLoop)});
  EXPECT_EQ(preview.exit_code, 0) << preview.log;
  EXPECT_THAT(preview.output,
              AllOf(HasSubstr("minimize error"), HasSubstr("Pareto front"),
                    HasSubstr("whoever creates a trial brings"),
                    Not(HasSubstr("The first"))));
}

}  // namespace
}  // namespace attune
