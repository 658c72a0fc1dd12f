#include "worker/nn/bf16_product.h"

#include <algorithm>
#include <array>

#include "core/check.h"

// The tiles are those of product.cc: 3 registers high, 8 columns wide. A word
// is a pair of neighbouring terms' bfloat16, and one instruction adds the
// products of both. So every factor is copied, as pairs: of `a` a panel at a
// time, in which the words of 48 rows lie side by side, of `b` as many terms as
// a panel is long.
#if defined(__x86_64__) && !defined(ATTUNE_NN_SCALAR)

#include <immintrin.h>

// Compiled for its processors in every build of the engine: who calls it has
// asked HasBf16().
#define ATTUNE_BF16 \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#define ATTUNE_BF16_INLINE ATTUNE_BF16 __attribute__((always_inline)) inline

namespace attune::nn {
namespace {

constexpr int kLanes = 16;
constexpr int kTileVectors = 3;
constexpr int kTileRows = kTileVectors * kLanes;
constexpr int kTileCols = 8;
// The most pairs of terms that are summed at once.
constexpr int64_t kMaxPairs = 512;

int64_t RoundUp(int64_t value, int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

// The first `count` lanes, of all if there are more.
ATTUNE_BF16_INLINE __mmask16 First(int64_t count) {
  if (count >= kLanes) return 0xffff;
  return static_cast<__mmask16>((1U << std::max<int64_t>(count, 0)) - 1);
}

// 32 bfloat16: those of `low`, then those of `high`.
ATTUNE_BF16_INLINE __m512i Round(__m512 low, __m512 high) {
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

// Words of a value of `first` and the value of `second` in the same lane.
ATTUNE_BF16_INLINE __m512i Pair(__m512 first, __m512 second) {
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11,
                                         26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21,
                                         5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, Round(first, second));
}

// Values `k` and `k` + 1 of a depth of `depth` as words, `stride` apart.
ATTUNE_BF16_INLINE __m512i LoadPair(const float* from, int64_t stride,
                                    bool has_second, __mmask16 lanes) {
  return Pair(_mm512_maskz_loadu_ps(lanes, from),
              has_second ? _mm512_maskz_loadu_ps(lanes, from + stride)
                         : _mm512_setzero_ps());
}

// Up to 32 values side by side as 16 words; 0 beyond `count`.
ATTUNE_BF16_INLINE __m512i LoadWords(const float* from, int64_t count) {
  return Round(_mm512_maskz_loadu_ps(First(count), from),
               count <= kLanes ? _mm512_setzero_ps()
                               : _mm512_maskz_loadu_ps(First(count - kLanes),
                                                       from + kLanes));
}

// Of 16 rows of 16 words: exchanges rows and columns.
using Block = __m512i[kLanes];
ATTUNE_BF16 void Transpose(Block& rows) {
  Block t;
  for (size_t i = 0; i < kLanes; i += 2) {
    t[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  for (size_t i = 0; i < kLanes; i += 4) {
    rows[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    rows[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    rows[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    rows[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (size_t i = 0; i < 4; ++i) {
    t[i] = _mm512_shuffle_i32x4(rows[i], rows[4 + i], 0x88);
    t[4 + i] = _mm512_shuffle_i32x4(rows[i], rows[4 + i], 0xdd);
    t[8 + i] = _mm512_shuffle_i32x4(rows[8 + i], rows[12 + i], 0x88);
    t[12 + i] = _mm512_shuffle_i32x4(rows[8 + i], rows[12 + i], 0xdd);
  }
  for (size_t i = 0; i < 4; ++i) {
    rows[i] = _mm512_shuffle_i32x4(t[i], t[8 + i], 0x88);
    rows[8 + i] = _mm512_shuffle_i32x4(t[i], t[8 + i], 0xdd);
    rows[4 + i] = _mm512_shuffle_i32x4(t[4 + i], t[12 + i], 0x88);
    rows[12 + i] = _mm512_shuffle_i32x4(t[4 + i], t[12 + i], 0xdd);
  }
}

// What of the product is computed at once: terms `term` to `term` + `depth`.
struct Piece {
  int64_t term = 0;
  int64_t depth = 0;
  int64_t pairs() const { return (depth + 1) / 2; }
};

// `rows` rows of `a` from `row` on go to `to`, [pair][height].
struct PanelCopy {
  int64_t row = 0;
  int64_t rows = 0;
  int64_t height = 0;
  uint32_t* to = nullptr;
};

// Of a factor whose rows lie side by side.
ATTUNE_BF16 void CopyColumns(const Factor& a, const Piece& piece,
                             const PanelCopy& copy) {
  for (int64_t pair = 0; pair < piece.pairs(); ++pair) {
    const float* const from =
        a.data + copy.row + (piece.term + 2 * pair) * a.col_stride;
    for (int64_t i = 0; i < copy.height; i += kLanes) {
      _mm512_storeu_si512(
          copy.to + pair * copy.height + i,
          LoadPair(from + i, a.col_stride, 2 * pair + 1 < piece.depth,
                   First(copy.rows - i)));
    }
  }
}

// Of a factor whose terms lie side by side.
ATTUNE_BF16 void CopyRows(const Factor& a, const Piece& piece,
                          const PanelCopy& copy) {
  for (int64_t pair = 0; pair < piece.pairs(); pair += kLanes) {
    const int64_t count = std::min<int64_t>(kLanes, piece.pairs() - pair);
    for (int64_t i = 0; i < copy.height; i += kLanes) {
      Block block;
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        const bool is_row = i + lane < copy.rows;
        block[lane] =
            is_row ? LoadWords(a.data + (copy.row + i + lane) * a.row_stride +
                                   piece.term + 2 * pair,
                               piece.depth - 2 * pair)
                   : _mm512_setzero_si512();
      }
      Transpose(block);
      for (int64_t word = 0; word < count; ++word) {
        _mm512_storeu_si512(copy.to + (pair + word) * copy.height + i,
                            block[word]);
      }
    }
  }
}

// All columns of a `b` whose terms lie side by side: [column][pair], a column
// `stride` words long. Columns beyond are 0, up to a whole tile.
ATTUNE_BF16 void CopyTerms(const Factor& b, const Piece& piece, int64_t stride,
                           uint32_t* to) {
  for (int64_t j = 0; j < RoundUp(b.cols, kTileCols); ++j) {
    for (int64_t pair = 0; pair < stride; pair += kLanes) {
      _mm512_storeu_si512(to + j * stride + pair,
                          j < b.cols ? LoadWords(b.data + j * b.col_stride +
                                                     piece.term + 2 * pair,
                                                 piece.depth - 2 * pair)
                                     : _mm512_setzero_si512());
    }
  }
}

// Of a `b` whose columns lie side by side: [tile][pair][8 columns].
ATTUNE_BF16 void CopyTiles(const Factor& b, const Piece& piece, uint32_t* to) {
  const int64_t pairs = piece.pairs();
  for (int64_t pair = 0; pair < pairs; ++pair) {
    const float* const from = b.data + (piece.term + 2 * pair) * b.row_stride;
    for (int64_t j = 0; j < b.cols; j += kLanes) {
      const __m512i words =
          LoadPair(from + j, b.row_stride, 2 * pair + 1 < piece.depth,
                   First(b.cols - j));
      uint32_t* const tile = to + j * pairs + pair * kTileCols;
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(tile),
                          _mm512_castsi512_si256(words));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(tile + kTileCols * pairs),
                          _mm512_extracti64x4_epi64(words, 1));
    }
  }
}

// A panel's rows of the product.
struct Panel {
  const uint32_t* a = nullptr;  // [pair][kVectors * kLanes]
  const uint32_t* b = nullptr;
  int64_t b_stride = 0;  // of CopyTerms()
  int64_t pairs = 0;
  int64_t rows = 0;
  int64_t cols = 0;
  float* c = nullptr;
  int64_t c_stride = 0;
  const float* bias = nullptr;  // null: 0
  bool add = false;             // to what `c` holds
};

template <int kVectors>
using Sums = __m512[kTileCols][kVectors];

template <int kVectors>
ATTUNE_BF16_INLINE void Begin(const Panel& panel, Sums<kVectors>& sums) {
#pragma GCC unroll 3
  for (int i = 0; i < kVectors; ++i) {
    const __m512 begin =
        panel.bias == nullptr
            ? _mm512_setzero_ps()
            : _mm512_maskz_loadu_ps(First(panel.rows - i * kLanes),
                                    panel.bias + i * kLanes);
#pragma GCC unroll 8
    for (int j = 0; j < kTileCols; ++j) sums[j][i] = begin;
  }
}

template <int kVectors>
ATTUNE_BF16_INLINE void End(const Panel& panel, int64_t col,
                            const Sums<kVectors>& sums) {
#pragma GCC unroll 8
  for (int j = 0; j < kTileCols; ++j) {
    if (col + j >= panel.cols) return;
    float* const to = panel.c + (col + j) * panel.c_stride;
#pragma GCC unroll 3
    for (int i = 0; i < kVectors; ++i) {
      const __mmask16 lanes = First(panel.rows - i * kLanes);
      __m512 sum = sums[j][i];
      if (panel.add) {
        sum = _mm512_add_ps(_mm512_maskz_loadu_ps(lanes, to + i * kLanes), sum);
      }
      _mm512_mask_storeu_ps(to + i * kLanes, lanes, sum);
    }
  }
}

// Columns `col` to `col` + kTileCols.
template <int kVectors, bool kTiles>
ATTUNE_BF16 void ComputeTile(const Panel& panel, int64_t col) {
  Sums<kVectors> sums;
  Begin<kVectors>(panel, sums);
  const uint32_t* a = panel.a;
  std::array<const uint32_t*, kTileCols> from;
#pragma GCC unroll 8
  for (int j = 0; j < kTileCols; ++j) {
    from[j] = kTiles ? panel.b + col * panel.pairs + j
                     : panel.b + (col + j) * panel.b_stride;
  }
  int64_t at = 0;
  for (int64_t pair = 0; pair < panel.pairs; ++pair) {
    __m512bh words[kVectors];
#pragma GCC unroll 3
    for (int i = 0; i < kVectors; ++i) {
      words[i] = (__m512bh)_mm512_loadu_si512(a + i * kLanes);
    }
#pragma GCC unroll 8
    for (int j = 0; j < kTileCols; ++j) {
      const auto word = (__m512bh)_mm512_set1_epi32(
          static_cast<int>(kTiles ? from[0][at + j] : from[j][at]));
#pragma GCC unroll 3
      for (int i = 0; i < kVectors; ++i) {
        sums[j][i] = _mm512_dpbf16_ps(sums[j][i], words[i], word);
      }
    }
    a += kVectors * kLanes;
    at += kTiles ? kTileCols : 1;
  }
  End<kVectors>(panel, col, sums);
}

template <int kVectors, bool kTiles>
ATTUNE_BF16 void ComputeTiles(const Panel& panel) {
  for (int64_t col = 0; col < panel.cols; col += kTileCols) {
    ComputeTile<kVectors, kTiles>(panel, col);
  }
}

template <bool kTiles>
ATTUNE_BF16 void ComputePanel(const Panel& panel) {
  static_assert(kTileVectors == 3);
  if (panel.rows <= kLanes) {
    ComputeTiles<1, kTiles>(panel);
  } else if (panel.rows <= 2 * kLanes) {
    ComputeTiles<2, kTiles>(panel);
  } else {
    ComputeTiles<3, kTiles>(panel);
  }
}

// The piece's part of all rows, with its part of `b` copied to `words`.
template <bool kTiles>
ATTUNE_BF16 void MultiplyPiece(const Factor& a, const Piece& piece,
                               const uint32_t* words, const float* bias,
                               MatrixView c) {
  alignas(64) std::array<uint32_t, kTileRows * kMaxPairs> copied;
  for (int64_t row = 0; row < a.rows; row += kTileRows) {
    const int64_t rows = std::min<int64_t>(kTileRows, a.rows - row);
    const PanelCopy copy = {.row = row,
                            .rows = rows,
                            .height = RoundUp(rows, kLanes),
                            .to = copied.data()};
    a.row_stride == 1 ? CopyColumns(a, piece, copy) : CopyRows(a, piece, copy);
    ComputePanel<kTiles>(
        {.a = copied.data(),
         .b = words,
         .b_stride = RoundUp(piece.pairs(), kLanes),
         .pairs = piece.pairs(),
         .rows = rows,
         .cols = c.cols(),
         .c = c.data() + row,
         .c_stride = c.rows(),
         .bias = bias == nullptr || piece.term > 0 ? nullptr : bias + row,
         .add = piece.term > 0});
  }
}

}  // namespace

bool HasBf16() {
  static const bool has = __builtin_cpu_supports("avx512bf16") != 0 &&
                          __builtin_cpu_supports("avx512bw") != 0 &&
                          __builtin_cpu_supports("avx512vl") != 0;
  return has;
}

void Bf16Product::Multiply(const Factor& a, const Factor& b, const Scalar* bias,
                           const MatrixView& c) {
  ATTUNE_CHECK(HasBf16());
  ATTUNE_CHECK(a.cols == b.rows && c.rows() == a.rows && c.cols() == b.cols);
  for (int64_t term = 0; term == 0 || term < a.cols; term += 2 * kMaxPairs) {
    const Piece piece = {.term = term,
                         .depth = std::min(2 * kMaxPairs, a.cols - term)};
    const int64_t stride = RoundUp(piece.pairs(), kLanes);
    const auto size = static_cast<size_t>(RoundUp(b.cols, kLanes) * stride);
    if (b_.size() < size) b_.resize(size);
    if (b.row_stride == 1) {
      CopyTerms(b, piece, stride, b_.data());
      MultiplyPiece<false>(a, piece, b_.data(), bias, c);
    } else {
      CopyTiles(b, piece, b_.data());
      MultiplyPiece<true>(a, piece, b_.data(), bias, c);
    }
  }
}

}  // namespace attune::nn

#else

namespace attune::nn {

bool HasBf16() { return false; }

void Bf16Product::Multiply(const Factor& /*a*/, const Factor& /*b*/,
                           const Scalar* /*bias*/, const MatrixView& /*c*/) {
  ATTUNE_CHECK(HasBf16());
}

}  // namespace attune::nn

#endif
