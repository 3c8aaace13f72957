/** What moves on a page of the documentation: the button of the theme, the menu of pages on narrow screens, the search. */
import { startSearch } from "./search.js";

const page = document.documentElement;
const label = document.querySelector<HTMLElement>(".theme span")!;
const showTheme = (): void => {
  label.textContent = page.dataset.theme === "dark" ? "Light" : "Dark"; // what the button leads to
};
document.querySelector(".theme")!.addEventListener("click", () => {
  page.dataset.theme = page.dataset.theme === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("thalweg-theme", page.dataset.theme);
  } catch {}
  showTheme();
});
showTheme();

const menu = document.querySelector<HTMLButtonElement>(".menu")!;
const rail = document.getElementById("rail")!;
menu.addEventListener("click", () => {
  const open = rail.dataset.open !== "yes";
  rail.dataset.open = open ? "yes" : "no";
  menu.setAttribute("aria-expanded", String(open));
});
rail.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });

startSearch(document.querySelector<HTMLInputElement>(".search input")!, document.querySelector<HTMLElement>(".found")!);
