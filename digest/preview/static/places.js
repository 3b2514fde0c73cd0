// @ts-check
/** The places of the letter at which a block may stand, as the desk shows them. */

import { all } from "./dom.js";

/**
 * A place in the letter, as `block_actions.read` takes it.
 *
 * @typedef {{ at: string } | { after: string } | { section: string, position: number }} Spot
 */

/**
 * Return a text that is the same for two descriptions of one place.
 *
 * @param {Record<string, unknown>} spot
 */
const spotKey = ({ at, after, section, position }) => JSON.stringify([at, after, section, position].map(String));

/**
 * @param {string} text
 * @param {Spot} spot
 */
function placeOption(text, spot) {
  const option = document.createElement("option");
  option.textContent = text;
  option.value = JSON.stringify(spot);
  return option;
}

/**
 * Return the places of the letter that the desk shows, in its order.
 *
 * @returns {HTMLElement[]} options, in a group for each section
 */
function placeOptions() {
  const sections = all("#desk .picks").map((list) => {
    const { section } = list.dataset;
    const group = document.createElement("optgroup");
    group.label = section;
    const titles = all(":scope > .card .title", list).map((title) => title.textContent.trim());
    group.append(
      ...titles.map((title, number) => placeOption(`Before “${title}”`, { section, position: number + 1 })),
      placeOption(`After ${section}`, { after: section }),
    );
    return group;
  });
  const top = placeOption("Before the stories", { at: "top" });
  return [top, ...sections, placeOption("After the stories", { at: "end" })];
}

/**
 * Offer the places of the letter in *select*. They are read from the desk each time, as they change with it.
 *
 * @param {HTMLSelectElement} select
 * @param {Record<string, unknown>} spot the one to be chosen
 */
export function offerPlaces(select, spot) {
  select.replaceChildren(...placeOptions());
  const asked = spotKey(spot);
  for (const option of select.options) option.selected = spotKey(JSON.parse(option.value)) === asked;
}
