// @ts-check
/** What the editor does: each change is sent to the server in its turn, and the page shows what came of it. */

import { base, moveCard, stories } from "./desk.js";
import { say } from "./dom.js";
import { RequestQueue } from "./queue.js";

/**
 * The server's answer to a change; *error* says why nothing was written, *conflict* that the file is another one. Of an
 * error *fields* is what concerns single fields of the form, by their names, and *rest* what does not.
 *
 * @typedef {{ ok: true, message: string, base: string, version: number, letter: string }} Done
 * @typedef {{ ok: true, letter: string }} Tried what the frame can show
 * @typedef {{ ok: false, error: string, conflict?: boolean, fields?: Record<string, string>, rest?: string }} Refused
 */

/**
 * Return what is said at the bottom of the page about a change that was refused; a form says more.
 *
 * @param {Refused} answer
 */
function refusal({ error, fields, rest }) {
  const wrong = Object.keys(fields ?? {}).length;
  if (!wrong) return error;
  return `Nothing was written: ${wrong} ${wrong === 1 ? "field is" : "fields are"} wrong.${rest ? ` ${rest}` : ""}`;
}

export class Editor {
  #queue = new RequestQueue();

  /**
   * @param {string} token what the server asks of a page that writes
   * @param {import("./updates.js").PageUpdates<Document>} updates shows what came of a change
   */
  constructor(token, updates) {
    this.token = token;
    this.updates = updates;
  }

  /** Whether changes are under way that the server has not answered yet. */
  get isAhead() {
    return this.#queue.pending > 0;
  }

  /** Kept when all changes so far are answered. */
  get drained() {
    return this.#queue.drained;
  }

  /**
   * Change the editor's file.
   *
   * @param {object} action what to do, as `editor.read_action` reads it
   * @param {() => string} [basedOn] the hash of the file that the change is meant for, asked for when its turn comes
   * @returns {Promise<Done | Refused>} kept when the page shows what came of it
   */
  act(action, basedOn = base) {
    return this.#change("/edit", () => ({ base: basedOn(), ...action }));
  }

  /**
   * Ask for the letter as a change would make it; nothing is written.
   *
   * @param {object} action
   * @param {string} basedOn the hash of the file that the change is meant for
   * @returns {Promise<Tried | Refused>}
   */
  attempt(action, basedOn) {
    return this.#post("/try", { base: basedOn, ...action });
  }

  /** Take back the last change of this session. */
  undo() {
    return this.#change("/undo", () => ({}));
  }

  /**
   * Move a card by some places within its section: at once in the page, and back where the server refuses it.
   *
   * @param {HTMLElement} card
   * @param {number} by
   */
  async reorder(card, by) {
    const list = /** @type {HTMLElement} */ (card.parentElement);
    const order = stories(list);
    const from = order.indexOf(card.dataset.story);
    const to = from + by;
    if (by === 0) return;
    if (to < 0 || to >= order.length) {
      say(by < 0 ? "It is the first." : "It is the last.");
      return;
    }
    order.splice(to, 0, ...order.splice(from, 1));
    moveCard(card, to);
    const answer = await this.act({ action: "order", section: list.dataset.section, stories: order });
    // Where the desk was replaced meanwhile, it shows the true order already.
    if (!answer.ok && card.isConnected) moveCard(card, from);
  }

  /**
   * @param {string} path
   * @param {() => object} body
   */
  async #change(path, body) {
    const answer = await this.#queue.add(async () => {
      const received = await this.#post(path, body());
      if (received.ok) {
        // Within the turn: the next change in the queue is based on the file that this one has left.
        document.getElementById("desk")?.setAttribute("data-base", received.base);
        this.updates.reached(received.version);
      }
      return received;
    });
    const deskShown = answer.ok ? this.updates.show(answer) : this.updates.refreshDesk();
    // Said when the letter shows it, not before: the editor looks there to see whether it is true.
    await this.updates.letterShown;
    say(answer.ok ? answer.message : refusal(answer));
    await deskShown;
    return answer;
  }

  /**
   * @param {string} path
   * @param {object} body
   * @returns {Promise<any>} a Done, a Tried or a Refused
   */
  async #post(path, body) {
    const headers = { "Content-Type": "application/json", "X-Digest-Token": this.token };
    try {
      const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
      const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
      const received = isJson ? await answer.json() : { error: await answer.text() };
      return { ...received, ok: answer.ok, conflict: answer.status === 409 };
    } catch {
      return { ok: false, error: "The preview does not answer; nothing was changed." };
    }
  }
}
