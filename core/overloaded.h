#ifndef ATTUNE_CORE_OVERLOADED_H_
#define ATTUNE_CORE_OVERLOADED_H_

namespace attune {

// One visitor out of several lambdas, for std::visit.
template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace attune

#endif  // ATTUNE_CORE_OVERLOADED_H_
