#include "bench/fma_peak.h"

#include <algorithm>
#include <cstdint>

#include "bench/cpu.h"
#include "core/check.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace attune {
namespace {

#if defined(__x86_64__)
constexpr int64_t kRounds = 2'000'000;
// Enough that none waits for the one before it: latency by throughput is 8 to
// 10 on all that is in use.
constexpr int kAccumulators = 12;
// Read anew by every run. So a run that is not inlined cannot be moved out of
// the time that is taken for it.
const volatile float kBegin = 1.0F;

__attribute__((noinline, target("avx2,fma"))) float RunAvx2() {
  __m256 sums[kAccumulators];
  for (__m256& sum : sums) sum = _mm256_set1_ps(kBegin);
  const __m256 x = _mm256_set1_ps(0.999F);
  const __m256 y = _mm256_set1_ps(1e-3F);
  for (int64_t i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
    for (__m256& sum : sums) sum = _mm256_fmadd_ps(sum, x, y);
  }
  __m256 all = sums[0];
  for (const __m256& sum : sums) all = _mm256_add_ps(all, sum);
  return _mm256_cvtss_f32(all);
}

// With 512 bits, and only on processors that have them.
__attribute__((noinline, target("avx512f"))) float RunAvx512() {
  __m512 sums[kAccumulators];
  for (__m512& sum : sums) sum = _mm512_set1_ps(kBegin);
  const __m512 x = _mm512_set1_ps(0.999F);
  const __m512 y = _mm512_set1_ps(1e-3F);
  for (int64_t i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
    for (__m512& sum : sums) sum = _mm512_fmadd_ps(sum, x, y);
  }
  __m512 all = sums[0];
  for (const __m512& sum : sums) all = _mm512_add_ps(all, sum);
  return _mm512_cvtss_f32(all);
}

// Multiplications and additions by turns, as there is no instruction for both.
__attribute__((noinline)) float RunSse2() {
  __m128 sums[kAccumulators];
  for (__m128& sum : sums) sum = _mm_set1_ps(kBegin);
  const __m128 x = _mm_set1_ps(0.999F);
  const __m128 y = _mm_set1_ps(1e-3F);
  for (int64_t i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
    for (__m128& sum : sums) sum = _mm_add_ps(_mm_mul_ps(sum, x), y);
  }
  __m128 all = sums[0];
  for (const __m128& sum : sums) all = _mm_add_ps(all, sum);
  return _mm_cvtss_f32(all);
}

double OperationsPerSecond(float (*run)(), int lanes) {
  double best = 0.0;
  for (int i = 0; i < 5; ++i) {
    const double start = ThreadCpuSeconds();
    const float result = run();
    const double seconds = ThreadCpuSeconds() - start;
    ATTUNE_CHECK(result > 0.0F);  // and thus computed
    best = std::max(best, 2.0 * lanes * kAccumulators *
                              static_cast<double>(kRounds) / seconds);
  }
  return best;
}
#endif

}  // namespace

std::optional<double> MeasureFmaPeak(absl::string_view engine) {
#if defined(__x86_64__)
  if (engine == "x86-64-v4") return OperationsPerSecond(RunAvx512, 16);
  if (engine == "x86-64-v3") return OperationsPerSecond(RunAvx2, 8);
  if (engine == "x86-64") return OperationsPerSecond(RunSse2, 4);
#endif
  return std::nullopt;
}

}  // namespace attune
