#include "tests/testing/search_contract.h"

namespace attune {
namespace {

INSTANTIATE_TEST_SUITE_P(
    All, SearchContractTest,
    testing::Values(
        SearchCase{.name = "Grid", .algorithm = GridSearch{}, .on_grid = true},
        SearchCase{.name = "Random", .algorithm = RandomSearch{}}),
    SearchCaseName);

}  // namespace
}  // namespace attune
