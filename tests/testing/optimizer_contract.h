#ifndef ATTUNE_TESTS_TESTING_OPTIMIZER_CONTRACT_H_
#define ATTUNE_TESTS_TESTING_OPTIMIZER_CONTRACT_H_

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/random.h"
#include "gtest/gtest.h"
#include "tests/testing/descent_problems.h"
#include "worker/optim/optimizer.h"

namespace attune::nn {

// What every optimizer must do. optimizer_contract_test.cc has a case for each.
struct OptimizerCase {
  std::string name;  // CamelCase
  std::function<std::unique_ptr<Optimizer>()> make;
  double momentum = 0.0;
  // For each function the rate and the steps within which its minimum is
  // reached from the usual starting point.
  struct Budget {
    double rate = 0.1;
    int64_t steps = 1000;
  };
  Budget sphere;
  Budget ravine;
  Budget rosenbrock;
};

class OptimizerContract : public testing::TestWithParam<OptimizerCase> {
 protected:
  static constexpr StepSettings kStep = {.learning_rate = 0.01,
                                         .momentum = 0.9};

  // How far from `minimum` a descent from `start` ends. The rate falls to a
  // hundredth along the way: rules that normalise the gradient never rest at a
  // constant one.
  double Descend(const OptimizerCase::Budget& budget, Vector x,
                 const Vector& minimum,
                 const std::function<Vector(const Vector&)>& gradient) const {
    const std::unique_ptr<Optimizer> optimizer = GetParam().make();
    for (int64_t i = 0; i < budget.steps; ++i) {
      const double done =
          static_cast<double>(i) / static_cast<double>(budget.steps);
      optimizer->Step(gradient(x),
                      {.learning_rate = budget.rate * std::pow(1e-2, done),
                       .momentum = GetParam().momentum},
                      x);
    }
    return (x - minimum).norm();
  }
};

TEST_P(OptimizerContract, ReachesTheMinimumOfTheSphere) {
  const Vector start = Vector::LinSpaced(5, -2.0, 3.0);
  EXPECT_LT(Descend(GetParam().sphere, start, Vector::Zero(5), SphereGradient),
            1e-2);
}

TEST_P(OptimizerContract, ReachesTheMinimumOfTheRavine) {
  Vector start(2);
  start << 5.0, 1.0;
  EXPECT_LT(Descend(GetParam().ravine, start, Vector::Zero(2), RavineGradient),
            1e-2);
}

TEST_P(OptimizerContract, ReachesTheMinimumOfRosenbrock) {
  Vector start(2);
  start << -1.2, 1.0;
  EXPECT_LT(Descend(GetParam().rosenbrock, start, Vector::Ones(2),
                    RosenbrockGradient),
            1e-1);
}

TEST_P(OptimizerContract, DoesNothingWithoutAGradient) {
  const std::unique_ptr<Optimizer> optimizer = GetParam().make();
  Vector x = Vector::LinSpaced(7, -1.0, 1.0);
  optimizer->Step(Vector::Zero(7), kStep, x);
  EXPECT_EQ(x, Vector(Vector::LinSpaced(7, -1.0, 1.0)));
}

TEST_P(OptimizerContract, TreatsEveryParameterAlike) {
  const std::unique_ptr<Optimizer> together = GetParam().make();
  const std::unique_ptr<Optimizer> alone = GetParam().make();
  // Odd, so that the last ones fall out of the vector instructions.
  Vector many = Vector::Constant(1027, 0.5);
  Vector one = Vector::Constant(1, 0.5);
  Rng rng(1);
  for (int i = 0; i < 10; ++i) {
    const double g = rng.Normal();
    together->Step(Vector::Constant(1027, g), kStep, many);
    alone->Step(Vector::Constant(1, g), kStep, one);
  }
  EXPECT_LT((many.array() - one[0]).abs().maxCoeff(), 1e-15);
}

TEST_P(OptimizerContract, GoesOnBitForBitFromWhatWasSaved) {
  Rng rng(2);
  const Vector start = Vector::NullaryExpr(33, [&rng] { return rng.Normal(); });
  const auto run = [](Optimizer& optimizer, int begin, int end, Vector& x) {
    for (int i = begin; i < end; ++i) {
      Rng noise = Rng(3).Split(static_cast<uint64_t>(i));
      const Vector g = x + Vector(Vector::NullaryExpr(
                               33, [&noise] { return noise.Normal(); }));
      optimizer.Step(g, {.learning_rate = 0.01 / (1 + i), .momentum = 0.9}, x);
    }
  };
  const std::unique_ptr<Optimizer> whole = GetParam().make();
  Vector x = start;
  run(*whole, 0, 20, x);

  const std::unique_ptr<Optimizer> before = GetParam().make();
  const std::unique_ptr<Optimizer> after = GetParam().make();
  Vector y = start;
  run(*before, 0, 10, y);
  const std::vector<Vector*> from = before->slots();
  const std::vector<Vector*> to = after->slots();
  ASSERT_EQ(from.size(), to.size());
  for (size_t i = 0; i < from.size(); ++i) *to[i] = *from[i];
  after->set_steps(before->steps());
  run(*after, 10, 20, y);
  EXPECT_EQ(x, y);
  EXPECT_EQ(after->steps(), 20);
}

TEST_P(OptimizerContract, AllocatesInItsFirstStepOnly) {
  const std::unique_ptr<Optimizer> optimizer = GetParam().make();
  Vector x = Vector::Ones(50);
  const Vector g = Vector::Constant(50, 0.5);
  optimizer->Step(g, kStep, x);
  Eigen::internal::set_is_malloc_allowed(false);
  optimizer->Step(g, kStep, x);
  Eigen::internal::set_is_malloc_allowed(true);
  EXPECT_EQ(optimizer->steps(), 2);
}

}  // namespace attune::nn

#endif  // ATTUNE_TESTS_TESTING_OPTIMIZER_CONTRACT_H_
