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
  const { journal, entries } = await Journal.open(path, "p");
  expect(entries).toEqual([]);
  await Promise.all(["a", "b", "c"].map((job) => journal.append({ job, outcome })));
  await journal.close();
}
const jobsIn = async (path: string) => {
  const { journal, entries } = await Journal.open(path, "p");
  await journal.close();
  return entries.map(({ job }) => job);
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
    const { journal, entries } = await Journal.open(path, "p");
    expect(entries).toHaveLength(3);
    await journal.append({ job: "e", outcome });
    await journal.close();
    expect(await jobsIn(path)).toEqual(["a", "b", "c", "e"]);
  }
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
])("refuses %s, and leaves it as it is", async (_, change, message) => {
  const path = fresh();
  await with3(path);
  const text = change(await readFile(path, "utf8"));
  await writeFile(path, text);
  await expect(Journal.open(path, "p")).rejects.toThrow(message);
  expect(await readFile(path, "utf8")).toBe(text);
});
