//! Standard output: data only.

use std::io::{self, BufWriter, Write};

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

/// What a readout is written as.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ReadoutFormat {
    Text,
    Json,
    Csv,
    Html,
}

/// Writes through a buffer, with styles only on a terminal.
pub(crate) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(anstream::stdout().lock());
    write(&mut out)?;
    out.flush()
}

/// Writes what has no styles, so that nobody looks for them.
pub(crate) fn print_plain(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    write(&mut out)?;
    out.flush()
}
