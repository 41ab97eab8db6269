//! A campaign at its end: timeline, burn-down, forecasts beside what came, and its clock; as Markdown and as one page that loads nothing.

mod chart;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use askama::Template;
use fixloop_campaign::{Counts, Point};

use crate::markdown::escaped;
use crate::visible::visible;
use chart::{BurnDownChart, chart};

/// Rows of a table of targets: a browser still scrolls it with ease.
const MAX_ROWS: usize = 2_000;

/// What the report is of. Texts come from people and repositories, and are text in the output.
#[derive(Clone, Debug, Default)]
pub struct CampaignReport {
    pub id: String,
    pub title: String,
    pub owner: String,
    pub contact: String,
    /// Days and moments are texts already, in UTC.
    pub deadline: String,
    pub deadline_at: i64,
    /// How it ended, in a sentence.
    pub outcome: String,
    pub about: Vec<String>,
    pub counts: Counts,
    pub points: Vec<Point>,
    /// When it was pivoted; without those that were taken back.
    pub pivots: Vec<i64>,
    /// When, who, what.
    pub timeline: Vec<(String, String, String)>,
    /// Stage and how long it took.
    pub clock: Vec<(String, String)>,
    pub forecasts: Vec<ForecastRow>,
    /// How the forecasts did, in a sentence.
    pub back_test: String,
    pub teams: Vec<TeamRow>,
    /// Affected or unknown at the end: target, team, state, why.
    pub left: Vec<[String; 4]>,
}

/// One stored forecast.
#[derive(Clone, Debug, Default)]
pub struct ForecastRow {
    pub at: String,
    pub open: String,
    pub p_all: String,
    pub left: String,
    pub last_fix: String,
}

/// What became of a team's targets.
#[derive(Clone, Debug, Default)]
pub struct TeamRow {
    pub team: String,
    pub ring: String,
    pub counts: Counts,
    pub last_fix: String,
}

#[derive(Template)]
#[template(path = "campaign.html")]
struct Page<'a> {
    it: &'a CampaignReport,
    chart: Option<BurnDownChart>,
    rows_note: Option<String>,
}

/// Writes the whole document.
pub fn write_campaign_html(report: &CampaignReport, out: &mut dyn Write) -> io::Result<()> {
    let mut it = seen(report);
    let n = it.left.len();
    it.left.truncate(MAX_ROWS);
    let rows_note = (n > MAX_ROWS)
        .then(|| format!("The first {MAX_ROWS} of {n}; fixloop campaign affected lists all."));
    let page = Page { it: &it, chart: chart(&it.points, it.deadline_at, &it.pivots), rows_note };
    out.write_all(page.render().map_err(io::Error::other)?.as_bytes())
}

/// What would act on a terminal or turn the text around is made visible.
fn seen(report: &CampaignReport) -> CampaignReport {
    let text = |it: &str| visible(it).into_owned();
    let mut it = report.clone();
    for field in [&mut it.title, &mut it.owner, &mut it.contact, &mut it.outcome] {
        *field = text(field);
    }
    it.about = it.about.iter().map(|it| text(it)).collect();
    it.timeline = it.timeline.iter().map(|it| (text(&it.0), text(&it.1), text(&it.2))).collect();
    for row in &mut it.teams {
        row.team = text(&row.team);
        row.ring = text(&row.ring);
    }
    for row in &mut it.left {
        *row = row.each_ref().map(|it| text(it));
    }
    it
}

/// Writes the report as Markdown.
pub fn write_campaign_markdown(report: &CampaignReport, out: &mut dyn Write) -> io::Result<()> {
    let it = &seen(report);
    let Counts { affected, fixed, clean, unknown, .. } = it.counts;
    writeln!(out, "# {}: {}\n", it.id, escaped(&it.title))?;
    writeln!(out, "{}\n", escaped(&it.outcome))?;
    writeln!(out, "- **Owner** {}; contact {}", escaped(&it.owner), escaped(&it.contact))?;
    writeln!(out, "- **Deadline** {}", it.deadline)?;
    for about in &it.about {
        writeln!(out, "- **About** {}", escaped(about))?;
    }
    writeln!(
        out,
        "- **Targets** {affected} affected, {fixed} fixed, {clean} clean, {unknown} unknown"
    )?;
    writeln!(out, "\n## Burn-down\n")?;
    table(out, &["day", "affected", "fixed", "clean", "unknown"], &points(it))?;
    writeln!(out, "\n## Timeline\n")?;
    let timeline: Vec<Vec<String>> =
        it.timeline.iter().map(|it| vec![it.0.clone(), it.1.clone(), it.2.clone()]).collect();
    table(out, &["when", "who", "what"], &timeline)?;
    writeln!(out, "\n## Iteration clock\n")?;
    let clock: Vec<Vec<String>> =
        it.clock.iter().map(|it| vec![it.0.clone(), it.1.clone()]).collect();
    table(out, &["stage", "time"], &clock)?;
    writeln!(out, "\n## Forecasts\n\n{}\n", escaped(&it.back_test))?;
    let forecasts: Vec<Vec<String>> = it
        .forecasts
        .iter()
        .map(|it| [&it.at, &it.open, &it.p_all, &it.left, &it.last_fix].map(Clone::clone).to_vec())
        .collect();
    let head = ["said", "open", "all by the date", "left at the date", "last fix"];
    table(out, &head, &forecasts)?;
    writeln!(out, "\n## Teams\n")?;
    let team = |it: &TeamRow| {
        let n = |it: u64| it.to_string();
        let counts = [n(it.counts.affected), n(it.counts.fixed), n(it.counts.unknown)];
        [vec![it.team.clone(), it.ring.clone()], counts.to_vec(), vec![it.last_fix.clone()]]
            .concat()
    };
    let teams: Vec<Vec<String>> = it.teams.iter().map(team).collect();
    table(out, &["team", "ring", "affected", "fixed", "unknown", "last fix"], &teams)?;
    if !it.left.is_empty() {
        writeln!(out, "\n## Not fixed\n")?;
        let left: Vec<Vec<String>> = it.left.iter().map(|it| it.to_vec()).collect();
        table(out, &["target", "team", "state", "why"], &left)?;
    }
    Ok(())
}

fn points(it: &CampaignReport) -> Vec<Vec<String>> {
    let row = |it: &Point| {
        let Counts { affected, fixed, clean, unknown, .. } = it.counts;
        let day = crate::time::day(fixloop_model::Timestamp(it.at));
        let numbers = [affected, fixed, clean, unknown].map(|it| it.to_string());
        [vec![day], numbers.to_vec()].concat()
    };
    it.points.iter().map(row).collect()
}

fn table(out: &mut dyn Write, head: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "none");
    }
    writeln!(out, "| {} |", head.join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(head.len()))?;
    for row in rows {
        let cells: Vec<String> = row.iter().map(|it| escaped(it)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}
