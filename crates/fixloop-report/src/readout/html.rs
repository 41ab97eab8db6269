//! A readout as one HTML file that loads nothing: styles and charts are inside, there is no script.
//!
//! Foreign text passes [`visible`] here and askama's escaping in the template; anchors are made of row numbers, never of
//! ids. Every number's rows are listed behind it and link to the table of rows at the end.

use std::collections::HashMap;
use std::io::{self, Write};

use askama::Template;
use fixloop_readout::{Group, Readout, Row};

use super::chart::{self, Bars, Curve, Dot};
use super::words;
use crate::time::day;
use crate::visible::visible;

/// Rows in the table at the end: a browser still scrolls it with ease.
const MAX_ROWS: usize = 2_000;
/// Rows listed behind one number.
const MAX_TRACED: usize = 200;

#[derive(Template)]
#[template(path = "readout.html")]
struct Page {
    title: String,
    headline: String,
    scope: String,
    figures: Vec<Figure>,
    overall_trace: Trace,
    interval_method: String,
    conditional: Option<String>,
    curve: Option<Curve>,
    splits: Vec<SplitView>,
    bars: Option<Bars>,
    months: Vec<[String; 6]>,
    slowest: Vec<SlowestView>,
    facts: Vec<(String, String)>,
    limits: Vec<String>,
    definition: Vec<(&'static str, String)>,
    method: Vec<String>,
    rows: Vec<RowView>,
    cut_note: Option<String>,
}

struct Figure {
    name: String,
    value: String,
    /// What stands under the value and may not be torn: an interval.
    note: String,
    interval: String,
}

/// What an interval is, with the space that keeps the percent sign at its number.
const INTERVAL: &str = "95\u{202f}% interval";

struct SplitView {
    title: String,
    within: String,
    horizon: String,
    groups: Vec<GroupView>,
}

struct GroupView {
    name: String,
    n: String,
    fixed: String,
    open: String,
    median: String,
    median_interval: String,
    share: String,
    share_interval: String,
    dot: Option<Dot>,
    mean: String,
    mean_interval: String,
    trace: Trace,
}

struct SlowestView {
    subject: String,
    n: String,
    open: String,
    exposure: String,
    median: String,
    median_interval: String,
    trace: Trace,
}

/// The rows behind a number.
struct Trace {
    summary: String,
    links: Vec<Link>,
    note: Option<String>,
}

struct Link {
    /// The row's number in the table; `None` if the table was cut before it.
    row: Option<usize>,
    id: String,
}

struct RowView {
    number: usize,
    id: String,
    /// In the table's order; empty is unknown.
    cells: Vec<String>,
}

/// Where each row stands in the table at the end.
type Places<'r> = HashMap<&'r str, usize>;

/// Writes the whole document.
pub fn write_readout_html(readout: &Readout, out: &mut dyn Write) -> io::Result<()> {
    page(readout).write_into(out)
}

fn page(readout: &Readout) -> Page {
    let overall = &readout.overall;
    let shown = readout.rows.iter().take(MAX_ROWS).enumerate();
    let places: Places<'_> = shown.clone().map(|(at, it)| (&*it.id, at + 1)).collect();
    let n_rows = readout.rows.len();
    Page {
        title: title(readout),
        headline: thin(&words::headline(overall, &readout.definition)),
        scope: scope(readout),
        figures: figures(readout),
        overall_trace: trace(&overall.row_ids, &places),
        interval_method: visible(&overall.interval_method).into_owned(),
        conditional: overall.conditional_from_days.map(words::days),
        curve: chart::curve(overall, &readout.rows),
        splits: splits(readout, &places),
        bars: chart::bars(&readout.months),
        months: months(readout),
        slowest: slowest(readout, &places),
        facts: readout.facts.iter().map(|(name, it)| (shown_text(name), shown_text(it))).collect(),
        limits: readout.limits.iter().map(|it| shown_text(it)).collect(),
        definition: definition(readout),
        method: readout.method.iter().map(|it| shown_text(it)).collect(),
        rows: shown.map(|(at, it)| row(at + 1, it)).collect(),
        cut_note: (n_rows > MAX_ROWS).then(|| {
            let (shown, all) = (words::count(MAX_ROWS), words::count(n_rows));
            format!("The first {shown} of {all} rows. --format csv gives all of them.")
        }),
    }
}

/// `Time to fix: 3 repositories`.
fn title(readout: &Readout) -> String {
    let metric = words::metric(&readout.definition);
    let (first, rest) = metric.split_at(metric.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}: {}", first.to_uppercase(), visible(&readout.subject))
}

fn shown_text(text: &str) -> String {
    visible(text).into_owned()
}

fn scope(readout: &Readout) -> String {
    let it = &readout.definition;
    let cut = readout.cut.map_or_else(String::new, |cut| format!(" Data up to {}.", day(cut)));
    format!("Measured: {} per {}, from {} to {}.{cut}", it.metric, it.unit, it.clock, it.event)
}

fn figures(readout: &Readout) -> Vec<Figure> {
    let it = &readout.overall;
    let mut figures = vec![Figure {
        name: "Median time to fix".to_owned(),
        value: words::median(&it.median, it.n_rows),
        note: INTERVAL.to_owned(),
        interval: words::median_interval(&it.median),
    }];
    figures.extend(it.shares.iter().map(|share| Figure {
        name: format!("Fixed within {}", words::days(share.days)),
        value: thin(&words::share_value(share.fixed, it.n_rows)),
        note: INTERVAL.to_owned(),
        interval: thin(&words::share_interval(share.fixed, it.n_rows)),
    }));
    figures.push(Figure {
        name: format!("Mean open, first {}", words::days(it.horizon_days)),
        value: words::mean_value(it.restricted_mean),
        note: INTERVAL.to_owned(),
        interval: words::mean_interval(it.restricted_mean),
    });
    if !readout.months.is_empty() {
        let known: Vec<f64> = readout.months.iter().filter_map(|it| it.per_100_targets).collect();
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        figures.push(Figure {
            name: "Exposure-days per 100 targets and month".to_owned(),
            value: words::number(mean),
            // Months of one fleet hang together, so their spread is no interval of the mean.
            note: "mean of".to_owned(),
            interval: words::counted(known.len(), "month", "months"),
        });
    }
    figures
}

/// A percent sign stays with its number.
fn thin(text: &str) -> String {
    text.replace(" %", "\u{202f}%")
}

fn splits(readout: &Readout, places: &Places<'_>) -> Vec<SplitView> {
    let with_groups = readout.splits.iter().filter(|it| !it.groups.is_empty());
    let view = |it: &fixloop_readout::Split| {
        let first = &it.groups[0];
        SplitView {
            title: shown_text(words::split_title(it.by)),
            within: words::share_at_30(first)
                .map_or_else(String::new, |it| format!(" within {}", words::days(it.days))),
            horizon: words::days(first.horizon_days),
            groups: it.groups.iter().map(|it| group(it, places)).collect(),
        }
    };
    with_groups.map(view).collect()
}

fn group(it: &Group, places: &Places<'_>) -> GroupView {
    let share = words::share_at_30(it).and_then(|it| it.fixed);
    GroupView {
        name: shown_text(&it.name),
        n: words::count(it.n_rows),
        fixed: words::count(words::n_fixed(it)),
        open: words::count(it.n_open),
        median: words::median(&it.median, it.n_rows),
        median_interval: words::median_interval(&it.median),
        share: thin(&words::share_value(share, it.n_rows)),
        share_interval: thin(&words::share_interval(share, it.n_rows)),
        dot: share.filter(|it| it.value.is_finite()).map(|it| chart::dot(it.value, it.interval)),
        mean: words::mean_value(it.restricted_mean),
        mean_interval: words::mean_interval(it.restricted_mean),
        trace: trace(&it.row_ids, places),
    }
}

fn slowest(readout: &Readout, places: &Places<'_>) -> Vec<SlowestView> {
    let view = |it: &fixloop_readout::Slowest| SlowestView {
        subject: shown_text(&it.subject),
        n: words::count(it.n_rows),
        open: words::count(it.n_open),
        exposure: words::number(it.exposure_days),
        median: words::median(&it.median, it.n_rows),
        median_interval: words::median_interval(&it.median),
        trace: trace(&it.row_ids, places),
    };
    readout.slowest.iter().map(view).collect()
}

fn months(readout: &Readout) -> Vec<[String; 6]> {
    let cells = |it: &fixloop_readout::Month| {
        [
            shown_text(&it.month),
            it.per_100_targets.map_or_else(|| words::CANNOT_TELL.to_owned(), words::number),
            words::number(it.exposure_days),
            words::count(it.n_targets),
            words::count(it.n_started),
            words::count(it.n_fixed),
        ]
    };
    readout.months.iter().map(cells).collect()
}

fn definition(readout: &Readout) -> Vec<(&'static str, String)> {
    let it = &readout.definition;
    [
        ("Metric", &it.metric),
        ("Unit", &it.unit),
        ("Clock starts", &it.clock),
        ("Event", &it.event),
        ("Competing", &it.competing),
        ("Dropped", &it.dropped),
        ("Censored", &it.censored),
    ]
    .map(|(name, text)| (name, shown_text(text)))
    .into()
}

fn trace(ids: &[String], places: &Places<'_>) -> Trace {
    let links = ids.iter().take(MAX_TRACED);
    Trace {
        summary: words::counted(ids.len(), "row", "rows"),
        links: links
            .map(|id| Link { row: places.get(&**id).copied(), id: shown_text(id) })
            .collect(),
        note: (ids.len() > MAX_TRACED)
            .then(|| format!("and {} more: --format csv", words::count(ids.len() - MAX_TRACED))),
    }
}

fn row(number: usize, it: &Row) -> RowView {
    let text = |it: &Option<String>| it.as_deref().map(shown_text).unwrap_or_default();
    RowView {
        number,
        id: shown_text(&it.id),
        cells: vec![
            shown_text(&it.subject),
            shown_text(&it.target),
            text(&it.team),
            text(&it.ecosystem),
            words::rating(it).to_owned(),
            words::direct(it).to_owned(),
            text(&it.arm),
            text(&it.stratum),
            it.start.map(day).unwrap_or_default(),
            it.entry_days.map(words::number).unwrap_or_default(),
            words::number(it.time_days),
            it.outcome.as_str().to_owned(),
        ],
    }
}
