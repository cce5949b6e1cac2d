#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#define DOCTEST_CONFIG_IMPLEMENT  // the precompiled header has doctest already, without its code and main
#include <doctest/doctest.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// llama.cpp is built without the sanitizer, which then sees its copies in memory, but not the barriers between them.
extern "C" const char* __tsan_default_suppressions() { return "race:ggml_\nrace:llama_context::\n"; }
#endif
#endif
