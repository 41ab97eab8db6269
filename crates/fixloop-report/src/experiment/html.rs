//! An experiment as one HTML file that loads nothing: styles and charts are inside, there is no script.
//!
//! Foreign text is visible already (see [`super::view`]); askama escapes it in the template.

use std::io::{self, Write};

use askama::Template;

use super::chart::{self, Curves, Dots};
use super::text::LOOKS;
use super::view::{View, view};
use super::{ExperimentReport, words};
use crate::readout::chart as axes;

/// Teams in the table: a browser still scrolls it with ease.
const MAX_TEAMS: usize = 2_000;

#[derive(Template)]
#[template(path = "experiment.html")]
struct Page {
    it: View,
    curves: Option<Curves>,
    dots: Option<Dots>,
    /// What the table does not show.
    teams_note: Option<String>,
    looks_head: [&'static str; 6],
    naive_says: &'static str,
}

/// Writes the whole document.
pub fn write_experiment_html(report: &ExperimentReport, out: &mut dyn Write) -> io::Result<()> {
    let mut it = view(report);
    let n = it.teams.len();
    let page = Page {
        curves: chart::curves(report),
        dots: chart::dots(&it.teams, it.times, report.analysis.differences.horizon),
        teams_note: (n > MAX_TEAMS)
            .then(|| format!("The first {MAX_TEAMS} of {n} teams; --format json has all.")),
        looks_head: LOOKS,
        naive_says: words::NAIVE,
        it: {
            it.teams.truncate(MAX_TEAMS);
            it
        },
    };
    // A percent sign stays with its number.
    let html = page.render().map_err(io::Error::other)?.replace(" %", "\u{202f}%");
    out.write_all(html.as_bytes())
}
