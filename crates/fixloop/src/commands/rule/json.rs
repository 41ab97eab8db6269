//! `fixloop rule test --format json`.

use fixloop_model::BuildCheck;
use serde_json::{Value, json};

use super::test::{Tested, Verdict};
use fixloop_client::BuildRule;

pub(super) fn document(rule: &BuildRule, tested: &[Tested]) -> Value {
    let count = |state: Verdict| tested.iter().filter(|it| it.state == state).count();
    json!({
        "schema": "fixloop.rule-test/1",
        "rule": rule.id(),
        "title": rule.title(),
        "totals": {
            "affected": count(Verdict::Affected),
            "clean": count(Verdict::Clean),
            "unknown": count(Verdict::Unknown),
        },
        "repositories": tested.iter().map(repository).collect::<Vec<_>>(),
    })
}

fn repository(it: &Tested) -> Value {
    json!({
        "name": it.name,
        "state": it.state.as_str(),
        "reason": it.reason,
        "files": it.n_files,
        "checks": it.checks.iter().map(check).collect::<Vec<_>>(),
    })
}

fn check(it: &BuildCheck) -> Value {
    json!({
        "state": it.state.as_str(),
        "path": it.path,
        "line": it.line,
        "evidence": it.evidence,
    })
}
