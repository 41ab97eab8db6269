// From a key to the squiggle, in the page, and from text to diagnostics in the extension host.

import { DEADLINE, SQUIGGLE } from "./workbench.mjs";

const ROUNDS = 40;

/**
 * `4.17.21` is clean and `4.17.2` is not: one Backspace makes the alert, one `1` takes it away.
 * Times in ms; the page's are from the keydown event to the change of the document that shows it.
 */
export async function measure(workbench, probe, file, line) {
  const { page, keyboard } = workbench;
  await workbench.goTo(line, 5);
  await workbench.chord("Shift+End");
  // A quote typed over a selection would surround it.
  await keyboard.press("Delete");
  await keyboard.type('"lodash": "4.17.21"');
  await keyboard.press("ArrowLeft");
  await workbench.noSquiggle();
  await page.evaluate(watch, SQUIGGLE);
  const seen = probe.events().length;
  const appear = [];
  const clear = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    appear.push(await timed(page, () => keyboard.press("Backspace"), true));
    clear.push(await timed(page, () => keyboard.press("1"), false));
  }
  const host = hostTimes(probe.events().slice(seen), file);
  return { appear: summary(appear), clear: summary(clear), host: summary(host) };
}

// Runs in the page.
function watch(selector) {
  const state = { keydown: 0, changed: 0, shown: false };
  const shown = () => document.querySelector(selector) !== null;
  window.fixloopTimes = state;
  state.shown = shown();
  window.addEventListener("keydown", () => (state.keydown = performance.now()), { capture: true });
  new MutationObserver(() => {
    if (shown() !== state.shown) {
      state.shown = !state.shown;
      state.changed = performance.now();
    }
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
}

async function timed(page, press, expected) {
  await press();
  await page.waitForFunction((it) => window.fixloopTimes.shown === it, { timeout: DEADLINE, polling: 5 }, expected);
  return page.evaluate(() => window.fixloopTimes.changed - window.fixloopTimes.keydown);
}

function hostTimes(events, file) {
  const times = [];
  let changed;
  for (const event of events.filter((it) => it.file === file)) {
    if (event.kind === "text") {
      changed = event.at;
    } else if (changed !== undefined) {
      times.push(event.at - changed);
      changed = undefined;
    }
  }
  return times;
}

function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.ceil(share * sorted.length) - 1]);
  return { n: sorted.length, p50: at(0.5), p90: at(0.9), max: at(1) };
}
