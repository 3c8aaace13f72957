/** What sending gradients between machines costs: a model of a network, and the two ways over it. */

export interface Network {
  /** Bits a second, of each machine in each direction. */
  bandwidth: number;
  /** Seconds of a message that is empty. */
  latency: number;
}

/** Links by name: a switch adds some 50 µs to a message of a process to another's over TCP. */
export const NETWORKS: Readonly<Record<string, Network>> = {
  "1 Gb/s": { bandwidth: 1e9, latency: 50e-6 },
  "10 Gb/s": { bandwidth: 10e9, latency: 50e-6 },
  "25 Gb/s": { bandwidth: 25e9, latency: 50e-6 },
  "100 Gb/s": { bandwidth: 100e9, latency: 10e-6 },
};

export const transfer = (bytes: number, { bandwidth, latency }: Network): number => latency + (8 * bytes) / bandwidth;

/** Seconds until n machines have the sum of what each has: a ring, each of 2 (n − 1) rounds with one n-th of the bytes. */
export const allReduce = (bytes: number, n: number, network: Network): number =>
  n === 1 ? 0 : 2 * (n - 1) * transfer(bytes / n, network);

/** Seconds until each of n machines has what the others have: for compressed gradients, whose sum has another form. */
export const allGather = (bytes: number, n: number, network: Network): number => (n - 1) * transfer(bytes, network);

export type Compression = "none" | "8 bits" | "signs";

/** Seconds to exchange gradients of so many parameters. */
export function exchange(parameters: number, n: number, compression: Compression, network: Network): number {
  if (n === 1) return 0;
  const whole = allReduce(4 * parameters, n, network);
  if (compression === "none") return whole;
  return allGather(compression === "8 bits" ? parameters : parameters / 8, n, network);
}

/** Speed-up over one machine: a step of all rows there, against one of a share of them and the exchange. */
export const speedUp = (alone: number, share: number, exchanged: number): number => alone / (share + exchanged);
