#ifndef ATTUNE_WORKER_TEST_FUNCTIONS_H_
#define ATTUNE_WORKER_TEST_FUNCTIONS_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace attune {

// A function to be minimised whose optimum is known, for trying the service
// and for measuring search.
struct TestFunction {
  absl::string_view name;  // one of FunctionNames()
  // How many dimensions it can have; without a maximum any number from `min`.
  int min_dimensions = 1;
  std::optional<int> max_dimensions;
  double (*value)(absl::Span<const double> x);
  // Its least value, which no x undercuts, and one x that has it. REQUIRES: a
  // number of dimensions that it can have.
  double minimum = 0.0;
  std::vector<double> (*minimizer)(int dimensions);
};

// In the order of FunctionNames().
absl::Span<const TestFunction> TestFunctions();

// nullptr if there is none of that name.
const TestFunction* FindTestFunction(absl::string_view name);

// INVALID_ARGUMENT for a number of dimensions that it cannot have.
absl::StatusOr<double> Evaluate(const TestFunction& function,
                                absl::Span<const double> x);

}  // namespace attune

#endif  // ATTUNE_WORKER_TEST_FUNCTIONS_H_
