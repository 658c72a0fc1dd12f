#ifndef ATTUNE_SERVER_SEARCH_TPE_H_
#define ATTUNE_SERVER_SEARCH_TPE_H_

#include <cstdint>
#include <vector>

#include "core/rule.h"
#include "server/search/search_algorithm.h"

namespace attune {

// The tree-structured Parzen estimator of Bergstra et al., "Algorithms for
// hyper-parameter optimization" (NeurIPS 2011), with what Watanabe found to
// matter in "Tree-structured Parzen estimator: understanding its algorithm
// components" (arXiv 2304.11127, 2023):
//
//   split the n known points at the best ceil(n / 10) of them, at most 25;
//   l, g: densities of the good and of the other points (parzen_estimator.h);
//   of some candidates drawn from l, take the one with the largest l / g.
//
// `multivariate`: l and g are of whole points, else each parameter is chosen by
// itself, given those that its condition names. Points that wait or run count
// as bad ones, so that parallel workers do not all try the same (constant
// liar). The first points are those of a Sobol sequence.
class TpeAlgorithm : public SearchAlgorithm {
 public:
  explicit TpeAlgorithm(const RuleSettings& settings);

  absl::string_view name() const override;
  absl::Status Supports(const StudySpec& spec) const override;
  absl::StatusOr<std::vector<Suggestion>> Suggest(const StudyView& study,
                                                  int count,
                                                  Rng& rng) const override;

 private:
  const int64_t startup_trials_;
  const int64_t candidates_;
  const bool multivariate_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_SEARCH_TPE_H_
