// @ts-check
/** The desk's dialogs: each asks for what an action needs, and stays open with the editor's text until it is written. */

import { prepareBlock } from "./blocks.js";
import { base } from "./desk.js";
import { all, find, focusKey } from "./dom.js";
import { clearProblems, goToProblem, showProblems } from "./fields.js";

/** @typedef {Record<string, any>} Values the fields of a form by name */

/**
 * Each fills its dialog from the data of the pressed button, and returns how the form's values become an action.
 *
 * @type {Record<string, (dialog: HTMLDialogElement, data: Values) => (values: Values) => object>}
 */
const DIALOGS = {
  drop(dialog, { story, title }) {
    find(".about", dialog).textContent = title;
    return (values) => ({ action: "drop", story, reason: values.reason });
  },

  move(dialog, { story, title, section }) {
    find(".about", dialog).textContent = title;
    const choices = find(".choices", dialog);
    // Built anew each time: the dialog is not part of the desk, and the settings may have changed the sections.
    const sections = all("#desk .picks").map(({ dataset }) => choice("radio", dataset.section, dataset.section));
    choices.replaceChildren(find("legend", choices), ...sections);
    for (const input of all("input", choices)) input.checked = input.value === section;
    return (values) => ({ action: values.pin ? "pin" : "move", story, section: values.section });
  },

  join(dialog, { story, title, near, nearTitle }) {
    find(".about", dialog).textContent = title;
    const choices = find(".choices", dialog);
    const titles = new Map(near ? [[near, nearTitle]] : []);
    for (const { dataset } of all("#desk .acts [data-do=join]")) {
      if (!titles.has(dataset.story)) titles.set(dataset.story, dataset.title);
    }
    titles.delete(story);
    const stories = [...titles].map(([path, headline]) => choice("checkbox", path, headline));
    choices.replaceChildren(find("legend", choices), ...stories);
    if (near) find("input", choices).checked = true;
    return () => ({ action: "join", stories: [story, ...all("input:checked", choices).map(({ value }) => value)] });
  },

  change(dialog, data) {
    for (const field of all("[data-field]", dialog)) field.value = data[field.name];
    return (values) => ({ action: "change", story: data.story, ...values });
  },

  block: prepareBlock,

  text(dialog, { text, value, hint }) {
    const isIntroduction = text === "introduction";
    const name = text[0].toUpperCase() + text.slice(1);
    find("h2", dialog).textContent = name;
    find("#text-label").textContent = name;
    const area = find("textarea", dialog);
    area.value = value;
    area.rows = isIntroduction ? 8 : 3;
    find(".hint", dialog).textContent = isIntroduction
      ? "Markdown, before the stories. An empty field leaves it out."
      : `An empty field takes the usual one${value ? "" : `: “${hint}”`}.`;
    return (values) => ({ action: "words", key: text, text: values.text });
  },
};

/** The names of the dialogs, which are also those of the buttons that open them. */
export const NAMES = Object.keys(DIALOGS);

/**
 * @param {"radio" | "checkbox"} type of which only the first is required
 * @param {string} value
 * @param {string} text
 */
function choice(type, value, text) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  Object.assign(input, { type, name: type === "radio" ? "section" : "story", value, required: type === "radio" });
  label.append(input, ` ${text}`);
  return label;
}

/**
 * Open a dialog.
 *
 * @param {string} name
 * @param {HTMLElement} button the one that was pressed; it gets the focus back
 * @param {import("./editor.js").Editor} editor
 * @param {import("./trial.js").Trial} trial
 */
export function open(name, button, editor, trial) {
  const dialog = find(`#${name}`);
  const form = find("form", dialog);
  const trouble = find(".trouble", dialog);
  form.reset();
  trouble.hidden = true;
  clearProblems(form);
  const key = button.dataset.key ?? "";
  const actionOf = DIALOGS[name](dialog, button.dataset);
  // The text is written for the file as it is when the dialog opens, or as the changes under way leave it. A change
  // from elsewhere while the editor writes must be a conflict, so the hash is not taken when the form is sent.
  let basedOn = base();
  editor.drained.then(() => {
    basedOn = base();
  });
  let isSending = false;
  form.onsubmit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    // A second press would be told of a conflict with the first.
    if (isSending) return;
    isSending = true;
    trial.leave();
    const answer = await editor.act(actionOf(Object.fromEntries(new FormData(form))), () => basedOn);
    isSending = false;
    if (answer.ok) {
      dialog.close();
      focusKey(key);
      return;
    }
    const rest = showProblems(form, answer.fields ?? {});
    trouble.textContent = answer.conflict
      ? `${answer.error}. Your words are still here; saving again writes them over what is there now.`
      : [...rest, answer.rest ?? answer.error].filter(Boolean).join("\n");
    trouble.hidden = !trouble.textContent;
    goToProblem(form);
    if (answer.conflict) basedOn = base();
  };
  if (form.matches(".tried")) trial.follow(dialog, () => actionOf(Object.fromEntries(new FormData(form))), () => basedOn);
  dialog.showModal();
}
