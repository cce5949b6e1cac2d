#include "engine/stage.h"

namespace thalweg {

void Stage::run(std::span<Call*> calls) const {
  for (Call* call : calls) call->finish(fail(Code::internal, "the stage's contract says it computes, but it has no run()"));
}

void Stage::start(CallRef call) const {
  call->finish(fail(Code::internal, "the stage's contract says it waits, but it has no start()"));
}

Result<Value> Stage::depends_on(std::span<const Value> /*arguments*/) const { return Value(); }

namespace {

class FunctionStage final : public Stage {
 public:
  explicit FunctionStage(std::move_only_function<Result<Value>(Call&) const> body) : body_(std::move(body)) {}
  void run(std::span<Call*> calls) const override {
    if (calls.size() == 1) {
      calls[0]->finish(body_(*calls[0]));
      return;
    }
    for (Call* call : calls) {  // what one call throws is not the others' failure
      try {
        call->finish(body_(*call));
      } catch (const std::exception& exception) {
        call->finish(fail(Code::internal, "the stage threw: {}", exception.what()));
      }
    }
  }

 private:
  std::move_only_function<Result<Value>(Call&) const> body_;
};

}  // namespace

std::unique_ptr<Stage> stage_of(std::move_only_function<Result<Value>(Call&) const> body) {
  return std::make_unique<FunctionStage>(std::move(body));
}

}  // namespace thalweg
