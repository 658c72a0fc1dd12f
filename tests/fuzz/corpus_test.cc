// The fuzz targets on what is kept of their inputs, and on simple changes of
// it, so that every build runs them.
#include <google/protobuf/stubs/logging.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fuzz/fuzz_targets.h"

namespace attune {
namespace {

using testing::IsEmpty;
using testing::Not;

std::vector<std::string> Corpus(const std::string& name) {
  const std::filesystem::path folder =
      std::filesystem::path(ATTUNE_SOURCE_DIR) / "tests/fuzz/corpus" / name;
  std::vector<std::string> inputs;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file),
                        std::istreambuf_iterator<char>());
  }
  return inputs;
}

// One byte changed, one taken away, or the end cut off.
std::string Changed(std::string input, Rng& rng) {
  if (input.empty()) return input;
  const size_t place = rng.Below(input.size());
  switch (rng.Below(3)) {
    case 0:
      input[place] = static_cast<char>(rng.Below(256));
      return input;
    case 1:
      return input.erase(place, 1);
    default:
      return input.substr(0, place);
  }
}

class CorpusTest : public testing::TestWithParam<NamedTarget> {};

TEST_P(CorpusTest, EndsWhateverTheBytesAre) {
  const google::protobuf::LogSilencer silencer;
  constexpr int kChanges = 200;
  const std::vector<std::string> corpus = Corpus(GetParam().name);
  ASSERT_THAT(corpus, Not(IsEmpty()));
  Rng rng(1);
  for (const std::string& input : corpus) {
    GetParam().target(input);
    for (int i = 0; i < kChanges; ++i) GetParam().target(Changed(input, rng));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, CorpusTest, testing::ValuesIn(FuzzTargets()),
                         [](const auto& of_target) {
                           return of_target.param.name;
                         });

}  // namespace
}  // namespace attune
