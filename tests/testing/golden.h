#ifndef ATTUNE_TESTS_TESTING_GOLDEN_H_
#define ATTUNE_TESTS_TESTING_GOLDEN_H_

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/check.h"

namespace attune {

// The columns by name of `path` below tests/golden/: a header, then numbers,
// with commas between them. The script that wrote it stands beside it.
inline std::map<std::string, std::vector<double>> ReadGolden(
    absl::string_view path) {
  std::ifstream file(absl::StrCat(ATTUNE_SOURCE_DIR "/tests/golden/", path));
  ATTUNE_CHECK(file.good());
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> names = absl::StrSplit(line, ',');
  std::map<std::string, std::vector<double>> columns;
  while (std::getline(file, line)) {
    const std::vector<absl::string_view> cells = absl::StrSplit(line, ',');
    ATTUNE_CHECK(cells.size() == names.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      ATTUNE_CHECK(
          absl::SimpleAtod(cells[i], &columns[names[i]].emplace_back()));
    }
  }
  return columns;
}

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_GOLDEN_H_
