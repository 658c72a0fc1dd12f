#include "storage/storage_errors.h"

#include "core/error.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

TEST(StorageErrorsTest, NamesAreThoseOfTheApi) {
  EXPECT_EQ(ResourceName(StudyId{3}), "studies/3");
  EXPECT_EQ(ResourceName(TrialId{{3}, 17}), "studies/3/trials/17");
}

TEST(StorageErrorsTest, MismatchTellsAMissingRecordFromAnOlderOne) {
  EXPECT_THAT(RevisionMismatch("studies/3", 0, 4),
              StatusIs(absl::StatusCode::kAborted,
                       testing::HasSubstr("there is none")));
  EXPECT_THAT(RevisionMismatch("studies/3", 2, 4),
              StatusIs(absl::StatusCode::kAborted,
                       testing::HasSubstr("expected revision 3")));
}

TEST(StorageErrorsTest, AnnotationKeepsCodeReasonAndResource) {
  const absl::Status status = Annotate(NameTaken("mnist"), "storing studies/3");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists,
                               testing::StartsWith("storing studies/3: ")));
  EXPECT_THAT(status, HasReason(reason::kStudyExists));
  EXPECT_EQ(Resource(status), "studies/mnist");
}

TEST(StorageErrorsTest, ReadOnlyHasAReasonOfItsOwn) {
  EXPECT_THAT(OpenedReadOnly("a.db"), HasReason(reason::kReadOnly));
}

}  // namespace
}  // namespace attune
