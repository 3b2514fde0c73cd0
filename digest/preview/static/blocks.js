// @ts-check
/** The form of a block, the editor's own words between the stories: its kind, its place, its fields and its lines. */

import { all, find } from "./dom.js";
import { offerPlaces } from "./places.js";

/**
 * Show the fields of *kind* alone; what is written already under the same key comes along.
 *
 * @param {HTMLElement} form
 * @param {string} kind
 */
function showKind(form, kind) {
  const before = find("fieldset.fields:enabled", form);
  const texts = before ? textsOf(before) : {};
  for (const fields of all("fieldset.fields", form)) {
    fields.hidden = fields.disabled = fields.dataset.kind !== kind;
    if (!fields.disabled) fill(fields, texts);
  }
}

/**
 * @param {HTMLElement} fields those of a kind
 * @param {Record<string, any>} texts by key; a key without one is left as it is
 */
function fill(fields, texts) {
  for (const field of all(":scope > .field > [name]", fields)) field.value = texts[field.name] ?? field.value;
  for (const rows of all(":scope > .rows", fields)) {
    const lines = texts[rows.dataset.rows] ?? linesOf(rows);
    find(".link-lines", rows).replaceChildren();
    for (let number = 0; number < Math.max(lines.length, Number(rows.dataset.least)); number++) {
      addLine(rows, lines[number] ?? {});
    }
  }
}

/**
 * Return what is written in the fields of a kind, by key; a line in which nothing is written is left out.
 *
 * @param {HTMLElement} fields
 * @returns {Record<string, any>}
 */
function textsOf(fields) {
  const texts = all(":scope > .field > [name]", fields).map((field) => [field.name, field.value]);
  const lists = all(":scope > .rows", fields).map((rows) => [rows.dataset.rows, linesOf(rows)]);
  return Object.fromEntries([...texts, ...lists]);
}

/**
 * Return the lines of a list, and name their fields as the server names them when it refuses one.
 *
 * @param {HTMLElement} rows
 */
function linesOf(rows) {
  const lines = all(".link-line", rows).filter((line) => all("input", line).some(({ value }) => value.trim()));
  for (const field of all(".link-line input", rows)) delete field.dataset.field;
  return lines.map((line, number) => {
    const inputs = all("input", line);
    for (const input of inputs) input.dataset.field = `${rows.dataset.rows}[${number}].${input.dataset.inner}`;
    return Object.fromEntries(inputs.map((input) => [input.dataset.inner, input.value]));
  });
}

/**
 * Add a line to a list, for the screen reader with its number.
 *
 * @param {HTMLElement} rows
 * @param {Record<string, string>} texts what stands in it
 */
export function addLine(rows, texts = {}) {
  const lines = find(".link-lines", rows);
  lines.append(find("template", rows).content.cloneNode(true));
  const line = lines.lastElementChild;
  for (const input of all("input", line)) input.value = texts[input.dataset.inner] ?? "";
  numberLines(rows);
  return line;
}

/**
 * Take a line out of a list, and leave the keyboard at the one behind it, or where lines are added.
 *
 * @param {HTMLElement} button that of the line
 */
export function takeLine(button) {
  const rows = /** @type {HTMLElement} */ (button.closest(".rows"));
  const line = /** @type {HTMLElement} */ (button.closest(".link-line"));
  const following = line.nextElementSibling;
  line.remove();
  numberLines(rows);
  // As if it had been emptied by hand, for whoever follows the form.
  rows.dispatchEvent(new Event("input", { bubbles: true }));
  (following ? find("input", following) : find("[data-do=add-line]", rows)).focus();
}

/** @param {HTMLElement} rows */
function numberLines(rows) {
  for (const [number, line] of all(".link-line", rows).entries()) line.ariaLabel = `Line ${number + 1}`;
}

/**
 * Prepare the dialog for a new block at a place, or for one that is there.
 *
 * @param {HTMLDialogElement} dialog
 * @param {Record<string, any>} data *spot*, and of a block that is there *block*, its name, with *kind* and *texts*
 * @returns {() => object} the action that the form asks for when it is called
 */
export function prepareBlock(dialog, { block, kind: present, texts, spot }) {
  const form = find("form", dialog);
  const kind = present ?? find("[name=kind]:checked", form).value;
  find("h2", dialog).textContent = block ? `Your own words: ${kind}` : "Your own words";
  find(".kinds", form).hidden = Boolean(block);
  for (const list of all(".link-lines", form)) list.replaceChildren();
  for (const input of all("[name=kind]", form)) {
    input.checked = input.value === kind;
    input.onchange = () => showKind(form, input.value);
  }
  const places = find("[name=place]", form);
  offerPlaces(places, JSON.parse(spot));
  for (const fields of all("fieldset.fields", form)) fields.disabled = true;
  showKind(form, kind);
  if (texts) fill(find("fieldset.fields:enabled", form), JSON.parse(texts));
  return () => {
    const fields = find("fieldset.fields:enabled", form);
    const said = { texts: textsOf(fields), place: JSON.parse(places.value) };
    return block ? { action: "change-block", block, ...said } : { action: "add-block", kind: fields.dataset.kind, ...said };
  };
}
