#include "core/fingerprint.h"

#include <string>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

// As the reference implementation prints them: the lowest byte first.
std::string Hex(const Fingerprint& fingerprint) {
  std::string hex;
  for (const uint64_t word : {fingerprint.low, fingerprint.high}) {
    for (int i = 0; i < 8; ++i) {
      absl::StrAppendFormat(&hex, "%02x", (word >> (8 * i)) & 0xff);
    }
  }
  return hex;
}

struct Case {
  int length;
  std::string hex;
};

class FingerprintTest : public testing::TestWithParam<Case> {};

// Of 00 01 02..., as `openssl mac -macopt size:16 SipHash` has them too.
TEST_P(FingerprintTest, IsThatOfTheReferenceImplementation) {
  std::string bytes;
  for (int i = 0; i < GetParam().length; ++i) {
    bytes.push_back(static_cast<char>(i));
  }
  EXPECT_EQ(Hex(FingerprintOf(absl::string_view(bytes))), GetParam().hex);
}

INSTANTIATE_TEST_SUITE_P(
    Lengths, FingerprintTest,
    testing::Values(Case{0, "a3817f04ba25a8e66df67214c7550293"},
                    Case{1, "da87c1d86b99af44347659119b22fc45"},
                    Case{7, "a1f1ebbed8dbc153c0b84aa61ff08239"},
                    Case{8, "3b62a9ba6258f5610f83e264f31497b4"},
                    Case{63, "5150d1772f50834a503e069a973fbd7c"}));

TEST(FingerprintOfParametersTest, IsThatOfThePoint) {
  EXPECT_EQ(FingerprintOf(Parameters{{"a", 0.0}, {"b", true}}),
            FingerprintOf(Parameters{{"b", true}, {"a", -0.0}}));
  EXPECT_NE(FingerprintOf(Parameters{{"a", 1.0}}),
            FingerprintOf(Parameters{{"a", int64_t{1}}}));
}

}  // namespace
}  // namespace attune
