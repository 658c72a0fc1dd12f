#ifndef ATTUNE_BENCH_RAVINE_PICTURE_H_
#define ATTUNE_BENCH_RAVINE_PICTURE_H_

#include <string>
#include <vector>

// Descents into a ravine, f(x, y) = (x^2 + 100 y^2) / 2: the test function
// `ravine` in two dimensions, a hundred times as curved across as along.
namespace attune {

struct RavinePoint {
  double x = 0.0;
  double y = 0.0;

  double Value() const { return 0.5 * (x * x + 100.0 * y * y); }
};

// The way of one of our optimizers with exact gradients: its start, then where
// it is after each step.
struct RavinePath {
  std::string title;
  std::vector<RavinePoint> points;
};

// Gradient descent, momentum, RMSProp and Adam, all from the same start and
// with as many steps. The learning rates are such as one would use: for
// gradient descent and momentum a little below 2 / 100, from where on gradient
// descent diverges.
std::vector<RavinePath> RavinePaths();

// Four paths over the contours of f, a panel each, as SVG of its own colours,
// light or dark as the reader's screen is. REQUIRES: four paths.
std::string RavineSvg(const std::vector<RavinePath>& paths);

// The columns method, step, x, y and value.
std::string RavineCsv(const std::vector<RavinePath>& paths);

}  // namespace attune

#endif  // ATTUNE_BENCH_RAVINE_PICTURE_H_
