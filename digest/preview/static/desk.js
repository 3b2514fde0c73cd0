// @ts-check
/** The desk as it stands in the page: replaced whole with each new state, but for what the editor is in the middle of. */

import { all, find, focusKey } from "./dom.js";

/** Elements that a new state replaces, by id. */
const PARTS = ["status", "row", "desk"];

/** Whether lists that fold are open, by their names, where the editor has opened or closed them. */
const opened = new Map();

/** Counts the searches, so that an answer that comes late is told from the one that is waited for. */
let searches = 0;

/** Return the hash of the editor's file that the desk shows. */
export const base = () => /** @type {string} */ (find("#desk").dataset.base);

/** Return whether the desk is of the issue that changes, not of one built before. */
export const isLive = () => find("#desk").dataset.live === "yes";

/**
 * Return the paths of the stories in *list*, in their order.
 *
 * @param {Element} list
 */
export const stories = (list) => all(":scope > .card", list).map((card) => card.dataset.story);

/**
 * Ask the server for the desk of *issue* as it is now.
 *
 * @param {string} issue
 * @returns {Promise<import("./updates.js").Desk<Document> | null>} null where there is no answer
 */
export async function fetchDesk(issue) {
  const answer = await fetch(`/desk?issue=${issue}`).catch(() => null);
  if (!answer?.ok) return null;
  const parts = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { version: Number(find("#status", parts).dataset.version), parts };
}

/**
 * Show a desk in place of the present one; focus, scroll position, search and closed lists stay as they are.
 *
 * @param {Document} parts
 */
export function replaceDesk(parts) {
  const { key } = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset ?? {};
  const query = find("#words")?.value ?? "";
  const scroll = find("#desk").scrollTop;
  for (const id of PARTS) find(`#${id}`).replaceWith(find(`#${id}`, parts));
  find("#desk").scrollTop = scroll;
  if (query) {
    find("#words").value = query;
    search();
  }
  // Before the focus comes back: it may belong in one of them.
  for (const list of all("details[data-list]")) list.open = opened.get(list.dataset.list) ?? list.open;
  if (key) focusKey(key);
}

/**
 * Move a card to a place in its list at once; the cards' verdicts come with the next desk.
 *
 * @param {HTMLElement} card
 * @param {number} to the place, from 0
 */
export function moveCard(card, to) {
  const list = /** @type {HTMLElement} */ (card.parentElement);
  const focused = /** @type {HTMLElement} */ (document.activeElement);
  card.remove();
  const others = all(":scope > .card", list);
  // Behind the last story there may be blocks.
  list.insertBefore(card, others[to] ?? others.at(-1)?.nextElementSibling ?? null);
  for (const [number, handle] of all(":scope > .card > .handle", list).entries()) {
    handle.ariaLabel = handle.ariaLabel?.replace(/\d+/, String(number + 1));
  }
  // An element that is taken out of the page loses the focus, also where it comes back at once.
  focused.focus({ preventScroll: true });
}

/** Show the candidates whose headlines have the words that the editor has typed. */
async function search() {
  const query = find("#words").value.trim();
  const number = ++searches;
  const html = query ? await (await fetch(`/search?words=${encodeURIComponent(query)}`)).text() : "";
  if (number !== searches) return;
  const results = new DOMParser().parseFromString(html, "text/html");
  find("#found").replaceChildren(...results.body.childNodes);
}

/** Follow what the editor does to the desk itself. All listeners stand at the document, as the desk is replaced. */
export function followDesk() {
  document.addEventListener("input", (event) => {
    if (/** @type {Element} */ (event.target).id === "words") search();
  });
  document.addEventListener("submit", (event) => {
    if (/** @type {Element} */ (event.target).id === "search") event.preventDefault();
  });
  // `toggle` does not bubble, so it is caught on its way down.
  document.addEventListener("toggle", ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.dataset.list) opened.set(target.dataset.list, target.open);
  }, true);
}
