/** What the figures share: canvases as large as the element, drawn at most once a frame, in the palette of the page. */
import { effect } from "@preact/signals-core";
import { CanvasPen } from "../draw/canvasPen.js";
import type { Palette } from "../draw/palette.js";
import type { Pen } from "../draw/pen.js";
import { isDark, palette } from "./theme.js";

/** More device pixels are not seen, and cost as much again. */
const MOST_PIXELS = 2;

export abstract class Figure extends HTMLElement {
  readonly #canvases: HTMLCanvasElement[] = [];
  readonly #layers: number;
  #observer: ResizeObserver | undefined;
  #stop: (() => void) | undefined;
  #frame = 0;
  protected wide = 0;
  protected high = 0;
  /** Changes with the size and the palette: layers that were drawn under another one are drawn anew. */
  protected look = "";

  constructor(layers: number) {
    super();
    this.#layers = layers;
  }

  /** The height for a width. */
  protected abstract heightFor(width: number): number;
  protected abstract paint(pens: readonly CanvasPen[], palette: Palette): void;
  protected ready(): void {}
  /** Draws the figure on any pen, for a file; returns its height. */
  abstract drawOn(pen: Pen, width: number, palette: Palette): number;

  connectedCallback(): void {
    if (this.#canvases.length === 0) {
      this.classList.add("figure");
      for (let i = 0; i < this.#layers; i++) {
        const canvas = document.createElement("canvas");
        canvas.setAttribute("aria-hidden", "true");
        this.#canvases.push(canvas);
        this.append(canvas);
      }
      this.ready();
    }
    this.#observer = new ResizeObserver(() => this.schedule());
    this.#observer.observe(this);
    this.#stop = effect(() => {
      isDark();
      this.schedule();
    });
  }

  disconnectedCallback(): void {
    this.#observer?.disconnect();
    this.#stop?.();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /** Draws at the next frame; a hidden page has none. */
  protected schedule(): void {
    if (this.#frame !== 0 || !this.isConnected) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const width = this.clientWidth;
    if (width === 0) return;
    const height = Math.round(this.heightFor(width));
    const scale = Math.min(MOST_PIXELS, globalThis.devicePixelRatio || 1);
    const colours = palette();
    if (width !== this.wide || height !== this.high || !this.look.endsWith(`${scale}`)) {
      this.wide = width;
      this.high = height;
      this.style.height = `${height}px`;
      for (const canvas of this.#canvases) {
        canvas.width = Math.round(width * scale);
        canvas.height = Math.round(height * scale);
      }
    }
    this.look = `${width} ${height} ${colours.paper} ${scale}`;
    const pens = this.#canvases.map((canvas) => {
      const context = canvas.getContext("2d")!;
      context.setTransform(scale, 0, 0, scale, 0, 0);
      return new CanvasPen(context);
    });
    this.paint(pens, colours);
  }
}
