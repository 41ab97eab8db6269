//! `fixloop db info`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use fixloop_index::{Index, IndexError};
use fixloop_report::{day, visible};
use serde_json::json;

use crate::error::CommandError;
use crate::index_path::IndexArgument;
use crate::output::{Format, print};

/// Say what the index holds, and check every byte of it
#[derive(Args)]
pub(crate) struct InfoArguments {
    #[command(flatten)]
    index: IndexArgument,
    /// For people or for scripts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What the index holds of one ecosystem.
#[derive(Default)]
struct Holding {
    n_packages: usize,
    n_rows: usize,
}

pub(crate) fn run(arguments: &InfoArguments) -> Result<ExitCode, CommandError> {
    let index = arguments.index.open()?;
    index.verify()?;
    let holdings = holdings(&index)?;
    let mut n_withdrawn = 0;
    for record in index.records() {
        n_withdrawn += usize::from(record?.withdrawn().is_some());
    }
    print(|out| match arguments.format {
        Format::Text => write_text(&index, &holdings, n_withdrawn, out),
        Format::Json => write_json(&index, &holdings, n_withdrawn, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn holdings(index: &Index) -> Result<BTreeMap<&str, Holding>, IndexError> {
    let mut holdings: BTreeMap<&str, Holding> = BTreeMap::new();
    for package in index.packages() {
        let package = package?;
        let holding = holdings.entry(package.ecosystem()?).or_default();
        holding.n_packages += 1;
        holding.n_rows += package.rows().count();
    }
    Ok(holdings)
}

fn write_text(
    index: &Index,
    holdings: &BTreeMap<&str, Holding>,
    n_withdrawn: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let summary = index.summary();
    let source = summary.path.as_deref().unwrap_or("starter index, embedded in this binary");
    writeln!(out, "{source}")?;
    let as_of = summary.as_of.map_or("unknown".to_owned(), day);
    writeln!(
        out,
        "  records    {} ({n_withdrawn} withdrawn), latest modified {as_of}",
        summary.n_records
    )?;
    writeln!(out, "  packages   {}", index.n_packages())?;
    writeln!(out, "  size       {} KiB, every byte checked", index.n_bytes().div_ceil(1024))?;
    writeln!(out, "  {:<30} {:>9} {:>9}", "ecosystem", "packages", "affected")?;
    let mut sorted: Vec<_> = holdings.iter().collect();
    sorted.sort_by_key(|(name, it)| (std::cmp::Reverse(it.n_packages), **name));
    for (name, it) in sorted {
        writeln!(out, "  {:<30} {:>9} {:>9}", visible(name), it.n_packages, it.n_rows)?;
    }
    Ok(())
}

fn write_json(
    index: &Index,
    holdings: &BTreeMap<&str, Holding>,
    n_withdrawn: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let summary = index.summary();
    let ecosystems: BTreeMap<_, _> = holdings
        .iter()
        .map(|(name, it)| (*name, json!({ "packages": it.n_packages, "affected": it.n_rows })))
        .collect();
    let value = json!({
        "schema": "fixloop.index-info/1",
        "source": summary.path.as_deref().unwrap_or("starter"),
        "records": summary.n_records,
        "withdrawn": n_withdrawn,
        "as_of": summary.as_of.map(fixloop_report::rfc3339),
        "packages": index.n_packages(),
        "bytes": index.n_bytes(),
        "ecosystems": ecosystems,
    });
    writeln!(out, "{value:#}")
}
