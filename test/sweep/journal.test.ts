/** The journal of a sweep: what it keeps, what it repairs, what it refuses. */
import { appendFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Journal } from "../../src/sweep/journal.js";

const folder = await mkdtemp(join(process.env.THALWEG_TEST_FOLDER!, "journal-"));
let files = 0;
const fresh = () => join(folder, `${files++}.jsonl`);
const outcome = { measures: { loss: 1 } };

async function with3(path: string): Promise<void> {
  const { journal, known } = await Journal.open(path, "p");
  expect(known.size).toBe(0);
  await Promise.all(["a", "b", "c"].map((job) => journal.append({ job, outcome })));
  await journal.close();
}
const jobsIn = async (path: string) => {
  const { journal, known } = await Journal.open(path, "p");
  await journal.close();
  return [...known.keys()];
};

it("gives back what was appended, several at a time too", async () => {
  const path = fresh();
  await with3(path);
  expect(await jobsIn(path)).toEqual(["a", "b", "c"]);
});

it("cuts off a line that a kill left unfinished, at any byte of it, and goes on", async () => {
  const line = JSON.stringify({ job: "d", outcome: { failed: "überrascht" } });
  const bytes = Buffer.from(line);
  for (let end = 1; end <= bytes.length; end += 7) {
    const path = fresh();
    await with3(path);
    await appendFile(path, bytes.subarray(0, end));
    const { journal, known } = await Journal.open(path, "p");
    expect(known.size).toBe(3);
    await journal.append({ job: "e", outcome });
    await journal.close();
    expect(await jobsIn(path)).toEqual(["a", "b", "c", "e"]);
  }
});

it("cuts off zeros, which a power cut can leave", async () => {
  const path = fresh();
  await with3(path);
  await appendFile(path, Buffer.alloc(4096));
  expect(await jobsIn(path)).toEqual(["a", "b", "c"]);
  const empty = fresh();
  await writeFile(empty, Buffer.alloc(100));
  expect(await jobsIn(empty)).toEqual([]);
});

it("reads lines over the ends of what it reads at a time, and of two of one job takes the first", async () => {
  const path = fresh();
  const { journal } = await Journal.open(path, "p");
  const failed = "ü".repeat(10_000);
  for (let i = 0; i < 150; i++) await journal.append({ job: `j${i % 140}`, outcome: { failed: failed + i } });
  await journal.close();
  const { journal: again, known } = await Journal.open(path, "p");
  await again.close();
  expect(known.size).toBe(140);
  expect(known.get("j3")).toEqual({ failed: `${failed}3` });
});

it("begins anew after a kill within the first line", async () => {
  const path = fresh();
  await with3(path);
  const whole = await readFile(path, "utf8");
  await writeFile(path, whole.slice(0, 12));
  expect(await jobsIn(path)).toEqual([]);
});

it.each([
  ["another plan's journal", (text: string) => text.replace('"p"', '"q"'), /expected the journal of this plan/],
  ["another file", () => "a,b\n1,2\n", /expected the journal of a sweep, got another file/],
  ["a file without a line", () => "important", /expected the journal of a sweep, got another file/],
  ["a damaged line", (text: string) => text.replace('"job":"b"', '"job":b'), /line 3: expected the outcome of a job/],
  [
    "a number that is none",
    (text: string) => text.replace('"loss":1', '"loss":null'),
    /line 2: expected the outcome of/,
  ],
])("refuses %s, and leaves it as it is", async (_, change, message) => {
  const path = fresh();
  await with3(path);
  const text = change(await readFile(path, "utf8"));
  await writeFile(path, text);
  await expect(Journal.open(path, "p")).rejects.toThrow(message);
  expect(await readFile(path, "utf8")).toBe(text);
});
