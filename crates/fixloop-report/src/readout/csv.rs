//! The rows as CSV (RFC 4180), to be read back by `fixloop analyze` and by R.
//!
//! Days carry their full precision and an unknown is an empty cell. `status` is 1 where the row ended in a fix (upgraded
//! or removed) and 0 otherwise; `outcome` tells the zeros apart. A text cell that a spreadsheet would take for a formula
//! (it begins with `=`, `+`, `-`, `@`, tab or carriage return) gets a leading apostrophe: names come from foreign
//! repositories. The same name always becomes the same cell, so groups stay the same when the table is read back.

use std::borrow::Cow;
use std::io::{self, Write};

use fixloop_model::Ending;
use fixloop_readout::Row;

use super::words;
use crate::time::rfc3339;

const HEADER: [&str; 14] = [
    "id",
    "subject",
    "target",
    "team",
    "ecosystem",
    "severity",
    "direct",
    "arm",
    "stratum",
    "start",
    "entry_days",
    "time_days",
    "status",
    "outcome",
];

/// Writes a header and one line for each row, in their order.
pub fn write_rows_csv(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(HEADER).map_err(io::Error::from)?;
    for row in rows {
        let is_fixed = matches!(row.outcome, Ending::Upgraded | Ending::Removed);
        let cells: [Cow<'_, str>; 14] = [
            inert(&row.id),
            inert(&row.subject),
            inert(&row.target),
            optional(row.team.as_deref()),
            optional(row.ecosystem.as_deref()),
            words::rating(row).into(),
            row.direct.map_or("", |it| if it { "true" } else { "false" }).into(),
            optional(row.arm.as_deref()),
            optional(row.stratum.as_deref()),
            row.start.map(rfc3339).unwrap_or_default().into(),
            row.entry_days.map(|it| it.to_string()).unwrap_or_default().into(),
            row.time_days.to_string().into(),
            if is_fixed { "1" } else { "0" }.into(),
            row.outcome.as_str().into(),
        ];
        table.write_record(cells.iter().map(|it| it.as_bytes())).map_err(io::Error::from)?;
    }
    table.flush()
}

fn optional(text: Option<&str>) -> Cow<'_, str> {
    text.map_or(Cow::Borrowed(""), inert)
}

/// The text such that a spreadsheet shows it and does not compute it.
fn inert(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}
