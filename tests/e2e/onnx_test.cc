// Exported models, in another runtime: onnxruntime, which scripts/onnxruntime
// puts into a virtual environment.

#include <sys/stat.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/process.h"
#include "tests/testing/idx_files.h"

namespace attune {
namespace {

using testing::HasSubstr;

constexpr char kVenvPython[] = ATTUNE_SOURCE_DIR "/build/venv/bin/python";
constexpr char kScript[] = ATTUNE_SOURCE_DIR "/tests/e2e/onnx_check.py";

class OnnxTest : public testing::Test {
 protected:
  // Trains by these settings, exports the model and predicts `input` with it
  // twice.
  void ExportAndCompare(const std::string& metric, const std::string& settings,
                        const std::string& input) {
    const std::string db = dir_.path("attune.db");
    const std::string study = dir_.Write(
        "study.yaml", absl::StrCat("name: exported\n"
                                   "objective: {metric: ",
                                   metric,
                                   ", goal: minimize}\n"
                                   "algorithm: random\n"
                                   "budget: {max_trials: 1}\n"
                                   "parameters:\n"
                                   "  learning_rate: {min: 0.01, max: 0.02}\n"
                                   "train: {epochs: 4, ",
                                   settings, "}\n"));
    const Finish run = RunProgram({"attune", "run", "--db", db, study});
    ASSERT_EQ(run.exit_code, 0) << run.log;
    const std::string onnx = dir_.path("model.onnx");
    const Finish exported = RunProgram(
        {"attune", "export", "exported", "--db", db, "--onnx", "model.onnx"},
        {.directory = dir_.path("")});
    ASSERT_EQ(exported.exit_code, 0) << exported.log;
    EXPECT_THAT(exported.output, HasSubstr("input "));
    EXPECT_THAT(exported.log, HasSubstr("wrote model.onnx"));
    const Finish predicted =
        RunProgram({"attune", "predict", "--db", db, input, "-o", "json"});
    ASSERT_EQ(predicted.exit_code, 0) << predicted.log;
    Compare(onnx, input, dir_.Write("predictions.json", predicted.output));
  }

  // A table of 120 rows. `x` is seconds since 1970, which floats cannot tell
  // apart, and some cells of both columns are missing.
  static std::string Table(bool regression) {
    std::string text = "x,colour,target\n";
    for (int i = 0; i < 120; ++i) {
      const std::string x = absl::StrCat(1700000000 + i % 10);
      const bool red = i % 3 == 0;
      absl::StrAppend(&text, i % 17 == 5 ? "" : x, ",",
                      i % 19 == 5 ? ""
                      : red       ? "red"
                                  : "blue",
                      ",");
      if (regression) {
        absl::StrAppend(&text, 1000 + i % 10 * 20, ".5\n");
      } else {
        absl::StrAppend(&text, (i % 10 > 4) != red ? "yes\n" : "no\n");
      }
    }
    return text;
  }

  // A dataset of 60 images in two classes; returns its folder.
  std::string Images(uint32_t height = 9, uint32_t width = 8) const {
    const uint32_t size = height * width;
    std::string pixels;
    std::string labels;
    for (uint32_t i = 0; i < 60; ++i) {
      labels += static_cast<char>(i % 2);
      for (uint32_t at = 0; at < size; ++at) {
        const bool bright = (at < size / 2) == (i % 2 == 0);
        pixels +=
            static_cast<char>((bright ? 128 : 0) + (i * 37 + at * 11) % 97);
      }
    }
    const std::string folder = dir_.path("images");
    mkdir(folder.c_str(), 0700);
    for (const char* part : {"train", "t10k"}) {
      const std::string prefix = folder + "/" + part;
      WriteFile(prefix + "-images-idx3-ubyte",
                IdxBytes({60, height, width}, pixels));
      WriteFile(prefix + "-labels-idx1-ubyte", IdxBytes({60}, labels));
    }
    return folder;
  }

  const TempDir dir_;

 private:
  // In CI, which sets the variable, the comparison may not be left out.
  static void Compare(const std::string& onnx, const std::string& input,
                      const std::string& predictions) {
    if (!std::filesystem::exists(kVenvPython) ||
        RunProgram({kVenvPython, "-c", "import onnxruntime"}).exit_code != 0) {
      ASSERT_EQ(std::getenv("ATTUNE_NEED_ONNXRUNTIME"), nullptr)
          << "no onnxruntime in " << kVenvPython << ": run scripts/onnxruntime";
      GTEST_SKIP() << "not compared: scripts/onnxruntime was not run";
    }
    const Finish check =
        RunProgram({kVenvPython, kScript, onnx, input, predictions});
    EXPECT_EQ(check.exit_code, 0) << check.log;
    EXPECT_THAT(check.output, HasSubstr("examples agree"));
  }
};

TEST_F(OnnxTest, APerceptronOfATableWithGaps) {
  const std::string table = dir_.Write("table.csv", Table(false));
  ExportAndCompare(
      "validation_loss",
      absl::StrCat(
          "dataset: ", table,
          ", missing: impute, hidden_layers: [8, 8], batch_norm: true, "
          "residual: true, activation: gelu"),
      table);
}

TEST_F(OnnxTest, ARegressionInItsUnits) {
  const std::string table = dir_.Write("table.csv", Table(true));
  ExportAndCompare(
      "validation_rmse",
      absl::StrCat("dataset: ", table,
                   ", missing: impute, hidden_layers: [8, 8], residual: true, "
                   "activation: swish"),
      table);
}

TEST_F(OnnxTest, AConvolutionalNetwork) {
  const std::string images = Images();
  ExportAndCompare(
      "validation_loss",
      absl::StrCat("dataset: ", images,
                   ", network: cnn, activation: elu, "
                   "layers: \"conv 3x3x4 same, batch_norm, pool 2, "
                   "conv 2x3x5 stride 2 same, avgpool 2 stride 1, flatten, "
                   "dropout 0.1, dense 6, batch_norm\""),
      images + "/t10k-images-idx3-ubyte");
}

TEST_F(OnnxTest, AConvolutionThatPoolsOnItsWay) {
  const std::string images = Images();
  ExportAndCompare(
      "validation_loss",
      absl::StrCat("dataset: ", images,
                   ", network: cnn, layers: \"conv 3x3x4, pool 2, "
                   "flatten, dense 6\", loss: binary_cross_entropy"),
      images + "/t10k-images-idx3-ubyte");
}

TEST_F(OnnxTest, LeNet) {
  const std::string images = Images(28, 28);
  ExportAndCompare("validation_loss",
                   absl::StrCat("dataset: ", images, ", network: lenet"),
                   images + "/t10k-images-idx3-ubyte");
}

TEST_F(OnnxTest, WhatIsNoModelIsNotExported) {
  const std::string text = dir_.Write("model.safetensors", "something else");
  const std::string onnx = dir_.path("model.onnx");
  const Finish none =
      RunProgram({"attune", "export", "--model", text, "--onnx", onnx});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.log, HasSubstr("found no model"));
  EXPECT_FALSE(std::filesystem::exists(onnx));
}

}  // namespace
}  // namespace attune
