/**
 * What a user would write without the library: plain loops over Float32Arrays in double precision. The rules of the
 * table by their kernels' options, and the triple loop of a product.
 */

export type PlainStep = () => void;

const array = (n: number, value: number): Float32Array => new Float32Array(n).fill(value);

/** A step over n parameters, by the name of the kernel that does the same. */
export const plain: Record<string, ((n: number) => PlainStep) | undefined> = {
  sgd(n) {
    const [p, g] = [array(n, 1), array(n, 0.01)];
    return () => {
      for (let i = 0; i < n; i++) p[i] -= 1e-3 * g[i];
    };
  },
  sgdMomentum(n) {
    const [p, g, b] = [array(n, 1), array(n, 0.01), array(n, 0)];
    return () => {
      for (let i = 0; i < n; i++) {
        b[i] = 0.9 * b[i] + g[i];
        p[i] -= 1e-3 * b[i];
      }
    };
  },
  sgdNesterov(n) {
    const [p, g, b] = [array(n, 1), array(n, 0.01), array(n, 0)];
    return () => {
      for (let i = 0; i < n; i++) {
        b[i] = 0.9 * b[i] + g[i];
        p[i] -= 1e-3 * (g[i] + 0.9 * b[i]);
      }
    };
  },
  adam: (n) => adam(n, 0, false),
  adamAmsgrad: (n) => adam(n, 0, true),
  adamw: (n) => adam(n, 0.01, false),
  adamwAmsgrad: (n) => adam(n, 0.01, true),
};

function adam(n: number, decay: number, amsgrad: boolean): PlainStep {
  const [p, g, m, v, top] = [array(n, 1), array(n, 0.01), array(n, 0), array(n, 0), array(n, 0)];
  const lr = 1e-3;
  let t = 0;
  return () => {
    t++;
    const c1 = 1 - 0.9 ** t;
    const c2 = Math.sqrt(1 - 0.999 ** t);
    for (let i = 0; i < n; i++) {
      const grad = g[i];
      m[i] = 0.9 * m[i] + 0.1 * grad;
      v[i] = 0.999 * v[i] + 0.001 * grad * grad;
      let square = v[i];
      if (amsgrad) square = top[i] = Math.max(top[i], square);
      if (decay) p[i] *= 1 - lr * decay;
      p[i] -= ((lr / c1) * m[i]) / (Math.sqrt(square) / c2 + 1e-8);
    }
  };
}

/** C = A B for square matrices, row by row. */
export function plainProduct(n: number): PlainStep {
  const [a, b, c] = [array(n * n, 0.5), array(n * n, 0.25), array(n * n, 0)];
  return () => {
    c.fill(0);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < n; k++) {
        const x = a[i * n + k];
        for (let j = 0; j < n; j++) c[i * n + j] += x * b[k * n + j];
      }
    }
  };
}
