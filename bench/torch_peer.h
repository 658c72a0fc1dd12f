#ifndef ATTUNE_BENCH_TORCH_PEER_H_
#define ATTUNE_BENCH_TORCH_PEER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/training_images.h"
#include "bench/work.h"

namespace attune {

struct TrainingCase {
  // Widths of dense layers, in order. Without any: LeNet, convolutions of 5x5
  // by 6 and 16, each with relu and a pool of 2, then 120 and 84.
  std::vector<int64_t> hidden;
  int64_t batch = 1;
  std::string optimizer;  // `sgd` or `adam`
};

// The same work done by libtorch. It lives in a module of its own, so that
// nothing else is linked with libtorch.
class TorchPeer {
 public:
  virtual ~TorchPeer() = default;

  // Versions and the kind of kernels: `libtorch 1.13.1, OpenBLAS for Haswell`.
  virtual std::string Description() const = 0;

  // An epoch of minibatches over `images`, which must outlive it: shuffling,
  // gathering, converting, forward, loss, backward, the optimizer's step.
  virtual std::unique_ptr<Work> Train(const TrainingCase& one,
                                      const TrainingImages& images) = 0;

  // `steps` steps of `optimizer` (`sgd`, `momentum`, `rmsprop`, `adam`) over
  // one tensor of `params` numbers.
  virtual std::unique_ptr<Work> Step(const std::string& optimizer,
                                     int64_t params, int64_t steps) = 0;
};

}  // namespace attune

// What the module exports.
extern "C" attune::TorchPeer* attune_new_torch_peer();

#endif  // ATTUNE_BENCH_TORCH_PEER_H_
