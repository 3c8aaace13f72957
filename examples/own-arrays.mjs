// An optimizer without a model: the parameters and their gradients are arrays of yours. Here they are the coefficients of
// a parabola, fitted to points by least squares.
import { adam, createEngine, schedules } from "thalweg";

// Points of y = 2 - x + 0.5 x².
const points = Array.from({ length: 41 }, (_, i) => {
  const x = (i - 20) / 10;
  return { x, y: 2 - x + 0.5 * x * x };
});

const coefficients = new Float32Array(3);
const gradient = new Float32Array(3);

/** Mean squared error over the points; leaves its gradient in `gradient`. */
function loss() {
  const [a, b, c] = coefficients;
  let total = 0;
  gradient.fill(0);
  for (const { x, y } of points) {
    const error = a + b * x + c * x * x - y;
    total += error * error;
    gradient[0] += (2 * error) / points.length;
    gradient[1] += (2 * error * x) / points.length;
    gradient[2] += (2 * error * x * x) / points.length;
  }
  return total / points.length;
}

const engine = await createEngine({ simd: "strict" }); // the same bits on every host
const steps = 500;
const opt = adam([engine.attach(coefficients, { grad: gradient })], { lr: schedules.cosine(0.1, { steps }) });

for (let i = 0; i < steps; i++) {
  const value = opt.step(loss); // calls loss, then takes the step
  if (i % 100 === 0) console.log(`step ${i}: loss ${value.toExponential(2)}`);
}
console.log(`y = ${coefficients[0].toFixed(3)} + ${coefficients[1].toFixed(3)} x + ${coefficients[2].toFixed(3)} x²`);

opt.dispose();
engine.dispose();
