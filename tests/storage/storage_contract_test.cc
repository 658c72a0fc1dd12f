#include "tests/testing/storage_contract.h"

#include "storage/memory_storage.h"
#include "storage/sqlite_storage.h"
#include "tests/testing/storage_contract_trials.h"

namespace attune {
namespace {

std::unique_ptr<Storage> MakeMemory(const TemporaryDirectory&) {
  return std::make_unique<MemoryStorage>();
}

std::unique_ptr<Storage> MakeSqlite(const TemporaryDirectory& directory) {
  auto storage = SqliteStorage::Open(directory.File("attune.db"));
  EXPECT_THAT(storage, IsOk());
  return storage.ok() ? *std::move(storage) : nullptr;
}

INSTANTIATE_TEST_SUITE_P(All, StorageContractTest,
                         testing::Values(StorageCase{"Memory", MakeMemory},
                                         StorageCase{"Sqlite", MakeSqlite}),
                         StorageCaseName);

}  // namespace
}  // namespace attune
