#include "worker/artifacts/tensor_file.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::HasSubstr;

// Of all tensors together.
constexpr size_t kDataBytes = 3 * 4 + 2 * 8 + 2 * 8;

TensorFile MakeFile() {
  return {.metadata = {{"format", "test"}, {"empty", ""}},
          .tensors = {
              {"floats", std::vector<float>{1.5F, -0.0F,
                                            std::numeric_limits<float>::max()}},
              {"doubles", std::vector<double>{0.1 + 0.2, -1e300}},
              {"integers", std::vector<int64_t>{-1, int64_t{1} << 62}},
              {"none", std::vector<float>()}}};
}

TEST(TensorFileTest, KeepsEveryBit) {
  EXPECT_THAT(DecodeTensors(EncodeTensors(MakeFile()), "f"),
              IsOkAndHolds(MakeFile()));
}

TEST(TensorFileTest, KeepsNumbersThatAreNone) {
  const TensorFile file = {
      .tensors = {{"x", std::vector<double>{std::nan("")}}}};
  const TensorFile read = DecodeTensors(EncodeTensors(file), "f").value();
  EXPECT_TRUE(std::isnan(GetTensor<double>(read, "x").value()[0]));
}

TEST(TensorFileTest, ReplacesWhatIsNoText) {
  const TensorFile file = {.metadata = {{"class.0", "caf\xe9"}}};
  const TensorFile read = DecodeTensors(EncodeTensors(file), "f").value();
  EXPECT_EQ(read.metadata.at("class.0"), "caf\xef\xbf\xbd");
}

TEST(TensorFileTest, BeginsAsTheFormatSays) {
  const std::string bytes = EncodeTensors(MakeFile());
  EXPECT_EQ(bytes[8], '{');
  EXPECT_THAT(bytes, HasSubstr("\"floats\":{\"data_offsets\":["));
  EXPECT_THAT(bytes, HasSubstr("\"dtype\":\"F32\""));
  EXPECT_THAT(bytes, HasSubstr("\"shape\":[3]"));
}

TEST(TensorFileTest, FindsEveryDamagedBit) {
  const std::string bytes = EncodeTensors(MakeFile());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    const absl::StatusOr<TensorFile> read = DecodeTensors(damaged, "f");
    // What says nothing, like a shape that repeats the size, may differ.
    if (i + kDataBytes < bytes.size() && read.ok()) {
      EXPECT_EQ(*read, MakeFile()) << "byte " << i;
    } else {
      EXPECT_THAT(read, StatusIs(absl::StatusCode::kDataLoss)) << "byte " << i;
    }
  }
}

TEST(TensorFileTest, FindsThatItWasCut) {
  const std::string bytes = EncodeTensors(MakeFile());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeTensors(bytes.substr(0, size), "a/file"),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("a/file")))
        << size;
  }
}

TEST(TensorFileTest, SaysWhatIsMissing) {
  const TensorFile file = MakeFile();
  EXPECT_THAT(GetTensor<float>(file, "other"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("`other`")));
  EXPECT_THAT(GetTensor<float>(file, "doubles"),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("type F64, expected F32")));
  EXPECT_THAT(GetMetadata(file, "other"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("`other`")));
  EXPECT_THAT(GetMetadata(file, "format"), IsOkAndHolds("test"));
}

}  // namespace
}  // namespace attune
