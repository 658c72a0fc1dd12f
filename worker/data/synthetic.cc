#include "worker/data/synthetic.h"

#include <cmath>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "core/check.h"

namespace attune::nn {
namespace {

using std::numbers::pi;

struct Point {
  double x = 0.0;
  double y = 0.0;
};

Point OnSpiral(int32_t arm, Rng& rng) {
  // By the root, so that the points lie evenly along the arm.
  const double radius = std::sqrt(rng.Uniform());
  const double angle = 3.0 * pi * radius + pi * arm;
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

Point OnMoon(int32_t moon, Rng& rng) {
  const double angle = pi * rng.Uniform();
  return moon == 0 ? Point{std::cos(angle), std::sin(angle)}
                   : Point{1.0 - std::cos(angle), 0.5 - std::sin(angle)};
}

Point InBlob(int32_t blob, Rng& /*rng*/) {
  const double angle = 2.0 * pi * blob / 3.0;
  return {std::cos(angle), std::sin(angle)};
}

Point InQuadrants(int32_t label, Rng& rng) {
  const double x = rng.Uniform(-1.0, 1.0);
  const double y = rng.Uniform();
  // Of one sign in class 0.
  return {x, (x < 0.0) == (label == 0) ? -y : y};
}

Dataset MakeClasses(int32_t classes, Point (*draw)(int32_t label, Rng& rng),
                    const SyntheticOptions& options, Rng& rng) {
  Dataset dataset;
  Table inputs(2, options.samples);
  for (int64_t i = 0; i < options.samples; ++i) {
    const auto label = static_cast<int32_t>(i % classes);
    Point point = draw(label, rng);
    point.x += options.noise * rng.Normal();
    point.y += options.noise * rng.Normal();
    inputs.col(i) << point.x, point.y;
    dataset.labels.push_back(label);
  }
  dataset.inputs = std::move(inputs);
  for (int32_t i = 0; i < classes; ++i) {
    dataset.classes.push_back(absl::StrCat(i));
  }
  return dataset;
}

Dataset MakeFriedman1(const SyntheticOptions& options, Rng& rng) {
  constexpr int64_t kFeatures = 10;
  Table inputs(kFeatures, options.samples);
  Table targets(1, options.samples);
  for (int64_t i = 0; i < options.samples; ++i) {
    auto x = inputs.col(i);
    for (int64_t row = 0; row < kFeatures; ++row) x[row] = rng.Uniform();
    const double bend = x[2] - 0.5;
    const double y = 10.0 * std::sin(pi * x[0] * x[1]) + 20.0 * bend * bend +
                     10.0 * x[3] + 5.0 * x[4];
    targets(0, i) = y + options.noise * rng.Normal();
  }
  Dataset dataset;
  dataset.inputs = std::move(inputs);
  dataset.targets = std::move(targets);
  return dataset;
}

}  // namespace

Dataset MakeSynthetic(absl::string_view name, const SyntheticOptions& options,
                      Rng rng) {
  ATTUNE_CHECK(options.samples >= 1);
  if (name == "spirals") return MakeClasses(2, OnSpiral, options, rng);
  if (name == "moons") return MakeClasses(2, OnMoon, options, rng);
  if (name == "blobs") return MakeClasses(3, InBlob, options, rng);
  if (name == "xor") return MakeClasses(2, InQuadrants, options, rng);
  ATTUNE_CHECK(name == "friedman1");
  return MakeFriedman1(options, rng);
}

}  // namespace attune::nn
