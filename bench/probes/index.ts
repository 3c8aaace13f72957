// Probes of the machine's limits, compiled by bench/limits.ts: how fast registers can multiply and add, memory can
// stream, and the divider can divide. AssemblyScript; nothing of the library is in here.

export function alloc(bytes: usize): usize {
  return (heap.alloc(bytes + 64) + 63) & ~63;
}

function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

/** 4 x 8 multiply-adds for each of k, out of the L1 cache, `reps` times. */
export function peak4(k: i32, a: usize, b: usize, c: usize, reps: i32): void {
  for (; reps > 0; reps--) {
    let s0 = f32x4.splat(0),
      s1 = s0,
      s2 = s0,
      s3 = s0,
      s4 = s0,
      s5 = s0,
      s6 = s0,
      s7 = s0;
    for (let i = 0, p = a, q = b; i < k; i++, p += 16, q += 32) {
      const x = v128.load(q),
        y = v128.load(q, 16);
      let e = v128.load32_splat(p);
      s0 = madd(e, x, s0);
      s1 = madd(e, y, s1);
      e = v128.load32_splat(p, 4);
      s2 = madd(e, x, s2);
      s3 = madd(e, y, s3);
      e = v128.load32_splat(p, 8);
      s4 = madd(e, x, s4);
      s5 = madd(e, y, s5);
      e = v128.load32_splat(p, 12);
      s6 = madd(e, x, s6);
      s7 = madd(e, y, s7);
    }
    v128.store(c, s0);
    v128.store(c, s1, 16);
    v128.store(c, s2, 32);
    v128.store(c, s3, 48);
    v128.store(c, s4, 64);
    v128.store(c, s5, 80);
    v128.store(c, s6, 96);
    v128.store(c, s7, 112);
  }
}

/** The same with 6 x 8. */
export function peak6(k: i32, a: usize, b: usize, c: usize, reps: i32): void {
  for (; reps > 0; reps--) {
    let s0 = f32x4.splat(0),
      s1 = s0,
      s2 = s0,
      s3 = s0,
      s4 = s0,
      s5 = s0,
      s6 = s0,
      s7 = s0,
      s8 = s0,
      s9 = s0,
      sa = s0,
      sb = s0;
    for (let i = 0, p = a, q = b; i < k; i++, p += 24, q += 32) {
      const x = v128.load(q),
        y = v128.load(q, 16);
      let e = v128.load32_splat(p);
      s0 = madd(e, x, s0);
      s1 = madd(e, y, s1);
      e = v128.load32_splat(p, 4);
      s2 = madd(e, x, s2);
      s3 = madd(e, y, s3);
      e = v128.load32_splat(p, 8);
      s4 = madd(e, x, s4);
      s5 = madd(e, y, s5);
      e = v128.load32_splat(p, 12);
      s6 = madd(e, x, s6);
      s7 = madd(e, y, s7);
      e = v128.load32_splat(p, 16);
      s8 = madd(e, x, s8);
      s9 = madd(e, y, s9);
      e = v128.load32_splat(p, 20);
      sa = madd(e, x, sa);
      sb = madd(e, y, sb);
    }
    v128.store(c, s0);
    v128.store(c, s1, 16);
    v128.store(c, s2, 32);
    v128.store(c, s3, 48);
    v128.store(c, s4, 64);
    v128.store(c, s5, 80);
    v128.store(c, s6, 96);
    v128.store(c, s7, 112);
    v128.store(c, s8, 128);
    v128.store(c, s9, 144);
    v128.store(c, sa, 160);
    v128.store(c, sb, 176);
  }
}

/** One division an element, out of the L1 cache. */
export function divide(n: i32, x: usize, reps: i32): void {
  let s = f32x4.splat(0);
  const d = f32x4.splat(1.5);
  for (; reps > 0; reps--) {
    for (let p = x, end = x + (<usize>n << 2); p < end; p += 16) s = f32x4.add(s, f32x4.div(d, v128.load(p)));
  }
  v128.store(x, f32x4.max(v128.load(x), f32x4.mul(s, f32x4.splat(0))));
}

/** One square root an element, out of the L1 cache. */
export function root(n: i32, x: usize, reps: i32): void {
  let s = f32x4.splat(0);
  for (; reps > 0; reps--) {
    for (let p = x, end = x + (<usize>n << 2); p < end; p += 16) s = f32x4.add(s, f32x4.sqrt(v128.load(p)));
  }
  v128.store(x, f32x4.max(v128.load(x), f32x4.mul(s, f32x4.splat(0))));
}
