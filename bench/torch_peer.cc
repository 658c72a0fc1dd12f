// Compiled into a module of its own, the only thing that is linked with
// libtorch. Written as one who knows libtorch would for a single thread.
#include "bench/torch_peer.h"

#include <dlfcn.h>
#include <torch/torch.h>

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace attune {
namespace {

// What pixels are standardized with: about the mean and deviation of
// Fashion-MNIST's.
constexpr double kMean = 0.286 * 255.0;
constexpr double kDeviation = 0.353 * 255.0;

std::unique_ptr<torch::optim::Optimizer> MakeOptimizer(
    const std::string& name, std::vector<torch::Tensor> params) {
  namespace optim = torch::optim;
  if (name == "sgd") {
    return std::make_unique<optim::SGD>(std::move(params),
                                        optim::SGDOptions(0.05));
  }
  if (name == "momentum") {
    return std::make_unique<optim::SGD>(std::move(params),
                                        optim::SGDOptions(0.05).momentum(0.9));
  }
  if (name == "rmsprop") {
    return std::make_unique<optim::RMSprop>(std::move(params),
                                            optim::RMSpropOptions(1e-3));
  }
  ATTUNE_CHECK(name == "adam");
  return std::make_unique<optim::Adam>(std::move(params),
                                       optim::AdamOptions(1e-3));
}

class TorchTraining : public Work {
 public:
  TorchTraining(const TrainingCase& one, const TrainingImages& images)
      : batch_(one.batch), count_(static_cast<int64_t>(images.labels.size())) {
    int64_t inputs = kPixels;
    std::vector<int64_t> widths = one.hidden;
    if (widths.empty()) {
      inputs = AddConvolutions();
      widths = {120, 84};
    }
    for (const int64_t width : widths) {
      network_->push_back(torch::nn::Linear(inputs, width));
      AddRelu();
      inputs = width;
    }
    network_->push_back(torch::nn::Linear(inputs, kClasses));
    params_ = network_->parameters();
    optimizer_ = MakeOptimizer(one.optimizer, params_);
    // Only read.
    pixels_ = torch::from_blob(const_cast<uint8_t*>(images.pixels.data()),
                               {count_, kPixels}, torch::kUInt8);
    if (one.hidden.empty()) pixels_ = pixels_.view({count_, 1, 28, 28});
    labels_ = torch::from_blob(const_cast<uint8_t*>(images.labels.data()),
                               {count_}, torch::kUInt8)
                  .to(torch::kInt64);
  }

  void Run() override {
    const torch::Tensor order = torch::randperm(count_, torch::kInt64);
    for (int64_t begin = 0; begin < count_; begin += batch_) {
      const torch::Tensor examples =
          order.slice(0, begin, std::min(begin + batch_, count_));
      const torch::Tensor inputs = pixels_.index_select(0, examples)
                                       .to(torch::kFloat32)
                                       .sub_(kMean)
                                       .mul_(1.0 / kDeviation);
      const torch::Tensor loss = torch::nn::functional::cross_entropy(
          network_->forward(inputs), labels_.index_select(0, examples));
      // Quicker than zeros to add to.
      for (torch::Tensor& param : params_) param.mutable_grad().reset();
      loss.backward();
      optimizer_->step();
    }
  }

 private:
  void AddRelu() {
    network_->push_back(
        torch::nn::ReLU(torch::nn::ReLUOptions().inplace(true)));
  }

  // LeNet's, and how many features they leave.
  int64_t AddConvolutions() {
    int64_t channels = 1;
    for (const int64_t width : {6, 16}) {
      network_->push_back(torch::nn::Conv2d(
          torch::nn::Conv2dOptions(channels, width, /*kernel_size=*/5)));
      AddRelu();
      network_->push_back(torch::nn::MaxPool2d(2));
      channels = width;
    }
    network_->push_back(torch::nn::Flatten());
    return channels * 4 * 4;
  }

  const int64_t batch_;
  const int64_t count_;
  torch::nn::Sequential network_;
  std::vector<torch::Tensor> params_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  torch::Tensor pixels_;
  torch::Tensor labels_;
};

class TorchSteps : public Work {
 public:
  TorchSteps(const std::string& optimizer, int64_t params, int64_t steps)
      : params_(torch::randn({params}).requires_grad_()), steps_(steps) {
    params_.mutable_grad() = 1e-3 * torch::randn({params});
    optimizer_ = MakeOptimizer(optimizer, {params_});
  }

  void Run() override {
    for (int64_t i = 0; i < steps_; ++i) optimizer_->step();
  }

 private:
  torch::Tensor params_;
  const int64_t steps_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
};

class LibTorch : public TorchPeer {
 public:
  LibTorch() {
    at::set_num_threads(1);
    // As our engine does.
    at::globalContext().setFlushDenormal(true);
  }

  std::string Description() const override {
    std::string text = "libtorch " TORCH_VERSION;
    using CoreName = char*();
    auto* const core_name = reinterpret_cast<CoreName*>(
        dlsym(RTLD_DEFAULT, "openblas_get_corename"));
    return core_name == nullptr
               ? text + ", a BLAS that is not OpenBLAS"
               : text + ", OpenBLAS with kernels for " + core_name();
  }

  std::unique_ptr<Work> Train(const TrainingCase& one,
                              const TrainingImages& images) override {
    return std::make_unique<TorchTraining>(one, images);
  }

  std::unique_ptr<Work> Step(const std::string& optimizer, int64_t params,
                             int64_t steps) override {
    return std::make_unique<TorchSteps>(optimizer, params, steps);
  }
};

}  // namespace
}  // namespace attune

extern "C" attune::TorchPeer* attune_new_torch_peer() {
  return new attune::LibTorch;
}
