// @ts-check
/** Short ways to the parts of the page, and what every module does to them: speak to the editor and move the focus. */

/** How long a message stands at the bottom of the page, in milliseconds. */
const MESSAGE_TIME = 7000;

/**
 * Return the first element that matches *selector*; the page's own templates always have the ones asked for.
 *
 * @param {string} selector
 * @param {ParentNode} [inside]
 * @returns {any} an element of whatever kind the selector names: TypeScript cannot tell from the text of a selector
 */
export function find(selector, inside = document) {
  return inside.querySelector(selector);
}

/**
 * Return all elements that match *selector*, in the order of the document.
 *
 * @param {string} selector
 * @param {ParentNode} [inside]
 * @returns {any[]} see `find`
 */
export function all(selector, inside = document) {
  return [...inside.querySelectorAll(selector)];
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let fading;

/**
 * Say something to the editor, in a line that screen readers read out too; it goes away by itself.
 *
 * @param {string} message
 */
export function say(message) {
  const line = find("#say");
  line.textContent = message;
  line.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => line.classList.remove("shown"), MESSAGE_TIME);
}

/**
 * Bring the reader to a part of the page, and the keyboard with them.
 *
 * @param {HTMLElement | undefined | null} part nothing, where the desk has no such part any more
 */
export function goTo(part) {
  if (!part) {
    say("That is not on the desk.");
    return;
  }
  part.scrollIntoView({ block: "center" });
  part.focus({ preventScroll: true });
}

/**
 * Bring the last place of *page* that says the beginning of *text* into view, where there is one.
 *
 * @param {Document} page
 * @param {string} text may be Markdown, of which the signs are left out
 */
export function showText(page, text) {
  const parts = text.split("\n")[0].split(/[*_[\]<>()#`\\]/).map((part) => part.trim());
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), "");
  const places = longest ? all("h1, h2, h3, p, li, td, a", page) : [];
  places.findLast((place) => place.textContent.includes(longest))?.scrollIntoView({ block: "center" });
}

/**
 * Put the focus on the control with the key *key*, or on the desk where that control has gone.
 *
 * Every control of the desk has a key that outlives its element: the desk is replaced whole whenever the issue changes,
 * and who works with the keyboard must not be thrown back to the top of the page.
 *
 * @param {string} key
 */
export function focusKey(key) {
  const same = all("[data-key]").find((control) => control.dataset.key === key && !control.disabled);
  (same ?? find("#desk")).focus({ preventScroll: Boolean(same) });
}
