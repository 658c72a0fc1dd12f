#ifndef ATTUNE_WORKER_DATA_CSV_H_
#define ATTUNE_WORKER_DATA_CSV_H_

#include <compare>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/data/dataset.h"

namespace attune::nn {

struct CsvOptions {
  enum class Task {
    kAuto,  // regression if all targets are numbers and one has a fraction
    kClassification,
    kRegression,
  };
  // What is done about fields that are empty, `?`, or `NA` or `NaN` in any
  // case.
  enum class Missing {
    kRefuse,
    kDrop,    // rows with one are left out
    kImpute,  // an input is NaN in the dataset, see Standardize()
  };

  std::string target_column = "target";
  std::vector<std::string> categorical;  // columns, whatever they hold
  Task task = Task::kAuto;
  Missing missing = Missing::kRefuse;
  friend auto operator<=>(const CsvOptions&, const CsvOptions&) = default;
};

// A table of comma-separated values with a header, see CsvRows. The target is a
// class, any text, or a number. Each other column holds finite numbers, or else
// texts: then it becomes as many features as it has different ones, of which
// one is 1 and the others are 0. Classes and categories are sorted: as numbers
// if all of them are integers, else as texts.
//
// INVALID_ARGUMENT, naming line and column, for what is not such a table: among
// others, numbers and texts mixed in a column that is not named `categorical`.
// `name` is how the messages call it.
absl::StatusOr<Dataset> ParseCsv(absl::string_view text,
                                 const CsvOptions& options,
                                 absl::string_view name);

// The same of a file, plain or compressed by gzip. NOT_FOUND if there is none.
absl::StatusOr<Dataset> ReadCsv(const std::string& path,
                                const CsvOptions& options);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_CSV_H_
