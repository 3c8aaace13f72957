/** How a page of benches tells the server that serves it (serve.ts) what it does and what it comes to. */

const post = (path: string, body: string) => fetch(`/${path}`, { method: "POST", body });

/** Runs the work of the page with the options of its address, and hands in what it returns, or why it failed. */
export async function report(
  work: (options: URLSearchParams, say: (progress: string) => void) => Promise<unknown>,
): Promise<void> {
  const state = document.getElementById("state")!;
  const say = (progress: string): void => {
    state.textContent = `${progress}. Leave the page in front.`;
    void post("progress", progress);
  };
  try {
    await post("results", JSON.stringify(await work(new URL(location.href).searchParams, say)));
    state.textContent = "Done: the server has the figures.";
  } catch (error) {
    const reason = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
    state.textContent = reason;
    await post("failure", reason);
  }
}
