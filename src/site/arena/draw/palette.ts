/** Colours of figures, light and dark. test/site/colours.test.ts computes their contrast. */

export interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly quiet: string;
  readonly rule: string;
  /** The terrain from its floor to its heights, and its lines. */
  readonly floor: readonly [number, number, number];
  readonly height: readonly [number, number, number];
  readonly contour: string;
  readonly index: string;
  /** What stands around trails and labels, so that lines below do not run into them. */
  readonly casing: string;
  readonly series: readonly string[];
}

// After Okabe & Ito (2008), darkened or lightened until each has 4.5 to 1 on paper and 3 to 1 on all of the terrain.
export const LIGHT: Palette = {
  paper: "#fcfbf8",
  ink: "#1b1f23",
  quiet: "#596066",
  rule: "#dedad2",
  floor: [203, 218, 220],
  height: [250, 248, 242],
  contour: "#aebbbb",
  index: "#839595",
  casing: "#fcfbf8",
  series: ["#b8430a", "#0062a8", "#00694c", "#9c2f72", "#6b5000", "#33383d", "#5b45b0", "#a3202e"],
};

export const DARK: Palette = {
  paper: "#14171a",
  ink: "#e9e7e2",
  quiet: "#a7adb2",
  rule: "#30363b",
  floor: [13, 30, 38],
  height: [38, 42, 45],
  contour: "#42525a",
  index: "#5f727a",
  casing: "#14171a",
  series: ["#ff9a57", "#63b8f2", "#3ad0a4", "#f0a0cd", "#e6d34a", "#d5d8da", "#b3a5f5", "#ff8f8f"],
};

/** Beside its colour each series has a dash and a marker, so that no one has to tell colours apart. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [8, 4],
  [2, 3.5],
  [9, 3, 2, 3],
  [14, 4],
  [4, 4],
  [9, 3, 2, 3, 2, 3],
  [1.5, 5],
];
export const MARKERS = ["circle", "square", "triangle", "diamond", "cross", "down", "plus", "ring"] as const;
export type Marker = (typeof MARKERS)[number];

export const colourOf = (palette: Palette, series: number): string => palette.series[series % palette.series.length];
export const dashOf = (series: number): readonly number[] => DASHES[series % DASHES.length];
export const markerOf = (series: number): Marker => MARKERS[series % MARKERS.length];
