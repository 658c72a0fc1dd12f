#include "storage/sqlite_storage.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/error.h"
#include "gtest/gtest.h"
#include "storage/migrations.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SqliteStorageTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteStorage> Open(const SqliteOptions& options = {}) const {
    auto storage = SqliteStorage::Open(path_, options);
    EXPECT_THAT(storage, IsOk());
    return storage.ok() ? *std::move(storage) : nullptr;
  }

  // Runs `script` on the file from outside.
  void Alter(const std::string& script) const {
    auto db = Database::Open(path_, DatabaseMode::kReadWrite, {});
    ASSERT_THAT(db, IsOk());
    ASSERT_THAT((*db)->Execute(script), IsOk());
  }

  static absl::Status CommitTrial(Storage& storage, int64_t number,
                                  const std::string& tag = "") {
    Trial trial = MakeTrial(number);
    trial.tag = tag;
    return storage.Commit({.trials = {trial}});
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.File("attune.db");
  const WriteBatch study_ = {.studies = {MakeStudy(MakeStudySpec())}};
};

// ---- opening ----------------------------------------------------------------

TEST_F(SqliteStorageTest, KeepsEverythingWhenItIsOpenedAgain) {
  const TrialMeasurements measured = {
      {{1}, 1}, {{.step = 1, .metrics = {{"loss", 0.5}}}}};
  {
    const auto storage = Open();
    ATTUNE_ASSERT_OK(storage->Commit(study_));
    ATTUNE_ASSERT_OK(storage->Commit(
        {.trials = {MakeTrial(1)}, .measurements = {measured}}));
    EXPECT_THAT(storage->NextStudyId(), IsOkAndHolds(StudyId{2}));
    // A reader that is open must not keep the log from being folded in: left
    // behind, it would be played onto whatever file is put in this one's place.
    EXPECT_THAT(storage->ListStudies({}), IsOkAndHolds(study_.studies));
  }
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-shm"));
  const auto storage = Open();
  EXPECT_THAT(storage->ListStudies({}), IsOkAndHolds(study_.studies));
  EXPECT_THAT(storage->ListTrials({.study = {1}}),
              IsOkAndHolds(testing::ElementsAre(MakeTrial(1))));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto read,
                              storage->ListMeasurements({.study = {1}}));
  ASSERT_EQ(read.size(), 1);
  EXPECT_EQ(read[0].measurements, measured.measurements);
}

TEST_F(SqliteStorageTest, NeverGivesTheIdOfADeletedStudyAgain) {
  ATTUNE_ASSERT_OK(Open()->Commit(study_));
  ATTUNE_ASSERT_OK(Open()->Commit({.deleted_studies = {{1}}}));
  EXPECT_THAT(Open()->NextStudyId(), IsOkAndHolds(StudyId{2}));
}

TEST_F(SqliteStorageTest, WritesSpecsThatItDidNotCommitItself) {
  ATTUNE_ASSERT_OK(Open()->Commit(study_));
  Study study = study_.studies[0];
  study.revision = 2;
  study.spec.max_attempts = 7;
  ATTUNE_ASSERT_OK(Open()->Commit({.studies = {study}}));
  EXPECT_THAT(Open()->ListStudies({}),
              IsOkAndHolds(testing::ElementsAre(study)));
}

TEST_F(SqliteStorageTest, RefusesANewerFileNamingBothVersions) {
  Open();
  Alter("PRAGMA user_version = 99");
  const int64_t known = Migrations().back().version;
  const auto refused = StatusIs(
      absl::StatusCode::kFailedPrecondition,
      AllOf(HasSubstr(path_), HasSubstr("99"), HasSubstr(absl::StrCat(known))));
  EXPECT_THAT(SqliteStorage::Open(path_), refused);
  EXPECT_THAT(SqliteStorage::Open(path_, {.read_only = true}), refused);
}

TEST_F(SqliteStorageTest, RefusesAnotherProgramsFileAndLeavesItAsItIs) {
  Alter("CREATE TABLE theirs (i)");
  const auto before = std::filesystem::last_write_time(path_);
  const auto refused = StatusIs(absl::StatusCode::kFailedPrecondition,
                                HasSubstr("another program"));
  EXPECT_THAT(SqliteStorage::Open(path_), refused);
  EXPECT_THAT(SqliteStorage::Open(path_, {.read_only = true}), refused);
  EXPECT_EQ(std::filesystem::last_write_time(path_), before);
}

TEST_F(SqliteStorageTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(path_) << std::string(5000, 'x');
  EXPECT_THAT(SqliteStorage::Open(path_),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr(path_), HasSubstr("not a database"))));
}

TEST_F(SqliteStorageTest, KnowsAForeignFileWithoutATrace) {
  ATTUNE_EXPECT_OK(SqliteStorage::CheckFile(path_));
  std::ofstream{path_};
  ATTUNE_EXPECT_OK(SqliteStorage::CheckFile(path_));
  Alter("CREATE TABLE theirs (i)");
  EXPECT_THAT(SqliteStorage::CheckFile(path_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("another program")));
  std::ofstream(path_) << std::string(5000, 'x');
  EXPECT_THAT(
      SqliteStorage::CheckFile(path_),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("not a database")));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-shm"));
}

TEST_F(SqliteStorageTest, TakesAnEmptyFile) {
  std::ofstream{path_};
  EXPECT_THAT(Open()->Commit(study_), IsOk());
}

TEST_F(SqliteStorageTest, NamesADirectoryThatIsNotThere) {
  EXPECT_THAT(SqliteStorage::Open(directory_.File("none/attune.db")),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("no directory " + directory_.File("none"))));
}

TEST_F(SqliteStorageTest, RefusesADirectory) {
  EXPECT_THAT(SqliteStorage::Open(directory_.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("is a directory")));
}

TEST_F(SqliteStorageTest, RefusesWhatIsNoFile) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  for (const absl::Status& status :
       {SqliteStorage::CheckFile(path_), SqliteStorage::Open(path_).status(),
        SqliteStorage::Open(path_, {.read_only = true}).status()}) {
    EXPECT_THAT(status,
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("found a named pipe, expected a file")));
  }
  EXPECT_THAT(SqliteStorage::CheckFile("/dev/null"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("found a device, expected a file")));
}

// ---- reading only -----------------------------------------------------------

TEST_F(SqliteStorageTest, ReadOnlyNeedsAFileOfThisVersion) {
  EXPECT_THAT(SqliteStorage::Open(path_, {.read_only = true}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_)));
  std::ofstream{path_};
  EXPECT_THAT(SqliteStorage::Open(path_, {.read_only = true}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("is empty, expected a database of Attune")));
}

TEST_F(SqliteStorageTest, ReadOnlyReadsWhileAnotherWrites) {
  const auto writer = Open();
  const auto reader = Open({.read_only = true});
  ATTUNE_ASSERT_OK(writer->Commit(study_));
  for (int64_t number = 1; number <= 3; ++number) {
    ATTUNE_ASSERT_OK(CommitTrial(*writer, number));
    EXPECT_THAT(reader->CountTrials({1}),
                IsOkAndHolds(StateCounts{{"waiting", number}}));
  }
}

TEST_F(SqliteStorageTest, ReadOnlyRefusesToWrite) {
  ATTUNE_ASSERT_OK(Open()->Commit(study_));
  const auto reader = Open({.read_only = true});
  EXPECT_THAT(reader->Commit(study_), HasReason(reason::kReadOnly));
  EXPECT_THAT(reader->NextStudyId(), HasReason(reason::kReadOnly));
  EXPECT_THAT(reader->ListStudies({}), IsOkAndHolds(study_.studies));
}

// As an unprivileged user while it lives, if the test runs as root, whom no
// permission stops.
class Unprivileged {
 public:
  Unprivileged() : was_root_(geteuid() == 0) {
    if (was_root_) Become(kNobody);
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
  ~Unprivileged() {
    if (was_root_) Become(0);
  }

 private:
  static void Become(uid_t user) { EXPECT_EQ(seteuid(user), 0); }

  static constexpr uid_t kNobody = 65534;
  const bool was_root_;
};

class SqlitePermissionTest : public SqliteStorageTest {
 protected:
  SqlitePermissionTest() {
    EXPECT_THAT(Open()->Commit(study_), IsOk());
    Permit(directory_.path(), 0555);
  }
  ~SqlitePermissionTest() override { Permit(directory_.path(), 0755); }

  static void Permit(const std::string& path, unsigned mode) {
    std::filesystem::permissions(path,
                                 static_cast<std::filesystem::perms>(mode));
  }
};

TEST_F(SqlitePermissionTest, SaysThatItMayNotCreateTheFile) {
  const Unprivileged nobody;
  EXPECT_THAT(SqliteStorage::Open(directory_.File("new.db")),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("creating it in " + directory_.path())));
}

TEST_F(SqlitePermissionTest, SaysThatItMayNotWriteTheFile) {
  Permit(path_, 0444);
  const Unprivileged nobody;
  EXPECT_THAT(
      SqliteStorage::Open(path_),
      StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("writing it")));
}

TEST_F(SqlitePermissionTest, SaysThatItMayNotWriteBesideTheFile) {
  Permit(path_, 0666);
  const Unprivileged nobody;
  EXPECT_THAT(SqliteStorage::Open(path_),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("writing beside it")));
}

TEST_F(SqlitePermissionTest, SaysThatItMayNotReadTheFile) {
  Permit(path_, 0000);
  const Unprivileged nobody;
  EXPECT_THAT(
      SqliteStorage::Open(path_, {.read_only = true}),
      StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("reading it")));
}

TEST_F(SqlitePermissionTest, ReadsAFileInADirectoryThatItMayNotWrite) {
  Permit(path_, 0444);
  const Unprivileged nobody;
  EXPECT_THAT(Open({.read_only = true})->ListStudies({}),
              IsOkAndHolds(study_.studies));
}

// ---- two writers ------------------------------------------------------------

TEST_F(SqliteStorageTest, FencesOffASecondWriter) {
  const auto first = Open();
  const auto second = Open();
  ATTUNE_ASSERT_OK(first->Commit(study_));
  Study study = study_.studies[0];
  study.revision = 2;
  ATTUNE_ASSERT_OK(second->Commit({.studies = {study}}));
  EXPECT_THAT(first->Commit({.studies = {study}}),
              HasReason(reason::kRevisionMismatch));
  study.revision = 3;
  EXPECT_THAT(first->Commit({.studies = {study}}), IsOk());
}

TEST_F(SqliteStorageTest, AFileThatIsLockedIsUnavailable) {
  const auto storage = Open({.busy_timeout = absl::ZeroDuration()});
  auto other = Database::Open(path_, DatabaseMode::kReadWrite, {});
  ASSERT_THAT(other, IsOk());
  {
    ATTUNE_ASSERT_OK_AND_ASSIGN(
        const Transaction transaction,
        Transaction::Begin(**other, Transaction::Kind::kWrite));
    EXPECT_THAT(storage->Commit(study_),
                HasReason(reason::kStorageUnavailable));
    EXPECT_THAT(storage->ListStudies({}), IsOkAndHolds(testing::IsEmpty()));
  }
  EXPECT_THAT(storage->Commit(study_), IsOk());
}

// ---- disks that fail --------------------------------------------------------

// Lets files grow to `bytes` and no further while it lives: the write that
// crosses the limit is cut short, and every later one fails.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit limit = {.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() { EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before_), 0); }

 private:
  rlimit before_ = {};
};

TEST_F(SqliteStorageTest, ACommitThatTheDiskRefusesLeavesNoTrace) {
  // The log that the migrations wrote is gone, so that this one grows.
  ASSERT_NE(Open(), nullptr);
  auto storage = Open();
  ATTUNE_ASSERT_OK(storage->Commit(study_));
  const std::string long_tag(100'000, 'x');
  const auto log_size = std::filesystem::file_size(path_ + "-wal");
  // Refused at every place of the first pages that the commit appends.
  for (rlim_t more = 0; more < 20'000; more += 1'700) {
    const FileSizeLimit limit(log_size + more);
    const absl::Status status = CommitTrial(*storage, 1, long_tag);
    ASSERT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(status, HasReason(reason::kStorageUnavailable));
    EXPECT_THAT(storage->ListTrials({.study = {1}}),
                IsOkAndHolds(testing::IsEmpty()));
    EXPECT_THAT(storage->ListStudies({}), IsOkAndHolds(study_.studies));
  }
  ATTUNE_ASSERT_OK(CommitTrial(*storage, 1, long_tag));
  storage = nullptr;
  EXPECT_THAT(Open()->CountTrials({1}),
              IsOkAndHolds(StateCounts{{"waiting", 1}}));
}

TEST_F(SqliteStorageTest, ALogThatIsTornAnywhereHoldsWholeCommits) {
  const auto storage = Open();
  ATTUNE_ASSERT_OK(storage->Commit(study_));
  // Each commit stores one trial with one measurement.
  for (int64_t number = 1; number <= 4; ++number) {
    ATTUNE_ASSERT_OK(storage->Commit(
        {.trials = {MakeTrial(number)},
         .measurements = {{{{1}, number}, {{1, {{"loss", 0.5}}}}}}}));
  }
  const auto log_size = std::filesystem::file_size(path_ + "-wal");
  const std::string torn = directory_.File("torn.db");
  size_t most = 0;
  for (uintmax_t size = 0; size <= log_size; size += 3001) {
    const auto overwrite = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(path_, torn, overwrite);
    std::filesystem::copy_file(path_ + "-wal", torn + "-wal", overwrite);
    std::filesystem::resize_file(torn + "-wal", size);
    auto read = SqliteStorage::Open(torn);
    ASSERT_THAT(read, IsOk()) << size;
    const auto trials = (*read)->ListTrials({.study = {1}});
    const auto measured = (*read)->ListMeasurements({.study = {1}});
    ASSERT_THAT(trials, IsOk());
    ASSERT_THAT(measured, IsOk());
    EXPECT_EQ(trials->size(), measured->size()) << size;
    EXPECT_GE(trials->size(), most) << size;
    most = trials->size();
  }
  EXPECT_GE(most, 3);
}

TEST_F(SqliteStorageTest, ADamagedPageIsDataLoss) {
  {
    const auto storage = Open();
    ATTUNE_ASSERT_OK(storage->Commit(study_));
  }
  {
    // All but the first page, which says that this is Attune's.
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    const auto rest = std::filesystem::file_size(path_) - 4096;
    file << std::string(rest, '\xff');
  }
  const auto storage = SqliteStorage::Open(path_);
  if (!storage.ok()) {
    EXPECT_THAT(storage, StatusIs(absl::StatusCode::kDataLoss));
    return;
  }
  EXPECT_THAT((*storage)->ListStudies({}),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT((*storage)->Commit(study_),
              StatusIs(absl::StatusCode::kDataLoss));
}

// ---- the log ----------------------------------------------------------------

TEST_F(SqliteStorageTest, BeginsTheLogAnewWhileThereIsAlwaysAReader) {
  const auto storage = Open({.checkpoint_pages = 20, .restart_pages = 50});
  ATTUNE_ASSERT_OK(storage->Commit(study_));
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        EXPECT_THAT(storage->ListTrials({.study = {1}}), IsOk());
      }
    });
  }
  for (int64_t number = 1; number <= 200; ++number) {
    EXPECT_THAT(CommitTrial(*storage, number), IsOk());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  // 200 commits append 3 pages and more each.
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 200 * 4096);
  EXPECT_THAT(storage->CountTrials({1}),
              IsOkAndHolds(StateCounts{{"waiting", 200}}));
}

TEST_F(SqliteStorageTest, CommitsWhileAForeignReaderHoldsTheLog) {
  const auto storage = Open({.checkpoint_pages = 10, .restart_pages = 20});
  ATTUNE_ASSERT_OK(storage->Commit(study_));
  auto reader = Database::Open(path_, DatabaseMode::kReadOnly, {});
  ASSERT_THAT(reader, IsOk());
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      Transaction transaction,
      Transaction::Begin(**reader, Transaction::Kind::kRead));
  ATTUNE_ASSERT_OK((*reader)->QueryInt("SELECT count(*) FROM trials").status());
  for (int64_t number = 1; number <= 15; ++number) {
    EXPECT_THAT(CommitTrial(*storage, number), IsOk());
  }
  EXPECT_THAT((*reader)->QueryInt("SELECT count(*) FROM trials"),
              IsOkAndHolds(0));
  EXPECT_THAT(storage->CountTrials({1}),
              IsOkAndHolds(StateCounts{{"waiting", 15}}));
}

TEST_F(SqliteStorageTest, AcknowledgesNothingOnceItsFileIsGone) {
  const auto storage = Open({});
  ATTUNE_ASSERT_OK(storage->Commit(study_));
  const std::string aside = path_ + ".aside";
  std::filesystem::rename(path_, aside);
  const absl::Status gone = CommitTrial(*storage, 1);
  EXPECT_TRUE(absl::IsUnavailable(gone));
  EXPECT_EQ(Reason(gone), reason::kStorageUnavailable);
  EXPECT_THAT(std::string(gone.message()),
              testing::HasSubstr("was removed or replaced"));
  std::filesystem::copy_file(aside, path_);  // another file of that name
  EXPECT_TRUE(absl::IsUnavailable(CommitTrial(*storage, 1)));
  std::filesystem::remove(path_);
  std::filesystem::rename(aside, path_);
  EXPECT_THAT(CommitTrial(*storage, 1), IsOk());
}

}  // namespace
}  // namespace attune
