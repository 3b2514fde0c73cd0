// @ts-check
/**
 * What the page shows of each new state of the issue, and in which order: the letter first, then the desk.
 *
 * A state is announced twice when the editor has caused it: by the answer to the edit and by the stream of events. It is
 * shown once, whichever comes first.
 */

/** Milliseconds after which the desk is shown though the letter is not there: a theme may be slow, the desk is not. */
const LETTER_TIME = 400;

/**
 * A state of the issue as the server announces it.
 *
 * @typedef {object} Announcement
 * @property {number} version grows with every state
 * @property {string} letter names what the frame can show; another name, another look
 */

/**
 * A desk that the server has rendered, with the version of the state that it shows.
 *
 * @template T
 * @typedef {{ version: number, parts: T }} Desk
 */

/** @param {number} milliseconds */
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @template T */
export class PageUpdates {
  /** Kept when the letter that was asked for last is shown. */
  #letterShown = Promise.resolve();
  /** The newest version that was announced, and when its desk is shown. */
  #announced;
  /** The version of the desk that is shown, or that the editor's own edits have reached. */
  #version;

  /**
   * @param {object} page
   * @param {{ letter: string, load: (letter: string) => Promise<void> }} page.frame the letter's frame
   * @param {() => boolean} page.isLive whether the issue that is shown is the one that changes
   * @param {() => boolean} page.isAhead whether the desk shows edits that the server has not answered yet
   * @param {() => Promise<Desk<T> | null>} page.fetchDesk asks for the desk; null where there is no answer
   * @param {(parts: T) => void} page.replaceDesk shows a desk
   * @param {number} version the version that the page was rendered with
   */
  constructor({ frame, isLive, isAhead, fetchDesk, replaceDesk }, version) {
    this.frame = frame;
    this.isLive = isLive;
    this.isAhead = isAhead;
    this.fetchDesk = fetchDesk;
    this.replaceDesk = replaceDesk;
    this.#version = version;
    this.#announced = { version, deskShown: Promise.resolve() };
  }

  /** Kept when the letter that was asked for last is shown, or has taken too long. */
  get letterShown() {
    return this.#letterShown;
  }

  /**
   * Show a state once: the letter, and then the desk.
   *
   * @param {Announcement} announcement
   * @returns {Promise<void>} kept when the desk is shown too
   */
  show({ version, letter }) {
    if (letter && letter !== this.frame.letter && this.isLive()) {
      this.#letterShown = Promise.race([this.frame.load(letter), wait(LETTER_TIME)]);
    }
    if (version !== this.#announced.version) {
      // Not side by side: the two share the browser's one thread, and the letter would be there later, the desk no
      // sooner.
      this.#announced = { version, deskShown: this.#letterShown.then(() => this.refreshDesk()) };
    }
    return this.#announced.deskShown;
  }

  /**
   * Note that the server has answered an edit with *version*: no older desk is shown from now on.
   *
   * @param {number} version
   */
  reached(version) {
    this.#version = Math.max(this.#version, version);
  }

  /** Ask for the desk and show it, unless it is older than what the editor sees already. */
  async refreshDesk() {
    const desk = await this.fetchDesk();
    // An edit that is under way has moved its card already; its own answer brings the next desk.
    if (!desk || this.isAhead() || desk.version < this.#version) return;
    this.replaceDesk(desk.parts);
    this.#version = desk.version;
  }
}
