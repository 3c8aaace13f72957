/** Runs rows, a few at a time. */
import { project, remove, removeRun, run } from "./install.js";
import { closePages } from "./pages.js";
import { judge, outcomeOf, type Result, type Row } from "./row.js";

/** What the training comes to in this Node on the js backend, whose bits are the definition. */
async function reference(): Promise<string> {
  const row: Row = { name: "reference", run: async () => undefined };
  const { folder, write } = await project(row);
  write({ "reference.js": node('{ backend: "js", simd: undefined }') });
  return outcomeOf(await run(folder, process.execPath, ["reference.js"])).hash;
}

/** A module that trains and prints the outcome. */
export const node = (options = "{}"): string =>
  `import { train } from "./training.js";\nconsole.log("OUTCOME " + JSON.stringify(await train(${options})));\n`;

let hash: Promise<string> | undefined;

/** Runs one row. */
export async function runRow(row: Row): Promise<Result> {
  try {
    hash ??= reference();
    const want = await hash;
    const host = await project(row);
    try {
      return await judge(row, host, want);
    } finally {
      remove(host.folder); // each has a copy of the library
    }
  } catch (error) {
    const { name, configuration = "" } = row;
    const reason = `not installed: ${(error as Error).message}`;
    return { name, configuration, works: false, ok: false, backend: "", reason, seconds: 0 };
  }
}

/** Runs rows, `jobs` at a time, and tells of each as it ends; returns them in their order. */
export async function runRows(rows: readonly Row[], jobs: number, tell: (result: Result) => void): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < rows.length; i = next++) tell((results[i] = await runRow(rows[i])));
  };
  try {
    await Promise.all(Array.from({ length: jobs }, work));
    return results;
  } finally {
    await end();
  }
}

/** Closes browsers and servers, and removes what the rows made. */
export async function end(): Promise<void> {
  await closePages();
  removeRun();
}
