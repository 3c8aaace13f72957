/*
 * The runtime of modules that wasm2c translates (wabt 1.0.39), as far as Thalweg's kernels need it: one memory, and traps
 * that end the program. wabt's own runtime has tables, exceptions and recovery besides, and works as well.
 */
#ifndef WASM_RT_H_
#define WASM_RT_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define wasm_rt_memcpy memcpy

/* Bounds are compared at each access: no guard pages, and nothing is known of the machine. */
#define WASM_RT_MEMCHECK_GUARD_PAGES 0
#define WASM_RT_USE_SEGUE 0
#define WASM_RT_SANITY_CHECKS 0
#define WASM_RT_STACK_DEPTH_COUNT 0
#define WASM_RT_PAGE 65536u

typedef enum {
  WASM_RT_TRAP_OOB,
  WASM_RT_TRAP_INT_OVERFLOW,
  WASM_RT_TRAP_DIV_BY_ZERO,
  WASM_RT_TRAP_INVALID_CONVERSION,
  WASM_RT_TRAP_UNREACHABLE,
  WASM_RT_TRAP_CALL_INDIRECT,
  WASM_RT_TRAP_EXHAUSTION
} wasm_rt_trap_t;

typedef enum { WASM_RT_I32, WASM_RT_I64, WASM_RT_F32, WASM_RT_F64, WASM_RT_V128 } wasm_rt_type_t;

typedef struct {
  uint8_t *data;
  uint64_t pages, max_pages;
  uint64_t size; /* bytes */
} wasm_rt_memory_t;

/* What the translation names for tables and tail calls, of which the kernels have none. */
typedef const char *wasm_rt_func_type_t;
typedef void (*wasm_rt_function_ptr_t)(void);
typedef struct wasm_rt_tailcallee_t {
  void (*fn)(void **, void *, struct wasm_rt_tailcallee_t *);
} wasm_rt_tailcallee_t;
typedef struct {
  wasm_rt_func_type_t func_type;
  wasm_rt_function_ptr_t func;
  wasm_rt_tailcallee_t func_tailcallee;
  void *module_instance;
} wasm_rt_funcref_t;
typedef void *wasm_rt_externref_t;
typedef struct {
  wasm_rt_funcref_t *data;
  uint32_t max_size, size;
} wasm_rt_funcref_table_t;
typedef struct {
  wasm_rt_externref_t *data;
  uint32_t max_size, size;
} wasm_rt_externref_table_t;
#define wasm_rt_funcref_null_value ((wasm_rt_funcref_t){0})
#define wasm_rt_externref_null_value NULL

static inline void wasm_rt_trap(wasm_rt_trap_t reason) {
  fprintf(stderr, "WebAssembly trap %d\n", reason);
  abort();
}

static inline bool wasm_rt_is_initialized(void) { return true; }

/* Returns the pages before, or -1 where there is no memory. */
static inline uint32_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint64_t more) {
  const uint64_t before = memory->pages, after = before + more;
  if (after > memory->max_pages) return (uint32_t)-1;
  uint8_t *data = realloc(memory->data, after * WASM_RT_PAGE);
  if (!data) return (uint32_t)-1;
  memset(data + memory->size, 0, more * WASM_RT_PAGE);
  memory->data = data;
  memory->pages = after;
  memory->size = after * WASM_RT_PAGE;
  return (uint32_t)before;
}

#endif
