/** The letter while the editor writes: one question a pause, the last answer counts, and the end shows what is written. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Trial } from "../../digest/preview/static/trial.js";

/** A form without fields, in a dialog that can be closed, and a letter that is asked for by hand. */
function setUp() {
  const questions = [];
  const loaded = [];
  const form = { querySelectorAll: () => [] };
  const closing = [];
  const dialog = { querySelector: () => form, addEventListener: (_, listener) => closing.push(listener) };
  const editor = {
    attempt: (action, base) => new Promise((answer) => questions.push({ action, base, answer })),
  };
  const frame = {
    letter: "written",
    document: null,
    load: async (letter) => {
      frame.letter = letter;
      loaded.push(letter);
    },
  };
  let text = "";
  const trial = new Trial(editor, frame, () => "written");
  trial.follow(dialog, () => ({ text }), () => "base");
  const type = (written, pause) => {
    text = written;
    form.oninput({ target: form });
    mock.timers.tick(pause);
  };
  const close = () => closing.forEach((listener) => listener());
  return { questions, loaded, trial, type, close };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a letter is asked for when the editor pauses, not at each key", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { questions, type } = setUp();
  type("a", 100);
  type("ab", 100);
  type("abc", 1000);
  mock.timers.reset();

  assert.deepEqual(questions.map(({ action, base }) => [action.text, base]), [["abc", "base"]]);
});

test("an answer that comes late is not shown", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { questions, loaded, type } = setUp();
  type("a", 1000);
  type("b", 1000);
  questions[1].answer({ ok: true, letter: "second" });
  await settled();
  questions[0].answer({ ok: true, letter: "first" });
  await settled();
  mock.timers.reset();

  assert.deepEqual(loaded, ["second"]);
});

test("what is refused leaves the letter as it is", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { questions, loaded, type } = setUp();
  type("<b>", 1000);
  questions[0].answer({ ok: false, error: "no", fields: {} });
  await settled();
  mock.timers.reset();

  assert.deepEqual(loaded, []);
});

test("once the form is sent its own answer counts", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { questions, loaded, trial, type } = setUp();
  type("a", 1000);
  type("ab", 100);
  trial.leave();
  questions[0].answer({ ok: true, letter: "late" });
  await settled();
  mock.timers.tick(1000);
  mock.timers.reset();

  assert.deepEqual(loaded, []);
  assert.equal(questions.length, 1);
});

test("the end shows what is written, and no answer after it", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { questions, loaded, type, close } = setUp();
  type("a", 1000);
  questions[0].answer({ ok: true, letter: "tried" });
  await settled();
  type("b", 1000);
  type("c", 100);
  close();
  questions[1].answer({ ok: true, letter: "late" });
  await settled();
  mock.timers.tick(1000);
  mock.timers.reset();

  assert.deepEqual(loaded, ["tried", "written"]);
  assert.equal(questions.length, 2);
});
