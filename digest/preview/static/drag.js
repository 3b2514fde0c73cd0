// @ts-check
/**
 * Drag and drop: a story within its section changes the order, into another section it is pinned there. A block goes
 * before the story that it is dropped on, behind a section, or to an end of the letter.
 */

import { stories } from "./desk.js";
import { all } from "./dom.js";

/** @type {HTMLElement | null} the card or the block that is dragged */
let dragged = null;

/**
 * A place in a section, or of a block in the list at an end of the letter: *before* is the card that would follow, if
 * any; *index* counts without the dragged card.
 *
 * @typedef {{ list: HTMLElement, others: HTMLElement[], before: HTMLElement | undefined, index: number }} Place
 */

/**
 * Return where the dragged card would go if it were dropped now; null where it cannot be dropped.
 *
 * @param {DragEvent} event
 * @returns {Place | null}
 */
function placeAt(event) {
  const over = event.target instanceof Element ? event.target.closest(".picks, .shelf") : null;
  const lists = dragged?.matches(".block") ? ".picks, .blocks" : ".picks";
  const list = /** @type {HTMLElement | null} */ (dragged && over?.closest(".shelf")?.querySelector(lists));
  if (!list) return null;
  const others = all(":scope > .card", list).filter((card) => card !== dragged);
  const before = others.find((card) => {
    const { top, height } = card.getBoundingClientRect();
    return event.clientY < top + height / 2;
  });
  return { list, others, before, index: before ? others.indexOf(before) : others.length };
}

/**
 * Put the dragged block to a place.
 *
 * @param {import("./editor.js").Editor} editor
 * @param {string | undefined} block its name
 * @param {Place} place
 */
function dropBlock(editor, block, { list, before, index }) {
  const { section, spot } = list.dataset;
  const behind = spot ? JSON.parse(spot) : { after: section };
  editor.act({ action: "place-block", block, place: before ? { section, position: index + 1 } : behind });
}

/** Take away the mark that shows where the card would go. */
function clearMarks() {
  for (const card of all(".into, .after")) card.classList.remove("into", "after");
}

/**
 * Follow what is dragged on the desk.
 *
 * @param {import("./editor.js").Editor} editor
 */
export function followDragging(editor) {
  document.addEventListener("dragstart", (event) => {
    dragged = event.target instanceof Element ? event.target.closest(".card[draggable], .block[draggable]") : null;
    if (!dragged || !event.dataTransfer) return;
    event.dataTransfer.effectAllowed = "move";
    // Firefox drags nothing that carries no data.
    event.dataTransfer.setData("text/plain", dragged.dataset.story ?? dragged.dataset.block ?? "");
    dragged.classList.add("dragged");
  });

  document.addEventListener("dragover", (event) => {
    const place = placeAt(event);
    clearMarks();
    if (!place) return;
    // Without this the browser takes the place for one where nothing can be dropped.
    event.preventDefault();
    if (place.before) place.before.classList.add("into");
    else place.others.at(-1)?.classList.add("after");
  });

  document.addEventListener("drop", (event) => {
    const place = placeAt(event);
    if (!place || !dragged) return;
    event.preventDefault();
    const { story, block } = dragged.dataset;
    const { section } = place.list.dataset;
    if (block) {
      dropBlock(editor, block, place);
    } else if (dragged.parentElement === place.list) {
      editor.reorder(dragged, place.index - stories(place.list).indexOf(story));
    } else {
      editor.act({ action: "pin", story, section, position: place.index + 1 });
    }
  });

  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    clearMarks();
  });
}
