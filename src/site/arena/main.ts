/** The page: registers its figures, and opens the station that the address names. */
import { ArenaChart } from "./figures/chart.js";
import { ArenaPlane } from "./figures/plane.js";
import { keepTheme } from "./figures/theme.js";
import { startShell } from "./shell.js";

customElements.define("arena-plane", ArenaPlane);
customElements.define("arena-chart", ArenaChart);
keepTheme();
startShell(document.getElementById("arena")!);
