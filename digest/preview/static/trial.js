// @ts-check
/** The letter while the editor writes: each pause shows it with what is in the form, and nothing is written. */

import { all, find, showText } from "./dom.js";
import { clearProblems, isWritten, showProblems } from "./fields.js";

/** Milliseconds without a key after which the letter is tried: less would build it for half a word. */
const PAUSE = 300;

export class Trial {
  /** Counts what was asked for, so that an answer that comes late is told from the one that is waited for. */
  #asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;
  /** Whether the form has been sent, after which it says all that is wrong with it. */
  #isSent = false;

  /**
   * @param {import("./editor.js").Editor} editor
   * @param {import("./frame.js").LetterFrame} frame
   * @param {() => string} letter the one that is written
   */
  constructor(editor, frame, letter) {
    this.editor = editor;
    this.frame = frame;
    this.letter = letter;
  }

  /**
   * Follow the form of a dialog until that is closed, and then show the letter that is written.
   *
   * @param {HTMLDialogElement} dialog
   * @param {() => object} action what the form asks for
   * @param {() => string} base the hash of the file that it is meant for
   */
  follow(dialog, action, base) {
    const form = find("form", dialog);
    this.#isSent = false;
    this.#reveal(form);
    form.oninput = (/** @type {Event} */ event) => {
      clearTimeout(this.#waiting);
      this.#waiting = setTimeout(() => this.#show(form, event.target, action(), base()), PAUSE);
    };
    dialog.addEventListener("close", () => this.#end(), { once: true });
  }

  /**
   * @param {HTMLElement} form
   * @param {any} field the one that was written in
   * @param {object} action
   * @param {string} base
   */
  async #show(form, field, action, base) {
    const number = ++this.#asked;
    const answer = await this.editor.attempt(action, base);
    if (number !== this.#asked) return;
    if (!answer.ok) {
      // What is not written yet is not wrong yet, and a conflict is told when the form is sent.
      showProblems(form, answer.fields ?? {}, (each) => this.#isSent || isWritten(each));
      return;
    }
    clearProblems(form);
    if (answer.letter !== this.frame.letter) await this.frame.load(answer.letter);
    if (number === this.#asked) this.#reveal(form, field);
  }

  /**
   * Bring into view in the letter what the form writes: the *field*, or the first one in which something is written.
   *
   * @param {HTMLElement} form
   * @param {any} [field]
   */
  #reveal(form, field) {
    const fields = all("textarea, input:not([type=radio])", form);
    const written = fields.filter((each) => isWritten(each) && !each.closest("fieldset:disabled"));
    const said = written.includes(field) ? field : written[0];
    if (said && this.frame.document) showText(this.frame.document, said.value);
  }

  /** Leave it to the answer to the form, which is sent now, to say what is wrong. */
  leave() {
    clearTimeout(this.#waiting);
    this.#asked += 1;
    this.#isSent = true;
  }

  #end() {
    this.leave();
    if (this.frame.letter !== this.letter()) this.frame.load(this.letter());
  }
}
