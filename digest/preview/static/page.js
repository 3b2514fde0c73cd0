// @ts-check
/**
 * The page of the preview: joins its parts and follows buttons and keys.
 *
 *     stream ─▶ updates ─▶ frame, desk        controls ─▶ look ─▶ frame
 *                  ▲
 *     buttons, keys, dialogs, drag ─▶ editor ─▶ queue ─▶ server
 *                      dialogs ─▶ trial ─▶ editor, frame
 *
 * It decides nothing about the issue; every text that it shows comes from the server.
 */

import { addLine, takeLine } from "./blocks.js";
import { Controls } from "./controls.js";
import { fetchDesk, followDesk, isLive, replaceDesk } from "./desk.js";
import { NAMES, open } from "./dialogs.js";
import { all, find, goTo, say } from "./dom.js";
import { followDragging } from "./drag.js";
import { Editor } from "./editor.js";
import { LetterFrame } from "./frame.js";
import { frameAddress, recall } from "./look.js";
import { listen } from "./stream.js";
import { Trial } from "./trial.js";
import { PageUpdates } from "./updates.js";

/** How long a story that was looked for is outlined in the letter, in milliseconds. */
const OUTLINE_TIME = 1600;

const { issue = "", token = "", run = "" } = document.body.dataset;
const look = recall();
const frame = new LetterFrame(find("#frame"), {
  device: find("#device"),
  address: (letter) => frameAddress(issue, look, letter),
  onShown: (letter) => {
    document.body.dataset.shown = letter;
  },
});
/** @type {PageUpdates<Document>} */
const updates = new PageUpdates(
  { frame, isLive, isAhead: () => editor.isAhead, fetchDesk: () => fetchDesk(issue), replaceDesk },
  Number(find("#status").dataset.version),
);
const editor = new Editor(token, updates);
const trial = new Trial(editor, frame, () => find("#desk").dataset.letter);
const reload = (/** @type {boolean} */ keepScroll) => frame.load(find("#desk").dataset.letter, { keepScroll });

/**
 * Bring the story with the address *url* into view in the letter, and outline it for a moment.
 *
 * @param {string} url
 */
function showStory(url) {
  const links = frame.document ? all("a[href]", frame.document) : [];
  const link = links.find((candidate) => candidate.href === url || candidate.getAttribute("href") === url);
  if (!link) {
    say("That story is not in this view.");
    return;
  }
  link.scrollIntoView({ block: "center" });
  link.style.outline = "3px solid #f59e0b";
  link.style.outlineOffset = "4px";
  setTimeout(() => {
    link.style.outline = "";
  }, OUTLINE_TIME);
}

/**
 * Bring the reader to what a finding is about.
 *
 * @param {DOMStringMap} finding
 */
function showConcern({ about, url }) {
  if (about === "headers") {
    find(".bar input[value=message]").click();
    return;
  }
  goTo(all("[data-concern]").find((part) => part.dataset.concern === about));
  if (url && look.view === "letter") showStory(url);
}

/** @type {Record<string, (button: HTMLElement) => void>} what each button does, by its `data-do` */
const ACTIONS = {
  undo: () => editor.undo(),
  pin: ({ dataset: { story, section } }) => editor.act({ action: "pin", story, section }),
  ...Object.fromEntries(
    // Each asks for nothing but the story.
    ["release", "unjoin", "split", "unsplit"].map((action) => [
      action,
      ({ dataset: { story } }) => editor.act({ action, story }),
    ]),
  ),
  "remove-block": ({ dataset: { block } }) => editor.act({ action: "remove-block", block }),
  "add-line": (button) => find("input", addLine(/** @type {HTMLElement} */ (button.closest(".rows")))).focus(),
  "take-line": takeLine,
  show: ({ dataset: { url } }) => showStory(url ?? ""),
  finding: ({ dataset: { number } }) => goTo(find(`#finding-${number}`)),
  concerned: (button) => showConcern(button.dataset),
  cancel: (button) => button.closest("dialog")?.close(),
  handle: () => {},
  ...Object.fromEntries(NAMES.map((name) => [name, (button) => open(name, button, editor, trial)])),
};

/**
 * Press the button of a story that has *key* as its shortcut.
 *
 * @param {string} key
 * @param {Element} story
 */
function pressKey(key, story) {
  const buttons = all("[aria-keyshortcuts]", story).filter((button) => button.closest(".other, .card") === story);
  const button = buttons.find((each) => each.getAttribute("aria-keyshortcuts") === key);
  if (button) button.click();
  else if (key === "s" && buttons.length) say("It tells a story of its own already.");
}

document.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-do]");
  if (button instanceof HTMLButtonElement && !button.disabled) ACTIONS[button.dataset.do ?? ""](button);
});

document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const card = /** @type {HTMLElement | null} */ (target.closest(".card"));
  if (by && card && target.classList.contains("handle")) {
    event.preventDefault();
    editor.reorder(card, by);
  }
  const block = /** @type {HTMLElement | null} */ (target.closest(".block"));
  if (by && block && target.classList.contains("handle")) {
    event.preventDefault();
    editor.act({ action: "step-block", block: block.dataset.block, by });
  }
  // In a field or a dialog Ctrl-Z is the browser's own undo, of what was typed there.
  const isTyping = target.closest("input:not([type=radio]):not([type=checkbox]), textarea, dialog");
  const isCommand = event.ctrlKey || event.metaKey;
  if (event.key === "z" && isCommand && !event.shiftKey && !isTyping && token) {
    event.preventDefault();
    editor.undo();
  }
  // A letter alone means something only on a story, or a screen reader's own keys would be taken from it.
  const story = target.closest(".other, .card[data-story]");
  if (story && !isCommand && !event.altKey && !isTyping && token) pressKey(event.key, story);
});

find("#issues").addEventListener("change", (/** @type {Event} */ event) => {
  location.assign(`/?issue=${/** @type {HTMLSelectElement} */ (event.target).value}`);
});

new Controls(look, frame, reload).follow();
followDesk();
followDragging(editor);
reload(false);
listen(run, (announcement) => updates.show(announcement));
