#include "bench/ravine_picture.h"

#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::SizeIs;

TEST(RavinePathsTest, BeginAtTheSamePlaceAndAreEquallyLong) {
  const std::vector<RavinePath> paths = RavinePaths();
  ASSERT_THAT(paths, SizeIs(4));
  for (const RavinePath& path : paths) {
    EXPECT_EQ(path.points.front().x, paths[0].points.front().x) << path.title;
    EXPECT_EQ(path.points.front().y, paths[0].points.front().y) << path.title;
    EXPECT_THAT(path.points, SizeIs(61)) << path.title;
  }
}

TEST(RavinePathsTest, GradientDescentJumpsFromWallToWallAndIsLast) {
  const std::vector<RavinePath> paths = RavinePaths();
  const std::vector<RavinePoint>& points = paths[0].points;
  for (size_t step = 1; step <= 20; ++step) {
    EXPECT_LT(points[step].y * points[step - 1].y, 0.0) << "step " << step;
  }
  for (size_t other = 1; other < paths.size(); ++other) {
    EXPECT_LT(paths[other].points.back().Value(), 0.1 * points.back().Value())
        << paths[other].title;
  }
}

TEST(RavineSvgTest, IsThePictureInTheDocuments) {
  std::ifstream file(ATTUNE_SOURCE_DIR "/docs/images/ravine.svg");
  std::ostringstream committed;
  committed << file.rdbuf();
  EXPECT_EQ(RavineSvg(RavinePaths()), committed.str())
      << "build/dev/bench/ravine --svg docs/images/ravine.svg draws it anew";
}

TEST(RavineCsvTest, HasALineForEveryPoint) {
  const std::vector<RavinePath> paths = {
      {.title = "Here", .points = {{.x = 1.0, .y = 0.1}, {.x = 0.5}}}};
  EXPECT_EQ(RavineCsv(paths),
            "method,step,x,y,value\n"
            "Here,0,1,0.1,1\n"
            "Here,1,0.5,0,0.125\n");
}

}  // namespace
}  // namespace attune
