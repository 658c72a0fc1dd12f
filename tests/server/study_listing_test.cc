#include "server/study_listing.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/check.h"
#include "core/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/memory_storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;

// The studies e, d, c, b, a with the ids 1 to 5; b and d are paused, and a is
// anna's.
class StudyListingTest : public testing::Test {
 protected:
  StudyListingTest() {
    WriteBatch batch;
    for (int64_t id = 1; id <= 5; ++id) {
      const std::string name(1, static_cast<char>('f' - id));
      Study study = MakeStudy(MakeStudySpec(name), id);
      if (id % 2 == 0) study.state = StudyState::kPaused;
      if (id == 5) study.attributes = {{"who", "anna"}};
      batch.studies.push_back(std::move(study));
    }
    ATTUNE_CHECK(storage_.Commit(batch).ok());
  }

  StudyListing List(const std::string& filter, const std::string& order_by,
                    int64_t after = 0, int64_t count = 100) {
    const absl::StatusOr<StudyQuery> query = ParseStudyQuery(filter, order_by);
    EXPECT_THAT(query, IsOk());
    if (!query.ok()) return {};
    absl::StatusOr<StudyListing> listing =
        ListStudies(storage_, *query, after, count);
    EXPECT_THAT(listing, IsOk());
    return listing.ok() ? *std::move(listing) : StudyListing();
  }

  static std::string Names(const StudyListing& listing) {
    std::string names;
    for (const ListedStudy& listed : listing.studies) {
      names += listed.study.spec.name;
    }
    return names;
  }

  MemoryStorage storage_;
};

TEST_F(StudyListingTest, FiltersByEveryField) {
  EXPECT_EQ(Names(List("", "")), "edcba");
  EXPECT_EQ(Names(List("state = paused", "")), "db");
  EXPECT_EQ(Names(List("name >= c", "")), "edc");
  EXPECT_EQ(Names(List("attributes.who = anna", "")), "a");
  EXPECT_EQ(Names(List("create_time > 2999-01-01T00:00:00Z", "")), "");
}

TEST_F(StudyListingTest, SortsByAnyField) {
  EXPECT_EQ(Names(List("", "name")), "abcde");
  EXPECT_EQ(Names(List("", "state desc, name desc")), "dbeca");
}

TEST_F(StudyListingTest, GoesOnFromAPlace) {
  for (const std::string filter : {"", "name != x"}) {
    const StudyListing first = List(filter, "", 0, 2);
    EXPECT_EQ(Names(first), "ed");
    EXPECT_EQ(first.next, first.studies[1].place);
    const StudyListing rest = List(filter, "", first.studies[1].place, 3);
    EXPECT_EQ(Names(rest), "cba");
    EXPECT_EQ(rest.next, std::nullopt);
  }
  const StudyListing first = List("", "name", 0, 2);
  EXPECT_EQ(Names(first), "ab");
  EXPECT_EQ(first.next, first.studies[1].place);
  const StudyListing rest = List("", "name", first.studies[1].place, 3);
  EXPECT_EQ(Names(rest), "cde");
  EXPECT_EQ(rest.next, std::nullopt);
}

TEST_F(StudyListingTest, WhatIsWrongIsSaid) {
  EXPECT_EQ(Violations(ParseStudyQuery("number = 1", "").status())[0].field,
            "filter");
  EXPECT_EQ(Violations(ParseStudyQuery("", "attributes").status())[0].field,
            "order_by");
}

}  // namespace
}  // namespace attune
