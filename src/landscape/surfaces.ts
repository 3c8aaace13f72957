/** The surfaces that are formulas, each written down once: as text for people, and as what is computed. */
import { exp } from "../math/f64.js";
import { sum } from "./expression.js";
import type { Surface } from "./landscape.js";

const SURVEY = "Jamil & Yang, A literature survey of benchmark functions, 2013";
const LIBRARY = "Surjanovic & Bingham, Virtual library of simulation experiments, 2013";
const OURS = "Thalweg";
const within = (size: number) => (): readonly [number, number] => [-size, size];
const origin = (dims: number): number[][] => [Array(dims).fill(0)];
const E = exp(1); // not Math.E, whose last bits could leave 4e-16 where 0 is due

const ravine = (name: string, steepness: number): Surface => ({
  name,
  formula: `x² + ${steepness}y²`,
  source: "textbooks",
  note: `Condition number ${steepness}: gradient descent needs a rate below 1/${steepness}, and crawls along x at it.`,
  domain: within(5),
  minima: origin,
  f: ([x, y]) => x.square().plus(y.square().times(steepness)),
});

/** By name, in the order of the documentation. */
export const SURFACES = {
  bowl: {
    name: "bowl",
    formula: "Σ xᵢ²",
    source: "textbooks",
    note: "Gradient descent at rate ½ is there in one step, and diverges above 1.",
    leastDims: 1,
    domain: within(5),
    minima: origin,
    f: (x) => sum(x.map((each) => each.square())),
  },
  ravine: ravine("ravine", 10),
  ravine15: ravine("ravine15", 15),
  rosenbrock: {
    name: "rosenbrock",
    formula: "Σ (1 − xᵢ)² + 100 (xᵢ₊₁ − xᵢ²)²",
    source: "Rosenbrock, Computer Journal 3, 1960",
    note: "A canal with a flat floor. From four variables on it has a second, local minimum near (−1, 1, …, 1).",
    leastDims: 2,
    domain: (i, dims) => (i === dims - 1 ? [-1, 3] : [-2, 2]),
    minima: (dims) => [Array(dims).fill(1)],
    f: (x) =>
      sum(
        x.slice(1).map((next, i) => {
          const here = x[i];
          return here.minus(1).square().plus(next.minus(here.square()).square().times(100));
        }),
      ),
  },
  beale: {
    name: "beale",
    formula: "(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
    source: "Beale, Princeton technical report 25, 1958",
    note: "Steep walls at the corners. As x → −∞ a valley falls to 0.45201, and has no minimum.",
    domain: within(4.5),
    minima: () => [[3, 0.5]],
    f: ([x, y]) => {
      const square = y.square();
      const term = (power: typeof y, constant: number) => x.times(power.minus(1)).plus(constant).square();
      return sum([term(y, 1.5), term(square, 2.25), term(square.times(y), 2.625)]);
    },
  },
  himmelblau: {
    name: "himmelblau",
    formula: "(x² + y − 11)² + (x + y² − 7)²",
    source: "Himmelblau, Applied nonlinear programming, 1972",
    note: "Four minima of the same depth around one maximum.",
    domain: within(5),
    minima: () => [
      [3, 2],
      [-2.805118086952745, 3.131312518250573],
      [-3.779310253377747, -3.28318599128617],
      [3.584428340330492, -1.848126526964404],
    ],
    f: ([x, y]) => x.square().plus(y).minus(11).square().plus(y.square().plus(x).minus(7).square()),
  },
  booth: {
    name: "booth",
    formula: "(x + 2y − 7)² + (2x + y − 5)²",
    source: LIBRARY,
    note: "A bowl that stands at an angle, with eigenvalues 2 and 18.",
    domain: within(10),
    minima: () => [[1, 3]],
    f: ([x, y]) => x.plus(y.times(2)).minus(7).square().plus(x.times(2).plus(y).minus(5).square()),
  },
  mccormick: {
    name: "mccormick",
    formula: "sin(x + y) + (x − y)² − 1.5x + 2.5y + 1",
    source: SURVEY,
    note: "A sheet that falls in waves: the next minimum, at + (π, π), is a local one.",
    domain: (i) => (i === 0 ? [-1.5, 4] : [-3, 4]),
    least: () => -Math.sqrt(3) / 2 - Math.PI / 3,
    minima: () => [[0.5 - Math.PI / 3, -0.5 - Math.PI / 3]],
    f: ([x, y]) => sum([x.plus(y).sin(), x.minus(y).square(), x.times(-1.5), y.times(2.5)]).plus(1),
  },
  styblinskiTang: {
    name: "styblinskiTang",
    formula: "½ Σ (xᵢ⁴ − 16xᵢ² + 5xᵢ)",
    source: "Styblinski & Tang, Neural Networks 3, 1990",
    note: "Two minima along each axis, one of them deeper: 2ᵈ minima in all.",
    leastDims: 1,
    domain: within(5),
    least: (dims) => -39.16616570377142 * dims,
    minima: (dims) => [Array(dims).fill(-2.903534027771177)],
    f: (x) =>
      sum(
        x.map((each) => {
          const square = each.square();
          return square.square().plus(square.times(-16)).plus(each.times(5));
        }),
      ).times(0.5),
  },
  rastrigin: {
    name: "rastrigin",
    formula: "10d + Σ (xᵢ² − 10 cos 2πxᵢ)",
    source:
      "Rastrigin, Systems of extremal control, 1974; in d variables Mühlenbein et al., Parallel Computing 17, 1991",
    note: "A bowl full of dents: 121 minima in two variables.",
    leastDims: 1,
    domain: within(5.12),
    minima: origin,
    f: (x) => sum(x.map((each) => each.square().plus(each.times(2).cosPi().times(-10)))).plus(10 * x.length),
  },
  ackley: {
    name: "ackley",
    formula: "−20 exp(−0.2 √(Σ xᵢ²/d)) − exp(Σ cos(2πxᵢ)/d) + 20 + e",
    source: "Ackley, A connectionist machine for genetic hillclimbing, 1987",
    note: "A plain of dents around a cone of slope 2.828, whose tip has no Hessian. Show it from −5 to 5.",
    leastDims: 1,
    domain: within(32),
    minima: origin,
    cusps: origin,
    f(x) {
      const mean = 1 / x.length;
      const distance = sum(x.map((each) => each.square()))
        .times(mean)
        .sqrt();
      const waves = sum(x.map((each) => each.times(2).cosPi())).times(mean);
      return distance
        .times(-0.2)
        .exp()
        .times(-20)
        .minus(waves.exp())
        .plus(20 + E);
    },
  },
  goldsteinPrice: {
    name: "goldsteinPrice",
    formula:
      "[1 + (x + y + 1)² (19 − 14x + 3x² − 14y + 6xy + 3y²)] · [30 + (2x − 3y)² (18 − 32x + 12x² + 48y − 36xy + 27y²)]",
    source: "Goldstein & Price, Mathematics of Computation 25, 1971",
    note: "Values from 3 to a million.",
    domain: within(2),
    least: () => 3,
    minima: () => [[0, -1]],
    f([x, y]) {
      const total = x.plus(y); // 19 − 14s + 3s²
      const slant = x.times(2).minus(y.times(3)); // 18 − 16t + 3t²
      const left = total.square().times(3).minus(total.times(14)).plus(19);
      const right = slant.square().times(3).minus(slant.times(16)).plus(18);
      return total.plus(1).square().times(left).plus(1).times(slant.square().times(right).plus(30));
    },
  },
  levy13: {
    name: "levy13",
    formula: "sin² 3πx + (x − 1)² (1 + sin² 3πy) + (y − 1)² (1 + sin² 2πy)",
    source: LIBRARY,
    note: "Ripples on a bowl, finer along x: thousands of minima, one of them global.",
    domain: within(10),
    minima: () => [[1, 1]],
    f: ([x, y]) =>
      sum([
        x.times(3).sinPi().square(),
        x.minus(1).square().times(y.times(3).sinPi().square().plus(1)),
        y.minus(1).square().times(y.times(2).sinPi().square().plus(1)),
      ]),
  },
  threeHumpCamel: {
    name: "threeHumpCamel",
    formula: "2x² − 1.05x⁴ + x⁶/6 + xy + y²",
    source: LIBRARY,
    note: "The global minimum between two local ones.",
    domain: within(5),
    minima: origin,
    f([x, y]) {
      const square = x.square();
      const inX = square
        .times(1 / 6)
        .minus(1.05)
        .times(square)
        .plus(2)
        .times(square);
      return inX.plus(x.times(y)).plus(y.square());
    },
  },
  sixHumpCamel: {
    name: "sixHumpCamel",
    formula: "(4 − 2.1x² + x⁴/3) x² + xy + (4y² − 4) y²",
    source: "Dixon & Szegő, Towards global optimisation 2, 1978",
    note: "Six minima, two of them global.",
    domain: (i) => (i === 0 ? [-3, 3] : [-2, 2]),
    least: () => -1.0316284534898774,
    minima: () => [
      [0.08984201310031807, -0.7126564030207396],
      [-0.08984201310031807, 0.7126564030207396],
    ],
    f([x, y]) {
      const square = x.square();
      const across = y.square();
      const inX = square
        .times(1 / 3)
        .minus(2.1)
        .times(square)
        .plus(4)
        .times(square);
      return inX.plus(x.times(y)).plus(across.minus(1).times(across).times(4));
    },
  },
  saddle: {
    name: "saddle",
    formula: "x² − y²",
    source: "textbooks",
    note: "Falls without end along y. On its ridge, y = 0, no optimizer moves off it: a run that leaves has escaped.",
    domain: within(3),
    f: ([x, y]) => x.square().minus(y.square()),
  },
  monkeySaddle: {
    name: "monkeySaddle",
    formula: "x³ − 3xy²",
    source: "textbooks",
    note: "Three ways down and three up, with a Hessian of zeros between them.",
    domain: within(2),
    f: ([x, y]) => x.square().minus(y.square().times(3)).times(x),
  },
  quartic: {
    name: "quartic",
    formula: "x⁴ − 3x² + 2 + Σ yᵢ²",
    source: "textbooks",
    note: "Two minima. Between them is a maximum in one variable, and a saddle in more.",
    leastDims: 1,
    domain: within(2),
    least: () => -0.25,
    minima: (dims) => [1, -1].map((side) => [side * Math.sqrt(1.5), ...Array(dims - 1).fill(0)]),
    f([x, ...rest]) {
      const square = x.square();
      return sum([square.minus(3).times(square).plus(2), ...rest.map((each) => each.square())]);
    },
  },
  plateau: {
    name: "plateau",
    formula: "1 − exp(−(x² + y²)/2)",
    source: OURS,
    note: "A dent in a plain. Gradient descent at 0.1 stays where it is from radius 4 on; Adam crosses from 4 to 7.",
    domain: within(8),
    minima: origin,
    f: ([x, y]) => x.square().plus(y.square()).times(-0.5).exp().times(-1).plus(1),
  },
  canal: {
    name: "canal",
    formula: "10 (y − sin 1.5x)² + 0.1x²",
    source: OURS,
    note: "A ravine that turns. The origin is its only critical point, with eigenvalues 0.06141 and 65.1386.",
    domain: (i) => (i === 0 ? [-4, 4] : [-2, 2]),
    minima: origin,
    f: ([x, y]) => y.minus(x.times(1.5).sin()).square().times(10).plus(x.square().times(0.1)),
  },
} satisfies Record<string, Surface>;
