#ifndef ATTUNE_BENCH_RESULT_H_
#define ATTUNE_BENCH_RESULT_H_

#include <optional>
#include <string>
#include <vector>

namespace attune {

// A table for people: columns as wide as they need to be, the first to the left
// and the others to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> header);

  // REQUIRES: as many cells as the header has.
  void Add(std::vector<std::string> cells);

  // With a line for each row and one for the header.
  std::string ToString() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// The figure that a benchmark is run for.
struct Result {
  std::string name;
  double value = 0.0;
  std::string unit;
  // To the peer that was measured in the same run, where there is one.
  std::optional<double> ratio;
  // What to reach: one of them.
  std::optional<double> goal_value;
  std::optional<double> goal_ratio;
  bool is_limit = false;  // the goal is not to be above it

  bool reached() const;
};

// The last line that a benchmark prints, for programs:
//   RESULT name=trial_cycles_8 value=612 unit=1/s ratio=0.03 goal=500 ok
//   RESULT name=train_b32 value=209000 unit=1/s ratio=2.07 goal=2.1x short
std::string ToString(const Result& result);

// Four digits: `13020`, `612.4`, `0.07312`.
std::string FormatFigure(double value);

}  // namespace attune

#endif  // ATTUNE_BENCH_RESULT_H_
