/** The plane: a surface seen from above, trails across it, and a start that can be moved. Three layers. */
import { CanvasPen } from "../draw/canvasPen.js";
import type { Palette } from "../draw/palette.js";
import type { Pen } from "../draw/pen.js";
import { pointText } from "../draw/scale.js";
import { paintBands, type Relief, reliefOf, type Window, windowOf } from "../draw/terrain.js";
import { Figure } from "./figure.js";
import {
  drawGround,
  drawHeads,
  drawTrail,
  type Hit,
  type PlaneScene,
  type PlaneView,
  planeView,
  type Trail,
} from "./planeScene.js";

/** Pixels: a pointer this near is on a trail. */
const NEAR = 22;

export class ArenaPlane extends Figure {
  #scene: PlaneScene | undefined;
  #handle: HTMLButtonElement | undefined;
  #terrain = "";
  #marks: PlaneScene["marks"];
  #trails: readonly Trail[] = [];
  #trailLook = "";
  #drawn = 0;
  #dragging = false;

  constructor() {
    super(3);
  }

  set scene(scene: PlaneScene) {
    this.#scene = scene;
    this.setAttribute("aria-label", scene.label);
    this.schedule();
  }

  protected override heightFor(width: number): number {
    const [x0, x1, y0, y1] = this.#window();
    return (width * (y1 - y0)) / (x1 - x0);
  }

  #window(): Window {
    const scene = this.#scene;
    return scene === undefined ? [0, 1, 0, 1] : (scene.window ?? windowOf(scene.landscape));
  }

  protected override ready(): void {
    this.setAttribute("role", "group");
    const handle = document.createElement("button");
    handle.type = "button";
    handle.className = "handle";
    this.append(handle);
    this.#handle = handle;
    handle.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("pointerdown", (event) => this.#down(event));
    this.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"] as const)
      this.addEventListener(end, () => {
        this.#dragging = false;
      });
    this.addEventListener("pointerleave", () => this.#scene?.onHover?.(undefined));
    // A tap drops the ball; a finger that moves on the plane scrolls the page, and one on the handle drags.
    this.addEventListener("click", (event) => {
      if (event.detail > 0) this.#drop(event);
    });
  }

  protected override paint([below, middle, above]: readonly CanvasPen[], palette: Palette): void {
    const scene = this.#scene;
    if (scene === undefined) return;
    const window = this.#window();
    const view = planeView(window, this.wide, this.high);
    const key = `${this.look} ${scene.landscape.name} ${window.join()}`;
    if (key !== this.#terrain || scene.marks !== this.#marks) {
      this.#terrain = key;
      this.#marks = scene.marks;
      const relief = reliefOf(scene.landscape, window);
      paintBands(below.context, relief, palette);
      drawGround(below, scene, relief, view, palette);
    }
    this.#paintTrails(middle, scene, view, key, palette);
    above.context.clearRect(0, 0, this.wide, this.high);
    drawHeads(above, scene, view, palette);
    this.#placeHandle(scene, view);
  }

  /** Adds what is new to the trails; draws them anew where they are others, or go back. */
  #paintTrails(pen: CanvasPen, { trails, shown }: PlaneScene, view: PlaneView, look: string, palette: Palette): void {
    const to = shown ?? Number.POSITIVE_INFINITY;
    if (trails !== this.#trails || look !== this.#trailLook || to < this.#drawn) {
      pen.context.clearRect(0, 0, this.wide, this.high);
      this.#drawn = 0;
    }
    this.#trails = trails;
    this.#trailLook = look;
    if (to > this.#drawn) for (const trail of trails) drawTrail(pen, trail, this.#drawn, to, view, palette);
    this.#drawn = to;
  }

  #placeHandle({ start, onStart, startLabel = "Start" }: PlaneScene, view: PlaneView): void {
    const handle = this.#handle!;
    handle.hidden = start === undefined || onStart === undefined;
    if (start === undefined) return;
    handle.style.left = `${view.px(start[0])}px`;
    handle.style.top = `${view.py(start[1])}px`;
    const name = `${startLabel} ${pointText(start)}. Arrow keys move it`;
    if (handle.getAttribute("aria-label") !== name) handle.setAttribute("aria-label", name);
  }

  /** The point of the surface below the pointer, within the domain. */
  #point(event: MouseEvent): [number, number] {
    const box = this.getBoundingClientRect();
    const [x0, x1, y0, y1] = this.#window();
    const x = x0 + ((event.clientX - box.left) / box.width) * (x1 - x0);
    const y = y1 - ((event.clientY - box.top) / box.height) * (y1 - y0);
    return this.#within([x, y]);
  }

  #within([x, y]: readonly number[]): [number, number] {
    const [[x0, x1], [y0, y1]] = this.#scene!.landscape.domain;
    const clamp = (value: number, from: number, to: number): number =>
      Number(Math.max(from, Math.min(to, value)).toPrecision(4));
    return [clamp(x, x0, x1), clamp(y, y0, y1)];
  }

  #down(event: PointerEvent): void {
    if (this.#scene?.onStart === undefined || event.button !== 0) return;
    if (event.pointerType === "touch" && event.target !== this.#handle) return;
    this.#dragging = true;
    this.setPointerCapture(event.pointerId);
    event.preventDefault(); // no text is selected by the way
    this.#handle!.focus({ preventScroll: true });
    this.#drop(event);
  }

  #drop(event: MouseEvent): void {
    this.#scene?.onStart?.(this.#point(event));
  }

  #move(event: PointerEvent): void {
    if (this.#dragging) this.#drop(event);
    else if (event.pointerType !== "touch") this.#scene?.onHover?.(this.#nearest(event));
  }

  #nearest(event: PointerEvent): Hit | undefined {
    const { trails, shown = Number.POSITIVE_INFINITY } = this.#scene!;
    const box = this.getBoundingClientRect();
    const view = planeView(this.#window(), this.wide, this.high);
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let found: Hit | undefined;
    let least = NEAR * NEAR;
    for (const { path, series, ghost } of trails) {
      for (let step = 0; !ghost && step < path.length && step <= shown; step++) {
        const apart = (view.px(path[step][0]) - x) ** 2 + (view.py(path[step][1]) - y) ** 2;
        if (apart < least) {
          least = apart;
          found = { series, step };
        }
      }
    }
    return found;
  }

  #key(event: KeyboardEvent): void {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const { start, onStart } = this.#scene ?? {};
    if (way === undefined || start === undefined || onStart === undefined) return;
    event.preventDefault();
    const [x0, x1, y0, y1] = this.#window();
    const by = event.shiftKey ? 400 : 40;
    onStart(this.#within([start[0] + (way[0] * (x1 - x0)) / by, start[1] + (way[1] * (y1 - y0)) / by]));
  }

  /** The scene on any pen: a file of SVG has the lines of the terrain without its bands. */
  override drawOn(pen: Pen, width: number, palette: Palette): number {
    const scene = this.#scene!;
    const height = Math.round(this.heightFor(width));
    const view = planeView(this.#window(), width, height);
    const relief = reliefOf(scene.landscape, this.#window());
    pen.within(0, 0, width, height, () => {
      if (pen instanceof CanvasPen) this.#bandsOn(pen, relief, width, height, palette);
      drawGround(pen, scene, relief, view, palette);
      for (const trail of scene.trails)
        drawTrail(pen, trail, 0, scene.shown ?? Number.POSITIVE_INFINITY, view, palette);
      drawHeads(pen, scene, view, palette);
      if (scene.start)
        pen.disc(view.px(scene.start[0]), view.py(scene.start[1]), 6, undefined, { colour: palette.ink, width: 2 });
    });
    return height;
  }

  #bandsOn(pen: CanvasPen, relief: Relief, width: number, height: number, palette: Palette): void {
    const canvas = document.createElement("canvas");
    canvas.width = width * 2;
    canvas.height = height * 2;
    paintBands(canvas.getContext("2d")!, relief, palette);
    pen.context.drawImage(canvas, 0, 0, width, height);
  }
}
