#include "tests/proto/filled_message.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/check.h"

namespace attune {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Filler {
 public:
  explicit Filler(int variant) : variant_(variant) {}

  void Fill(Message& message) {
    const Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const auto* oneof = field.containing_oneof();
      if (oneof != nullptr &&
          field.index_in_oneof() != variant_ % oneof->field_count()) {
        continue;
      }
      for (int k = 0; k < (field.is_repeated() ? 2 : 1); ++k) {
        Set(message, field);
      }
    }
  }

 private:
  void Set(Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    const bool repeated = field.is_repeated();
    const int number = ++last_;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        repeated ? reflection.AddInt32(&message, &field, number)
                 : reflection.SetInt32(&message, &field, number);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        repeated ? reflection.AddInt64(&message, &field, number)
                 : reflection.SetInt64(&message, &field, number);
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        repeated ? reflection.AddDouble(&message, &field, number + 0.5)
                 : reflection.SetDouble(&message, &field, number + 0.5);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        repeated ? reflection.AddBool(&message, &field, true)
                 : reflection.SetBool(&message, &field, true);
        break;
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = absl::StrCat("text-", number);
        repeated ? reflection.AddString(&message, &field, text)
                 : reflection.SetString(&message, &field, text);
        break;
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        SetEnum(message, field, number);
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Fill(repeated ? *reflection.AddMessage(&message, &field)
                      : *reflection.MutableMessage(&message, &field));
        break;
      default:
        ATTUNE_CHECK(false);  // a type that attune.v1 does not use so far
    }
  }

  static void SetEnum(Message& message, const FieldDescriptor& field,
                      int number) {
    const Reflection& reflection = *message.GetReflection();
    const auto& type = *field.enum_type();
    // Never the first, which is the unspecified one.
    const auto* value = type.value(1 + number % (type.value_count() - 1));
    field.is_repeated() ? reflection.AddEnum(&message, &field, value)
                        : reflection.SetEnum(&message, &field, value);
  }

  const int variant_;
  int last_ = 0;
};

int Count(const Descriptor& type, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) return 1;
  int result = 1;
  for (int i = 0; i < type.oneof_decl_count(); ++i) {
    result = std::max(result, type.oneof_decl(i)->field_count());
  }
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->message_type() == nullptr) continue;
    result = std::max(result, Count(*type.field(i)->message_type(), seen));
  }
  return result;
}

}  // namespace

void FillMessage(int variant, google::protobuf::Message& message) {
  Filler(variant).Fill(message);
}

int CountVariants(const google::protobuf::Descriptor& descriptor) {
  std::set<const Descriptor*> seen;
  return Count(descriptor, seen);
}

}  // namespace attune
