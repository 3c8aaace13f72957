/** Rules that divide by a second moment, from their papers' formulas: docs/optimizers.md names these for each rule. */
import { type Arithmetic, type ElementRule, each, norm, type Straight } from "./arithmetic.js";
import { project } from "./descent.js";

/** β m + (1 - β) x. */
const mean = ({ add, mul }: Arithmetic, beta: number, m: number, x: number): number =>
  add(mul(beta, m), mul(1 - beta, x));
/** v̂'s root and ε: √v / √(1 - β^t) + ε. */
const rootOf = ({ add, div, sqrt }: Arithmetic, v: number, beta: number, t: number, eps: number): number =>
  add(div(sqrt(v), Math.sqrt(1 - beta ** t)), eps);

const adamOf =
  (lr: number, decay: number, corrected = true): ElementRule =>
  (a, theta) => {
    let m = 0;
    let v = 0;
    return (g, t) => {
      m = mean(a, 0.9, m, g);
      v = mean(a, 0.999, v, a.mul(g, g));
      const stepSize = corrected ? lr / (1 - 0.9 ** t) : lr;
      const step = a.mul(stepSize, a.div(m, rootOf(a, v, 0.999, t, 1e-8)));
      theta = a.sub(decay === 0 ? theta : a.mul(1 - lr * decay, theta), step);
      return theta;
    };
  };
export const adam = each(adamOf(1e-3, 0));
export const adamw = each(adamOf(1e-3, 0.01));
/** With endless totalSteps the momentum does not fall. */
export const demonAdam = each(adamOf(1e-3, 0, false));

export const amsgrad = each((a, theta) => {
  let [m, v, most] = [0, 0, 0];
  return (g) => {
    m = mean(a, 0.9, m, g);
    v = mean(a, 0.999, v, a.mul(g, g));
    most = Math.max(most, v);
    theta = a.sub(theta, a.mul(1e-3, a.div(m, a.add(a.sqrt(most), 1e-8))));
    return theta;
  };
});

export const adamax = each((a, theta) => {
  let [m, u] = [0, 0];
  return (g, t) => {
    m = mean(a, 0.9, m, g);
    u = Math.max(a.mul(0.999, u), a.add(Math.abs(g), 1e-8));
    theta = a.sub(theta, a.mul(2e-3 / (1 - 0.9 ** t), a.div(m, u)));
    return theta;
  };
});

export const adabelief = each((a, theta) => {
  let [m, s] = [0, 0];
  return (g, t) => {
    m = mean(a, 0.9, m, g);
    const deviation = a.sub(g, m);
    s = a.add(mean(a, 0.999, s, a.mul(deviation, deviation)), 1e-16);
    theta = a.sub(theta, a.mul(1e-3 / (1 - 0.9 ** t), a.div(m, rootOf(a, s, 0.999, t, 1e-16))));
    return theta;
  };
});

export const yogi = each((a, theta) => {
  let [m, v] = [0, 1e-6];
  return (g, t) => {
    const square = a.mul(g, g);
    m = mean(a, 0.9, m, g);
    const direction = Math.sign(a.sub(v, square));
    if (direction !== 0) v = a.sub(v, a.mul(1 - 0.999, direction, square));
    theta = a.sub(theta, a.mul(0.01 / (1 - 0.9 ** t), a.div(m, rootOf(a, v, 0.999, t, 1e-3))));
    return theta;
  };
});

const nadamOf =
  (lr: number, psi: number, decay: number): ElementRule =>
  (a, theta) => {
    let [m, v, product] = [0, 0, 1];
    const muOf = (t: number) => (psi === 0 ? 0.9 : 0.9 * (1 - 0.5 * 0.96 ** (t * psi)));
    return (g, t) => {
      product *= muOf(t);
      m = mean(a, 0.9, m, g);
      v = mean(a, 0.999, v, a.mul(g, g));
      const ahead = a.mul(muOf(t + 1) / (1 - product * muOf(t + 1)), m);
      const now = a.mul((1 - muOf(t)) / (1 - product), g);
      const step = a.mul(lr, a.div(a.add(ahead, now), rootOf(a, v, 0.999, t, 1e-8)));
      theta = a.sub(a.mul(1 - lr * decay, theta), step);
      return theta;
    };
  };
export const nadam = each(nadamOf(2e-3, 0.004, 0));
export const nadamw = each(nadamOf(1e-3, 0, 1e-4));

/** RAdam's factor at step t, undefined while it takes steps by momentum alone. */
export function rectification(beta2: number, t: number, threshold: number): number | undefined {
  const longest = 2 / (1 - beta2) - 1;
  const length = longest - (2 * t * beta2 ** t) / (1 - beta2 ** t);
  if (length <= threshold) return undefined;
  return Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
}

export const radam = each((a, theta) => {
  let [m, v] = [0, 0];
  return (g, t) => {
    m = mean(a, 0.9, m, g);
    v = mean(a, 0.999, v, a.mul(g, g));
    const stepSize = 1e-3 / (1 - 0.9 ** t);
    const r = rectification(0.999, t, 5);
    const early = r === undefined;
    const step = early ? m : a.div(m, a.add(a.sqrt(v), 1e-8));
    theta = a.sub(theta, a.mul(early ? stepSize : stepSize * r * Math.sqrt(1 - 0.999 ** t), step));
    return theta;
  };
});

export const qhadam = each((a, theta) => {
  let [m, v, meanWeight, squareWeight] = [0, 0, 0, 0];
  return (g) => {
    meanWeight = 1 + 0.9 * meanWeight;
    squareWeight = 1 + 0.999 * squareWeight;
    m = mean(a, 1 - 1 / meanWeight, m, g);
    v = mean(a, 1 - 1 / squareWeight, v, a.mul(g, g));
    theta = a.sub(theta, a.mul(1e-3, a.div(m, a.add(a.sqrt(v), 1e-8))));
    return theta;
  };
});

export const adan = each((a, theta) => {
  let [m, d, n] = [0, 0, 0];
  let last: number | undefined;
  return (g, t) => {
    const change = last === undefined ? 0 : a.sub(g, last);
    last = g;
    m = mean(a, 0.98, m, g);
    d = mean(a, 0.92, d, change);
    const ahead = a.add(g, a.mul(0.92, change));
    n = mean(a, 0.99, n, a.mul(ahead, ahead));
    const direction = a.add(a.div(m, 1 - 0.98 ** t), a.div(a.mul(0.92, d), 1 - 0.92 ** t));
    theta = a.sub(theta, a.mul(1e-3, a.div(direction, rootOf(a, n, 0.99, t, 1e-8))));
    return theta;
  };
});

export const ademamix = each((a, theta) => {
  let [fast, slow, v] = [0, 0, 0];
  return (g, t) => {
    fast = mean(a, 0.9, fast, g);
    slow = mean(a, 0.9999, slow, g);
    v = mean(a, 0.999, v, a.mul(g, g));
    const direction = a.add(a.div(fast, 1 - 0.9 ** t), a.mul(5, slow));
    theta = a.sub(theta, a.mul(1e-3, a.div(direction, rootOf(a, v, 0.999, t, 1e-8))));
    return theta;
  };
});

export const adopt = each((a, theta) => {
  let [m, v] = [0, 0];
  return (g, t) => {
    const square = a.mul(g, g);
    if (t === 1) v = square;
    else {
      const limit = (t - 1) ** 0.333;
      const u = Math.min(Math.max(a.div(g, Math.max(a.sqrt(v), 1e-6)), -limit), limit);
      m = mean(a, 0.9, m, u);
      theta = a.sub(theta, a.mul(1e-3, m));
      v = mean(a, 0.9999, v, square);
    }
    return theta;
  };
});

export const laprop = each((a, theta) => {
  let [m, v] = [0, 0];
  return (g, t) => {
    v = mean(a, 0.999, v, a.mul(g, g));
    const root = a.add(a.sqrt(a.div(v, 1 - 0.999 ** t)), 1e-15);
    m = a.add(a.mul(0.9, m), a.mul(4e-4 * (1 - 0.9), a.div(g, root)));
    theta = a.sub(theta, a.div(m, 1 - 0.9 ** t));
    return theta;
  };
});

export const adagrad = each((a, theta) => {
  let s = 0;
  return (g) => {
    s = a.add(s, a.mul(g, g));
    theta = a.sub(theta, a.mul(0.01, a.div(g, a.add(a.sqrt(s), 1e-10))));
    return theta;
  };
});

export const adadelta = each((a, theta) => {
  let [s, d] = [0, 0];
  return (g) => {
    s = mean(a, 0.9, s, a.mul(g, g));
    const u = a.mul(a.div(a.sqrt(a.add(d, 1e-6)), a.sqrt(a.add(s, 1e-6))), g);
    d = mean(a, 0.9, d, a.mul(u, u));
    theta = a.sub(theta, u);
    return theta;
  };
});

export const rmsprop = each((a, theta) => {
  let s = 0;
  return (g) => {
    s = mean(a, 0.99, s, a.mul(g, g));
    theta = a.sub(theta, a.mul(0.01, a.div(g, a.add(a.sqrt(s), 1e-8))));
    return theta;
  };
});

export const madgrad = each((a, start) => {
  let [s, v, theta] = [0, 0, start];
  return (g, t) => {
    const weight = (0.01 + 1e-6) * Math.sqrt(t);
    s = a.add(s, a.mul(weight, g));
    v = a.add(v, a.mul(weight, a.mul(g, g)));
    const z = a.sub(start, a.div(s, a.add(a.cbrt(v), 1e-6)));
    theta = a.add(a.mul(0.9, theta), a.mul(1 - 0.9, z));
    return theta;
  };
});

export const adamp: Straight = (a, start) => {
  let theta = start;
  let t = 0;
  let m = start.map(() => 0);
  let v = start.map(() => 0);
  return (g) => {
    t++;
    m = m.map((x, i) => mean(a, 0.9, x, g[i]));
    v = v.map((x, i) => mean(a, 0.999, x, a.mul(g[i], g[i])));
    const direction = m.map((x, i) => a.div(x, rootOf(a, v[i], 0.999, t, 1e-8)));
    const u = project(a, theta, g, direction);
    theta = theta.map((x, i) => a.sub(x, a.mul(1e-3 / (1 - 0.9 ** t), u[i])));
    return theta;
  };
};

export const mars: Straight = (a, start) => {
  let theta = start;
  let t = 0;
  let [m, v, last] = [start, start, start].map((of) => of.map(() => 0));
  return (g) => {
    t++;
    let c = g.map(a.round);
    if (t > 1) {
      c = c.map((x, i) => a.add(x, a.mul((0.025 * 0.95) / (1 - 0.95), a.sub(x, last[i]))));
      const length = norm(a, c);
      if (length > 1) c = c.map((x) => a.div(x, length));
    }
    last = g.map(a.round);
    m = m.map((x, i) => mean(a, 0.95, x, c[i]));
    v = v.map((x, i) => mean(a, 0.99, x, a.mul(c[i], c[i])));
    const stepSize = 3e-3 / (1 - 0.95 ** t);
    theta = theta.map((x, i) => a.sub(x, a.mul(stepSize, a.div(m[i], rootOf(a, v[i], 0.99, t, 1e-8)))));
    return theta;
  };
};
