#ifndef ATTUNE_TESTS_PROTO_FILLED_MESSAGE_H_
#define ATTUNE_TESTS_PROTO_FILLED_MESSAGE_H_

#include <google/protobuf/message.h>

namespace attune {

// Sets every field of `message`, by reflection and at every depth, to a value
// that is not its default and is different from all others: so a field that is
// added later is filled too. Repeated fields and maps get two elements. Of a
// oneof, the `variant`-th field is set, counted round.
void FillMessage(int variant, google::protobuf::Message& message);

template <typename M>
M Filled(int variant) {
  M message;
  FillMessage(variant, message);
  return message;
}

// The most fields that a oneof in `descriptor` has, at every depth: so many
// variants set every field.
int CountVariants(const google::protobuf::Descriptor& descriptor);

}  // namespace attune

#endif  // ATTUNE_TESTS_PROTO_FILLED_MESSAGE_H_
