//! The words of a gate, said once for all writers: what it is, what to do, by when, what happens now, and how to ask for time.
//!
//! Foreign text in them is as it came: each writer escapes.

use fixloop_gate::{BreakGlass, GateFinding, Report, Subject, Verdict};
use fixloop_model::{Class, Timestamp};
use fixloop_policy::{Change, Mode};

use super::escape::shell;
use super::groups::{Group, groups};
use crate::time::rfc3339;

/// `lodash 4.17.15 is vulnerable: GHSA-… and 2 more`.
pub(super) fn headline(group: &Group<'_>) -> String {
    let title = group.first.title();
    match group.ids().len() {
        0 | 1 => title,
        n => format!("{title} and {} more", n - 1),
    }
}

/// What to do, or that nothing can be done yet.
pub(super) fn action(group: &Group<'_>) -> String {
    if let Some(fix) = group.fix() {
        return fix;
    }
    match &group.first.subject {
        Subject::Package(it) if it.class == Class::Exception => it.summary.clone(),
        Subject::Package(_) => "nothing yet: no version fixes it".to_owned(),
        Subject::Build(it) => format!("change what rule {} names", it.rule),
    }
}

/// `critical, introduced by this change`.
pub(super) fn standing(group: &Group<'_>) -> String {
    let change = match group.first.change {
        Change::Introduced => "introduced by this change",
        Change::Worsened => "worsened by this change",
        Change::PreExisting => "there before this change",
        Change::NewlyDisclosed => "there before this change, disclosed since",
        Change::Fixed => "fixed by this change",
    };
    match group.severity() {
        Some(rating) => format!("{}, {change}", rating.as_str()),
        None => format!("not rated, {change}"),
    }
}

/// Why this mode, and what decided.
pub(super) fn because(group: &Group<'_>) -> String {
    format!("{} ({})", group.first.reason, group.first.rule)
}

/// The countdown.
pub(super) fn by_when(group: &Group<'_>, now: Timestamp) -> Option<String> {
    let at = group.deadline()?;
    let (moment, distance) = (moment(at), distance(now, at));
    let is_over = at <= now;
    Some(match (group.first.mode, is_over, group.fix().is_some()) {
        (Mode::Break, true, _) => format!("has ended builds since {moment} ({distance})"),
        (Mode::Break, false, _) => {
            format!("ends this build already; others from {moment} ({distance})")
        }
        (_, false, true) => format!("ends builds from {moment} ({distance})"),
        (_, false, false) => format!("ends builds from {moment} ({distance}), once it has a fix"),
        (_, true, true) => format!("its grace period ended on {moment} ({distance})"),
        (_, true, false) => {
            format!("its grace period ended on {moment}; it ends builds once it has a fix")
        }
    })
}

/// The one line that says what happens now.
pub(super) fn happens_now(report: &Report) -> String {
    // As many as blocks are shown: one upgrade answers several findings.
    let told = groups(report.told());
    let n_breaking = told.iter().filter(|it| it.first.mode == Mode::Break).count();
    match report.verdict {
        Verdict::Break => {
            let rest = told.len() - n_breaking;
            let more = if rest == 0 { String::new() } else { format!("; {rest} more to look at") };
            let (what, are) = (things(n_breaking), if n_breaking == 1 { "is" } else { "are" });
            format!("break: this build ends here (exit code 1) until {what} {are} fixed{more}")
        }
        Verdict::Alert => {
            let what = things(told.len());
            let next = told.iter().filter_map(Group::deadline).filter(|it| *it > report.now).min();
            let next = next.map_or_else(String::new, |at| {
                format!("; builds end from {} ({})", moment(at), distance(report.now, at))
            });
            format!("alert: this build goes on, with {what} to look at{next}")
        }
        Verdict::BrokenGlass => {
            let by =
                report.break_glass.as_ref().map_or_else(String::new, |it| answers(it, report.now));
            let what = things(n_breaking);
            format!("broken glass: this build goes on although {what} would end it{by}")
        }
        Verdict::Unverified => {
            let ends = if report.fails_unverified {
                "this build ends here (exit code 2)"
            } else {
                "this build goes on unchecked"
            };
            let why = report.unverified.join("; ");
            let why = if why.is_empty() { "the reason is not known".to_owned() } else { why };
            format!("unverified: {ends}, for what would have been done is not known: {why}")
        }
        Verdict::Pass => pass(report),
    }
}

fn pass(report: &Report) -> String {
    if report.is_silent {
        return "pass: this build goes on".to_owned();
    }
    let fixed = match groups(report.told_fixed()).len() {
        0 => String::new(),
        n => format!("; {} fixed by this change", things(n)),
    };
    // What was not checked must not read as clean.
    let unknown = match n_unknown(report) {
        0 => String::new(),
        1 => "; 1 check could not be made".to_owned(),
        n => format!("; {n} checks could not be made"),
    };
    format!("pass: this build goes on{fixed}{unknown}")
}

fn answers(it: &BreakGlass, now: Timestamp) -> String {
    let (until, distance) = (moment(it.until), distance(now, it.until));
    format!(
        "; {} answers for this commit until {until} ({distance}), on record: {}",
        it.ticket, it.reason
    )
}

/// What could not be checked: files and components, and checks of build configuration.
pub(super) fn n_unknown(report: &Report) -> usize {
    report.unknown.len() + unknown_checks(report).count()
}

pub(super) fn unknown_checks(report: &Report) -> impl Iterator<Item = &fixloop_model::BuildCheck> {
    let checks = report.checks.iter();
    checks.filter(|it| it.state == fixloop_model::CheckState::Unknown)
}

/// The command that makes the upgrades, where one is asked for.
pub(super) fn by_command(report: &Report) -> Option<&'static str> {
    let is_upgrade = |it: &GateFinding| match &it.subject {
        Subject::Package(it) => it.fixed_version.is_some(),
        Subject::Build(_) => false,
    };
    let said = "fixloop fix makes the upgrades, as far as manifests can hold them, and proves each";
    report.told().any(is_upgrade).then_some(said)
}

/// How to get time where a build ends: the exception of the first finding as a command, and break-glass.
pub(super) struct WaysOut {
    pub(super) exception: String,
    pub(super) break_glass: &'static str,
}

/// Further notes are in JSON.
const MAX_NOTES: usize = 10;

const BREAK_GLASS: &str = "FIXLOOP_BREAK_GLASS=\"TICKET: reason\" in this build's environment: for this commit, at most 24 hours, always recorded";

pub(super) fn ways_out(report: &Report) -> Option<WaysOut> {
    if report.verdict != Verdict::Break {
        return None;
    }
    let first = report.told().find(|it| it.mode == Mode::Break)?;
    let (about, path) = match &first.subject {
        Subject::Package(it) => {
            let id = it.ids.first().map_or_else(String::new, |id| format!(" --id {}", shell(id)));
            (id, &it.path)
        }
        Subject::Build(it) => (format!(" --rule {}", shell(&it.rule)), &it.path),
    };
    let exception = format!(
        "fixloop exception add{about} --path {} --reason \"…\" --owner TEAM --expires DAY, reviewed with the change",
        shell(path)
    );
    Some(WaysOut { exception, break_glass: BREAK_GLASS })
}

/// Compared with what, decided by whom, checked against what: one sentence each.
pub(super) fn grounds(report: &Report) -> Vec<String> {
    let base = match &report.base {
        Some(it) => format!("compared with {} at {}", it.revision, short(&it.merge_base)),
        None => "compared with nothing: every finding counts as there before".to_owned(),
    };
    let policy = match (report.policy.version, &report.policy.team) {
        (Some(version), Some(team)) => format!("decided by policy {version} for team {team}"),
        (Some(version), None) => format!("decided by policy {version}"),
        (None, _) => "decided by the built-in policy".to_owned(),
    };
    let index = report.index.as_ref().map(|it| match &it.path {
        Some(_) => format!(
            "{} advisories as of {}",
            it.n_records,
            it.as_of.map_or_else(|| "an unknown day".to_owned(), crate::time::day)
        ),
        None => format!(
            "only the starter index was used: {} well-known advisories, most are not in it (fixloop db update)",
            it.n_records
        ),
    });
    let trouble = report.policy.trouble.as_ref().map(|it| format!("policy: {it}"));
    let grounds = [Some(base), Some(policy), index, trouble];
    // Each is a line of a log: it starts with a word of ours.
    let notes = report.notes.iter().take(MAX_NOTES).map(|it| format!("note: {it}"));
    grounds.into_iter().flatten().chain(notes).collect()
}

/// Of a commit.
fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

/// `2026-12-05 14:00 UTC`.
pub(super) fn moment(at: Timestamp) -> String {
    let text = rfc3339(at);
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(time)) if text.as_bytes().get(10) == Some(&b'T') => {
            format!("{day} {time} UTC")
        }
        _ => text,
    }
}

/// `in 3 days`, `5 hours ago`; rounded towards now.
fn distance(now: Timestamp, at: Timestamp) -> String {
    const MINUTE: u64 = 60_000_000;
    let apart = now.0.abs_diff(at.0);
    let (n, unit) = match apart {
        0..MINUTE => return "now".to_owned(),
        it if it < 60 * MINUTE => (it / MINUTE, "minute"),
        it if it < 48 * 60 * MINUTE => (it / (60 * MINUTE), "hour"),
        it => (it / (24 * 60 * MINUTE), "day"),
    };
    let plural = if n == 1 { "" } else { "s" };
    if at.0 > now.0 { format!("in {n} {unit}{plural}") } else { format!("{n} {unit}{plural} ago") }
}

fn things(n: usize) -> String {
    count(n, "thing")
}

pub(super) fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}
