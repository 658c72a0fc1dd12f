#include "client/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/format.h"
#include "client/terminal.h"
#include "client/usage.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "core/server_address.h"
#include "core/status_macros.h"
#include "core/trial.h"
#include "core/usage.h"
#include "core/version.h"

namespace attune {
namespace {

constexpr int64_t kMostTrials = 1'000'000'000;

constexpr char kIntroduction[] =
    "Tunes the hyperparameters of neural networks: creates studies, runs them "
    "and answers questions about them.";

constexpr char kExamples[] = R"(Examples:
  attune run examples/sphere.yaml       # everything on this machine
  attune best                           # of the only study in attune.db
  attune trials mlp --state failed -o csv > failed.csv
  attune watch mlp --server here:7070   # a coordinator elsewhere
  attune COMMAND --help                 # one command, with examples

A command finds its coordinator by --server, else by the lock of the database;
if none runs it starts one for as long as it needs it. STUDY can be left out if
there is only one. Exit codes: 0 done, 1 failed, 2 wrong usage.)";

std::string Environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

// All that the command line can say.
struct Flags {
  Globals globals{
      .connection = {.server = Environment("ATTUNE_SERVER", ""),
                     .database = Environment("ATTUNE_DB", "attune.db")}};
  RunOptions run;
  FileOptions file;
  StudyOptions study;
  ShowOptions show;
  TrialOptions changed_trials;
  UpdateOptions update;
  CreateTrialOptions creation;
  TrialsOptions trials;
  ListOptions list;
  BestOptions best;
  PredictOptions prediction;
  ExportOptions exporting;
  DeleteOptions deletion;
  SettingsOptions settings;
  AlgorithmsOptions algorithms;
};

absl::Status Say(const absl::StatusOr<std::string>& text) {
  return text.ok() ? WriteOut(*text) : text.status();
}

class Parser {
 public:
  Parser();
  std::variant<Command, int> Parse(int argc, const char* const* argv);

 private:
  using Action = std::function<absl::Status(const Flags&)>;
  using StudyCommand = absl::Status (*)(const Globals&, const StudyOptions&);
  using TrialCommand = absl::Status (*)(const Globals&, const TrialOptions&);

  template <typename Value>
  using Words = std::vector<std::pair<std::string, Value>>;

  void AddGlobalOptions();
  // A global option that is one of some words.
  template <typename Value>
  CLI::Option* AddChoice(const std::string& name, Value& value,
                         const std::string& what, const Words<Value>& words);
  void AddRun();
  void AddFileCommands();
  void AddQuestions();
  static void AddModel(CLI::App* command, ModelOptions& model);
  void AddPredict();
  void AddExport();
  void AddStudyCommand(const std::string& name, const std::string& what,
                       const std::string& examples, StudyCommand command);
  void AddTrialCommands();
  CLI::App* AddTrialCommand(const std::string& name, const std::string& what,
                            const std::string& examples, TrialCommand command);
  void AddUpdate();
  void AddCreateTrial();
  void AddDelete();
  void AddOthers();
  CLI::App* Add(const std::string& name, const std::string& what,
                const std::string& examples, Action action);
  static void AddStudy(CLI::App* command, std::string& study);
  static void AddQuery(CLI::App* command, absl::string_view fields,
                       ListQuery& query);
  // Wrong usage if there is no command of that name.
  absl::StatusOr<const CLI::App*> FindCommand(const std::string& name) const;
  // As `--help` prints it; an empty name: of the program.
  absl::StatusOr<std::string> HelpOf(const std::string& name) const;

  CLI::App app_{kIntroduction, "attune"};
  Flags flags_;
  CLI::Option* server_ = nullptr;
  CLI::Option* database_ = nullptr;
  std::string help_;  // the command that `help` is asked about
  Action chosen_;
};

Parser::Parser() {
  app_.require_subcommand(1);
  // `--metrics=false` would be taken for `--metrics` by those who read it.
  app_.option_defaults()->disable_flag_override();
  app_.footer(kExamples);
  app_.set_version_flag("--version", absl::StrCat("attune ", Version()));
  AddGlobalOptions();
  AddRun();
  AddFileCommands();
  AddQuestions();
  AddPredict();
  AddExport();
  AddStudyCommand("watch", "Follow a study until it is done",
                  "attune watch mlp", &Watch);
  AddStudyCommand("pause", "Start no more trials; the running ones go on",
                  "attune pause mlp", &Pause);
  AddStudyCommand("resume", "Go on with a paused or stopped study",
                  "attune resume mlp", &Resume);
  AddTrialCommands();
  AddUpdate();
  AddCreateTrial();
  AddDelete();
  AddOthers();
}

void Parser::AddGlobalOptions() {
  Globals& globals = flags_.globals;
  server_ = app_.add_option("--server", globals.connection.server,
                            "The coordinator: host:port or unix:PATH "
                            "(or ATTUNE_SERVER)")
                ->option_text("ADDR");
  database_ = app_.add_option("--db", globals.connection.database,
                              "The database (or ATTUNE_DB; else attune.db)")
                  ->option_text("FILE")
                  ->excludes(server_);
  const Words<OutputFormat> outputs = {{"table", OutputFormat::kTable},
                                       {"json", OutputFormat::kJson},
                                       {"csv", OutputFormat::kCsv}};
  AddChoice("-o,--output", globals.output,
            "How results are printed: table, json or csv", outputs)
      ->option_text("FORMAT");
  const Words<ColorMode> colors = {{"auto", ColorMode::kAuto},
                                   {"always", ColorMode::kAlways},
                                   {"never", ColorMode::kNever}};
  AddChoice("--color", globals.color,
            "Colours: auto (on a terminal), always or never", colors)
      ->option_text("WHEN");
}

template <typename Value>
CLI::Option* Parser::AddChoice(const std::string& name, Value& value,
                               const std::string& what,
                               const Words<Value>& words) {
  std::vector<std::string> names;
  for (const auto& [word, meaning] : words) names.push_back(word);
  return app_
      .add_option_function<std::string>(
          name,
          [&value, words](const std::string& found) {
            for (const auto& [word, meaning] : words) {
              if (word == found) value = meaning;
            }
          },
          what)
      ->check(IsOneOf(names));
}

CLI::App* Parser::Add(const std::string& name, const std::string& what,
                      const std::string& examples, Action action) {
  CLI::App* sub = app_.add_subcommand(name, what);
  sub->fallthrough();  // --db and its like may stand after the command
  sub->footer(absl::StrCat("Examples:\n  ", examples,
                           "\n\n`attune --help` has the options of every "
                           "command: --server, --db, --output, --color."));
  sub->callback([this, action = std::move(action)] { chosen_ = action; });
  return sub;
}

void Parser::AddStudy(CLI::App* command, std::string& study) {
  command->add_option("STUDY", study,
                      "Its name; may be left out if it is the "
                      "only one");
}

void Parser::AddQuery(CLI::App* command, absl::string_view fields,
                      ListQuery& query) {
  command
      ->add_option("--filter", query.filter,
                   absl::StrCat("Only those for which it holds: FIELD OP VALUE "
                                "[AND ...] with = != < <= > >= as OP; fields: ",
                                fields))
      ->option_text("FILTER");
  command
      ->add_option("--order-by", query.order_by,
                   "FIELD [desc], ...: by which of these fields to sort")
      ->option_text("FIELDS");
}

void Parser::AddRun() {
  constexpr int kMostWorkers = 1024;
  constexpr int kMostSlots = 256;
  RunOptions& run = flags_.run;
  CLI::App* sub = Add(
      "run", "Create a study or go on with it, and run it on this machine",
      "attune run examples/fashion-mlp.yaml\n"
      "  attune run mlp.yaml --db mlp.db --workers 8\n"
      "  attune run mlp.yaml --server here:7070   # workers for a coordinator "
      "elsewhere",
      [](const Flags& flags) { return Run(flags.globals, flags.run); });
  sub->add_option("FILE", run.file, "The study file")->required();
  sub->add_option("--workers", run.workers,
                  "Worker processes (else one a core); 0 only follows")
      ->check(IsIntFrom(0, kMostWorkers))
      ->option_text("N");
  sub->add_option("--slots", run.slots, "Trials that a worker runs at a time")
      ->check(IsIntFrom(1, kMostSlots))
      ->option_text("N");
  sub->add_option("--artifact-dir", run.artifact_dir,
                  "Where checkpoints and the best trials' models are kept; "
                  "DATABASE.artifacts unless --server is given")
      ->envname("ATTUNE_ARTIFACT_DIR")
      ->option_text("DIR");
  sub->add_option("--data-dir", run.data_dir,
                  "Where workers look for data first; else beside FILE")
      ->option_text("DIR");
  sub->add_option("-n,--best", run.best,
                  "Trials to print at the end; else 5, or with several "
                  "objectives the whole Pareto front")
      ->check(IsIntFrom(1, 1000))
      ->option_text("K");
}

void Parser::AddFileCommands() {
  CLI::App* create =
      Add("create", "Create a study for workers that run already",
          "attune create mlp.yaml --server here:7070",
          [](const Flags& flags) { return Create(flags.globals, flags.file); });
  create->add_option("FILE", flags_.file.file, "The study file")->required();
  CLI::App* preview = Add(
      "preview", "Check a study file and print what it means",
      "attune preview mlp.yaml\n"
      "  attune preview mlp.yaml --data-dir /data\n"
      "  attune preview mlp.yaml -n 20 -o json",
      [](const Flags& flags) { return Preview(flags.globals, flags.file); });
  preview->add_option("FILE", flags_.file.file, "The study file")->required();
  preview->add_option("-n", flags_.file.suggestions, "First trials to print")
      ->check(IsIntFrom(0, 1000))
      ->option_text("K");
  preview
      ->add_option("--data-dir", flags_.file.data_dir,
                   "Where to look for data first; else beside FILE")
      ->option_text("DIR");
}

void Parser::AddQuestions() {
  CLI::App* list =
      Add("list", "List the studies",
          "attune list\n"
          "  attune list --filter 'state=active AND attributes.owner=anna'\n"
          "  attune list --order-by 'create_time desc' -o json",
          [](const Flags& flags) { return List(flags.globals, flags.list); });
  AddQuery(list, "name, state, create_time, attributes.NAME",
           flags_.list.query);
  CLI::App* show =
      Add("show",
          "Show one study: counts, best, budget, errors, spec; or one trial",
          "attune show mlp\n  attune show mlp --trial 7",
          [](const Flags& flags) { return Show(flags.globals, flags.show); });
  AddStudy(show, flags_.show.study);
  show->add_option("--trial", flags_.show.trial,
                   "This trial in full: parameters, metrics, attempts, files")
      ->check(IsIntFrom(1, kMostTrials))
      ->option_text("N");
  CLI::App* trials = Add(
      "trials", "List the trials of a study",
      "attune trials mlp\n"
      "  attune trials mlp --state running --state waiting\n"
      "  attune trials mlp --filter 'parameters.learning_rate<0.01 AND "
      "metrics.loss<0.5'\n"
      "  attune trials mlp --order-by 'metrics.loss desc' --limit 10\n"
      "  attune trials mlp --metrics -o csv > trials.csv",
      [](const Flags& flags) { return Trials(flags.globals, flags.trials); });
  AddStudy(trials, flags_.trials.study);
  trials
      ->add_option("--state", flags_.trials.states,
                   "Only trials in this state; may be repeated")
      ->check(IsOneOf(TrialStateNames()))
      ->allow_extra_args(false)
      ->option_text("STATE");
  trials->add_flag("--metrics", flags_.trials.metrics,
                   "Also what was measured beside the objectives");
  trials->add_option("--limit", flags_.trials.limit, "The first N of them")
      ->check(IsIntFrom(1, kMostTrials))
      ->option_text("N");
  AddQuery(trials,
           "number, state, create_time, parameters.NAME, metrics.NAME, "
           "attributes.NAME",
           flags_.trials.query);
  CLI::App* best =
      Add("best", "Print the best trials of a study",
          "attune best mlp\n  attune best mlp -n 5 -o json",
          [](const Flags& flags) { return Best(flags.globals, flags.best); });
  AddStudy(best, flags_.best.study);
  best->add_option("-n", flags_.best.count,
                   "How many; else one, or with several objectives the whole "
                   "Pareto front")
      ->check(IsIntFrom(1, 1000))
      ->option_text("K");
}

void Parser::AddModel(CLI::App* command, ModelOptions& model) {
  command->add_option("--trial", model.trial, "Not the best trial but this")
      ->check(IsIntFrom(1, kMostTrials))
      ->option_text("N");
  command
      ->add_option("--artifact-dir", model.artifact_dir,
                   "Where the study's models are; DATABASE.artifacts unless "
                   "--server is given")
      ->envname("ATTUNE_ARTIFACT_DIR")
      ->option_text("DIR");
  command
      ->add_option("--model", model.file,
                   "A model's file, in place of a study's trial")
      ->option_text("FILE");
}

void Parser::AddPredict() {
  PredictOptions& prediction = flags_.prediction;
  CLI::App* sub = Add(
      "predict", "Use a trial's model on the examples in a file",
      "attune predict new.csv                    # the best trial's\n"
      "  attune predict new.csv --study wine --trial 12 -o csv\n"
      "  attune predict t10k-images-idx3-ubyte.gz --model model.safetensors",
      [](const Flags& flags) {
        return Predict(flags.globals, flags.prediction);
      });
  sub->add_option("INPUT", prediction.input,
                  "A table (.csv) with the columns that were learnt from, or "
                  "images (IDX)")
      ->required();
  sub->add_option("--study", prediction.model.study,
                  "The study; may be left out if it is the only one")
      ->option_text("NAME");
  AddModel(sub, prediction.model);
}

void Parser::AddExport() {
  CLI::App* sub =
      Add("export", "Write a trial's model as an ONNX file, for other programs",
          "attune export --onnx best.onnx            # the best trial's\n"
          "  attune export wine --trial 12 --onnx wine.onnx\n"
          "  attune export --model model.safetensors --onnx model.onnx",
          [](const Flags& flags) {
            return Export(flags.globals, flags.exporting);
          });
  AddStudy(sub, flags_.exporting.model.study);
  AddModel(sub, flags_.exporting.model);
  sub->add_option("--onnx", flags_.exporting.onnx,
                  "The file to write; one that is there is replaced")
      ->required()
      ->option_text("FILE");
}

void Parser::AddStudyCommand(const std::string& name, const std::string& what,
                             const std::string& examples,
                             StudyCommand command) {
  CLI::App* sub = Add(name, what, examples, [command](const Flags& flags) {
    return command(flags.globals, flags.study);
  });
  AddStudy(sub, flags_.study.study);
}

CLI::App* Parser::AddTrialCommand(const std::string& name,
                                  const std::string& what,
                                  const std::string& examples,
                                  TrialCommand command) {
  CLI::App* sub = Add(name, what, examples, [command](const Flags& flags) {
    return command(flags.globals, flags.changed_trials);
  });
  AddStudy(sub, flags_.changed_trials.study);
  return sub;
}

void Parser::AddTrialCommands() {
  TrialOptions& options = flags_.changed_trials;
  CLI::App* stop = AddTrialCommand(
      "stop",
      "Start no more trials and stop the running ones; or stop some trials",
      "attune stop mlp\n  attune stop mlp --trial 7   # only this one", &Stop);
  CLI::App* cancel = AddTrialCommand(
      "cancel", "End trials that wait or run, at once",
      "attune cancel mlp --trial 7 --trial 9\n"
      "  attune cancel mlp --trial 7 --reason \"takes too long\"",
      &Cancel);
  CLI::App* retry = AddTrialCommand(
      "retry", "Try the parameters of ended trials again, in new ones",
      "attune retry mlp --trial 7 --trial 9", &Retry);
  for (CLI::App* sub : {stop, cancel, retry}) {
    CLI::Option* trial = sub->add_option("--trial", options.trials,
                                         "A trial's number; may be repeated")
                             ->check(IsIntFrom(1, kMostTrials))
                             ->allow_extra_args(false)
                             ->option_text("N");
    if (sub != stop) trial->required();
    if (sub == retry) continue;
    sub->add_option("--reason", options.reason, "Why, for whoever looks at it")
        ->needs(trial)
        ->option_text("TEXT");
  }
}

void Parser::AddUpdate() {
  StudyChanges& changes = flags_.update.changes;
  CLI::App* sub = Add(
      "update", "Change a study's budget or attributes",
      "attune update mlp --max-trials 100\n"
      "  attune update mlp --max-duration none --max-parallel 4\n"
      "  attune update mlp --attribute owner=anna --remove-attribute draft",
      [](const Flags& flags) { return Update(flags.globals, flags.update); });
  AddStudy(sub, flags_.update.study);
  const auto add_limit = [sub](const std::string& option, std::string& value,
                               const std::string& what,
                               const std::string& form) {
    sub->add_option(option, value, what)->option_text(form);
  };
  add_limit("--max-trials", changes.max_trials, "Trials ever created",
            "N|none");
  add_limit("--max-parallel", changes.max_parallel,
            "Trials running at the same time", "N|none");
  add_limit("--max-duration", changes.max_duration,
            "From the creation of the study: 90s, 10m, 1h30m", "10m|none");
  add_limit("--max-failed", changes.max_failed,
            "Trials that may fail until the study is paused", "N|none");
  sub->add_option("--attribute", changes.attributes,
                  "Note this on the study; may be repeated")
      ->allow_extra_args(false)
      ->option_text("NAME=TEXT");
  sub->add_option("--remove-attribute", changes.removed_attributes,
                  "Note this no more; may be repeated")
      ->allow_extra_args(false)
      ->option_text("NAME");
}

void Parser::AddCreateTrial() {
  CreateTrialOptions& creation = flags_.creation;
  CLI::App* sub =
      Add("create-trial", "Create trials with parameters of your own choice",
          "attune create-trial mlp optimizer=adam learning_rate=0.001\n"
          "  attune create-trial mlp --file points.csv   # names in the first "
          "line\n"
          "  attune create-trial mine x=1.5 kind=b --attribute source=paper",
          [](const Flags& flags) {
            return CreateTrial(flags.globals, flags.creation);
          });
  sub->add_option("STUDY", creation.study, "Its name")->required();
  sub->add_option("VALUES", creation.parameters,
                  "NAME=VALUE for each parameter")
      ->option_text("NAME=VALUE ...");
  sub->add_option("--file", creation.file,
                  "A table (.csv) of up to 1000 points, all or none: names in "
                  "the first line; an empty cell: not given")
      ->option_text("FILE");
  sub->add_option("--attribute", creation.attributes,
                  "Note this on each trial; may be repeated")
      ->allow_extra_args(false)
      ->option_text("NAME=TEXT");
  sub->add_option("--request-id", creation.request_id,
                  "Unique to this wish: said again with it, the command "
                  "creates no others")
      ->option_text("ID");
}

void Parser::AddDelete() {
  CLI::App* sub = Add(
      "delete", "Delete a study and all its trials",
      "attune delete mlp\n  attune delete mlp --yes",
      [](const Flags& flags) { return Delete(flags.globals, flags.deletion); });
  sub->add_option("STUDY", flags_.deletion.study, "Its name")->required();
  sub->add_flag("--yes", flags_.deletion.yes, "Do not ask");
}

void Parser::AddOthers() {
  CLI::App* settings =
      Add("settings", "List what a network study can set and tune",
          "attune settings\n  attune settings learning_rate",
          [](const Flags& f) { return Settings(f.globals, f.settings); });
  settings->add_option("NAME", flags_.settings.name, "One setting in full");
  CLI::App* algorithms = Add(
      "algorithms", "List search algorithms, stopping rules and their settings",
      "attune algorithms\n  attune algorithms median",
      [](const Flags& f) { return Algorithms(f.globals, f.algorithms); });
  algorithms->add_option("NAME", flags_.algorithms.name, "Only this one");
  Add("health", "Say whether a coordinator takes calls", "attune health",
      [](const Flags& flags) { return Health(flags.globals); });
  Add("status", "Say how the coordinator is doing: workers, queues, commits",
      "attune status", [](auto& f) { return ServerStatus(f.globals); });
  CLI::App* help = Add("help", "Say what a command does",
                       "attune help\n  attune help best", nullptr);
  help->add_option("COMMAND", help_, "A command; else all of them");
  help->callback([this] {
    chosen_ = [text = HelpOf(help_)](auto&) { return Say(text); };
  });
  Add("version", "Print the version", "attune version",
      [](const Flags& flags) { return Version(flags.globals); });
}

absl::StatusOr<const CLI::App*> Parser::FindCommand(
    const std::string& name) const {
  std::vector<std::string> names;
  for (const CLI::App* sub : app_.get_subcommands({})) {
    if (sub->get_name() == name) return sub;
    names.push_back(sub->get_name());
  }
  const std::string nearest = NearestName(name, names);
  return WrongUsage(absl::StrCat(
      "there is no command `", name, "`",
      nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?"),
      "\n`attune --help` lists the commands"));
}

absl::StatusOr<std::string> Parser::HelpOf(const std::string& name) const {
  const CLI::App* command = &app_;
  if (!name.empty()) {
    ATTUNE_ASSIGN_OR_RETURN(command, FindCommand(name));
  }
  return app_.get_formatter()->make_help(
      command, name.empty() ? "attune" : absl::StrCat("attune ", name),
      CLI::AppFormatMode::Normal);
}

std::variant<Command, int> Parser::Parse(int argc, const char* const* argv) {
  if (argc >= 2 && !absl::StartsWith(argv[1], "-")) {
    const absl::Status found = FindCommand(argv[1]).status();
    if (!found.ok()) {
      WriteMessage(
          absl::StrCat("attune: ", PrintableLines(found.message()), "\n"));
      return exit_code::kWrongUsage;
    }
  }
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and the version are errors for CLI11 too, with the code 0.
    if (error.get_exit_code() == 0) {
      app_.exit(error);
      return exit_code::kDone;
    }
    WriteMessage(PrintableLines(ExplainUsage(app_, error)));
    return exit_code::kWrongUsage;
  }
  if (const std::string wrong = CheckWords(app_); !wrong.empty()) {
    WriteMessage(PrintableLines(wrong));
    return exit_code::kWrongUsage;
  }
  // A database that was asked for beats a server that is only set.
  if (database_->count() > 0) flags_.globals.connection.server.clear();
  const std::string& server = flags_.globals.connection.server;
  const std::string wrong = server.empty() ? "" : CheckServerAddress(server);
  if (!wrong.empty()) {
    WriteMessage(PrintableLines(absl::StrCat(
        "attune: ", server_->count() > 0 ? "--server" : "ATTUNE_SERVER", ": ",
        wrong, "\n")));
    return exit_code::kWrongUsage;
  }
  return Command([flags = flags_, action = chosen_] { return action(flags); });
}

}  // namespace

std::variant<Command, int> ParseCommandLine(int argc, const char* const* argv) {
  return Parser().Parse(argc, argv);
}

}  // namespace attune
