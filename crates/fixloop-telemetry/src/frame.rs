//! Records in a segment file: length and CRC before each, so that a torn or damaged one is known.
//!
//! A segment is [`MAGIC`], then records of `length: u32`, `crc: u32` (both little-endian) and `length` bytes. The CRC-32 (ISO 3309, as in
//! zlib) is over the length's four bytes and the payload.

pub(crate) const MAGIC: &[u8; 8] = b"FXLSPL1\n";

/// An event takes less than 4 KiB: what claims more is damaged.
pub(crate) const MAX_PAYLOAD: usize = 16 << 10;

/// Appends a record to `out`.
pub(crate) fn encode(payload: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(payload.len()).expect("an event takes less than 4 KiB");
    out.extend(length.to_le_bytes());
    out.extend(checksum(length, payload).to_le_bytes());
    out.extend(payload);
}

fn checksum(length: u32, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length.to_le_bytes());
    hasher.update(payload);
    hasher.finalize()
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Frame<'a> {
    Payload(&'a [u8]),
    /// One or more records that cannot be read.
    Damaged,
}

/// The records of a segment's bytes after [`MAGIC`], in order. Linear in the number of bytes.
///
/// A record whose CRC is wrong is passed over by its length; one that does not fit ends the segment.
pub(crate) struct Frames<'a> {
    rest: &'a [u8],
    /// Whether the record before was damaged: a run of them counts as one.
    in_damage: bool,
}

pub(crate) fn frames(bytes: &[u8]) -> Frames<'_> {
    Frames { rest: bytes, in_damage: false }
}

impl<'a> Frames<'a> {
    /// The next record and the bytes after it.
    fn split(&self) -> Option<(u32, u32, &'a [u8], &'a [u8])> {
        let (length, rest) = self.rest.split_first_chunk()?;
        let (crc, rest) = rest.split_first_chunk()?;
        let (length, crc) = (u32::from_le_bytes(*length), u32::from_le_bytes(*crc));
        let n = usize::try_from(length).ok().filter(|it| (1..=MAX_PAYLOAD).contains(it))?;
        let (payload, rest) = rest.split_at_checked(n)?;
        Some((length, crc, payload, rest))
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        while !self.rest.is_empty() {
            let was_in_damage = self.in_damage;
            match self.split() {
                Some((length, crc, payload, rest)) if checksum(length, payload) == crc => {
                    (self.rest, self.in_damage) = (rest, false);
                    return Some(Frame::Payload(payload));
                }
                Some((_, _, _, rest)) => self.rest = rest,
                None => self.rest = &[],
            }
            self.in_damage = true;
            if !was_in_damage {
                return Some(Frame::Damaged);
            }
        }
        None
    }
}
