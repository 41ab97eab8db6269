//! The bytes of a table as records, with bounds: one record at a time is in memory, and none is longer than a limit.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

/// Longer than any record of a table of intervals.
const MAX_RECORD_BYTES: usize = 1 << 20;

/// Bytes in which the header's separator is looked for.
const PEEKED_BYTES: usize = 1 << 16;

/// Records of a CSV file, the header first.
pub(crate) struct Lines {
    reader: csv::Reader<Bounded>,
    budget: Rc<Cell<usize>>,
    pub(crate) separator: u8,
}

/// Ends with an error where one record asks for more than its budget: a quotation mark that is never closed must not eat the machine.
struct Bounded {
    inner: BufReader<File>,
    budget: Rc<Cell<usize>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let budget = self.budget.get();
        if budget == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, RecordTooLong));
        }
        let n_wanted = buffer.len().min(budget);
        let n_read = self.inner.read(&mut buffer[..n_wanted])?;
        self.budget.set(budget - n_read);
        Ok(n_read)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a line is longer than 1 MiB; is a quotation mark not closed?")]
struct RecordTooLong;

impl Lines {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let mut inner = BufReader::with_capacity(PEEKED_BYTES, file);
        let peeked = inner.fill_buf()?;
        if peeked.starts_with(&[0xff, 0xfe]) || peeked.starts_with(&[0xfe, 0xff]) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is UTF-16, not UTF-8"));
        }
        let n_mark = if peeked.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        let separator = separator(&peeked[n_mark..]);
        inner.consume(n_mark);
        let budget = Rc::new(Cell::new(MAX_RECORD_BYTES));
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .from_reader(Bounded { inner, budget: Rc::clone(&budget) });
        Ok(Self { reader, budget, separator })
    }

    /// Reads the next record; `false` at the end.
    pub(crate) fn read(&mut self, record: &mut csv::ByteRecord) -> Result<bool, csv::Error> {
        self.budget.set(MAX_RECORD_BYTES);
        self.reader.read_byte_record(record)
    }
}

/// The separator of which the first line has most, outside quotation marks; the comma if there is none.
fn separator(bytes: &[u8]) -> u8 {
    let mut is_quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in bytes.iter().take_while(|it| !matches!(it, b'\n' | b'\r')) {
        is_quoted ^= *byte == b'"';
        let count = counts.iter_mut().find(|it| it.0 == *byte && !is_quoted);
        if let Some((_, n)) = count {
            *n += 1;
        }
    }
    // The last of equals would win, and the comma is to.
    counts.iter().rev().max_by_key(|it| it.1).map_or(b',', |it| it.0)
}
