/** What papers report, beside what the sum of docs/scale.md makes of their own figures. */

/** 46M parameters on 8 GPUs (Seide et al., 2014): by so many rows a batch, times as fast as one GPU. */
const SEIDE = { machines: 8, rowsPerSecond: 27_000 / 3.6, measured: { 2880: 3.6, 16384: 6.3 } } as const;

export function papers(print: (line: string) => void): void {
  print("\n| paper | what it reports | the sum |\n| - | - | - |");
  // All gradients go out and come in once while the backward pass runs.
  const gigabits = (2 * 100e6 * 8) / 0.12 / 1e9;
  print(
    `| Goyal et al., 2017 | 100 MB of gradients behind a backward pass of 120 ms, 50 Gb/s links; 90 % of linear | needs ${gigabits.toFixed(1)} Gb/s |`,
  );
  const { machines, rowsPerSecond, measured } = SEIDE;
  const alone = (rows: number): number => rows / rowsPerSecond;
  const exchanged = alone(2880) / measured[2880] - alone(2880) / machines;
  const expected = alone(16_384) / (alone(16_384) / machines + exchanged);
  print(
    `| Seide et al., 2014 | 8 GPUs: ${measured[2880]} times one at 2,880 rows, ${measured[16_384]} at 16k | ${(1000 * exchanged).toFixed(0)} ms a step for all but gradients, by the first; then ${expected.toFixed(1)} at 16k |`,
  );
  // Whatever bits cost, they cannot save more than all of the exchange.
  print(
    `| Alistarh et al., 2017 | 16 GPUs: 1.8 times as fast with quantized gradients as with f32 | of the step with f32 at least ${(100 * (1 - 1 / 1.8)).toFixed(0)} % was the exchange |`,
  );
}
