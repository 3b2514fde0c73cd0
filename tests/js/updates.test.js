/** Each state of the issue is shown once: the letter, then the desk, and never a desk from before. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { PageUpdates } from "../../digest/preview/static/updates.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Return updates of a page whose letter loads when the test calls `arrive`, with a log of what was done. */
function pageOf({ desks = [], isLive = true } = {}) {
  const log = [];
  const page = { log, arrive: () => {}, isAhead: false };
  const frame = {
    letter: "a",
    load: (letter) => {
      log.push(`load ${letter}`);
      frame.letter = letter;
      return new Promise((resolve) => {
        page.arrive = resolve;
      });
    },
  };
  const fetchDesk = async () => {
    log.push("fetch");
    return desks.length > 0 ? desks.shift() : null;
  };
  const replaceDesk = (parts) => log.push(`desk ${parts}`);
  page.updates = new PageUpdates(
    { frame, isLive: () => isLive, isAhead: () => page.isAhead, fetchDesk, replaceDesk },
    1,
  );
  return page;
}

test("the letter comes first, then the desk", async () => {
  const page = pageOf({ desks: [{ version: 2, parts: "two" }] });
  const shown = page.updates.show({ version: 2, letter: "b" });
  await turn();
  const before = [...page.log];
  page.arrive();
  await shown;

  assert.deepEqual(before, ["load b"]);
  assert.deepEqual(page.log, ["load b", "fetch", "desk two"]);
});

test("a letter that takes long does not hold up the desk", async () => {
  const page = pageOf({ desks: [{ version: 2, parts: "two" }] });
  await page.updates.show({ version: 2, letter: "b" });

  assert.deepEqual(page.log, ["load b", "fetch", "desk two"]);
});

test("a state that is announced twice, by the answer and by an event, is shown once", async () => {
  const page = pageOf({ desks: [{ version: 2, parts: "two" }] });
  const announced = [1, 2].map(() => page.updates.show({ version: 2, letter: "b" }));
  page.arrive();
  await Promise.all(announced);

  assert.deepEqual(page.log, ["load b", "fetch", "desk two"]);
});

test("a state with the same letter brings its desk alone", async () => {
  const page = pageOf({ desks: [{ version: 2, parts: "two" }] });
  await page.updates.show({ version: 2, letter: "a" });

  assert.deepEqual(page.log, ["fetch", "desk two"]);
});

test("the letter of an issue built before is not replaced", async () => {
  const page = pageOf({ desks: [{ version: 2, parts: "two" }], isLive: false });
  await page.updates.show({ version: 2, letter: "b" });

  assert.deepEqual(page.log, ["fetch", "desk two"]);
});

test("a desk that is older than an answered edit is not shown", async () => {
  const page = pageOf({ desks: [{ version: 2, parts: "two" }, { version: 3, parts: "three" }] });
  page.updates.reached(3);
  await page.updates.refreshDesk();
  await page.updates.refreshDesk();

  assert.deepEqual(page.log, ["fetch", "fetch", "desk three"]);
});

test("a desk that comes while an edit is under way is not shown", async () => {
  const page = pageOf({ desks: [{ version: 2, parts: "two" }] });
  page.isAhead = true;
  await page.updates.refreshDesk();

  assert.deepEqual(page.log, ["fetch"]);
});

test("without an answer the desk stays as it is", async () => {
  const page = pageOf();
  await page.updates.refreshDesk();

  assert.deepEqual(page.log, ["fetch"]);
});
