#include "core/error.h"

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ErrorTest, CarriesItsReasonAndResource) {
  const absl::Status status =
      Error(absl::StatusCode::kNotFound, reason::kStudyNotFound,
            "there is no study `a`", "studies/a");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound,
                               std::string("there is no study `a`")));
  EXPECT_EQ(Reason(status), "STUDY_NOT_FOUND");
  EXPECT_EQ(Resource(status), "studies/a");
}

TEST(ErrorTest, HasNothingAttachedByItself) {
  const absl::Status status = absl::NotFoundError("none");
  EXPECT_EQ(Reason(status), "");
  EXPECT_EQ(Resource(status), "");
  EXPECT_THAT(Violations(status), IsEmpty());
  EXPECT_EQ(Reason(absl::OkStatus()), "");
}

TEST(ErrorTest, EmptyTextsTakeWhatWasAttachedAway) {
  absl::Status status =
      Error(absl::StatusCode::kNotFound, "A_REASON", "message", "a/1");
  SetReason("", status);
  SetResource("", status);
  EXPECT_EQ(status, absl::NotFoundError("message"));
}

TEST(ErrorTest, InvalidFieldsNamesEveryField) {
  const absl::Status status =
      InvalidFields({{.field = "name", .description = "found nothing"},
                     {.field = "seed", .description = "found -1"}});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               std::string("name: found nothing; seed: found "
                                           "-1")));
  EXPECT_THAT(status, HasReason(reason::kInvalidField));
}

TEST(ErrorTest, ViolationsSurviveWhateverTheyHold) {
  const std::vector<Violation> violations = {
      {.field = "", .description = ""},
      {.field = "a:1", .description = std::string("3:\0\xff\n", 5)},
      {.field = "b", .description = std::string(100'000, ':')}};
  EXPECT_THAT(Violations(InvalidFields(violations)),
              ElementsAreArray(violations));
}

TEST(NearestNameTest, FindsWhatWasMeant) {
  const std::vector<std::string> names = {"learning_rate", "momentum", "sgd",
                                          "rmsprop", "xavier_uniform"};
  EXPECT_EQ(NearestName("learning_rat", names), "learning_rate");
  EXPECT_EQ(NearestName("learnign_rate", names), "learning_rate");
  EXPECT_EQ(NearestName("Learning-Rate", names), "learning_rate");
  EXPECT_EQ(NearestName("momemtum", names), "momentum");
  EXPECT_EQ(NearestName("sdg", names), "sgd");
  EXPECT_EQ(NearestName("xavier", names), "xavier_uniform");
}

TEST(NearestNameTest, IsSilentAboutWhatIsFar) {
  const std::vector<std::string> names = {"learning_rate", "momentum", "sgd"};
  EXPECT_EQ(NearestName("batch_size", names), "");
  EXPECT_EQ(NearestName("adam", names), "");
  EXPECT_EQ(NearestName("", names), "");
  EXPECT_EQ(NearestName("x", {"y"}), "");
  EXPECT_EQ(NearestName(std::string(10'000, 's'), names), "");
  EXPECT_EQ(NearestName("sgd", {}), "");
}

TEST(NearestNameTest, TheFirstOfEquallyNearOnesCounts) {
  EXPECT_EQ(NearestName("beta3", {"beta1", "beta2"}), "beta1");
  EXPECT_EQ(NearestName("beta2", {"beta1", "beta2"}), "beta2");
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(absl::StrCat(ATTUNE_SOURCE_DIR, "/", path));
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ReasonsTest, TheDocumentListsThoseOfTheHeader) {
  std::set<std::string> in_header;
  for (absl::string_view line :
       absl::StrSplit(ReadFile("core/error.h"), '\n')) {
    const std::vector<std::string> parts = absl::StrSplit(line, '"');
    if (absl::StrContains(line, "inline constexpr") && parts.size() == 3) {
      in_header.insert(parts[1]);
    }
  }
  std::set<std::string> in_document;
  const std::string document = ReadFile("docs/protocol.md");
  const size_t section = document.find("## Reasons");
  ASSERT_NE(section, std::string::npos);
  for (absl::string_view line :
       absl::StrSplit(document.substr(section + 1), '\n')) {
    if (absl::StartsWith(line, "## ")) break;
    if (!absl::ConsumePrefix(&line, "| ")) continue;
    const std::string first = std::string(line.substr(0, line.find(' ')));
    if (first != "reason") in_document.insert(first);
  }
  EXPECT_THAT(in_header, SizeIs(testing::Ge(10u)));
  EXPECT_EQ(in_document, in_header);
}

}  // namespace
}  // namespace attune
