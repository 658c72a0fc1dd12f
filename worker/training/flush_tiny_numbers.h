#ifndef ATTUNE_WORKER_TRAINING_FLUSH_TINY_NUMBERS_H_
#define ATTUNE_WORKER_TRAINING_FLUSH_TINY_NUMBERS_H_

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace attune {

// While it lives, this thread takes numbers too small for full precision for 0.
// Averages of gradients that have become 0 shrink into that range, where
// processors are many times slower, and nothing is gained by them.
class FlushTinyNumbers {
 public:
  FlushTinyNumbers(const FlushTinyNumbers&) = delete;
  FlushTinyNumbers& operator=(const FlushTinyNumbers&) = delete;
#if defined(__SSE__)
  FlushTinyNumbers() : before_(_mm_getcsr()) {
    constexpr unsigned kFlushToZero = 0x8000;
    constexpr unsigned kDenormalsAreZero = 0x0040;
    _mm_setcsr(before_ | kFlushToZero | kDenormalsAreZero);
  }
  ~FlushTinyNumbers() { _mm_setcsr(before_); }

 private:
  const unsigned before_;
#else
  FlushTinyNumbers() = default;
#endif
};

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_FLUSH_TINY_NUMBERS_H_
