#include "bench/training_images.h"

#include <zlib.h>

#include <fstream>
#include <string>

#include "core/check.h"
#include "core/random.h"

namespace attune {
namespace {

// The bytes of an IDX file from `header` on, compressed or not.
bool ReadBytes(const std::filesystem::path& path, int header,
               std::vector<uint8_t>& bytes) {
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  const auto size = static_cast<unsigned>(bytes.size());
  const bool read = gzseek(file, header, SEEK_SET) == header &&
                    gzread(file, bytes.data(), size) == static_cast<int>(size);
  gzclose(file);
  return read;
}

}  // namespace

std::optional<TrainingImages> ReadTrainingImages(
    const std::filesystem::path& folder, int64_t count) {
  TrainingImages images;
  images.pixels.resize(static_cast<size_t>(count * kPixels));
  images.labels.resize(static_cast<size_t>(count));
  for (const char* end : {"", ".gz"}) {
    const std::string pixels = std::string("train-images-idx3-ubyte") + end;
    const std::string labels = std::string("train-labels-idx1-ubyte") + end;
    if (ReadBytes(folder / pixels, 16, images.pixels) &&
        ReadBytes(folder / labels, 8, images.labels)) {
      return images;
    }
  }
  return std::nullopt;
}

void WriteSyntheticImages(const std::filesystem::path& folder, int64_t count) {
  const auto header = [count](char dimensions) {
    std::string bytes = {0, 0, 8, dimensions};
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<char>((count >> shift) & 0xff));
    }
    return bytes;
  };
  std::filesystem::create_directories(folder);
  std::ofstream images(folder / "train-images-idx3-ubyte", std::ios::binary);
  std::ofstream labels(folder / "train-labels-idx1-ubyte", std::ios::binary);
  images << header(3) << std::string({0, 0, 0, 28, 0, 0, 0, 28});
  labels << header(1);
  Rng rng(1);
  for (int64_t i = 0; i < count; ++i) {
    labels.put(static_cast<char>(rng.Below(kClasses)));
    for (int64_t pixel = 0; pixel < kPixels; ++pixel) {
      const uint64_t bits = rng.Bits();
      images.put((bits & 1) != 0 ? static_cast<char>(bits >> 56) : '\0');
    }
  }
  ATTUNE_CHECK(images.flush().good() && labels.flush().good());
}

}  // namespace attune
