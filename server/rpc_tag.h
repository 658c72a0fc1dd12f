#ifndef ATTUNE_SERVER_RPC_TAG_H_
#define ATTUNE_SERVER_RPC_TAG_H_

namespace attune {

// What a completion queue hands back: which call, and what happened to it.
struct RpcTag {
  void* call;
  void (*happened)(void* call, bool ok);
};

// The tag of an event that is told to the member function `Happened` of `call`.
template <typename Call, void (Call::*Happened)(bool)>
RpcTag MakeTag(Call* call) {
  return {.call = call, .happened = [](void* object, bool ok) {
            (static_cast<Call*>(object)->*Happened)(ok);
          }};
}

}  // namespace attune

#endif  // ATTUNE_SERVER_RPC_TAG_H_
