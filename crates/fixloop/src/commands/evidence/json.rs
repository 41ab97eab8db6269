//! `fixloop.evidence/1`, the contract for scripts: `docs/schema/evidence-1.json`. A field without a value is `null`, never absent.

use std::io::{self, Write};

use fixloop_program::evidence::{Evidence, Example, Measure};
use fixloop_report::rfc3339;
use serde_json::{Value, json};

use crate::mined::Mined;

pub(super) fn write(it: &Evidence, mined: &Mined, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &document(it, mined))?;
    writeln!(out)
}

pub(crate) fn document(it: &Evidence, mined: &Mined) -> Value {
    let facts = it.facts.iter().map(|(name, text)| json!({ "name": name, "text": text }));
    let gaps = mined.gaps.iter().map(|it| {
        json!({ "repository": it.repository, "path": it.path, "commit": it.commit, "reason": it.reason })
    });
    json!({
        "schema": "fixloop.evidence/1",
        "query": it.query,
        "definition": it.definition,
        "subject": mined.subject(),
        "cut": rfc3339(mined.cut),
        "unit": it.unit,
        "x": number(it.measure.x),
        "n": number(it.measure.n),
        "share": it.measure.share,
        "interval": interval(&it.measure),
        "kill_line": it.lines.kill(),
        "confirm_line": it.lines.confirm(),
        "verdict": it.verdict.as_str(),
        "reason": it.reason,
        "open_days": it.open_days.as_ref().map(open_days),
        "teams": teams(&it.measure),
        "teams_by": mined.teams,
        "method": it.measure.method,
        "facts": facts.collect::<Vec<_>>(),
        "examples": it.examples.iter().map(example).collect::<Vec<_>>(),
        "limits": it.limits,
        "gaps": gaps.collect::<Vec<_>>(),
    })
}

/// Counts are written as whole numbers.
fn number(value: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number of at least 0 and below 2^53"
    )]
    if value.fract() == 0.0 && (0.0..9e15).contains(&value) {
        json!(value as u64)
    } else {
        json!(value)
    }
}

fn interval(it: &Measure) -> Option<[f64; 2]> {
    it.interval.map(|it| [it.lower, it.upper])
}

fn open_days(it: &Measure) -> Value {
    json!({
        "x": number(it.x),
        "n": number(it.n),
        "share": it.share,
        "interval": interval(it),
        "method": it.method,
    })
}

fn teams(it: &Measure) -> Vec<Value> {
    let share = |x: f64, n: f64| if n > 0.0 { Some(x / n) } else { None };
    let team = it.teams.iter().map(|it| {
        json!({ "team": it.team, "x": number(it.x), "n": number(it.n), "share": share(it.x, it.n) })
    });
    team.collect()
}

fn example(it: &Example) -> Value {
    let of = &it.opportunity;
    let regression = it.regression.as_ref().map(|it| {
        json!({
            "upgraded": rfc3339(it.upgraded),
            "upgrading_commit": it.upgrading_commit,
            "upgraded_version": it.upgraded_version,
            "reverted": rfc3339(it.reverted),
            "reverting_commit": it.reverting_commit,
            "reverted_version": it.reverted_version,
        })
    });
    let alert = it.alert.as_ref().map(|it| {
        json!({ "repository": it.repository, "number": it.number, "created": rfc3339(it.created) })
    });
    json!({
        "kind": it.kind,
        "opportunity": of.id,
        "repository": of.repository,
        "target": of.target,
        "team": of.team,
        "ecosystem": of.ecosystem,
        "name": of.name,
        "version": it.version,
        "ids": it.ids,
        "disclosed": rfc3339(of.disclosed),
        "introduced": rfc3339(of.introduced),
        "left_truncated": of.left_truncated,
        "introducing_commit": of.introducing_commit,
        "start": rfc3339(of.start),
        "end": of.end.map(rfc3339),
        "last_seen": rfc3339(of.last_seen),
        "outcome": of.outcome.as_str(),
        "fixing_commit": of.fixing_commit,
        "regression": regression,
        "alert": alert,
    })
}
