#include "worker/nn/block_sequence.h"

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "worker/nn/lanes.h"

namespace attune::nn {
namespace {

// The samples of block `index` in a batch.
int64_t NumSamples(int64_t batch, int64_t index) {
  return std::min(kBlock, batch - index * kBlock);
}

using BlockMatrix = Eigen::Matrix<Scalar, kBlock, Eigen::Dynamic>;

}  // namespace

void ToBlocks(const ConstMatrixView& columns, MatrixView blocks) {
  ATTUNE_CHECK(blocks.rows() == columns.rows() * kBlock);
  ATTUNE_CHECK(blocks.cols() == NumBlocks(columns.cols()));
  for (int64_t i = 0; i < blocks.cols(); ++i) {
    const int64_t samples = NumSamples(columns.cols(), i);
    Eigen::Map<BlockMatrix> block(blocks.col(i).data(), kBlock, columns.rows());
    block.topRows(samples) =
        columns.middleCols(i * kBlock, samples).transpose();
    block.bottomRows(kBlock - samples).setZero();
  }
}

void FromBlocks(const ConstMatrixView& blocks, MatrixView columns) {
  ATTUNE_CHECK(blocks.rows() == columns.rows() * kBlock);
  ATTUNE_CHECK(blocks.cols() == NumBlocks(columns.cols()));
  for (int64_t i = 0; i < blocks.cols(); ++i) {
    const int64_t samples = NumSamples(columns.cols(), i);
    const Eigen::Map<const BlockMatrix> block(blocks.col(i).data(), kBlock,
                                              columns.rows());
    columns.middleCols(i * kBlock, samples) =
        block.topRows(samples).transpose();
  }
}

BlockSequence::BlockSequence(std::unique_ptr<int64_t> batch,
                             std::vector<std::unique_ptr<Layer>> layers)
    : batch_(std::move(batch)), layers_(std::move(layers)) {
  ATTUNE_CHECK(batch_ != nullptr);
}

int64_t BlockSequence::num_outputs() const {
  return layers_.num_outputs() / kBlock;
}

void BlockSequence::Initialize(Rng& rng, VectorView params) const {
  layers_.Initialize(rng, params);
}

ConstMatrixView BlockSequence::Forward(const ConstVectorView& params,
                                       const ConstMatrixView& input,
                                       Mode mode) {
  *batch_ = input.cols();
  inputs_ = input.rows();
  const int64_t blocks = NumBlocks(*batch_);
  ToBlocks(input, input_.Get(inputs_ * kBlock, blocks));
  const ConstMatrixView output =
      layers_.Forward(params, input_.View(inputs_ * kBlock, blocks), mode);
  FromBlocks(output, output_.Get(num_outputs(), *batch_));
  return output_.View(num_outputs(), *batch_);
}

ConstMatrixView BlockSequence::Backward(const ConstVectorView& params,
                                        const ConstMatrixView& output_grad,
                                        bool needs_input_grad,
                                        VectorView param_grads) {
  ATTUNE_CHECK(output_grad.cols() == *batch_);
  const int64_t rows = num_outputs() * kBlock;
  const int64_t blocks = NumBlocks(*batch_);
  ToBlocks(output_grad, output_grad_.Get(rows, blocks));
  const ConstMatrixView input_grad = layers_.Backward(
      params, output_grad_.View(rows, blocks), needs_input_grad, param_grads);
  if (!needs_input_grad) return {nullptr, 0, 0};
  FromBlocks(input_grad, input_grad_.Get(inputs_, *batch_));
  return input_grad_.View(inputs_, *batch_);
}

void BlockSequence::AppendState(std::vector<VectorView>& states) {
  layers_.AppendState(states);
}

void BlockSequence::Accept(const ConstVectorView& params,
                           LayerVisitor& visitor) const {
  layers_.Accept(params, visitor);
}

}  // namespace attune::nn
