/** Fetches a binary by its address. */
export async function fetched(where: URL | string): Promise<BufferSource> {
  const url = new URL(where, typeof location === "object" ? location.href : undefined);
  if (url.protocol === "file:") {
    // For Node, Deno and Bun, whose fetch reads no files. Found by name, so that bundlers for the browser see no import.
    const files = globalThis.process?.getBuiltinModule?.("node:fs/promises");
    if (files) return files.readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.arrayBuffer();
}
