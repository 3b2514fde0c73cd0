// @ts-check
/**
 * Requests that must reach the server in the order in which the editor made them.
 *
 * Each edit names the state of the editor's file that it is based on, and that state is known only when the edit before
 * it has been answered. Sent side by side, the second of two quick key presses would be refused as a conflict.
 */

/** Runs one request after another; a failed one does not hold up those behind it. */
export class RequestQueue {
  /** @type {Promise<void>} */
  #tail = Promise.resolve();
  #pending = 0;

  /** How many requests have not been answered yet, the one under way included. */
  get pending() {
    return this.#pending;
  }

  /** Kept when everything that is in the queue now has been answered, well or badly; never rejected. */
  get drained() {
    return this.#tail;
  }

  /**
   * Run *request* as soon as all earlier ones are answered.
   *
   * @template T
   * @param {() => Promise<T>} request called when its turn comes, so that it can use what the one before brought
   * @returns {Promise<T>} its answer; rejected if *request* is
   */
  add(request) {
    this.#pending += 1;
    const answer = this.#tail.then(request).finally(() => {
      this.#pending -= 1;
    });
    // The tail swallows an error, which belongs to whoever asked: else one failure would reject all later requests.
    this.#tail = answer.then(
      () => {},
      () => {},
    );
    return answer;
  }
}
