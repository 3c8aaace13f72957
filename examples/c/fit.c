/*
 * The kernels from C: strict.wasm, translated by wasm2c, called by the numbers of docs/abi.md. Y = X W is fitted by least
 * squares, with two products and a step of Adam a turn. examples/raw-kernels.mjs is the same program, with the same bits.
 */
#include <math.h>
#include <stdio.h>

#include "strict.h"

enum { ROWS = 64, INPUTS = 8, OUTPUTS = 4, SIZE = INPUTS * OUTPUTS, STEPS = 200 };

static wasm_rt_memory_t memory;
static w2c_thalweg module;

/* The module's one import, env.memory. */
wasm_rt_memory_t *w2c_env_memory(struct w2c_env *env) {
  (void)env;
  return &memory;
}

/* Room for numbers: zeroed, and as long as kernels may write. */
static u32 numbers(u32 length) { return w2c_thalweg_alloc(&module, 4 * length); }

/* Taken anew for each use, as the memory may have moved. A host of the other byte order has to turn bytes around. */
static f32 *at(u32 address) { return (f32 *)(memory.data + address); }

int main(void) {
  memory.max_pages = 65536;
  wasm_rt_grow_memory(&memory, wasm2c_thalweg_min_env_memory);
  wasm2c_thalweg_instantiate(&module, NULL);

  const u32 x = numbers(ROWS * INPUTS), y = numbers(ROWS * OUTPUTS), error = numbers(ROWS * OUTPUTS);
  const u32 weights = numbers(SIZE), gradient = numbers(SIZE), m = numbers(SIZE), v = numbers(SIZE);
  const u32 forward = w2c_thalweg_gemmBytes(&module, ROWS, OUTPUTS, INPUTS, 0);
  const u32 backward = w2c_thalweg_gemmBytes(&module, INPUTS, OUTPUTS, ROWS, 0);
  const u32 work = w2c_thalweg_alloc(&module, forward > backward ? forward : backward);

  /* X is drawn, W is i / 10 - 1, and Y = X W. */
  u32 state = 1;
  for (int i = 0; i < ROWS * INPUTS; i++) {
    state = state * 1664525u + 1013904223u;
    at(x)[i] = (f32)((state >> 8) / 8388608.0 - 1);
  }
  for (int i = 0; i < SIZE; i++) at(weights)[i] = (f32)(i / 10.0 - 1);
  w2c_thalweg_gemm(&module, 4, 0, 0, ROWS, OUTPUTS, INPUTS, x, INPUTS, weights, OUTPUTS, y, OUTPUTS, 0, work);
  memset(at(weights), 0, SIZE * sizeof(f32));

  const f64 lr = 0.05, beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  f64 beta1Power = 1, beta2Power = 1, loss = 0;
  for (int t = 1; t <= STEPS; t++) {
    /* error = X W - Y; the gradient of the mean of its squares is 2 / (rows outputs) Xᵀ error. */
    w2c_thalweg_gemm(&module, 4, 0, 0, ROWS, OUTPUTS, INPUTS, x, INPUTS, weights, OUTPUTS, error, OUTPUTS, 0, work);
    w2c_thalweg_subtract(&module, ROWS * OUTPUTS, error, y, error);
    loss = w2c_thalweg_dot(&module, ROWS * OUTPUTS, error, error) / (ROWS * OUTPUTS);
    w2c_thalweg_gemm(&module, 4, 1, 0, INPUTS, OUTPUTS, ROWS, x, INPUTS, error, OUTPUTS, gradient, OUTPUTS, 0, work);

    beta1Power *= beta1;
    beta2Power *= beta2;
    const f64 stepSize = lr / (1 - beta1Power);
    const f64 rootCorrection = 1 / sqrt(1 - beta2Power);
    const f64 squareRatio = sqrt(1 - beta2) / (1 - beta1);
    const f64 gradScale = 2.0 / (ROWS * OUTPUTS);
    w2c_thalweg_adam(&module, SIZE, weights, gradient, m, v, (f32)gradScale, 0, (f32)beta1, (f32)(1 - beta1), (f32)beta2,
                     (f32)squareRatio, (f32)(rootCorrection / stepSize), (f32)(eps / stepSize));
    if (t % 50 == 0) printf("step %d: loss %e\n", t, loss);
  }
  printf("weights");
  for (int i = 0; i < SIZE; i++) {
    u32 bits;
    memcpy(&bits, at(weights) + i, sizeof bits);
    printf(" %08x", bits);
  }
  printf("\n");
  free(memory.data);
  return 0;
}
