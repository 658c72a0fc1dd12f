#include "tests/testing/idx_files.h"

#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/random.h"
#include "gtest/gtest.h"

namespace attune {

std::string IdxBytes(const std::vector<uint32_t>& sizes,
                     const std::string& values) {
  std::string bytes = {0, 0, 8, static_cast<char>(sizes.size())};
  for (const uint32_t size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<char>((size >> shift) & 0xff));
    }
  }
  return bytes + values;
}

std::string TestFolder() {
  const auto* const test =
      testing::UnitTest::GetInstance()->current_test_info();
  const std::string folder =
      absl::StrCat(testing::TempDir(), "/attune_", test->test_suite_name(), ".",
                   test->name(), ".", getpid());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  ATTUNE_CHECK(file.good());
}

void WriteGzip(const std::string& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  ATTUNE_CHECK(file != nullptr);
  const int written =
      gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  ATTUNE_CHECK(written == static_cast<int>(bytes.size()));
  ATTUNE_CHECK(gzclose(file) == Z_OK);
}

void WriteSmallFashionMnist(const std::string& folder, uint32_t count) {
  Rng rng(1);
  std::string pixels;
  std::string labels;
  for (uint32_t i = 0; i < count; ++i) {
    const auto label = static_cast<char>(i % 3);
    labels.push_back(label);
    for (int pixel = 0; pixel < 16; ++pixel) {
      const double bright = pixel / 5 == label ? 100.0 : 0.0;
      pixels.push_back(static_cast<char>(bright + rng.Uniform(0.0, 120.0)));
    }
  }
  WriteGzip(folder + "/train-images-idx3-ubyte.gz",
            IdxBytes({count, 4, 4}, pixels));
  WriteGzip(folder + "/train-labels-idx1-ubyte.gz", IdxBytes({count}, labels));
}

}  // namespace attune
