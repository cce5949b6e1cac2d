// Included in front of llama.cpp's C sources by tools/build_llama. Its threads wait for each other in loops around _mm_pause();
// when other programs want the cores, a thread that spins keeps the one it waits for from running. Waiting longer than a few
// microseconds, it lets others run.
#if defined(__x86_64__)
#include <immintrin.h>
#include <sched.h>

static inline void thalweg_pause(void) {
  static _Thread_local unsigned waited;
  if ((++waited & 0xFFU) == 0) {
    sched_yield();
  } else {
    __builtin_ia32_pause();
  }
}
#define _mm_pause thalweg_pause
#endif
