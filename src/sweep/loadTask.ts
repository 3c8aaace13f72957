import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { readTable } from "../node/tableFile.js";
import type { TaskPlan } from "./plan.js";
import { reasonOf } from "./runJob.js";
import { tableTask } from "./tableTask.js";
import type { Task } from "./task.js";

/**
 * Loads the task of a plan from this machine's disk.
 *
 * @throws Error naming the path, for a file that is not there, no table, or a module without a function `run`
 */
export async function loadTask(task: TaskPlan): Promise<Task> {
  if ("table" in task) return tableTask(await readTable(task.table));
  const module = await imported(task.module);
  if (typeof module.run !== "function")
    throw new TypeError(`${task.module}: expected a module that exports a function run(settings, context), got none`);
  return { run: module.run };
}

async function imported(path: string): Promise<Partial<Task>> {
  const wrong = (got: string, cause?: unknown) =>
    new Error(`${path}: expected a module that can be loaded, got ${got}`, { cause });
  const there = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw wrong(error.code === "ENOENT" ? "no such file" : `${error.code}`, error);
  });
  if (!there.isFile()) throw wrong(there.isDirectory() ? "a directory" : "a pipe or a device");
  const { href } = pathToFileURL(path);
  try {
    return (await import(href)) as Partial<Task>;
  } catch (error) {
    const where = error instanceof SyntaxError ? `; node --check ${path} says where` : "";
    throw wrong(`an error: ${reasonOf(error)}${where}`, error);
  }
}

/**
 * SHA-256 of what a task is read from, so that results are not taken for those of other data. What a module imports is not
 * part of it.
 */
export async function contentOf(task: TaskPlan): Promise<string> {
  const path = "table" in task ? task.table : task.module;
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
