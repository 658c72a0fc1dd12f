#ifndef ATTUNE_WORKER_NN_LAYER_VISITOR_H_
#define ATTUNE_WORKER_NN_LAYER_VISITOR_H_

#include "worker/nn/types.h"

namespace attune::nn {

class Layer;
struct BatchNormOptions;
struct ConvOptions;
struct DenseOptions;
struct PoolOptions;

// Is told what the layers of a network compute when it is used (Mode::kEval),
// in the order in which they do. A layer that changes nothing then, such as
// dropout, is not told of, and of layers that only hold others these are.
class LayerVisitor {
 public:
  virtual ~LayerVisitor() = default;

  virtual void VisitDense(const DenseOptions& options,
                          const ConstVectorView& params) = 0;
  virtual void VisitConv(const ConvOptions& options,
                         const ConstVectorView& params) = 0;
  virtual void VisitPool(const PoolOptions& options) = 0;
  // Of features, or of the channels of an image. `running` are the means, then
  // the variances (Normalization::running()).
  virtual void VisitBatchNorm(const BatchNormOptions& options,
                              const ConstVectorView& params,
                              const ConstVectorView& running) = 0;
  // Adds what `inner`, which is not told of otherwise, computes to its input.
  virtual void VisitResidual(const Layer& inner,
                             const ConstVectorView& params) = 0;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_LAYER_VISITOR_H_
