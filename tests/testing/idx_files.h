#ifndef ATTUNE_TESTS_TESTING_IDX_FILES_H_
#define ATTUNE_TESTS_TESTING_IDX_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace attune {

// A file in IDX format as a string of bytes: unsigned bytes of these
// dimensions.
std::string IdxBytes(const std::vector<uint32_t>& sizes,
                     const std::string& values);

// An empty folder of the running test's own.
std::string TestFolder();

void WriteFile(const std::string& path, const std::string& bytes);
void WriteGzip(const std::string& path, const std::string& bytes);

// `fashion-mnist` in miniature: compressed files of that name in `folder`, with
// `count` images of 4 x 4 pixels of 3 classes that can be told apart.
void WriteSmallFashionMnist(const std::string& folder, uint32_t count);

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_IDX_FILES_H_
