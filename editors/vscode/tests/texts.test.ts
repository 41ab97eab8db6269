import assert from "node:assert/strict";
import { test } from "node:test";

import { serverOptions } from "../src/config";
import { dayProblem, daysAfter } from "../src/days";
import { view } from "../src/status";
import type { State, Status } from "../src/status";

const settings = { index: "", mode: "alert", telemetry: true, inlayHints: false };

test("settings become the server's options", () => {
  assert.deepEqual(serverOptions(settings, true), {
    mode: "alert",
    telemetry: true,
    inlayHints: false,
    clientCommands: true,
  });
  assert.deepEqual(serverOptions({ index: "/a.flx", mode: "observe", telemetry: true, inlayHints: true }, true), {
    index: "/a.flx",
    mode: "observe",
    telemetry: true,
    inlayHints: true,
    clientCommands: true,
  });
});

test("an unknown mode alerts", () => {
  assert.equal(serverOptions({ ...settings, mode: "silent" }, true).mode, "alert");
});

test("our telemetry setting can only reduce", () => {
  const said = (ours: boolean, editors: boolean) =>
    serverOptions({ ...settings, telemetry: ours }, editors).telemetry;
  assert.deepEqual([said(true, true), said(true, false), said(false, true), said(false, false)], [true, false, false, false]);
});

test("days", () => {
  const now = new Date("2026-11-28T23:30:00Z");
  assert.equal(daysAfter(now, 90), "2027-02-26");
  assert.equal(dayProblem("2026-11-28", now), undefined);
  assert.equal(dayProblem("2026-11-27", now), "This day is over");
  for (const text of ["", "soon", "2027-4-1", "2027-04-31", "2027-13-01", "2027-01-31T00:00"]) {
    assert.equal(dayProblem(text, now), "A day as in 2027-01-31", text);
  }
});

const running: Extract<State, { kind: "running" }> = { kind: "running", server: "fixloop 1.2.3 (PATH: /bin/fixloop)", index: "", mode: "alert" };

function status(findings: number, critical: number, unknown: number): Status {
  const counts = { n_findings: findings, n_critical: critical, n_unknown: unknown };
  return { ...counts, index_as_of: "2026-11-20", message: null };
}

test("the status bar counts, and its tooltip says by which index", () => {
  assert.deepEqual(view(running, status(3, 1, 0)), {
    text: "$(shield) 3",
    tooltip:
      "3 findings, 1 critical\n\nAdvisories: the default one, as of 2026-11-20\n\nServer: fixloop 1.2.3 (PATH: /bin/fixloop)",
    level: "error",
  });
  const undecided = view(running, status(1, 0, 2));
  assert.equal(undecided.text, "$(shield) 1 $(question) 2");
  assert.equal(undecided.level, "none");
  assert.match(undecided.tooltip, /^1 finding, 2 not decided\n/);
});

test("the tooltip says the mode, the index and the server's message", () => {
  const said = { ...status(0, 0, 0), index_as_of: null, message: "the index is damaged" };
  const { tooltip, level } = view({ ...running, index: "/a.flx", mode: "observe" }, said);
  assert.equal(
    tooltip,
    [
      "0 findings",
      "Advisories: /a.flx, day unknown",
      "Server: fixloop 1.2.3 (PATH: /bin/fixloop)",
      "Mode observe: findings are recorded locally and not shown",
      "the index is damaged",
    ].join("\n\n"),
  );
  assert.equal(level, "warning");
});

test("without counts nothing is called clean", () => {
  assert.equal(view(running, undefined).text, "$(shield) fixloop");
  assert.match(view(running, undefined).tooltip, /^Nothing read yet\n/);
});

test("without a server the reason is said", () => {
  assert.deepEqual(view({ kind: "failed", reason: "not found" }, undefined), {
    text: "$(warning) fixloop",
    tooltip: "not found",
    level: "warning",
  });
  assert.equal(view({ kind: "starting" }, undefined).tooltip, "Starting the server");
});
