// @ts-check
/** The bar above the letter: views, widths, what other readers get, and the mail service it is shown for. */

import { all, find } from "./dom.js";
import { remember } from "./look.js";

/** The smallest and the largest width that the grip gives, in pixels. */
const NARROW = 240;
const WIDE = 1600;

/** Pixels that an arrow key moves the grip by. */
const STEP = 10;

/** @param {number} width */
const within = (width) => String(Math.round(Math.min(WIDE, Math.max(NARROW, width))));

export class Controls {
  /**
   * @param {import("./look.js").Look} look changed by the controls, and kept for the next visit
   * @param {import("./frame.js").LetterFrame} frame
   * @param {(keepScroll: boolean) => void} reload shows the letter anew, at the same height or at its top
   */
  constructor(look, frame, reload) {
    this.look = look;
    this.frame = frame;
    this.reload = reload;
  }

  /** Show the look that is chosen, and follow the editor's choices from now on. */
  follow() {
    this.#show();
    this.#setWidth(this.look.width);
    for (const input of all(".bar input")) input.addEventListener("change", () => this.#choose(input));
    find("#targets").addEventListener("change", (/** @type {Event} */ event) => {
      this.look.target = /** @type {HTMLSelectElement} */ (event.target).value;
      this.#changed(true);
    });
    this.#followGrip(find("#grip"));
    new ResizeObserver(() => {
      find("#measure").textContent = `${Math.round(this.frame.width)} px`;
    }).observe(find("#device"));
  }

  /** @param {HTMLInputElement} input */
  #choose(input) {
    if (input.name === "width") {
      this.#setWidth(input.value);
      return;
    }
    const isOn = input.type === "radio" || input.checked;
    this.look[input.name] = isOn ? input.value : (input.dataset.off ?? "");
    // Another view is another text, in which the height of the one before means nothing.
    this.#changed(input.name !== "view");
  }

  /** @param {boolean} keepScroll */
  #changed(keepScroll) {
    remember(this.look);
    this.#show();
    this.reload(keepScroll);
  }

  #show() {
    for (const input of all(".bar input")) input.checked = this.look[input.name] === input.value;
    document.body.dataset.view = this.look.view;
    const targets = find("#targets");
    targets.value = this.look.target;
    // The target of the last visit may have gone from the settings.
    if (targets.selectedIndex < 0) targets.value = this.look.target = "";
    const remarks = targets.selectedOptions[0].dataset.remarks ?? "";
    find("#remarks").textContent = remarks;
    find("#remarks").hidden = !remarks;
  }

  /** @param {string} width pixels, or `full` */
  #setWidth(width) {
    this.look.width = width;
    find("#device").style.width = width === "full" ? "100%" : `${width}px`;
    const pixels = Math.round(this.frame.width);
    find("#grip").setAttribute("aria-valuenow", String(pixels));
    find("#measure").textContent = `${pixels} px`;
    for (const input of all("input[name=width]")) input.checked = input.value === width;
    remember(this.look);
  }

  /** @param {HTMLElement} grip */
  #followGrip(grip) {
    grip.addEventListener("pointerdown", (down) => {
      const before = this.frame.width;
      // Else the frame below would take the pointer as soon as it is above the letter.
      grip.setPointerCapture(down.pointerId);
      document.body.classList.add("dragging");
      const drag = (/** @type {PointerEvent} */ move) => {
        // The letter stands in the middle: a step of the hand is two of the width.
        this.#setWidth(within(before + 2 * (move.clientX - down.clientX)));
      };
      grip.addEventListener("pointermove", drag);
      grip.addEventListener("lostpointercapture", () => {
        grip.removeEventListener("pointermove", drag);
        document.body.classList.remove("dragging");
      }, { once: true });
    });
    grip.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
      if (!by) return;
      event.preventDefault();
      this.#setWidth(within(this.frame.width + by));
    });
  }
}
