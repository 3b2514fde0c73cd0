// @ts-check
/**
 * How the editor looks at the letter: which view, how wide, and as which reader gets it.
 *
 * The controls, their values and their defaults are declared in Python (`emulate.ReaderView` and `templates.py`) and
 * stand in the page as its inputs. This module reads them from there, so a new view needs no line of script.
 */

import { all } from "./dom.js";

/** Where the browser keeps the choice between visits; the choice is of the editor, not of one issue. */
const STORE = "digest preview";

/**
 * The chosen value of each control by its name: `view`, `width`, `target` and one for each field of `ReaderView`.
 *
 * @typedef {Record<string, string>} Look
 */

/**
 * Return the value that an input of the bar stands for as it is set in the page's HTML.
 *
 * @param {HTMLInputElement[]} inputs
 * @returns {Look}
 */
function defaults(inputs) {
  /** @type {Look} */
  const look = { target: "" };
  for (const input of inputs) {
    if (input.type === "checkbox") look[input.name] = input.dataset.off ?? "";
    else if (input.defaultChecked) look[input.name] = input.value;
  }
  return look;
}

/**
 * Return whether a kept value can still be chosen; a width may be any number, as it can be dragged.
 *
 * @param {HTMLInputElement[]} inputs
 * @param {string} name
 * @param {unknown} value
 */
function isOffered(inputs, name, value) {
  if (typeof value !== "string") return false;
  if (name === "target") return true;
  if (name === "width" && Number(value) > 0) return true;
  return inputs.some((input) => input.name === name && (input.value === value || input.dataset.off === value));
}

/**
 * Return the look of the last visit, with the default of everything that was not kept or is not offered any more.
 *
 * @returns {Look}
 */
export function recall() {
  const inputs = all(".bar input");
  const look = defaults(inputs);
  let kept;
  try {
    kept = JSON.parse(localStorage.getItem(STORE) || "{}");
  } catch {
    // A browser that keeps nothing for this page, or a damaged entry.
    return look;
  }
  for (const name of Object.keys(look)) {
    if (isOffered(inputs, name, kept?.[name])) look[name] = kept[name];
  }
  return look;
}

/**
 * Keep *look* for the next visit, where the browser lets a page keep something.
 *
 * @param {Look} look
 */
export function remember(look) {
  try {
    localStorage.setItem(STORE, JSON.stringify(look));
  } catch {
    // In a private window, or with storage switched off: the page works without.
  }
}

/**
 * Return the address of what the frame shows of *issue* with *look*.
 *
 * @param {string} issue
 * @param {Look} look
 * @param {string} letter which of its states: the server may have one that is only tried
 */
export function frameAddress(issue, look, letter) {
  // The width is the frame's own: it must not be in the address, or each step of a drag would load the letter again.
  const { view, width: _, ...reader } = look;
  return `/frame/${issue}/${view}?${new URLSearchParams({ ...reader, letter })}`;
}
