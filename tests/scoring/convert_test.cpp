// Data sets of others, in small files of their published layouts.
#include "scoring/data/convert.h"

#include <fstream>

#include "must.h"
#include "scoring/data/dataset_check.h"
#include "scoring/data/row_writer.h"
#include "scoring/data/scores_file.h"
#include "scratch.h"

using namespace thalweg;
using namespace thalweg::scoring;

namespace {
using Texts = std::vector<std::string>;

struct Made {
  std::vector<Sample> samples;
  Converted converted;
  std::string error;
};
Made make(Published kind, std::vector<std::string> paths, bool context = true) {
  Made made;
  auto converted = convert(kind, paths, {.context = context}, [&](Sample sample) -> Result<> {
    made.samples.push_back(std::move(sample));
    return {};
  });
  if (converted) {
    made.converted = std::move(*converted);
  } else {
    made.error = converted.error().text();
  }
  // Whatever it is: a data set with which nothing is wrong but texts met twice.
  Problems problems;
  DatasetCheck check(nullptr);
  for (const Sample& sample : made.samples) CHECK(check.add(sample, sample.id, problems));
  return made;
}

std::string put(const Scratch& folder, const std::string& name, std::string_view text) {
  std::filesystem::create_directories(std::filesystem::path(folder / name).parent_path());
  std::ofstream(folder / name) << text;
  return folder / name;
}

constexpr std::string_view kLongMemEval = R"([
  {"question_id": "e47becba", "question_type": "single-session-user", "question": "What degree did I graduate with?",
   "answer": "Business Administration", "question_date": "2023/05/30 (Tue) 23:40", "haystack_session_ids": ["s_1", "answer_2"],
   "haystack_dates": ["2023/05/20 (Sat) 02:21", "2023/05/20 (Sat) 02:57"],
   "haystack_sessions": [[{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Hi, what is it?"}],
                         [{"role": "user", "content": "I graduated.", "has_answer": true}]],
   "answer_session_ids": ["answer_2"]},
  {"question_id": "gpt4_1_abs", "question_type": "multi-session", "question": "How many?", "answer": 3, "question_date": "2023/05/30",
   "haystack_session_ids": [], "haystack_dates": [], "haystack_sessions": [], "answer_session_ids": []},
  {"question_type": "multi-session", "question": "Whose?"}
])";

constexpr std::string_view kLocomo = R"([{"sample_id": "conv-26",
  "conversation": {"speaker_a": "Ann", "speaker_b": "Bo",
    "session_1_date_time": "1:56 pm on 8 May, 2023",
    "session_1": [{"speaker": "Ann", "dia_id": "D1:1", "text": "Hey Bo!"}, {"speaker": "Bo", "dia_id": "D1:2", "text": "Hi."}],
    "session_2_date_time": "1:14 pm on 25 May, 2023", "session_3_date_time": "2 June, 2023",
    "session_3": [{"speaker": "Bo", "dia_id": "D3:1", "text": "Bye."}]},
  "observation": {}, "session_summary": {}, "event_summary": {},
  "qa": [{"question": "When did Ann go to the support group?", "answer": "7 May 2023", "evidence": ["D1:1"], "category": 2},
         {"question": "What would it be?", "evidence": [], "category": 5, "adversarial_answer": "none"},
         {"answer": "x", "evidence": [], "category": 1}]}])";
}  // namespace

TEST_CASE("LongMemEval: a question a sample, its haystack as context") {
  const Scratch folder;
  const std::string path = put(folder, "longmemeval_s.json", kLongMemEval);
  const Made made = make(Published::longmemeval, {path});
  CHECK(made.error.empty());
  CHECK(made.converted.rows == 3);
  CHECK(made.converted.samples == 2);
  REQUIRE(made.samples.size() == 2);
  const Sample& first = made.samples[0];
  CHECK(first.id == "e47becba");
  CHECK(first.text == "What degree did I graduate with?");
  CHECK(first.expected_decision == Decision::accept);
  CHECK(first.expected_labels == Texts{"memory_eval", "single-session-user"});
  CHECK(first.primary_category == "memory");
  CHECK(first.difficulty == Difficulty::medium);
  CHECK(first.context ==
        "[2023/05/20 (Sat) 02:21]\nuser: Hello.\nassistant: Hi, what is it?\n[2023/05/20 (Sat) 02:57]\nuser: I graduated.\n");
  CHECK(*first.metadata.find("answer") == Value("Business Administration"));
  CHECK(*first.metadata.find("answer_session_ids") == Value::list({Value("answer_2")}));
  CHECK(made.samples[1].expected_labels == Texts{"memory_eval", "multi-session", "abstention"});
  CHECK(*made.samples[1].metadata.find("answer") == Value(3));
  REQUIRE(made.converted.problems.errors() == 1);
  CHECK(made.converted.problems.kept()[0].text() == path + ":10: [2]: \"question_id\" is missing");
  CHECK(make(Published::longmemeval, {path}, false).samples[0].context.empty());
}

TEST_CASE("LoCoMo: a question a sample, the conversation as context") {
  const Scratch folder;
  const Made made = make(Published::locomo, {put(folder, "locomo10.json", kLocomo)});
  CHECK(made.error.empty());
  CHECK(made.converted.rows == 1);
  REQUIRE(made.samples.size() == 2);
  CHECK(made.samples[0].id == "conv-26-q1");
  CHECK(made.samples[0].expected_labels == Texts{"memory_eval", "temporal"});
  CHECK(made.samples[0].context ==
        "[1:56 pm on 8 May, 2023]\nAnn: Hey Bo!\nBo: Hi.\n[1:14 pm on 25 May, 2023]\n[2 June, 2023]\nBo: Bye.\n");
  CHECK(made.samples[1].expected_labels == Texts{"memory_eval", "adversarial"});
  CHECK(*made.samples[1].metadata.find("adversarial_answer") == Value("none"));
  REQUIRE(made.converted.problems.errors() == 1);
  CHECK(made.converted.problems.kept()[0].message == "qa[2] has no question");
}

TEST_CASE("Multi-Session Chat: an utterance a sample, and the question of a self-instruct file") {
  const Scratch folder;
  const std::string session =
      R"({"personas": [["I run."], ["I swim."]], "dialog": [{"id": "Speaker 1", "text": "How was the race?"}, )"
      R"({"id": "Speaker 2", "text": "Fine, I came in third."}, {"id": "Speaker 1", "text": " "}], )"
      R"("metadata": {"initial_data_id": "train:ordered_1", "session_id": 1}, )"
      R"("previous_dialogs": [{"personas": [], "dialog": [{"text": "I run on Sunday."}], "time_num": 3, "time_unit": "days"}])";
  const std::string plain = put(folder, "session_2/train.txt", session + "}\n" + session + "}\n");
  const std::string self = put(folder, "msc_self_instruct.jsonl",
                               session + R"(, "self_instruct": {"B": "When do you run?", "A": "On Sunday."}})" + "\n{}\n");
  const Made made = make(Published::msc, {plain, self});
  CHECK(made.error.empty());
  CHECK(made.converted.rows == 4);
  REQUIRE(made.samples.size() == 7);
  CHECK(made.samples[0].id == "msc-1-1");
  CHECK(made.samples[0].context.empty());
  CHECK(made.samples[1].text == "Fine, I came in third.");
  CHECK(made.samples[1].context == "How was the race?");
  CHECK(made.samples[1].expected_labels == Texts{"multi_session"});
  CHECK(made.samples[1].primary_category == "conversational");
  CHECK(made.samples[1].metadata == Value::map({{"speaker", Value("Speaker 2")}}));
  CHECK(made.samples[6].id == "msc-3-question");
  CHECK(made.samples[6].text == "When do you run?");
  CHECK(made.samples[6].context == "I run on Sunday.\n\nSpeaker 1: How was the race?\nSpeaker 2: Fine, I came in third.\n");
  CHECK(*made.samples[6].metadata.find("answer") == Value("On Sunday."));
  CHECK(made.converted.problems.kept().at(0).text() == self + ":2: \"dialog\" is missing");
}

TEST_CASE("DailyDialog: three files line by line, or JSONL") {
  const Scratch folder;
  put(folder, "ijcnlp/dialogues_text.txt",
      "The kitchen stinks . __eou__ I'll throw out the garbage . __eou__\n"
      "So Dick , how about getting some coffee for tonight ? __eou__ Great ! __eou__ Why ? __eou__\n"
      "Too few . __eou__\n");
  put(folder, "ijcnlp/dialogues_act.txt", "3 4 \n3 1 2\n1 1\n");
  put(folder, "ijcnlp/dialogues_emotion.txt", "2 0 \n0 4 6\n0\n");
  const Made made = make(Published::dailydialog, {folder / "ijcnlp"});
  CHECK(made.error.empty());
  REQUIRE(made.samples.size() == 5);
  CHECK(made.samples[0].text == "The kitchen stinks .");
  CHECK(made.samples[0].expected_labels == Texts{"disgust", "negative", "directive"});
  CHECK(made.samples[0].primary_category == "emotional");
  CHECK(made.samples[1].context == "The kitchen stinks .");
  CHECK(made.samples[1].expected_labels == Texts{"commissive"});
  CHECK(made.samples[1].primary_category == "decision");
  CHECK(made.samples[2].primary_category == "task");
  CHECK(made.samples[2].id == "dailydialog-2-1");
  CHECK(made.samples[3].expected_labels == Texts{"joy", "positive", "inform"});
  CHECK(made.samples[3].difficulty == Difficulty::easy);
  CHECK(made.samples[4].expected_labels == Texts{"surprise", "question"});
  CHECK(made.converted.problems.kept().at(0).text() ==
        folder / "ijcnlp/dialogues_text.txt" + ":3: there are 1 utterances, but 2 acts and 1 emotions");

  put(folder, "train/dialogues_train.txt", "Sure . __eou__\n");
  put(folder, "train/dialogues_act_train.txt", "1\n");
  put(folder, "train/dialogues_emotion_train.txt", "0\n");
  CHECK(make(Published::dailydialog, {folder / "train/dialogues_train.txt"}).samples.at(0).primary_category == "factual");
  const std::string lines = put(folder, "train.jsonl",
                                R"({"dialog": ["Sure .", "Fine !"], "act": [1, 3], "emotion": [0, 1]})"
                                "\n"
                                R"({"dialog": ["Sure ."], "act": [5], "emotion": [0]})"
                                "\n");
  const Made json = make(Published::dailydialog, {lines, lines});
  REQUIRE(json.samples.size() == 4);
  CHECK(json.samples[1].expected_labels == Texts{"anger", "negative", "directive"});
  CHECK(json.samples[3].id == "dailydialog-3-2");  // unlike in any file before
  CHECK(json.converted.problems.kept().at(0).text() == lines + ":2: an act is 1 to 4, not 5");
  CHECK(make(Published::dailydialog, {folder / "none/dialogues_text.txt"}).error.contains("none/dialogues_text.txt"));
  CHECK(make(Published::dailydialog, {put(folder, "other.txt", "x")}).error.contains("is to be called dialogues_text.txt"));
  std::filesystem::remove(folder / "ijcnlp/dialogues_act.txt");
  CHECK(make(Published::dailydialog, {folder / "ijcnlp"}).error.contains("dialogues_act.txt"));
}

TEST_CASE("what is written of them is a data set, and files of another layout are told") {
  const Scratch folder;
  const std::string path = put(folder, "longmemeval_s.json", kLongMemEval);
  const std::string locomo = put(folder, "locomo10.json", kLocomo);
  std::string text;
  RowWriter writer(FileForm::document, Value::map({{"version", Value("1.0.0")}}), [&](std::string_view piece) -> Result<> {
    text += piece;
    return {};
  });
  must(convert(Published::longmemeval, std::vector{path}, {}, [&](Sample sample) { return writer.write(to_value(sample)); }));
  must(writer.finish());
  DatasetReader reader = must(DatasetReader::open(ByteSource::of("s.json", text)));
  CHECK(must(reader.next()).value().id == "e47becba");
  CHECK(must(reader.next()).value().metadata.find("answer") != nullptr);
  CHECK(!must(reader.next()));
  CHECK(reader.problems().empty());

  CHECK(make(Published::longmemeval, {locomo})
            .error.starts_with("nothing there has the layout of longmemeval: a list of {question_id, "));
  CHECK(make(Published::locomo, {path}).error.contains("[0]: \"sample_id\" is missing"));
  CHECK(make(Published::msc, {path}).error.starts_with("nothing there has the layout of msc"));
  CHECK(make(Published::msc, {folder / "none.txt"}).error.contains("none.txt"));
  CHECK(must(published_named("locomo")) == Published::locomo);
  CHECK(published_named("dailydialogue").error().text() ==
        "no data set 'dailydialogue' is known (did you mean 'dailydialog'?); there are longmemeval, locomo, msc, dailydialog");
  // What the writer says ends it.
  const auto full = convert(Published::longmemeval, std::vector{path}, {}, [](const Sample&) -> Result<> {
    return std::unexpected(Error(Code::resource_exhausted, "no space"));
  });
  CHECK(full.error().text() == "no space");
}
