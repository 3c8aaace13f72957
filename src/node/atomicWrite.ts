import { constants } from "node:fs";
import { open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

let count = 0;

/**
 * Writes a file whole or not at all: into a temporary file beside it, forced to the disk, then renamed, and the folder
 * forced to the disk as well. What was there stays until the new is complete.
 *
 * @example
 * await writeFileAtomic("model.safetensors", saveWeights(model));
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  // A name of its own: of two that write at once, one would else rename what the other is still writing.
  const temporary = `${path}.${process.pid}-${++count}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

/** A rename lasts when its folder is on the disk. Windows cannot open one, and does not need to. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
