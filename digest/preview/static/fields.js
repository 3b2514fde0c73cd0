// @ts-check
/** What is wrong with the fields of a form, said beside each in the words of the build. */

import { all, find } from "./dom.js";

/**
 * Return the field of *form* that is called *name* and can be filled in now.
 *
 * @param {HTMLElement} form
 * @param {string} name
 * @returns {HTMLElement | undefined}
 */
function fieldOf(form, name) {
  return all("[data-field]", form).find((field) => field.dataset.field === name && !field.closest("fieldset:disabled"));
}

/**
 * Take away what was said about the fields of *form*.
 *
 * @param {HTMLElement} form
 */
export function clearProblems(form) {
  for (const line of all(".problem", form)) line.hidden = true;
  for (const field of all("[aria-invalid]", form)) field.removeAttribute("aria-invalid");
}

/**
 * Whether something is written in a field; a list of lines has nothing itself.
 *
 * @param {any} field
 */
export const isWritten = (field) => Boolean(field.value?.trim());

/**
 * Say what is wrong beside each field.
 *
 * @param {HTMLElement} form
 * @param {Record<string, string>} problems the sentences by the names of the fields
 * @param {(field: HTMLElement) => boolean} [isDue] whether a field is to be told of already
 * @returns {string[]} the sentences on what the form has no field for
 */
export function showProblems(form, problems, isDue = () => true) {
  clearProblems(form);
  const rest = [];
  for (const [name, sentence] of Object.entries(problems)) {
    const field = fieldOf(form, name);
    const line = field && find(":scope > .problem", field.matches(".field") ? field : field.closest(".field") ?? form);
    if (!field || !line) {
      rest.push(sentence);
      continue;
    }
    if (!isDue(field)) continue;
    line.textContent = sentence;
    line.hidden = false;
    field.setAttribute("aria-invalid", "true");
  }
  return rest;
}

/**
 * Bring the keyboard to the first field that is wrong, whose description a screen reader then reads out.
 *
 * @param {HTMLElement} form
 */
export function goToProblem(form) {
  const field = find("[aria-invalid]", form);
  // A list is wrong as a whole where it has too few lines.
  (field?.matches("fieldset") ? find("input, button", field) : field)?.focus();
}
