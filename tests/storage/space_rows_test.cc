#include "storage/space_rows.h"

#include <string>

#include "storage/study_rows.h"
#include "tests/testing/builders.h"
#include "tests/testing/schema_test.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SpaceRowsTest : public SchemaTest {
 protected:
  SpaceRowsTest() {
    EXPECT_THAT(WriteStudy(*db_, MakeStudy(MakeStudySpec()), false), IsOk());
  }

  void Store(Domain domain) {
    ASSERT_THAT(
        WriteSpace(*db_, {1},
                   {.parameters = {{.name = "p", .domain = std::move(domain)}},
                    .forbidden = {{{"p", 1.0}}}}),
        IsOk());
  }

  void ExpectUnreadable(const std::string& where, const std::string& problem) {
    EXPECT_THAT(ReadSpace(*db_, {1}),
                StatusIs(absl::StatusCode::kDataLoss,
                         AllOf(HasSubstr(where), HasSubstr(problem))));
  }
};

TEST_F(SpaceRowsTest, ReplacesTheSpaceThatWasThere) {
  Store(DoubleRange{});
  const SearchSpace space = MakeSpaceOfAllDomains();
  ATTUNE_ASSERT_OK(WriteSpace(*db_, {1}, space));
  EXPECT_THAT(ReadSpace(*db_, {1}), IsOkAndHolds(space));
}

TEST_F(SpaceRowsTest, BoundsOfDoublesAreDoubles) {
  Store(DoubleRange{});
  EXPECT_FALSE(Allows("parameters", "min = 0"));
  EXPECT_FALSE(Allows("parameters", "max = 'one'"));
  EXPECT_FALSE(Allows("parameters", "step = 1"));
  EXPECT_FALSE(Allows("parameters", "scale = NULL"));
  EXPECT_FALSE(Allows("parameters", "scale = 'steep'"));
  EXPECT_FALSE(Allows("parameters", "value_list = '[]'"));
  EXPECT_TRUE(Allows("parameters", "min = 0.25"));
}

TEST_F(SpaceRowsTest, BoundsOfIntegersAreIntegers) {
  Store(IntRange{});
  EXPECT_FALSE(Allows("parameters", "min = 0.0"));
  EXPECT_FALSE(Allows("parameters", "max = NULL"));
  EXPECT_FALSE(Allows("parameters", "step = NULL"));
  EXPECT_TRUE(Allows("parameters", "max = 3"));
}

TEST_F(SpaceRowsTest, ChoicesHaveValuesAndNoBounds) {
  Store(Choice{{true}});
  EXPECT_FALSE(Allows("parameters", "min = 1"));
  EXPECT_FALSE(Allows("parameters", "points = 1"));
  EXPECT_FALSE(Allows("parameters", "scale = 'log'"));
  EXPECT_FALSE(Allows("parameters", "value_list = NULL"));
  EXPECT_FALSE(Allows("parameters", "value_list = '{}'"));
  EXPECT_FALSE(Allows("parameters", "when_parameter = 'x'"));
}

TEST_F(SpaceRowsTest, RefusesABoundThatIsNotANumber) {
  const SearchSpace space = {
      .parameters = {{.name = "p", .domain = DoubleRange{.min = NAN}}}};
  EXPECT_THAT(
      WriteSpace(*db_, {1}, space),
      StatusIs(absl::StatusCode::kInternal, HasSubstr("parameter 'p'")));
}

TEST_F(SpaceRowsTest, NamesTheParameterThatCannotBeRead) {
  Store(DoubleRange{});
  Damage("parameters", "scale = 'steep'");
  ExpectUnreadable("table parameters, 'p'", "found the scale 'steep'");
  ASSERT_TRUE(Allows("parameters", "scale = 'log'"));
  Damage("parameters", "kind = 'odd'");
  ExpectUnreadable("table parameters, 'p'", "found the kind 'odd'");
}

TEST_F(SpaceRowsTest, NamesTheValuesThatCannotBeRead) {
  Store(Choice{{true}});
  ASSERT_TRUE(Allows("parameters", "value_list = '[null]'"));
  ExpectUnreadable("table parameters, 'p'", "found null");
  ASSERT_TRUE(Allows("parameters", "value_list = '[1]'"));
  ASSERT_TRUE(Allows("forbidden", "assignment = '{\"p\": null}'"));
  ExpectUnreadable("table forbidden", "found null");
}

}  // namespace
}  // namespace attune
