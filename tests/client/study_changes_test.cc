#include "client/study_changes.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/fake_coordinator.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr auto kInvalidChange = absl::StatusCode::kInvalidArgument;

pb::Study DoneStudy() {
  pb::Study study;
  study.set_name("studies/s");
  study.set_etag("7");
  study.set_state(pb::Study::COMPLETED);
  study.mutable_spec()->mutable_budget()->set_max_trials(30);
  (*study.mutable_attributes())["owner"] = "anna";
  (*study.mutable_attributes())["draft"] = "1";
  return study;
}

TEST(StudyChangesTest, NameTheirPathsInTheMask) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudyUpdate update,
                              ReadChanges({.max_trials = "60",
                                           .max_duration = "1h30m",
                                           .attributes = {"owner=ben"}}));
  EXPECT_THAT(update.paths,
              ElementsAre("spec.budget.max_trials", "spec.budget.max_duration",
                          "attributes"));
  EXPECT_EQ(update.budget,
            (Budget{.max_trials = 60, .max_duration = absl::Minutes(90)}));
}

TEST(StudyChangesTest, NoneTakesALimitAway) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const StudyUpdate update,
      ReadChanges({.max_parallel = "none", .max_failed = "none"}));
  EXPECT_THAT(update.paths, ElementsAre("spec.budget.max_parallel",
                                        "spec.budget.max_failed"));
  EXPECT_EQ(update.budget, Budget());
}

TEST(StudyChangesTest, SaysWhichOptionCannotBeRead) {
  EXPECT_THAT(ReadChanges({.max_trials = "0"}),
              StatusIs(kInvalidChange,
                       "--max-trials: found `0`, expected an integer from 1 to "
                       "9223372036854775807, or none"));
  EXPECT_THAT(ReadChanges({.max_trials = "99999999999999999999"}),
              StatusIs(kInvalidChange, HasSubstr("1 to 9223372036854775807")));
  EXPECT_THAT(ReadChanges({.max_failed = "few"}),
              StatusIs(kInvalidChange, HasSubstr("--max-failed: found `few`")));
  EXPECT_THAT(
      ReadChanges({.max_duration = "10"}),
      StatusIs(kInvalidChange, HasSubstr("--max-duration: found `10`")));
  EXPECT_THAT(
      ReadChanges({.max_duration = "inf"}),
      StatusIs(kInvalidChange, HasSubstr("--max-duration: found `inf`")));
  ATTUNE_EXPECT_OK(ReadChanges({.max_duration = "87660000h"}));
  EXPECT_THAT(ReadChanges({.max_duration = "99999999999h"}),
              StatusIs(kInvalidChange,
                       "--max-duration: found 99999999999h, expected at most "
                       "87660000h"));
  EXPECT_THAT(
      ReadChanges({.attributes = {"owner"}}),
      StatusIs(kInvalidChange, HasSubstr("--attribute: found `owner`")));
  EXPECT_THAT(
      ReadChanges({.attributes = {"a=1"}, .removed_attributes = {"a"}}),
      StatusIs(kInvalidChange, HasSubstr("--remove-attribute: found `a`")));
}

TEST(StudyChangesTest, NothingIsNoChange) {
  EXPECT_THAT(ReadChanges({}),
              StatusIs(kInvalidChange, HasSubstr("found nothing to change")));
}

TEST(StudyChangesTest, AttributesAreChangedWithWhatWasSeen) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudyUpdate update,
                              ReadChanges({.attributes = {"owner=ben"},
                                           .removed_attributes = {"draft"}}));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study wanted,
                              Updated(DoneStudy(), update));
  EXPECT_EQ(wanted.name(), "studies/s");
  EXPECT_EQ(wanted.etag(), "7");
  EXPECT_THAT(wanted.attributes(), UnorderedElementsAre(Pair("owner", "ben")));
}

TEST(StudyChangesTest, ALimitIsChangedWhateverElseHasChanged) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudyUpdate update,
                              ReadChanges({.max_trials = "60"}));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study wanted,
                              Updated(DoneStudy(), update));
  EXPECT_EQ(wanted.etag(), "");
  EXPECT_EQ(wanted.spec().budget().max_trials(), 60);
}

TEST(StudyChangesTest, AnAttributeThatIsNotThereCannotBeRemoved) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudyUpdate update,
                              ReadChanges({.removed_attributes = {"drafts"}}));
  EXPECT_THAT(Updated(DoneStudy(), update),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("`s` has no attribute `drafts`"),
                             HasSubstr("did you mean `draft`?"))));
}

TEST(StudyChangesTest, KeepWhatOthersChangedInBetween) {
  FakeCoordinator coordinator;
  coordinator.changes = 2;
  StudyClient client(coordinator.address());
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudyUpdate update,
                              ReadChanges({.attributes = {"owner=ben"}}));
  pb::Study seen = DoneStudy();
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study now,
                              UpdateStudy(client, update, seen));
  EXPECT_THAT(now.attributes(),
              UnorderedElementsAre(Pair("owner", "ben"), Pair("other", "0")));
  EXPECT_EQ(seen.etag(), "0");
}

TEST(StudyChangesTest, GiveUpWhereOthersGoOn) {
  FakeCoordinator coordinator;
  coordinator.changes = 100;
  StudyClient client(coordinator.address());
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudyUpdate update,
                              ReadChanges({.attributes = {"owner=ben"}}));
  pb::Study seen = DoneStudy();
  EXPECT_THAT(UpdateStudy(client, update, seen),
              HasReason(reason::kRevisionMismatch));
}

TEST(StudyChangesTest, ListsWhatDiffers) {
  pb::Study now = DoneStudy();
  now.set_state(pb::Study::ACTIVE);
  now.mutable_spec()->mutable_budget()->set_max_trials(60);
  now.mutable_spec()->mutable_budget()->mutable_max_duration()->set_seconds(90);
  now.mutable_attributes()->erase("draft");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Listing listing,
                              ListChanges(DoneStudy(), now));
  EXPECT_EQ(FormatCsv(listing.csv, listing.json),
            "changed,before,now\n"
            "state,completed,active\n"
            "max_trials,30,60\n"
            "max_duration,,1m30s\n"
            "attributes.draft,1,\n");
  EXPECT_EQ(listing.table.rows[2][1].text, "none");
}

TEST(StudyChangesTest, ListsNothingIfNothingDiffers) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Listing listing,
                              ListChanges(DoneStudy(), DoneStudy()));
  EXPECT_TRUE(listing.json.empty());
}

}  // namespace
}  // namespace attune
