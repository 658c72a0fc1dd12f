#include "bench/ravine_picture.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/check.h"
#include "worker/optim/adam.h"
#include "worker/optim/momentum.h"
#include "worker/optim/rmsprop.h"
#include "worker/optim/sgd.h"

namespace attune {
namespace {

constexpr int kSteps = 60;
constexpr RavinePoint kStart = {.x = -4.5, .y = 0.9};

RavinePath Descend(std::string title, nn::Optimizer& optimizer,
                   const nn::StepSettings& settings) {
  RavinePath path = {.title = std::move(title), .points = {kStart}};
  nn::Vector place(2);
  place << kStart.x, kStart.y;
  for (int step = 0; step < kSteps; ++step) {
    nn::Vector gradient(2);
    gradient << place[0], 100.0 * place[1];
    optimizer.Step(gradient, settings, place);
    path.points.push_back({.x = place[0], .y = place[1]});
  }
  return path;
}

// ---- the picture, in its own units, y downwards

constexpr double kScale = 58.0;  // units by 1 of x or y
constexpr double kLeft = -5.0;   // the part of the plane that is shown
constexpr double kTop = 1.15;
constexpr double kPanelWidth = 7.0 * kScale;
constexpr double kPanelHeight = 2.0 * kTop * kScale;
constexpr double kTitle = 26.0;
constexpr double kGap = 14.0;

constexpr absl::string_view kStyle = R"(<style>
.card { fill: #ffffff; }
.panel { fill: #f6f8fa; stroke: #d0d7de; }
.contour { fill: none; stroke: #afb8c1; }
.path { fill: none; stroke: #0969da; stroke-width: 1.4; marker: url(#dot); }
.dot { fill: #0969da; }
.minimum { fill: none; stroke: #cf222e; stroke-width: 1.8; }
text { fill: #1f2328; font: 13px sans-serif; }
@media (prefers-color-scheme: dark) {
  .card { fill: #0d1117; }
  .panel { fill: #161b22; stroke: #30363d; }
  .contour { stroke: #484f58; }
  .path { stroke: #58a6ff; }
  .dot { fill: #58a6ff; }
  .minimum { stroke: #ff7b72; }
  text { fill: #e6edf3; }
}
</style>
)";

double X(double x) { return (x - kLeft) * kScale; }
double Y(double y) { return (kTop - y) * kScale; }

// What every panel shows: where f is that of (1, 0), (2, 0), ... and the
// minimum.
std::string Ground() {
  std::string svg = absl::StrFormat(
      "<g id=\"ground\">\n"
      "<rect class=\"panel\" width=\"%.1f\" height=\"%.1f\"/>\n",
      kPanelWidth, kPanelHeight);
  for (int reach = 1; reach <= 11; ++reach) {
    absl::StrAppendFormat(&svg,
                          "<ellipse class=\"contour\" cx=\"%.1f\" cy=\"%.1f\" "
                          "rx=\"%.1f\" ry=\"%.1f\"/>\n",
                          X(0.0), Y(0.0), reach * kScale, reach * kScale / 10);
  }
  absl::StrAppendFormat(&svg,
                        "<path class=\"minimum\" "
                        "d=\"M%.1f %.1fm-5 -5l10 10m0 -10l-10 10\"/>",
                        X(0.0), Y(0.0));
  return svg + "\n</g>\n";
}

std::string Panel(const RavinePath& path, double left, double top) {
  std::string svg = absl::StrFormat(
      "<g transform=\"translate(%.1f %.1f)\">\n"
      "<text x=\"2\" y=\"-8\">%s: f = %.2g after %d steps</text>\n"
      "<g clip-path=\"url(#panel)\">\n<use href=\"#ground\"/>\n"
      "<polyline class=\"path\" points=\"",
      left, top, path.title, path.points.back().Value(),
      static_cast<int>(path.points.size()) - 1);
  for (const RavinePoint& point : path.points) {
    absl::StrAppendFormat(&svg, "%.1f,%.1f ", X(point.x), Y(point.y));
  }
  svg.pop_back();
  return svg + "\"/>\n</g>\n</g>\n";
}

}  // namespace

std::vector<RavinePath> RavinePaths() {
  nn::Sgd gradient_descent;
  nn::Momentum momentum;
  nn::Rmsprop rmsprop(nn::RmspropOptions{});
  nn::Adam adam(nn::AdamOptions{});
  return {
      Descend("Gradient descent", gradient_descent, {.learning_rate = 0.0185}),
      Descend("Momentum 0.9", momentum,
              {.learning_rate = 0.0185, .momentum = 0.9}),
      Descend("RMSProp", rmsprop, {.learning_rate = 0.1}),
      Descend("Adam", adam, {.learning_rate = 0.2}),
  };
}

std::string RavineSvg(const std::vector<RavinePath>& paths) {
  ATTUNE_CHECK(paths.size() == 4);
  const double width = 2.0 * kPanelWidth + 3.0 * kGap;
  const double height = 2.0 * (kTitle + kPanelHeight) + 2.0 * kGap;
  std::string svg = absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
      "role=\"img\" aria-label=\"The paths of four optimizers into a "
      "ravine\">\n",
      width, height);
  absl::StrAppend(&svg, kStyle);
  absl::StrAppendFormat(
      &svg,
      "<defs>\n<clipPath id=\"panel\"><rect width=\"%.1f\" height=\"%.1f\"/>"
      "</clipPath>\n<marker id=\"dot\" viewBox=\"-2 -2 4 4\" markerWidth=\"4\" "
      "markerHeight=\"4\" markerUnits=\"userSpaceOnUse\">"
      "<circle class=\"dot\" r=\"2\"/></marker>\n",
      kPanelWidth, kPanelHeight);
  absl::StrAppend(&svg, Ground(), "</defs>\n");
  absl::StrAppend(&svg,
                  "<rect class=\"card\" width=\"100%\" height=\"100%\" "
                  "rx=\"8\"/>\n");
  for (size_t i = 0; i < paths.size(); ++i) {
    const double column = static_cast<double>(i % 2);
    const double row = static_cast<double>(i / 2);
    svg += Panel(paths[i], kGap + column * (kPanelWidth + kGap),
                 kTitle + row * (kTitle + kPanelHeight + 0.5 * kGap));
  }
  return svg + "</svg>\n";
}

std::string RavineCsv(const std::vector<RavinePath>& paths) {
  std::string csv = "method,step,x,y,value\n";
  for (const RavinePath& path : paths) {
    for (size_t step = 0; step < path.points.size(); ++step) {
      const RavinePoint& point = path.points[step];
      absl::StrAppendFormat(&csv, "%s,%d,%.9g,%.9g,%.9g\n", path.title, step,
                            point.x, point.y, point.Value());
    }
  }
  return csv;
}

}  // namespace attune
