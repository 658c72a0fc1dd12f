#include "worker/nn/product.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "core/check.h"

// The result is cut into panels of rows, a few vector registers high, and a
// panel into tiles of a few columns. A tile's sums stay in registers while one
// loop goes over all its terms: it loads a piece of a column of `a`, and for
// every column of the tile one value of `b`, which is multiplied with the whole
// piece. The factors are read where they lie, for what a tile needs of them
// comes out of the cache in time. Only what does not lie so that a piece of a
// column of `a` can be loaded is copied first: a transposed `a`, and the last
// rows if they do not fill a register. And if a panel has many tiles, the first
// of them leaves a copy of what it loads for the others, side by side: columns
// that are a power of 2 apart fall into few of a cache's sets.
namespace attune::nn {
namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
constexpr int kTileCols = 8;
#elif defined(__AVX__)
constexpr int kVectorBytes = 32;
constexpr int kTileCols = 4;
#else
constexpr int kVectorBytes = 16;
constexpr int kTileCols = 4;
#endif
// With the registers for a piece of `a` and a value of `b` a tile of 3 by
// kTileCols sums fills 16 or, with AVX-512, 32 registers.
constexpr int kTileVectors = 3;
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(Scalar));
constexpr int kTileRows = kTileVectors * kLanes;
// The most terms that are summed at once, for the panel's copy to be small.
constexpr int64_t kMaxDepth = 1024;
// Tiles of a panel from which on a copy of its `a` is worth its stores.
constexpr int64_t kManyTiles = 16;
// The tile that copies asks for its columns of `a` this long before their turn.
constexpr int64_t kColumnsAhead = 16;

using Vec __attribute__((vector_size(kVectorBytes))) = Scalar;
// As it lies in memory.
using Unaligned
    __attribute__((vector_size(kVectorBytes), aligned(alignof(Scalar)))) =
        Scalar;

Vec Load(const Scalar* from) {
  return *reinterpret_cast<const Unaligned*>(from);
}
void Store(const Vec& value, Scalar* to) {
  *reinterpret_cast<Unaligned*>(to) = value;
}

// A piece of the product: `depth` terms for `rows` rows and `cols` columns.
struct Panel {
  const Scalar* a = nullptr;  // rows side by side
  int64_t a_stride = 0;       // from column to column
  const Scalar* b = nullptr;
  int64_t b_stride = 0;  // the one that is not 1
  Scalar* c = nullptr;
  int64_t c_stride = 0;
  int64_t depth = 0;
  int64_t cols = 0;
  int rows = 0;
  Scalar* copy = nullptr;        // of `a`, which the first tile makes; or null
  const Scalar* bias = nullptr;  // kTileRows; null: 0
  bool add = false;              // to what `c` holds, instead of to `bias`
  // Up to here whole registers may be stored, though they reach beyond the
  // rows: into the next column, which is written later.
  const Scalar* spill_end = nullptr;
};

// Parts of a tile's loop: what they share stays in registers.
#define ATTUNE_INLINE __attribute__((always_inline)) inline

template <int kVectors, int kCols>
using Sums = std::array<std::array<Vec, kVectors>, kCols>;

template <int kVectors, int kCols>
ATTUNE_INLINE void Begin(const Panel& panel, Sums<kVectors, kCols>& sums) {
#pragma GCC unroll 4
  for (int i = 0; i < kVectors; ++i) {
    const Vec begin =
        panel.bias == nullptr ? Vec{} : Load(panel.bias + i * kLanes);
#pragma GCC unroll 8
    for (int j = 0; j < kCols; ++j) sums[j][i] = begin;
  }
}

template <int kVectors>
using Piece = std::array<Vec, kVectors>;

template <int kVectors>
ATTUNE_INLINE Piece<kVectors> LoadPiece(const Scalar* a) {
  Piece<kVectors> piece;
#pragma GCC unroll 4
  for (int i = 0; i < kVectors; ++i) piece[i] = Load(a + i * kLanes);
  return piece;
}

template <int kVectors>
ATTUNE_INLINE void CopyPiece(const Piece<kVectors>& piece, Scalar* to) {
#pragma GCC unroll 4
  for (int i = 0; i < kVectors; ++i) Store(piece[i], to + i * kLanes);
}

template <int kVectors>
ATTUNE_INLINE void PrefetchPiece(const Scalar* a) {
#pragma GCC unroll 4
  for (int i = 0; i < kVectors; ++i) __builtin_prefetch(a + i * kLanes);
}

template <int kVectors, int kCols>
ATTUNE_INLINE void AddTerm(const Piece<kVectors>& piece,
                           const std::array<Scalar, kCols>& b,
                           Sums<kVectors, kCols>& sums) {
#pragma GCC unroll 8
  for (int j = 0; j < kCols; ++j) {
#pragma GCC unroll 4
    for (int i = 0; i < kVectors; ++i) sums[j][i] += piece[i] * b[j];
  }
}

template <int kVectors, int kCols>
ATTUNE_INLINE void End(const Panel& panel, const Sums<kVectors, kCols>& sums,
                       Scalar* c) {
#pragma GCC unroll 8
  for (int j = 0; j < kCols; ++j) {
    Scalar* const to = c + j * panel.c_stride;
    std::array<Scalar, kVectors * kLanes> part;
    constexpr int kRows = kVectors * kLanes;
    const bool whole = panel.rows == kRows || to + kRows <= panel.spill_end;
    Scalar* const out = whole ? to : part.data();
#pragma GCC unroll 4
    for (int i = 0; i < kVectors; ++i) {
      const Vec before = whole && panel.add ? Load(to + i * kLanes) : Vec{};
      Store(panel.add ? before + sums[j][i] : sums[j][i], out + i * kLanes);
    }
    if (whole) continue;
    for (int i = 0; i < panel.rows; ++i) {
      to[i] = panel.add ? to[i] + part[i] : part[i];
    }
  }
}

// Columns `col` to `col` + kCols. kCopies: and fills `panel.copy`.
template <int kVectors, int kCols, bool kTransposedB, bool kCopies = false>
void ComputeTile(const Panel& panel, int64_t col) {
  Sums<kVectors, kCols> sums;
  Begin<kVectors, kCols>(panel, sums);
  const Scalar* a = panel.a;
  std::array<const Scalar*, kCols> from;
#pragma GCC unroll 8
  for (int j = 0; j < kCols; ++j) {
    from[j] =
        kTransposedB ? panel.b + col + j : panel.b + (col + j) * panel.b_stride;
  }
  int64_t at = 0;
  for (int64_t k = 0; k < panel.depth; ++k) {
    std::array<Scalar, kCols> b;
#pragma GCC unroll 8
    for (int j = 0; j < kCols; ++j) {
      b[j] = kTransposedB ? from[0][at + j] : from[j][at];
    }
    const Piece<kVectors> piece = LoadPiece<kVectors>(a);
    if constexpr (kCopies) {
      CopyPiece<kVectors>(piece, panel.copy + k * (kVectors * kLanes));
      PrefetchPiece<kVectors>(a + kColumnsAhead * panel.a_stride);
    }
    AddTerm<kVectors, kCols>(piece, b, sums);
    a += panel.a_stride;
    at += kTransposedB ? panel.b_stride : 1;
  }
  End<kVectors, kCols>(panel, sums, panel.c + col * panel.c_stride);
}

// The columns from `col` on, in tiles that get narrower at the end.
template <int kVectors, int kCols, bool kTransposedB>
void ComputeColumns(const Panel& panel, int64_t col) {
  for (; col + kCols <= panel.cols; col += kCols) {
    ComputeTile<kVectors, kCols, kTransposedB>(panel, col);
  }
  if constexpr (kCols > 1) {
    ComputeColumns<kVectors, kCols / 2, kTransposedB>(panel, col);
  }
}

template <int kVectors, bool kTransposedB>
void ComputeTiles(Panel panel) {
  int64_t col = 0;
  if (panel.copy != nullptr) {
    ComputeTile<kVectors, kTileCols, kTransposedB, true>(panel, 0);
    panel.a = panel.copy;
    panel.a_stride = kVectors * kLanes;
    col = kTileCols;
  }
  ComputeColumns<kVectors, kTileCols, kTransposedB>(panel, col);
}

template <bool kTransposedB>
void ComputePanel(const Panel& panel) {
  static_assert(kTileVectors == 3);
  if (panel.rows <= kLanes) {
    ComputeTiles<1, kTransposedB>(panel);
  } else if (panel.rows <= 2 * kLanes) {
    ComputeTiles<2, kTransposedB>(panel);
  } else {
    ComputeTiles<3, kTransposedB>(panel);
  }
}

// ---- copies of `a` ----------------------------------------------------------

using Block = std::array<Vec, kLanes>;

// Exchanges the values of `low` whose lane has the bit kBit with those of
// `high` whose lane has it not.
template <size_t kBit, size_t... kLane>
void Exchange(Vec& low, Vec& high, std::index_sequence<kLane...> /*lanes*/) {
  const Vec first = __builtin_shufflevector(
      low, high, ((kLane & kBit) == 0 ? kLane : kLane - kBit + kLanes)...);
  high = __builtin_shufflevector(
      low, high, ((kLane & kBit) == 0 ? kLane + kBit : kLane + kLanes)...);
  low = first;
}

// Transposes halves, then their halves, and so on.
template <size_t kBit = kLanes / 2>
void Transpose(Block& block) {
#pragma GCC unroll 16
  for (size_t i = 0; i < kLanes; ++i) {
    if ((i & kBit) != 0) continue;
    Exchange<kBit>(block[i], block[i + kBit],
                   std::make_index_sequence<kLanes>());
  }
  if constexpr (kBit > 1) Transpose<kBit / 2>(block);
}

// `rows` rows of `a` from `row` on, `depth` columns from `col` on, go to `to`,
// where a column has `height` rows, a multiple of kLanes. What the rows beyond
// `rows` hold there does not matter.
struct Copy {
  int64_t row = 0;
  int64_t col = 0;
  int64_t depth = 0;
  int rows = 0;
  int height = 0;
  Scalar* to = nullptr;
};

// The copy's value (i, k).
const Scalar* From(const Factor& a, const Copy& copy, int64_t i, int64_t k) {
  return a.data + (copy.row + i) * a.row_stride + (copy.col + k) * a.col_stride;
}

// Whether `count` values from `from` on, side by side, lie within `a`.
bool Lies(const Factor& a, const Scalar* from, int64_t count) {
  return from + count <= a.data + a.rows * a.cols;
}

// Rows `begin` to `end` one by one, `depth` columns from `col` on.
void CopyValues(const Factor& a, const Copy& copy, int begin, int end,
                int64_t col, int64_t depth) {
  for (int64_t k = col; k < col + depth; ++k) {
    for (int i = begin; i < end; ++i) {
      copy.to[k * copy.height + i] =
          i < copy.rows ? *From(a, copy, i, k) : Scalar{0};
    }
  }
}

// Of a factor as it lies: whole registers, though they reach into the next
// column.
void CopyColumns(const Factor& a, const Copy& copy) {
  for (int64_t k = 0; k < copy.depth; ++k) {
    const Scalar* const from = From(a, copy, 0, k);
    if (!Lies(a, from, copy.height)) {
      CopyValues(a, copy, 0, copy.height, k, 1);
      continue;
    }
    for (int i = 0; i < copy.height; i += kLanes) {
      Store(Load(from + i), copy.to + k * copy.height + i);
    }
  }
}

// Of a transposed factor: block by block, though one reaches beyond the depth.
void CopyTransposed(const Factor& a, const Copy& copy) {
  for (int i = 0; i < copy.height; i += kLanes) {
    for (int64_t k = 0; k < copy.depth; k += kLanes) {
      const int64_t depth = std::min<int64_t>(kLanes, copy.depth - k);
      if (i + kLanes > copy.rows ||
          !Lies(a, From(a, copy, i + kLanes - 1, k), kLanes)) {
        CopyValues(a, copy, i, i + kLanes, k, depth);
        continue;
      }
      Block block;
#pragma GCC unroll 16
      for (int lane = 0; lane < kLanes; ++lane) {
        block[lane] = Load(From(a, copy, i + lane, k));
      }
      Transpose(block);
      Scalar* const to = copy.to + k * copy.height + i;
      for (int64_t lane = 0; lane < depth; ++lane) {
        Store(block[lane], to + lane * copy.height);
      }
    }
  }
}

template <bool kTransposedB>
void MultiplyPanels(const Factor& a, const Factor& b, const Scalar* bias,
                    MatrixView c) {
  alignas(64) std::array<Scalar, kTileRows * kMaxDepth> copied;
  alignas(64) std::array<Scalar, kTileRows> begin;
  for (int64_t k = 0; k == 0 || k < a.cols; k += kMaxDepth) {
    const int64_t depth = std::min(kMaxDepth, a.cols - k);
    for (int64_t row = 0; row < a.rows; row += kTileRows) {
      const int rows =
          static_cast<int>(std::min<int64_t>(kTileRows, a.rows - row));
      const int height = (rows + kLanes - 1) / kLanes * kLanes;
      Panel panel = {.a = a.data + row + k * a.col_stride,
                     .a_stride = a.col_stride,
                     .b = b.data + k * b.row_stride,
                     .b_stride = kTransposedB ? b.row_stride : b.col_stride,
                     .c = c.data() + row,
                     .c_stride = c.rows(),
                     .depth = depth,
                     .cols = b.cols,
                     .rows = rows,
                     .add = k > 0,
                     .spill_end = c.data()};
      if (rows == a.rows && k == 0) panel.spill_end += c.size();
      if (a.row_stride != 1 || rows < height) {
        const Copy copy = {row, k, depth, rows, height, copied.data()};
        a.row_stride != 1 ? CopyTransposed(a, copy) : CopyColumns(a, copy);
        panel.a = copied.data();
        panel.a_stride = height;
      } else if (b.cols >= kManyTiles * kTileCols) {
        panel.copy = copied.data();
      }
      if (bias != nullptr && k == 0) {
        std::copy_n(bias + row, rows, begin.begin());
        std::fill(begin.begin() + rows, begin.end(), Scalar{0});
        panel.bias = begin.data();
      }
      ComputePanel<kTransposedB>(panel);
    }
  }
}

// A product with a vector reads `a` once, and waits for that alone.
void MultiplyVector(const Factor& a, const Scalar* b, const Scalar* bias,
                    Scalar* c) {
  const ConstVectorView from(b, a.cols);
  VectorView to(c, a.rows);
  if (bias == nullptr) {
    to.setZero();
  } else {
    to = ConstVectorView(bias, a.rows);
  }
  if (a.row_stride == 1) {
    to.noalias() += ConstMatrixView(a.data, a.rows, a.cols) * from;
  } else {
    to.noalias() += ConstMatrixView(a.data, a.cols, a.rows).transpose() * from;
  }
}

void Multiply(const Factor& a, const Factor& b, const Scalar* bias,
              MatrixView c) {
  ATTUNE_CHECK(a.cols == b.rows && c.rows() == a.rows && c.cols() == b.cols);
  if (b.cols == 1) return MultiplyVector(a, b.data, bias, c.data());
  b.row_stride == 1 ? MultiplyPanels<false>(a, b, bias, c)
                    : MultiplyPanels<true>(a, b, bias, c);
}

}  // namespace

void Multiply(const Factor& a, const Factor& b, const MatrixView& c) {
  Multiply(a, b, nullptr, c);
}

void Multiply(const Factor& a, const Factor& b, const ConstVectorView& bias,
              const MatrixView& c) {
  ATTUNE_CHECK(bias.size() == c.rows());
  Multiply(a, b, bias.data(), c);
}

}  // namespace attune::nn
