import { constants, type Stats } from "node:fs";
import { open, readlink, realpath, rename, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

let count = 0;

/**
 * Writes a file whole or not at all: into a temporary file beside it, forced to the disk, then renamed, and the folder
 * forced to the disk as well. What was there stays until the new file is complete, and the new file keeps its mode and its
 * owner. A symbolic link stays one, and its target is replaced. What is no regular file (a pipe, a terminal, /dev/null) is
 * written to and never replaced.
 *
 * @throws the file system's error (`code` "ENOENT", "EACCES", "ENOSPC" …), with what was there as it was
 * @example
 * await writeFileAtomic("model.safetensors", saveWeights(model));
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  const target = await followed(path);
  const before = await stat(target).catch(missing);
  if (before && !before.isFile() && !before.isDirectory()) return writeFile(target, bytes);
  // A name of its own: of two that write at once, one would else rename what the other is still writing.
  const temporary = `${target}.${process.pid}-${++count}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      if (before?.isFile()) {
        // The owner first: a change of owner clears bits of the mode. Only root may give files away.
        await file.chown(before.uid, before.gid).catch(() => {});
        await file.chmod(before.mode & 0o7777);
      }
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(target));
}

/** Where a path leads over symbolic links, the last of which may lead nowhere yet. */
async function followed(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const link = await readlink(path).catch(() => undefined);
    return link === undefined ? path : resolve(dirname(path), link);
  }
}

function missing(error: NodeJS.ErrnoException): Stats | undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}

/**
 * A rename lasts when its folder is on the disk. Where the folder cannot be opened or synced (Windows, a folder that may be
 * written to but not read, some network disks) the file is complete all the same, and when the rename reaches the disk is up
 * to the file system.
 */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY).catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}
