// Every optimizer and every schedule against the curves in tests/golden/optim
// and tests/golden/schedule. This file is compiled twice, for the sources in
// double and for those in float.
#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "core/check.h"
#include "gtest/gtest.h"
#include "worker/nn/dense.h"
#include "worker/nn/loss.h"
#include "worker/nn/network.h"
#include "worker/optim/factory.h"
#include "worker/optim/schedule_factory.h"

namespace attune::nn {
namespace {

constexpr bool kDouble = std::is_same_v<Scalar, double>;
// How far from the numbers, relative to the largest of them.
constexpr double kTolerance = kDouble ? 1e-10 : 1e-5;
constexpr int64_t kBatch = 16;
constexpr int64_t kEpoch = 4;  // in steps

using Words = std::vector<std::string>;

std::vector<Words> ReadLines(const std::string& name) {
  std::ifstream file(std::string(ATTUNE_GOLDEN_DIR) + "/" + name);
  ATTUNE_CHECK(file.is_open());
  std::vector<Words> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') {
      lines.push_back(absl::StrSplit(line, ' '));
    }
  }
  return lines;
}

// The numbers of a line from its word `begin` on.
std::vector<double> Numbers(const Words& line, size_t begin) {
  std::vector<double> numbers;
  for (size_t i = begin; i < line.size(); ++i) {
    double& number = numbers.emplace_back();
    ATTUNE_CHECK(absl::SimpleAtod(line[i], &number));
  }
  return numbers;
}

struct Case {
  std::string name;
  Parameters settings;
  std::vector<double> losses;
  std::vector<double> params;  // of optim/curves.txt alone
  friend void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }
};

// `learning_rate=0.1`
std::pair<std::string, ParameterValue> Setting(const std::string& text) {
  const std::pair<std::string, std::string> both = absl::StrSplit(text, '=');
  const auto& [name, value] = both;
  int64_t integer = 0;
  double number = 0.0;
  if (value == "true") return {name, true};
  if (absl::SimpleAtoi(value, &integer)) return {name, integer};
  if (absl::SimpleAtod(value, &number)) return {name, number};
  return {name, value};
}

std::vector<Case> ReadCases() {
  std::vector<Case> cases;
  for (const char* file : {"optim/curves.txt", "schedule/curves.txt"}) {
    for (const Words& line : ReadLines(file)) {
      if (line[0] == "case") {
        Case& one = cases.emplace_back();
        one.name = line[1];
        for (size_t i = 2; i < line.size(); ++i) {
          const auto [name, value] = Setting(line[i]);
          one.settings.Set(name, value);
        }
      } else if (line[0] == (kDouble ? "double" : "float")) {
        auto& numbers =
            line[1] == "loss" ? cases.back().losses : cases.back().params;
        numbers = Numbers(line, 2);
      }
    }
  }
  return cases;
}

// The network and the examples of problem.txt.
class Problem {
 public:
  Problem() {
    std::map<std::string, std::vector<double>> rows;
    for (const Words& line : ReadLines("optim/problem.txt")) {
      rows[line[0]] = Numbers(line, 1);
    }
    const auto size = [&rows](size_t i) {
      return static_cast<int64_t>(rows["sizes"].at(i));
    };
    const auto count = static_cast<int64_t>(rows["labels"].size());
    inputs_ =
        Eigen::Map<const Eigen::MatrixXd>(rows["inputs"].data(), size(0), count)
            .cast<Scalar>();
    labels_.assign(rows["labels"].begin(), rows["labels"].end());
    batches_.assign(rows["batches"].begin(), rows["batches"].end());
    std::vector<std::unique_ptr<Layer>> layers;
    layers.push_back(
        std::make_unique<Dense>(DenseOptions{.inputs = size(0),
                                             .outputs = size(1),
                                             .activation = Activation::kTanh}));
    layers.push_back(std::make_unique<Dense>(
        DenseOptions{.inputs = size(1), .outputs = size(2)}));
    network_ = std::make_unique<Network>(std::move(layers), Rng(1));
    ATTUNE_CHECK(static_cast<size_t>(params().size()) == rows["start"].size());
    std::copy(rows["start"].begin(), rows["start"].end(), params().begin());
  }

  // The mean loss over the examples of a minibatch, or over all; sets grads().
  double MinibatchLoss(int64_t step) {
    std::vector<int64_t> examples;
    for (int64_t i = step * kBatch; i < (step + 1) * kBatch; ++i) {
      examples.push_back(batches_.at(static_cast<size_t>(i)));
    }
    return Loss(examples);
  }
  double LossOfAll() {
    std::vector<int64_t> examples;
    for (int64_t i = 0; i < inputs_.cols(); ++i) examples.push_back(i);
    return Loss(examples);
  }
  Vector& params() { return network_->params(); }
  Vector& grads() { return network_->grads(); }

 private:
  double Loss(const std::vector<int64_t>& examples) {
    Matrix inputs(inputs_.rows(), static_cast<int64_t>(examples.size()));
    std::vector<int32_t> labels;
    for (const int64_t example : examples) {
      inputs.col(static_cast<int64_t>(labels.size())) = inputs_.col(example);
      labels.push_back(labels_.at(static_cast<size_t>(example)));
    }
    const ConstMatrixView logits = network_->Forward(
        ConstMatrixView(inputs.data(), inputs.rows(), inputs.cols()),
        Mode::kTrain);
    Matrix grad(logits.rows(), logits.cols());
    const double loss =
        LossAndGradient({}, logits, {.labels = labels},
                        MatrixView(grad.data(), grad.rows(), grad.cols()))
            .mean();
    network_->Backward(ConstMatrixView(grad.data(), grad.rows(), grad.cols()));
    return loss;
  }

  Matrix inputs_;
  std::vector<int32_t> labels_;
  std::vector<int64_t> batches_;
  std::unique_ptr<Network> network_;
};

// The loss before every step, as many as there are in the file.
std::vector<double> Train(const NetworkConfig& config, int64_t steps,
                          Problem& problem) {
  std::vector<double> losses;
  if (config.optimizer == "lbfgs") {
    const std::unique_ptr<Lbfgs> lbfgs = MakeLbfgs(config);
    for (int64_t step = 0; step < steps; ++step) {
      losses.push_back(lbfgs->Step([&] { return problem.LossOfAll(); },
                                   config.learning_rate, problem.params(),
                                   problem.grads()));
    }
    return losses;
  }
  const std::unique_ptr<Optimizer> optimizer = MakeOptimizer(config);
  const Schedule learning_rate = MakeLearningRateSchedule(config, kEpoch);
  const Schedule momentum = MakeMomentumSchedule(config, kEpoch);
  const std::optional<Plateau> plateau = MakePlateau(config);
  double scale = 1.0;
  std::vector<double> epochs;  // what stands for their validation losses
  for (int64_t step = 0; step < steps; ++step) {
    losses.push_back(problem.MinibatchLoss(step));
    optimizer->Step(problem.grads(),
                    {.learning_rate = scale * Value(learning_rate, step),
                     .momentum = Value(momentum, step)},
                    problem.params());
    if (plateau.has_value() && (step + 1) % kEpoch == 0) {
      epochs.push_back(
          std::accumulate(losses.end() - kEpoch, losses.end(), 0.0) / kEpoch);
      scale = PlateauScale(*plateau, epochs);
    }
  }
  return losses;
}

template <typename Numbers>
double LargestDifference(const Numbers& found,
                         const std::vector<double>& expected) {
  double largest = 0.0;
  double difference = 0.0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double a = static_cast<double>(found.begin()[i]);
    largest = std::max(largest, std::abs(expected[i]));
    difference = std::max(difference, std::abs(a - expected[i]));
  }
  return difference / largest;
}

class GoldenCurvesTest : public testing::TestWithParam<Case> {};

TEST_P(GoldenCurvesTest, AreReproduced) {
  const Case& golden = GetParam();
  ASSERT_GE(golden.losses.size(), 12);
  Problem problem;
  const NetworkConfig config =
      ResolveNetworkConfig(golden.settings, {}).value();
  const std::vector<double> losses =
      Train(config, static_cast<int64_t>(golden.losses.size()), problem);
  EXPECT_LT(LargestDifference(losses, golden.losses), kTolerance);
  if (golden.params.empty()) return;
  ASSERT_EQ(golden.params.size(), static_cast<size_t>(problem.params().size()));
  EXPECT_LT(LargestDifference(problem.params(), golden.params), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(PyTorch, GoldenCurvesTest,
                         testing::ValuesIn(ReadCases()),
                         [](const auto& test) { return test.param.name; });

class GoldenFilesTest : public testing::TestWithParam<std::string> {};

TEST_P(GoldenFilesTest, HaveEveryWordOfTheSetting) {
  std::set<std::string> seen;
  for (const Case& one : ReadCases()) {
    const NetworkConfig config = ResolveNetworkConfig(one.settings, {}).value();
    seen.insert(GetParam() == "optimizer"  ? config.optimizer
                : GetParam() == "schedule" ? config.schedule
                                           : config.momentum_schedule);
  }
  for (const absl::string_view word : FindNetworkSetting(GetParam())->words) {
    EXPECT_EQ(seen.count(std::string(word)), 1) << word;
  }
}

INSTANTIATE_TEST_SUITE_P(All, GoldenFilesTest,
                         testing::Values("optimizer", "schedule",
                                         "momentum_schedule"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace attune::nn
