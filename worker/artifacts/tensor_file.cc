#include "worker/artifacts/tensor_file.h"

#include <zlib.h>

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/status_macros.h"

namespace attune {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the format is little-endian");

using Json = nlohmann::json;

constexpr char kMetadata[] = "__metadata__";
constexpr char kChecksum[] = "crc32";
constexpr size_t kLengthBytes = sizeof(uint64_t);

const char* TypeName(const Tensor& tensor) {
  constexpr const char* kNames[] = {"F32", "F64", "I64"};
  return kNames[tensor.index()];
}

// No values, of the type that the format calls `name`.
std::optional<Tensor> EmptyTensor(absl::string_view name) {
  if (name == "F32") return std::vector<float>();
  if (name == "F64") return std::vector<double>();
  if (name == "I64") return std::vector<int64_t>();
  return std::nullopt;
}

absl::string_view Bytes(const Tensor& tensor) {
  return std::visit(
      [](const auto& values) {
        return absl::string_view(reinterpret_cast<const char*>(values.data()),
                                 values.size() * sizeof(values[0]));
      },
      tensor);
}

// False if `bytes` is no whole number of values.
bool SetBytes(absl::string_view bytes, Tensor& tensor) {
  return std::visit(
      [bytes](auto& values) {
        if (bytes.size() % sizeof(values[0]) != 0) return false;
        values.resize(bytes.size() / sizeof(values[0]));
        if (!values.empty()) {
          std::memcpy(values.data(), bytes.data(), bytes.size());
        }
        return true;
      },
      tensor);
}

using Metadata = std::map<std::string, std::string>;

// Over names and contents in the order of the names, so that it does not depend
// on how the header is written.
std::string Checksum(const Metadata& metadata,
                     const std::map<std::string, Tensor>& tensors) {
  uLong crc = crc32_z(0, nullptr, 0);
  const auto add = [&crc](absl::string_view text) {
    const uint64_t length = text.size();
    crc = crc32_z(crc, reinterpret_cast<const Bytef*>(&length), sizeof(length));
    if (text.empty()) return;  // the null pointer would start anew
    crc =
        crc32_z(crc, reinterpret_cast<const Bytef*>(text.data()), text.size());
  };
  for (const auto& [name, text] : metadata) {
    add(name);
    add(text);
  }
  for (const auto& [name, tensor] : tensors) {
    add(name);
    add(TypeName(tensor));
    add(Bytes(tensor));
  }
  return absl::StrFormat("%08x", crc);
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// JSON is UTF-8, and the names of classes may come from a file that is not.
Metadata WithoutWrongCharacters(const Metadata& metadata) {
  return Json::parse(Dump(metadata)).get<Metadata>();
}

class Decoder {
 public:
  Decoder(absl::string_view bytes, absl::string_view name)
      : bytes_(bytes), name_(name) {}

  absl::StatusOr<TensorFile> Decode() {
    ATTUNE_ASSIGN_OR_RETURN(const Json header, ReadHeader());
    TensorFile file;
    for (const auto& [key, value] : header.items()) {
      ATTUNE_RETURN_IF_ERROR(key == kMetadata ? ReadMetadata(value, file)
                                              : ReadTensor(key, value, file));
    }
    const auto stored = file.metadata.extract(kChecksum);
    const std::string computed = Checksum(file.metadata, file.tensors);
    if (stored.empty() || stored.mapped() != computed) {
      return Wrong(absl::StrCat("found the checksum ",
                                stored.empty() ? "none" : stored.mapped(),
                                ", expected ", computed, ": it was damaged"));
    }
    return file;
  }

 private:
  absl::Status Wrong(absl::string_view what) const {
    return absl::DataLossError(absl::StrCat("reading ", name_, ": ", what));
  }

  absl::StatusOr<Json> ReadHeader() {
    uint64_t length = 0;
    if (bytes_.size() >= kLengthBytes) {
      std::memcpy(&length, bytes_.data(), kLengthBytes);
    }
    if (bytes_.size() < kLengthBytes || length > bytes_.size() - kLengthBytes) {
      return Wrong(absl::StrCat("found ", bytes_.size(),
                                " bytes, expected a header of ", length,
                                " after the first ", kLengthBytes));
    }
    data_ = bytes_.substr(kLengthBytes + length);
    const absl::string_view text = bytes_.substr(kLengthBytes, length);
    Json header = Json::parse(text.begin(), text.end(), nullptr, false);
    if (!header.is_object()) {
      return Wrong("found a header that is not a JSON object");
    }
    return header;
  }

  absl::Status ReadMetadata(const Json& value, TensorFile& file) const {
    if (!value.is_object()) return Wrong("found metadata that is no object");
    for (const auto& [name, text] : value.items()) {
      if (!text.is_string()) {
        return Wrong(absl::StrCat("found `", name, "`, which is not a text"));
      }
      file.metadata[name] = text.get<std::string>();
    }
    return absl::OkStatus();
  }

  absl::Status ReadTensor(const std::string& name, const Json& value,
                          TensorFile& file) const {
    const absl::Status wrong =
        Wrong(absl::StrCat("the tensor `", name,
                           "` has no type F32, F64 or I64 or does not lie "
                           "within the file's ",
                           bytes_.size(), " bytes"));
    if (!value.is_object() || !value.contains("dtype") ||
        !value.contains("data_offsets")) {
      return wrong;
    }
    const Json& type = value["dtype"];
    const Json& offsets = value["data_offsets"];
    if (!type.is_string() || !offsets.is_array() || offsets.size() != 2 ||
        !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned()) {
      return wrong;
    }
    const auto begin = offsets[0].get<uint64_t>();
    const auto end = offsets[1].get<uint64_t>();
    std::optional<Tensor> tensor = EmptyTensor(type.get<std::string>());
    if (!tensor.has_value() || begin > end || end > data_.size() ||
        !SetBytes(data_.substr(begin, end - begin), *tensor)) {
      return wrong;
    }
    file.tensors[name] = *std::move(tensor);
    return absl::OkStatus();
  }

  const absl::string_view bytes_;
  const absl::string_view name_;
  absl::string_view data_;  // after the header
};

}  // namespace

std::string EncodeTensors(const TensorFile& file) {
  Json header = Json::object();
  header[kMetadata] = WithoutWrongCharacters(file.metadata);
  header[kMetadata][kChecksum] = Checksum(header[kMetadata], file.tensors);
  uint64_t end = 0;
  for (const auto& [name, tensor] : file.tensors) {
    const uint64_t begin = end;
    end += Bytes(tensor).size();
    header[name] = {
        {"dtype", TypeName(tensor)},
        {"shape", {std::visit([](const auto& v) { return v.size(); }, tensor)}},
        {"data_offsets", {begin, end}}};
  }
  std::string text = Dump(header);
  // Numbers begin where they can be mapped into memory.
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), kLengthBytes);
  bytes.reserve(kLengthBytes + text.size() + end);
  absl::StrAppend(&bytes, text);
  for (const auto& [name, tensor] : file.tensors) {
    absl::StrAppend(&bytes, Bytes(tensor));
  }
  return bytes;
}

absl::StatusOr<TensorFile> DecodeTensors(absl::string_view bytes,
                                         absl::string_view name) {
  return Decoder(bytes, name).Decode();
}

template <typename T>
absl::StatusOr<std::vector<T>> GetTensor(const TensorFile& file,
                                         const std::string& name) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) {
    return absl::DataLossError(
        absl::StrCat("found no tensor `", name, "`, expected one"));
  }
  const auto* const values = std::get_if<std::vector<T>>(&found->second);
  if (values == nullptr) {
    return absl::DataLossError(absl::StrCat(
        "found the tensor `", name, "` of type ", TypeName(found->second),
        ", expected ", TypeName(std::vector<T>())));
  }
  return *values;
}
template absl::StatusOr<std::vector<float>> GetTensor(const TensorFile&,
                                                      const std::string&);
template absl::StatusOr<std::vector<double>> GetTensor(const TensorFile&,
                                                       const std::string&);
template absl::StatusOr<std::vector<int64_t>> GetTensor(const TensorFile&,
                                                        const std::string&);

absl::StatusOr<std::string> GetMetadata(const TensorFile& file,
                                        const std::string& name) {
  const auto found = file.metadata.find(name);
  if (found == file.metadata.end()) {
    return absl::DataLossError(
        absl::StrCat("found no `", name, "` among the metadata, expected one"));
  }
  return found->second;
}

}  // namespace attune
