//! Evidence for people: the verdict first, then what it rests on.

use std::io::{self, Write};

use fixloop_program::evidence::{Evidence, Example, Measure};
use fixloop_report::{day, visible};

use crate::mined::Mined;

/// Teams that are told before the rest is counted.
const MAX_TEAMS: usize = 10;

/// Characters of a commit's id.
const COMMIT: usize = 12;

pub(crate) fn write(it: &Evidence, mined: &Mined, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", visible(&sentence(it)))?;
    if let Some(reason) = it.reason.as_ref().filter(|_| it.measure.share.is_some()) {
        writeln!(out, "{}.", capitalized(reason))?;
    }
    writeln!(out, "\n{}, until {}", visible(&mined.subject()), day(mined.cut))?;
    writeln!(out, "  {:<26}{}", "share", of_all(&it.measure))?;
    if let Some(open_days) = &it.open_days {
        writeln!(out, "  {:<26}{}", "share of open days", of_all(open_days))?;
    }
    for (name, text) in &it.facts {
        writeln!(out, "  {name:<26}{}", visible(text))?;
    }
    write_teams(it, out)?;
    write_examples(it, out)?;
    writeln!(out, "\nDefinition: {}", it.definition)?;
    writeln!(out, "Interval (95 %): {}.", it.measure.method)?;
    writeln!(out, "Teams: {}.", visible(&mined.teams))?;
    for limit in &it.limits {
        writeln!(out, "Limit: {limit}")?;
    }
    Ok(())
}

/// `Open: 5 % (95 % interval 2–11 %) of 412 opportunities …; kill line 10 %, confirm line 25 %.`
fn sentence(it: &Evidence) -> String {
    let lines = format!(
        "kill line {} %, confirm line {} %.",
        percent(it.lines.kill()),
        percent(it.lines.confirm())
    );
    let verdict = capitalized(it.verdict.as_str());
    let Some((share, interval)) = it.measure.share.zip(it.measure.interval) else {
        let reason = it.reason.as_deref().unwrap_or("there is nothing to count");
        return format!("{verdict}: {reason}; {lines}");
    };
    format!(
        "{verdict}: {} % (95 % interval {}–{} %) of {} {} {}; {lines}",
        percent(share),
        percent(interval.lower),
        percent(interval.upper),
        number(it.measure.n),
        it.unit,
        it.did
    )
}

fn of_all(it: &Measure) -> String {
    let counts = format!("{} of {}", number(it.x), number(it.n));
    match (it.share, it.interval) {
        (Some(share), Some(interval)) => format!(
            "{counts}: {} % ({}–{} %)",
            percent(share),
            percent(interval.lower),
            percent(interval.upper)
        ),
        _ => counts,
    }
}

fn write_teams(it: &Evidence, out: &mut dyn Write) -> io::Result<()> {
    let teams = &it.measure.teams;
    if teams.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nTeams ({}):", teams.len())?;
    for team in teams.iter().take(MAX_TEAMS) {
        let share = percent(team.x / team.n);
        let (x, n, name) = (number(team.x), number(team.n), visible(&team.team));
        writeln!(out, "  {name:<26}{x} of {n}: {share} %")?;
    }
    if let Some(more) = teams.len().checked_sub(MAX_TEAMS).filter(|it| *it > 0) {
        writeln!(out, "  and {more} more (--format json has all)")?;
    }
    Ok(())
}

fn write_examples(it: &Evidence, out: &mut dyn Write) -> io::Result<()> {
    if !it.examples.is_empty() {
        writeln!(out, "\nExamples, to check by hand:")?;
    }
    for it in &it.examples {
        let (of, kind) = (&it.opportunity, it.kind);
        let what = format!("{} {} {} in {}", of.ecosystem, of.name, it.version, of.target);
        writeln!(out, "  {kind}: {}", visible(&what))?;
        writeln!(out, "    {}", visible(&story(it)))?;
    }
    Ok(())
}

/// What happened to it, with commits and days.
fn story(it: &Example) -> String {
    let of = &it.opportunity;
    let commit = |id: &str| id.chars().take(COMMIT).collect::<String>();
    let came = if of.left_truncated { "there at the first commit" } else { "came in" };
    let mut parts = vec![
        format!("{} disclosed {}", it.ids.join(" "), day(of.disclosed)),
        format!("{came} {} by {}", day(of.introduced), commit(&of.introducing_commit)),
    ];
    if let Some(alert) = &it.alert {
        parts.push(format!("alert {} on {}", alert.number, day(alert.created)));
    }
    if let Some(it) = &it.regression {
        parts.push(format!(
            "upgraded to {} {} by {}, undone to {} {} by {}",
            it.upgraded_version,
            day(it.upgraded),
            commit(&it.upgrading_commit),
            it.reverted_version,
            day(it.reverted),
            commit(&it.reverting_commit)
        ));
    }
    parts.push(match (of.end, &of.fixing_commit) {
        (Some(end), Some(id)) => format!("{} {} by {}", of.outcome.as_str(), day(end), commit(id)),
        (Some(end), None) => format!("{} {}", of.outcome.as_str(), day(end)),
        (None, _) => format!("open, last seen {}", day(of.last_seen)),
    });
    parts.join("; ")
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().collect::<String>());
    first.unwrap_or_default() + letters.as_str()
}

/// Percent to one decimal, without a `.0`.
fn percent(share: f64) -> String {
    number(share * 100.0)
}

fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
