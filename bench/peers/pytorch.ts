/** PyTorch in a process of its own (pytorch.py), timed there by the protocol of the harness. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Contestant } from "./contestant.js";
import { HYPER } from "./work.js";

type Reply = { error?: string; ms: number; loss: number; version: string; blas: string };

export async function pytorch(threads: number): Promise<Contestant> {
  const folder = mkdtempSync(join(tmpdir(), "thalweg-torch-"));
  const child = spawn(python(), [fileURLToPath(new URL("pytorch.py", import.meta.url)), String(threads)], {
    stdio: ["pipe", "pipe", "inherit"],
    // OpenBLAS has threads of its own, which PyTorch's setting does not reach.
    env: { ...process.env, OPENBLAS_NUM_THREADS: String(threads), OMP_NUM_THREADS: String(threads) },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let files = 0;
  const file = (): string => join(folder, String(files++));
  const write = (values: Float32Array | Int32Array): string => {
    const path = file();
    writeFileSync(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return path;
  };
  const read = (path: string): Float32Array => {
    const { buffer, byteOffset, byteLength } = readFileSync(path);
    return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  };
  async function ask(cmd: string, id = 0, more: object = {}): Promise<Reply> {
    child.stdin.write(`${JSON.stringify({ cmd, id, ...more })}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error("PyTorch's process has ended");
    const reply = JSON.parse(value) as Reply;
    if (reply.error) throw new Error(`PyTorch: ${reply.error}`);
    return reply;
  }
  let ids = 0;
  async function make(cmd: string, more: object) {
    const id = ++ids;
    await ask(cmd, id, more);
    return {
      id,
      run: { sample: async (time: number) => (await ask("sample", id, { ms: time })).ms },
      steps: (count: number) => ask("steps", id, { count }),
      dispose: () => void ask("dispose", id),
      async output() {
        const path = file();
        await ask("output", id, { path });
        return read(path);
      },
    };
  }
  const { version, blas } = await ask("version");
  return {
    // Debian's own dependency is the reference BLAS, some eight times slower.
    name: `PyTorch ${version.match(/^\d+\.\d+/)![0]}, ${blas}`,
    product: ({ m, k, n, layout }, a, b) => make("product", { m, k, n, layout, a: write(a), b: write(b) }),
    optimizer: (rule, p, g) => make("optimizer", { rule, p: write(p), g: write(g), hyper: HYPER }),
    async training({ widths, batch }, initial, { x, labels }) {
      const data = { x: write(x), labels: write(labels), initial: initial.map(write) };
      const piece = await make("training", { widths, batch, ...data, hyper: HYPER });
      return {
        ...piece,
        async predict(values) {
          const path = file();
          await ask("predict", piece.id, { x: write(values), path });
          return read(path);
        },
      };
    },
    close() {
      child.stdin.end();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The first Python that has PyTorch. */
function python(): string {
  const candidates = [process.env.THALWEG_PYTHON, "python3", "/usr/bin/python3"].filter((path) => path !== undefined);
  for (const path of candidates) {
    try {
      execFileSync(path, ["-c", "import torch"], { stdio: "ignore" });
      return path;
    } catch {}
  }
  throw new Error(`no PyTorch in ${candidates.join(", ")}: on Debian, apt-get install python3-torch libopenblas0`);
}
