/** Gradient descent, momentum and signs, from their papers' formulas: docs/optimizers.md names these for each rule. */
import { type Arithmetic, dot, each, norm, type Straight, type Vector } from "./arithmetic.js";

export const sgd = each(({ sub, mul }, theta) => (g) => {
  theta = sub(theta, mul(1e-3, g));
  return theta;
});
export const sgdw = sgd;

export const momentum = each(({ add, sub, mul }, theta) => {
  let v = 0;
  return (g) => {
    v = add(mul(0.9, v), mul(0.01, g));
    theta = sub(theta, v);
    return theta;
  };
});

// Its gradient is taken elsewhere, where it is the same here: the test's gradients do not depend on the parameters.
export const nag = momentum;

export const qhm = each(({ add, sub, mul }, theta) => {
  let m = 0;
  return (g) => {
    m = add(mul(0.999, m), mul(1 - 0.999, g));
    theta = sub(theta, mul(1, add(mul(0.7, m), mul(1 - 0.7, g))));
    return theta;
  };
});

export const aggmo = each(({ add, sub, mul }, theta) => {
  const betas = [0, 0.9, 0.99];
  let v = [0, 0, 0];
  return (g) => {
    v = v.map((last, k) => (betas[k] === 0 ? g : add(mul(betas[k], last), g)));
    theta = sub(theta, mul(0.1 / 3, add(...v)));
    return theta;
  };
});

export const demonSgd = each(({ add, sub, mul }, theta) => {
  let v = 0;
  return (g, t) => {
    const left = 1 - (t - 1) / 10_000;
    const beta = (0.9 * left) / (1 - 0.9 + 0.9 * left);
    v = add(mul(beta, v), g);
    theta = sub(theta, mul(1e-3, v));
    return theta;
  };
});

export const asgd = each(({ sub, mul }, theta) => (g, t) => {
  const eta = 0.01 / (1 + 1e-4 * 0.01 * (t - 1)) ** 0.75;
  theta = sub(mul(1 - 1e-4 * eta, theta), mul(eta, g));
  return theta;
});

// Without a diagonal of the Hessian, as in the extremes: 0.
export const sophiaH = each(({ add, sub, mul, div }, theta) => {
  let m = 0;
  return (g) => {
    m = add(mul(0.965, m), mul(1 - 0.965, g));
    const ratio = div(m, Math.max(mul(0.01, 0), 1e-12));
    theta = sub(theta, mul(0.01, Math.max(-1, Math.min(1, ratio))));
    return theta;
  };
});
export const sophiaG = each(({ add, sub, mul, div }, theta) => {
  let m = 0;
  return (g) => {
    m = add(mul(0.965, m), mul(1 - 0.965, g));
    const ratio = div(m, add(mul(0.04, 0), 1e-15));
    theta = sub(mul(1 - 1e-4 * 0.1, theta), mul(1e-4, Math.max(-1, Math.min(1, ratio))));
    return theta;
  };
});

export const signsgd = each(({ sub, mul }, theta) => (g) => {
  theta = sub(theta, mul(1e-4, Math.sign(g)));
  return theta;
});

export const lion = each(({ add, sub, mul }, theta) => {
  let m = 0;
  return (g) => {
    theta = sub(theta, mul(1e-4, Math.sign(add(mul(0.9, m), mul(1 - 0.9, g)))));
    m = add(mul(0.99, m), mul(1 - 0.99, g));
    return theta;
  };
});

export const tiger = each(({ add, sub, mul }, theta) => {
  let m = 0;
  return (g) => {
    m = add(mul(0.965, m), mul(1 - 0.965, g));
    theta = sub(mul(1 - 1e-3 * 0.01, theta), mul(1e-3, Math.sign(m)));
    return theta;
  };
});

export const rprop = each(({ sub, mul }, theta) => {
  let last = 0;
  let step = 0.01;
  return (g) => {
    const agreement = mul(g, last);
    const factor = agreement > 0 ? 1.2 : agreement < 0 ? 0.5 : 1;
    step = Math.min(Math.max(mul(step, factor), 1e-6), 50);
    last = agreement < 0 ? 0 : g;
    theta = sub(theta, mul(Math.sign(last), step));
    return theta;
  };
});

export const sgdp: Straight = (a, start) => {
  let theta = start;
  let u: Vector = start.map(() => 0);
  return (g) => {
    // Without momentum, μb is not part of the sum.
    u = project(a, theta, g, g.map(a.round));
    theta = theta.map((x, i) => a.sub(x, a.mul(0.05, u[i])));
    return theta;
  };
};

/**
 * Removes from a step u [2, 2] its part along θ if the gradient is nearly at right angles to θ: row by row, or as a whole.
 * AdamP's equations 11 and 12, at δ = 0.1 and ε = 1e-8.
 */
export function project(a: Arithmetic, theta: Vector, g: Vector, u: Vector): Vector {
  const halves = (x: Vector) => [x.slice(0, 2), x.slice(2)];
  for (const view of [halves, (x: Vector) => [x]]) {
    const [thetas, gs, us] = [theta, g.map(a.round), u].map(view);
    const cosines = thetas.map((row, r) => {
      const norms = a.mul(Math.max(norm(a, gs[r]), 1e-8), Math.max(norm(a, row), 1e-8));
      return Math.abs(a.div(dot(a, gs[r], row), norms));
    });
    const limit = 0.1 / Math.sqrt(thetas[0].length);
    if (!cosines.every((cosine) => cosine < limit)) continue;
    return thetas.flatMap((row, r) => {
      const unit = row.map((x) => a.div(x, a.add(norm(a, row), 1e-8)));
      const along = dot(a, unit, us[r]);
      return us[r].map((x, i) => a.sub(x, a.mul(unit[i], along)));
    });
  }
  return u;
}
