/** The letter's frame: the next one loads behind the present one and takes its place at the same height. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { LetterFrame } from "../../digest/preview/static/frame.js";

/** What the module asks of an iframe, with a document that arrives when the test says so. */
class FakeFrame {
  constructor() {
    this.dataset = {};
    this.attributes = {};
    this.classes = new Set();
    this.classList = { add: (name) => this.classes.add(name), remove: (name) => this.classes.delete(name) };
    this.contentDocument = { URL: "about:blank", readyState: "complete" };
    this.contentWindow = { scrollY: 0, scrollTo: (_, top) => { this.contentWindow.scrollY = Math.min(top, this.height); } };
    this.height = 5000;
    this.isInPage = false;
    this.onload = () => {};
  }

  cloneNode() {
    return new FakeFrame();
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  removeAttribute(name) {
    delete this.attributes[name];
  }

  addEventListener(_, listener) {
    this.onload = listener;
  }

  remove() {
    this.isInPage = false;
  }

  focus() {
    globalThis.document.activeElement = this;
  }

  /** Let the text arrive; pictures may still be missing. */
  parse() {
    this.contentDocument = { URL: this.src, readyState: "interactive" };
  }
}

let page;

beforeEach(() => {
  globalThis.document = { activeElement: null };
  const frames = [];
  const first = new FakeFrame();
  const shown = [];
  const device = {
    append: (frame) => {
      frame.isInPage = true;
      frames.push(frame);
    },
  };
  const frame = new LetterFrame(first, { device, address: () => "/frame/1/letter", onShown: (letter) => shown.push(letter) });
  page = { frame, frames, first, shown };
});

test("the next letter stays behind until its text is there, and then takes the place of the first", async () => {
  const { frame, frames, first, shown } = page;
  first.isInPage = true;
  const loaded = frame.load("a");
  const [next] = frames;
  const behind = [next.classes.has("behind"), next.attributes["aria-hidden"], next.tabIndex, first.isInPage];
  next.parse();
  await loaded;

  assert.deepEqual(behind, [true, "true", -1, true]);
  assert.deepEqual([next.classes.has("behind"), next.attributes["aria-hidden"], next.id], [false, undefined, "frame"]);
  assert.deepEqual([first.isInPage, next.isInPage, shown], [false, true, ["a"]]);
});

test("a letter whose pictures never come is shown when its text is there", async () => {
  const { frame, frames, shown } = page;
  const loaded = frame.load("a");
  frames[0].parse();
  await loaded;

  assert.deepEqual(shown, ["a"]);
});

test("the reader stays at the same height, or at the top where that is asked for", async () => {
  const { frame, frames, first } = page;
  first.contentWindow.scrollY = 1200;
  const loaded = frame.load("a");
  frames[0].onload();
  await loaded;
  const another = frame.load("b", { keepScroll: false });
  frames[1].onload();
  await another;

  assert.deepEqual(frames.map((one) => one.contentWindow.scrollY), [1200, 0]);
});

test("a letter asked for meanwhile takes the place of the one that loads, which is never shown", async () => {
  const { frame, frames, shown } = page;
  const first = frame.load("a");
  const second = frame.load("b");
  await first; // kept, so that nobody waits for a letter that is not wanted any more
  frames[0].onload();
  const during = [frame.letter, [...shown], frames[0].isInPage];
  frames[1].onload();
  await second;

  assert.deepEqual(during, ["b", [], false]);
  assert.deepEqual(shown, ["b"]);
});

test("a letter that was too short without its pictures is scrolled again when they are there", async () => {
  const { frame, frames, first } = page;
  first.contentWindow.scrollY = 1200;
  const loaded = frame.load("a");
  frames[0].height = 300;
  frames[0].parse();
  await loaded;
  const before = frames[0].contentWindow.scrollY;
  frames[0].height = 5000;
  frames[0].onload();

  assert.deepEqual([before, frames[0].contentWindow.scrollY], [300, 1200]);
});

test("a reader who has scrolled meanwhile is left where they are", async () => {
  const { frame, frames, first } = page;
  first.contentWindow.scrollY = 1200;
  const loaded = frame.load("a");
  frames[0].parse();
  await loaded;
  frames[0].contentWindow.scrollY = 40;
  frames[0].onload();

  assert.equal(frames[0].contentWindow.scrollY, 40);
});

test("a frame that has the focus hands it on", async () => {
  const { frame, frames, first } = page;
  globalThis.document.activeElement = first;
  const loaded = frame.load("a");
  frames[0].onload();
  await loaded;

  assert.equal(globalThis.document.activeElement, frames[0]);
});
