#include "core/layer_list.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/error.h"
#include "core/overloaded.h"
#include "core/search_space.h"

namespace attune {
namespace {

constexpr size_t kMostItems = 64;
constexpr int64_t kLargestKernel = 31;
constexpr int64_t kLargestStride = 31;
constexpr int64_t kMostChannels = 4096;
constexpr int64_t kWidestLayer = 8192;

using Words = std::vector<absl::string_view>;

// One item: its layer, or what is wrong with it.
struct ParsedItem {
  std::optional<LayerItem> layer;
  std::string problem;
};

ParsedItem Wrong(absl::string_view found, absl::string_view expected) {
  return {.problem = absl::StrCat("found `", found, "`, expected ", expected)};
}

std::string DidYouMean(absl::string_view word,
                       const std::vector<std::string>& names) {
  const std::string nearest = NearestName(word, names);
  return nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?");
}

std::optional<int64_t> ParseInt(absl::string_view word, int64_t most) {
  int64_t number = 0;
  // Digits alone: no sign, no blank.
  if (word.empty() ||
      !std::all_of(word.begin(), word.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(word, &number) || number < 1 || number > most) {
    return std::nullopt;
  }
  return number;
}

std::string ExpectedInt(absl::string_view what, int64_t most) {
  return absl::StrCat(what, " from 1 to ", most);
}

// Whether a word is height x width x channels, `5x5x6`.
std::optional<ConvLayer> ParseKernels(absl::string_view word) {
  const Words parts = absl::StrSplit(word, 'x');
  if (parts.size() != 3) return std::nullopt;
  const auto height = ParseInt(parts[0], kLargestKernel);
  const auto width = ParseInt(parts[1], kLargestKernel);
  const auto channels = ParseInt(parts[2], kMostChannels);
  if (!height.has_value() || !width.has_value() || !channels.has_value()) {
    return std::nullopt;
  }
  return ConvLayer{.height = *height, .width = *width, .channels = *channels};
}

// The words behind a layer's size.
struct Modifiers {
  std::optional<int64_t> stride;
  std::optional<bool> same;
  std::string problem;
};

Modifiers ParseModifiers(absl::Span<const absl::string_view> words,
                         bool padding) {
  Modifiers modifiers;
  std::vector<std::string> known = {"stride"};
  if (padding) known.insert(known.end(), {"same", "valid"});
  for (size_t i = 0; i < words.size(); ++i) {
    const absl::string_view word = words[i];
    if (word == "stride" && !modifiers.stride.has_value()) {
      const absl::string_view number = i + 1 < words.size() ? words[++i] : "";
      modifiers.stride = ParseInt(number, kLargestStride);
      if (modifiers.stride.has_value()) continue;
      modifiers.problem =
          Wrong(absl::StripAsciiWhitespace(absl::StrCat("stride ", number)),
                ExpectedInt("`stride` and an integer", kLargestStride))
              .problem;
      return modifiers;
    }
    if (padding && (word == "same" || word == "valid") &&
        !modifiers.same.has_value()) {
      modifiers.same = word == "same";
      continue;
    }
    modifiers.problem =
        Wrong(word,
              absl::StrCat("nothing more than ", absl::StrJoin(known, " or "),
                           ", once each", DidYouMean(word, known)))
            .problem;
    return modifiers;
  }
  return modifiers;
}

ParsedItem ParseConv(absl::string_view item, const Words& words) {
  const auto kernels = words.size() < 2 ? std::nullopt : ParseKernels(words[1]);
  if (!kernels.has_value()) {
    return Wrong(item,
                 absl::StrCat("`conv` with a kernel's height and width, up to ",
                              kLargestKernel,
                              ", and the number of channels, up "
                              "to ",
                              kMostChannels, ", as in `conv 5x5x6`"));
  }
  const Modifiers modifiers =
      ParseModifiers(absl::MakeConstSpan(words).subspan(2), /*padding=*/true);
  if (!modifiers.problem.empty()) return {.problem = modifiers.problem};
  ConvLayer layer = *kernels;
  layer.stride = modifiers.stride.value_or(1);
  layer.same = modifiers.same.value_or(false);
  return {.layer = layer};
}

ParsedItem ParsePool(absl::string_view item, const Words& words) {
  const auto size =
      words.size() < 2 ? std::nullopt : ParseInt(words[1], kLargestKernel);
  if (!size.has_value()) {
    return Wrong(item, ExpectedInt(absl::StrCat("`", words[0],
                                                "` with a height and width"),
                                   kLargestKernel));
  }
  const Modifiers modifiers =
      ParseModifiers(absl::MakeConstSpan(words).subspan(2), /*padding=*/false);
  if (!modifiers.problem.empty()) return {.problem = modifiers.problem};
  return {.layer = PoolLayer{.size = *size,
                             .stride = modifiers.stride.value_or(*size),
                             .average = words[0] == "avgpool"}};
}

ParsedItem ParseDropout(absl::string_view item, const Words& words) {
  double rate = 0.0;
  if (words.size() != 2 || !absl::SimpleAtod(words[1], &rate) ||
      !(rate >= 0.0 && rate < 1.0)) {
    return Wrong(item, "`dropout` with a number of at least 0 and below 1");
  }
  return {.layer = DropoutLayer{.rate = rate}};
}

ParsedItem ParseDense(absl::string_view item, const Words& words) {
  const auto width =
      words.size() != 2 ? std::nullopt : ParseInt(words[1], kWidestLayer);
  if (!width.has_value()) {
    return Wrong(item, ExpectedInt("`dense` with a width", kWidestLayer));
  }
  return {.layer = DenseLayer{.width = *width}};
}

ParsedItem ParseItem(absl::string_view item) {
  static const auto* const kNames = new std::vector<std::string>{
      "conv", "pool", "avgpool", "batch_norm", "dropout", "flatten", "dense"};
  const Words words = absl::StrSplit(item, ' ', absl::SkipEmpty());
  const absl::string_view name = words.empty() ? "" : words[0];
  if (name == "conv") return ParseConv(item, words);
  if (name == "pool" || name == "avgpool") return ParsePool(item, words);
  if (name == "dropout") return ParseDropout(item, words);
  if (name == "dense") return ParseDense(item, words);
  if (name == "batch_norm" || name == "flatten") {
    if (words.size() != 1) {
      return Wrong(item, absl::StrCat("`", name, "` and nothing more"));
    }
    if (name == "flatten") return {.layer = FlattenLayer{}};
    return {.layer = BatchNormLayer{}};
  }
  std::string hint = DidYouMean(name, *kNames);
  if (ParseInt(name, kWidestLayer).has_value()) {
    hint = absl::StrCat("; did you mean `dense ", name,
                        "`? The widths of an mlp are `hidden_layers`");
  }
  return Wrong(item,
               absl::StrCat("one of ", absl::StrJoin(*kNames, ", "), hint));
}

// What `item` has to do behind a layer that ended the images; empty: nothing.
std::string Misplaced(const LayerItem& item, const LayerItem& end) {
  const bool needs_image = std::holds_alternative<ConvLayer>(item) ||
                           std::holds_alternative<PoolLayer>(item) ||
                           std::holds_alternative<FlattenLayer>(item);
  if (!needs_image) return "";
  return absl::StrCat("found `", ToString(item), "` behind `", ToString(end),
                      "`, expected only dense, batch_norm and dropout there: "
                      "the values are no image any more");
}

// The window that a layer moves over its image; nullopt if it has none.
std::optional<ConvLayer> WindowOf(const LayerItem& layer) {
  if (const auto* conv = std::get_if<ConvLayer>(&layer)) return *conv;
  const auto* pool = std::get_if<PoolLayer>(&layer);
  if (pool == nullptr) return std::nullopt;
  return ConvLayer{
      .height = pool->size, .width = pool->size, .stride = pool->stride};
}

}  // namespace

absl::StatusOr<std::vector<LayerItem>> ParseLayerList(absl::string_view text) {
  std::vector<Violation> violations;
  if (static_cast<int64_t>(text.size()) > kMaxTextLength) {
    return InvalidFields({{.description = absl::StrCat(
                               "found a text of ", text.size(),
                               " bytes, expected at most ", kMaxTextLength)}});
  }
  std::vector<LayerItem> layers;
  const Words items = absl::StrSplit(text, ',');
  if (items.size() > kMostItems) {
    return InvalidFields({{.description = absl::StrCat(
                               "found ", items.size(),
                               " layers, expected at most ", kMostItems)}});
  }
  std::optional<LayerItem> end;  // from here on there are no images
  for (size_t i = 0; i < items.size(); ++i) {
    ParsedItem parsed = ParseItem(absl::StripAsciiWhitespace(items[i]));
    if (parsed.layer.has_value() && end.has_value()) {
      parsed.problem = Misplaced(*parsed.layer, *end);
    }
    if (!parsed.problem.empty()) {
      violations.push_back({.field = absl::StrCat("[", i, "]"),
                            .description = std::move(parsed.problem)});
      continue;
    }
    if (!end.has_value() &&
        (std::holds_alternative<FlattenLayer>(*parsed.layer) ||
         std::holds_alternative<DenseLayer>(*parsed.layer))) {
      end = parsed.layer;
    }
    layers.push_back(*parsed.layer);
  }
  if (!violations.empty()) return InvalidFields(violations);
  return layers;
}

ImageSize SizeAfter(const LayerItem& layer, const ImageSize& image) {
  const std::optional<ConvLayer> window = WindowOf(layer);
  if (!window.has_value()) return image;
  const auto positions = [&window](int64_t length, int64_t size) {
    return (window->same ? length - 1 : length - size) / window->stride + 1;
  };
  return {.height = positions(image.height, window->height),
          .width = positions(image.width, window->width)};
}

std::optional<std::string> Misfit(const LayerItem& layer,
                                  const ImageSize& image) {
  const std::optional<ConvLayer> window = WindowOf(layer);
  if (!window.has_value() || window->same ||
      (image.height >= window->height && image.width >= window->width)) {
    return std::nullopt;
  }
  return absl::StrCat("found an image of ", image.height, "x", image.width,
                      " pixels, expected at least ", window->height, "x",
                      window->width);
}

std::string ToString(const LayerItem& item) {
  return std::visit(
      Overloaded{
          [](const ConvLayer& conv) {
            return absl::StrCat(
                "conv ", conv.height, "x", conv.width, "x", conv.channels,
                conv.stride == 1 ? "" : absl::StrCat(" stride ", conv.stride),
                conv.same ? " same" : "");
          },
          [](const PoolLayer& pool) {
            return absl::StrCat(pool.average ? "avgpool " : "pool ", pool.size,
                                pool.stride == pool.size
                                    ? ""
                                    : absl::StrCat(" stride ", pool.stride));
          },
          [](const BatchNormLayer&) { return std::string("batch_norm"); },
          [](const DropoutLayer& dropout) {
            return absl::StrCat("dropout ", dropout.rate);
          },
          [](const FlattenLayer&) { return std::string("flatten"); },
          [](const DenseLayer& dense) {
            return absl::StrCat("dense ", dense.width);
          }},
      item);
}

}  // namespace attune
