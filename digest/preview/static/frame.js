// @ts-check
/**
 * The letter's frame, which changes its content without a flash: a second frame loads behind the first, is scrolled to
 * the same height and takes its place.
 */

/** Milliseconds between two looks at whether the next letter's text has arrived. */
const LOOK = 10;

/** Milliseconds that pictures have after the text; those from far away come later and must not hold up the words. */
const PICTURES = 60;

/** Pixels of difference up to which the reader is taken not to have scrolled. */
const SCROLL_SLACK = 2;

export class LetterFrame {
  /** @type {HTMLIFrameElement} the frame that shows */
  #current;
  /** @type {HTMLIFrameElement | null} the frame that loads behind it */
  #next = null;
  /** Where the current frame was scrolled to when it was shown. */
  #shownAt = 0;
  /** Resolves the promise of the load that is under way. */
  #settle = () => {};

  /**
   * @param {HTMLIFrameElement} first the frame of the page, still empty
   * @param {object} options
   * @param {HTMLElement} options.device the element that holds the frames
   * @param {(letter: string) => string} options.address the address of a letter, asked for with each load
   * @param {(letter: string) => void} options.onShown called with what was loaded whenever a frame has taken its place
   */
  constructor(first, { device, address, onShown }) {
    this.#current = first;
    this.device = device;
    this.address = address;
    this.onShown = onShown;
  }

  /** The document that is shown; null before the first one is there. */
  get document() {
    return this.#current.contentDocument;
  }

  /** The width of the frame in pixels. */
  get width() {
    return this.#current.getBoundingClientRect().width;
  }

  /** Which letter is shown, or will be as soon as it is loaded. */
  get letter() {
    return (this.#next ?? this.#current).dataset.letter ?? "";
  }

  /**
   * Load *letter* and show it.
   *
   * @param {string} letter names the state of the letter; two that are named alike look alike
   * @param {object} [options]
   * @param {boolean} [options.keepScroll] whether the reader stays at the height where they are
   * @returns {Promise<void>} kept when it is shown, or when another one is loaded in its place
   */
  load(letter, { keepScroll = true } = {}) {
    this.#settle();
    this.#next?.remove();
    const top = keepScroll ? (this.#current.contentWindow?.scrollY ?? 0) : 0;
    const next = this.#behind(letter);
    this.#next = next;
    // Not the load event: it waits for the last picture, and a picture may come from a slow server, or never.
    const arriving = setInterval(() => {
      const page = next.contentDocument;
      if (this.#next !== next) {
        clearInterval(arriving);
      } else if (page?.URL === next.src && page.readyState !== "loading") {
        clearInterval(arriving);
        setTimeout(() => this.#swap(next, top), PICTURES);
      }
    }, LOOK);
    next.addEventListener(
      "load",
      () => {
        clearInterval(arriving);
        if (this.#next === next) this.#swap(next, top);
        else this.#restoreScroll(next, top);
      },
      { once: true },
    );
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /**
   * Put a new frame behind the current one, out of reach of the keyboard and of screen readers, and let it load.
   *
   * @param {string} letter
   */
  #behind(letter) {
    const next = /** @type {HTMLIFrameElement} */ (this.#current.cloneNode(false));
    next.removeAttribute("id");
    next.dataset.letter = letter;
    next.classList.add("behind");
    next.setAttribute("aria-hidden", "true");
    next.tabIndex = -1;
    next.src = this.address(letter);
    this.device.append(next);
    return next;
  }

  /**
   * Let *next* take the place of the current frame; does nothing if another one was asked for meanwhile.
   *
   * @param {HTMLIFrameElement} next
   * @param {number} top
   */
  #swap(next, top) {
    if (this.#next !== next) return;
    next.contentWindow?.scrollTo(0, top);
    this.#shownAt = next.contentWindow?.scrollY ?? 0;
    const hadFocus = document.activeElement === this.#current;
    this.#current.remove();
    this.#current = next;
    this.#next = null;
    next.classList.remove("behind");
    next.removeAttribute("aria-hidden");
    next.removeAttribute("tabindex");
    next.id = "frame";
    if (hadFocus) next.focus();
    this.onShown(next.dataset.letter ?? "");
    this.#settle();
  }

  /**
   * Scroll again once all pictures are there: before, the letter may have been too short to reach *top*.
   *
   * @param {HTMLIFrameElement} frame
   * @param {number} top
   */
  #restoreScroll(frame, top) {
    const view = frame.contentWindow;
    // A reader who has scrolled since stays where they are.
    if (this.#current === frame && view && Math.abs(view.scrollY - this.#shownAt) < SCROLL_SLACK) view.scrollTo(0, top);
  }
}
