#include "worker/test_functions.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>

#include "absl/strings/str_cat.h"

namespace attune {
namespace {

using std::numbers::pi;

std::vector<double> Zeros(int dimensions) {
  return std::vector<double>(dimensions, 0.0);
}

// f(x) = -20 exp(-0.2 sqrt(mean x_i^2)) - exp(mean cos 2 pi x_i) + 20 + e
// (Ackley 1987).
double Ackley(absl::Span<const double> x) {
  double squares = 0.0;
  double cosines = 0.0;
  for (const double xi : x) {
    squares += xi * xi;
    cosines += std::cos(2.0 * pi * xi);
  }
  const auto n = static_cast<double>(x.size());
  return -20.0 * std::exp(-0.2 * std::sqrt(squares / n)) -
         std::exp(cosines / n) + 20.0 + std::numbers::e;
}

// f(x) = (x_2 - b x_1^2 + c x_1 - r)^2 + s (1 - t) cos x_1 + s, usually over
// x_1 in [-5, 10], x_2 in [0, 15] (Branin 1972; the constants of Dixon and
// Szego 1978). Three minimizers.
double Branin(absl::Span<const double> x) {
  const double b = 5.1 / (4.0 * pi * pi);
  const double c = 5.0 / pi;
  const double t = 1.0 / (8.0 * pi);
  const double bowl = x[1] - b * x[0] * x[0] + c * x[0] - 6.0;
  return bowl * bowl + 10.0 * (1.0 - t) * std::cos(x[0]) + 10.0;
}
// Where the bowl is 0 and cos x_1 is -1; so the value is 10 t exactly.
std::vector<double> BraninMinimizer(int) { return {pi, 2.275}; }

// f(x) = -sum_i alpha_i exp(-sum_j A_ij (x_j - P_ij)^2) over [0, 1]^6
// (Hartman 1973; the constants of Dixon and Szego 1978).
double Hartmann6(absl::Span<const double> x) {
  constexpr std::array<double, 4> kAlpha = {1.0, 1.2, 3.0, 3.2};
  constexpr double kA[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                               {0.05, 10, 17, 0.1, 8, 14},
                               {3, 3.5, 1.7, 10, 17, 8},
                               {17, 8, 0.05, 10, 0.1, 14}};
  constexpr double kP[4][6] = {
      {0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
      {0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991},
      {0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
      {0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381}};
  double sum = 0.0;
  for (size_t i = 0; i < kAlpha.size(); ++i) {
    double exponent = 0.0;
    for (size_t j = 0; j < 6; ++j) {
      exponent += kA[i][j] * (x[j] - kP[i][j]) * (x[j] - kP[i][j]);
    }
    sum += kAlpha[i] * std::exp(-exponent);
  }
  return -sum;
}
std::vector<double> Hartmann6Minimizer(int) {
  return {0.20168952, 0.15001069, 0.47687398,
          0.27533243, 0.31165162, 0.65730053};
}

// f(x) = 10 n + sum_i (x_i^2 - 10 cos 2 pi x_i), usually over [-5.12, 5.12]^n
// (Rastrigin 1974).
double Rastrigin(absl::Span<const double> x) {
  double sum = 10.0 * static_cast<double>(x.size());
  for (const double xi : x) sum += xi * xi - 10.0 * std::cos(2.0 * pi * xi);
  return sum;
}

// The ill-conditioned quadratic f(x) = 1/2 sum_i c_i x_i^2, with c rising
// geometrically from 1 to 100.
double Ravine(absl::Span<const double> x) {
  const auto last = static_cast<double>(x.size() - 1);
  double sum = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double share = last > 0.0 ? static_cast<double>(i) / last : 0.0;
    sum += 0.5 * std::pow(100.0, share) * x[i] * x[i];
  }
  return sum;
}

// f(x) = sum_i 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2 (Rosenbrock 1960).
double Rosenbrock(absl::Span<const double> x) {
  double sum = 0.0;
  for (size_t i = 0; i + 1 < x.size(); ++i) {
    const double valley = x[i + 1] - x[i] * x[i];
    sum += 100.0 * valley * valley + (1.0 - x[i]) * (1.0 - x[i]);
  }
  return sum;
}
std::vector<double> Ones(int dimensions) {
  return std::vector<double>(dimensions, 1.0);
}

double Sphere(absl::Span<const double> x) {
  double sum = 0.0;
  for (const double xi : x) sum += xi * xi;
  return sum;
}

constexpr double kBraninMinimum = 10.0 / (8.0 * pi);
constexpr double kHartmann6Minimum = -3.322368011415515;

constexpr std::array<TestFunction, 7> kTestFunctions = {{
    {"ackley", 1, std::nullopt, Ackley, 0.0, Zeros},
    {"branin", 2, 2, Branin, kBraninMinimum, BraninMinimizer},
    {"hartmann6", 6, 6, Hartmann6, kHartmann6Minimum, Hartmann6Minimizer},
    {"rastrigin", 1, std::nullopt, Rastrigin, 0.0, Zeros},
    {"ravine", 1, std::nullopt, Ravine, 0.0, Zeros},
    {"rosenbrock", 2, std::nullopt, Rosenbrock, 0.0, Ones},
    {"sphere", 1, std::nullopt, Sphere, 0.0, Zeros},
}};

}  // namespace

absl::Span<const TestFunction> TestFunctions() { return kTestFunctions; }

const TestFunction* FindTestFunction(absl::string_view name) {
  for (const TestFunction& function : kTestFunctions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

absl::StatusOr<double> Evaluate(const TestFunction& function,
                                absl::Span<const double> x) {
  const auto n = static_cast<int>(x.size());
  const bool too_many =
      function.max_dimensions.has_value() && n > *function.max_dimensions;
  if (n < function.min_dimensions || too_many) {
    const std::string bound = function.max_dimensions == function.min_dimensions
                                  ? "exactly"
                                  : "at least";
    return absl::InvalidArgumentError(
        absl::StrCat("the function ", function.name, " has ", bound, " ",
                     function.min_dimensions, " dimensions, but the trial has ",
                     n, " numeric parameters"));
  }
  return function.value(x);
}

}  // namespace attune
