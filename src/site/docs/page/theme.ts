/** Runs before anything is drawn: the palette that the reader has chosen, here or in the arena (its figures/theme.ts). */
{
  let kept: string | null = null;
  try {
    kept = localStorage.getItem("thalweg-theme");
  } catch {}
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = kept === "light" || kept === "dark" ? kept : system;
  document.documentElement.dataset.script = "yes";
}
