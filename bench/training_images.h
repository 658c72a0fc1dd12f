#ifndef ATTUNE_BENCH_TRAINING_IMAGES_H_
#define ATTUNE_BENCH_TRAINING_IMAGES_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace attune {

constexpr int64_t kPixels = 28 * 28;
constexpr int64_t kClasses = 10;

// The first images of Fashion-MNIST as they are in its file.
struct TrainingImages {
  std::vector<uint8_t> pixels;  // kPixels an image
  std::vector<uint8_t> labels;
};

// The first `count` images in `folder`; nullopt if they are not there.
std::optional<TrainingImages> ReadTrainingImages(
    const std::filesystem::path& folder, int64_t count);

// Writes files of noise in the format of Fashion-MNIST, half of it black as
// there.
void WriteSyntheticImages(const std::filesystem::path& folder, int64_t count);

}  // namespace attune

#endif  // ATTUNE_BENCH_TRAINING_IMAGES_H_
