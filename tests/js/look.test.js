/** What the editor has chosen is kept between visits, as far as the page still offers it. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { frameAddress, recall, remember } from "../../digest/preview/static/look.js";

const radio = (name, value, defaultChecked = false) => ({ type: "radio", name, value, defaultChecked, dataset: {} });
const INPUTS = [
  radio("view", "letter", true),
  radio("view", "text"),
  radio("width", "320"),
  radio("width", "full", true),
  { type: "checkbox", name: "images", value: "off", defaultChecked: false, dataset: { off: "on" } },
];
const DEFAULTS = { target: "", view: "letter", width: "full", images: "on" };

beforeEach(() => {
  const kept = new Map();
  globalThis.document = { querySelectorAll: () => INPUTS };
  globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
});

test("the first visit has the defaults that stand in the page", () => {
  assert.deepEqual(recall(), DEFAULTS);
});

test("the next visit has what was chosen", () => {
  const chosen = { target: "smtp", view: "text", width: "777", images: "off" };
  remember(chosen);

  assert.deepEqual(recall(), chosen);
});

test("what the page does not offer any more is left at its default", () => {
  remember({ view: "gone", width: "-1", images: 3, colour: "red" });

  assert.deepEqual(recall(), DEFAULTS);
});

for (const kept of ["{", "null", "[]", "3"]) {
  test(`a damaged entry ${kept} is no entry`, () => {
    globalThis.localStorage.getItem = () => kept;

    assert.deepEqual(recall(), DEFAULTS);
  });
}

test("a browser that keeps nothing is no trouble", () => {
  const refuse = () => {
    throw new Error("denied");
  };
  globalThis.localStorage = { getItem: refuse, setItem: refuse };
  remember(DEFAULTS);

  assert.deepEqual(recall(), DEFAULTS);
});

test("the address has the view, the reader and the letter, and not the width", () => {
  const address = frameAddress("2020-11-11", { ...DEFAULTS, view: "text" }, "a1");

  assert.equal(address, "/frame/2020-11-11/text?target=&images=on&letter=a1");
});
