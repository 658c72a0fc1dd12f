#ifndef ATTUNE_BENCH_WORK_H_
#define ATTUNE_BENCH_WORK_H_

namespace attune {

// One side of a comparison: a round of it can be run as often as one likes, and
// does the same each time.
class Work {
 public:
  virtual ~Work() = default;

  virtual void Run() = 0;
};

}  // namespace attune

#endif  // ATTUNE_BENCH_WORK_H_
