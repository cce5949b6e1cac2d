#include "models/llama/guard.h"

#include <llama.h>

#include <mutex>
#include <new>
#include <stdexcept>

#include "base/utf8.h"

namespace thalweg::models::llama {

namespace {
constexpr std::size_t kMostLog = 2'000;

// The library's callbacks carry nothing of the call they come from; the thread is what tells them apart.
thread_local Watch* g_watch = nullptr;
}  // namespace

bool watched() noexcept { return g_watch != nullptr; }

void keep(std::string_view text) {
  if (g_watch != nullptr && g_watch->log_.size() < kMostLog) g_watch->log_ += text;
}

namespace {
// Lines of the library read "function_name: text".
std::string_view without_function(std::string_view line) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos || line.substr(0, colon).find(' ') != std::string_view::npos) return line;
  return line.substr(colon + 2);
}

void on_log(ggml_log_level level, const char* text, void* /*unused*/) {
  if (level == GGML_LOG_LEVEL_WARN || level == GGML_LOG_LEVEL_ERROR) keep(text);
}

void on_abort(const char* message) {
  if (!watched()) return;  // a thread of the library's own: nobody could catch it
  const std::string_view text = message;
  const std::size_t slash = text.rfind('/', text.find(": "));
  throw std::runtime_error(std::string(slash == std::string_view::npos ? text : text.substr(slash + 1)));
}
}  // namespace

void prepare() {
  static std::once_flag once;
  std::call_once(once, [] {
    ggml_set_abort_callback(on_abort);
    llama_log_set(on_log, nullptr);
    llama_backend_init();
  });
}

Watch::Watch() : outer_(g_watch) { g_watch = this; }

Watch::~Watch() { g_watch = outer_; }

std::string Watch::said() const {
  std::string out;
  for (std::size_t at = 0; at < log_.size();) {
    const std::size_t end = std::min(log_.find('\n', at), log_.size());
    const std::string_view line = without_function(std::string_view(log_).substr(at, end - at));
    at = end + 1;
    if (line.empty() || line == "failed to load model") continue;
    if (!out.empty()) out += "; ";
    out += line;
  }
  return out.empty() ? "it gives no reason" : utf8::cut(utf8::well_formed(out), 600);
}

Result<> guarded(Code code, std::string_view doing, std::move_only_function<Result<>(const Watch& watch)> body) {
  const Watch watch;
  try {
    return body(watch);
  } catch (const std::bad_alloc&) {
    return fail(Code::resource_exhausted, "cannot {}: not enough memory", doing);
  } catch (const std::exception& error) {
    return fail(code, "cannot {}: {}", doing, utf8::cut(utf8::well_formed(error.what()), 600));
  }
}

}  // namespace thalweg::models::llama
