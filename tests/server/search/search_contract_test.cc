#include "tests/testing/search_contract.h"

namespace attune {
namespace {

INSTANTIATE_TEST_SUITE_P(
    All, SearchContractTest,
    testing::Values(SearchCase{.name = "Grid",
                               .algorithm = Algorithm{.name = "grid"},
                               .on_grid = true},
                    SearchCase{.name = "Random", .algorithm = Algorithm()}),
    SearchCaseName);

}  // namespace
}  // namespace attune
