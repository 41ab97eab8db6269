//! What was read of a repository, on disk between runs.
//!
//! One file per repository and branch: a magic number, the fingerprint of the program that wrote it, a CRC, and a zstd stream of
//! numbers (LEB128) and texts. A file of another program version, another repository or with a damaged byte is not used; the history
//! is then read anew. Sets of components are written as differences to the set before, which makes 2,500 versions of a lockfile little
//! larger than one.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use fixloop_model::Scope;
use gix::ObjectId;

use crate::record::{Change, Commit, ComponentKey, Content, ContentKey, Origin, Record};

const MAGIC: &[u8; 8] = b"fixloop\x01";

/// More than any real cache unpacks to.
const MAX_BYTES: u64 = 4 << 30;

/// Where the record of a repository lies below `folder`.
pub(crate) fn path_of(folder: &Path, repository: &Path, branch: Option<&str>) -> PathBuf {
    let resolved = repository.canonicalize().unwrap_or_else(|_| repository.to_owned());
    let identity = format!("{}\n{}", resolved.display(), branch.unwrap_or(""));
    let name: String = crate::repository_name(repository)
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() || it == '-' { it } else { '_' })
        .take(64)
        .collect();
    folder.join(format!("{name}-{:08x}.history", crc32fast::hash(identity.as_bytes())))
}

/// The record, if there is one that can be used.
pub(crate) fn load(path: &Path, fingerprint: u64) -> Option<Record> {
    let bytes = fs::read(path).ok()?;
    let rest = bytes.strip_prefix(MAGIC)?;
    let (written_by, rest) = rest.split_first_chunk::<8>()?;
    let (crc, packed) = rest.split_first_chunk::<4>()?;
    if u64::from_le_bytes(*written_by) != fingerprint
        || u32::from_le_bytes(*crc) != crc32fast::hash(packed)
    {
        return None;
    }
    let mut unpacked = Vec::new();
    let decoder = zstd::Decoder::new(packed).ok()?;
    decoder.take(MAX_BYTES).read_to_end(&mut unpacked).ok()?;
    Reader { bytes: &unpacked }.record()
}

/// Writes the record beside and renames it, so that a reader sees the old one or the new one.
pub(crate) fn store(path: &Path, fingerprint: u64, record: &Record) -> io::Result<()> {
    let mut writer = Writer { bytes: Vec::new() };
    writer.record(record);
    let packed = zstd::encode_all(&*writer.bytes, 3)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let partial = path.with_extension(format!("{}.part", std::process::id()));
    let mut file = fs::File::create(&partial)?;
    file.write_all(MAGIC)?;
    file.write_all(&fingerprint.to_le_bytes())?;
    file.write_all(&crc32fast::hash(&packed).to_le_bytes())?;
    file.write_all(&packed)?;
    drop(file);
    fs::rename(&partial, path)
}

struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            let [low, ..] = value.to_le_bytes();
            self.bytes.push(low | 0x80);
            value >>= 7;
        }
        let [low, ..] = value.to_le_bytes();
        self.bytes.push(low);
    }

    fn count(&mut self, value: usize) {
        self.number(value as u64);
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn id(&mut self, id: &ObjectId) {
        self.count(id.as_slice().len());
        self.bytes.extend_from_slice(id.as_slice());
    }

    fn optional<T>(&mut self, value: Option<&T>, write: impl FnOnce(&mut Self, &T)) {
        self.bytes.push(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn record(&mut self, record: &Record) {
        self.count(record.commits.len());
        for it in &record.commits {
            self.id(&it.id);
            self.optional(it.seconds.as_ref(), |out, it| out.number(it.cast_unsigned()));
        }
        self.count(record.paths.len());
        for it in &record.paths {
            self.text(it);
        }
        self.count(record.changes.len());
        for it in &record.changes {
            self.number(u64::from(it.commit));
            self.number(u64::from(it.path));
            self.optional(it.blob.as_ref(), Self::id);
        }
        self.count(record.components.len());
        for it in &record.components {
            self.component(it);
        }
        let mut contents: Vec<(&ContentKey, &Content)> = Vec::new();
        for (key, all) in &record.contents {
            // A problem may be gone by the next run.
            contents.extend(all.iter().filter(|it| it.problem.is_none()).map(|it| (key, it)));
        }
        contents.sort_by(|a, b| (&a.1.components, a.0).cmp(&(&b.1.components, b.0)));
        self.count(contents.len());
        let mut before: &[u32] = &[];
        for (key, content) in contents {
            self.optional(key.0.as_ref(), |out, it| out.number(u64::from(*it)));
            self.id(&key.1);
            self.difference(before, &content.components);
            before = &content.components;
            self.count(content.neighbors.len());
            for (path, blob) in &content.neighbors {
                self.text(path);
                self.optional(blob.as_ref(), Self::id);
            }
        }
    }

    fn component(&mut self, it: &ComponentKey) {
        self.text(&it.ecosystem);
        self.text(&it.name);
        self.optional(it.version.as_ref(), |out, it| out.text(it));
        let (kind, host) = match &it.origin {
            Origin::PublicRegistry => (0, None),
            Origin::UnknownRegistry => (1, None),
            Origin::Elsewhere => (2, None),
            Origin::Registry(host) => (3, Some(host)),
        };
        self.bytes.push(kind);
        self.optional(host, |out, it| out.text(it));
        self.bytes.push(match it.direct {
            None => 0,
            Some(false) => 1,
            Some(true) => 2,
        });
        let scope = SCOPES.iter().position(|scope| it.scope == *scope);
        self.count(scope.unwrap_or(0));
    }

    /// A sorted set as what it has more, and less, than the one before; each number as the distance to the last.
    fn difference(&mut self, before: &[u32], after: &[u32]) {
        for (these, those) in [(after, before), (before, after)] {
            let only: Vec<u32> =
                these.iter().copied().filter(|it| those.binary_search(it).is_err()).collect();
            self.count(only.len());
            let mut last = 0;
            for it in only {
                self.number(u64::from(it - last));
                last = it;
            }
        }
    }
}

const SCOPES: [Option<Scope>; 5] =
    [None, Some(Scope::Runtime), Some(Scope::Dev), Some(Scope::Optional), Some(Scope::Build)];

/// Every function is `None` at the end of the bytes or at a value that cannot be.
struct Reader<'b> {
    bytes: &'b [u8],
}

impl<'b> Reader<'b> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn small(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    /// A count of entries of at least one byte each.
    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|it| *it <= self.bytes.len())
    }

    fn slice(&mut self) -> Option<&'b [u8]> {
        let n = self.count()?;
        let (slice, rest) = self.bytes.split_at_checked(n)?;
        self.bytes = rest;
        Some(slice)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.slice()?.to_vec()).ok()
    }

    fn id(&mut self) -> Option<ObjectId> {
        ObjectId::try_from(self.slice()?).ok()
    }

    #[expect(clippy::option_option, reason = "the outer one is the end of the bytes")]
    fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.byte()? {
            0 => Some(None),
            1 => Some(Some(read(self)?)),
            _ => None,
        }
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let n = self.count()?;
        (0..n).map(|_| read(self)).collect()
    }

    fn record(mut self) -> Option<Record> {
        let commits = self.list(|it| {
            let id = it.id()?;
            let seconds = it.optional(Self::number)?.map(u64::cast_signed);
            Some(Commit { id, seconds })
        })?;
        let paths = self.list(Self::text)?;
        let (n_commits, n_paths) = (commits.len(), paths.len());
        let changes = self.list(|it| {
            let (commit, path) = (it.small()?, it.small()?);
            let blob = it.optional(Self::id)?;
            let is_known = (commit as usize) < n_commits && (path as usize) < n_paths;
            is_known.then_some(Change { commit, path, blob })
        })?;
        let components = self.list(Self::component)?;
        let n_components = components.len();
        let mut contents: HashMap<ContentKey, Vec<Content>> = HashMap::new();
        let mut before: Vec<u32> = Vec::new();
        for _ in 0..self.count()? {
            let key = (self.optional(Self::small)?, self.id()?);
            let components = self.difference(&before)?;
            if components.last().is_some_and(|it| *it as usize >= n_components) {
                return None;
            }
            before.clone_from(&components);
            let neighbors = self.list(|it| Some((it.text()?, it.optional(Self::id)?)))?;
            let content = Content { components, problem: None, neighbors };
            contents.entry(key).or_default().push(content);
        }
        let (faults, unread_since) = (Vec::new(), None);
        Some(Record { commits, changes, paths, components, contents, faults, unread_since })
    }

    fn component(&mut self) -> Option<ComponentKey> {
        let (ecosystem, name) = (self.text()?, self.text()?);
        let version = self.optional(Self::text)?;
        let kind = self.byte()?;
        let origin = match (kind, self.optional(Self::text)?) {
            (0, None) => Origin::PublicRegistry,
            (1, None) => Origin::UnknownRegistry,
            (2, None) => Origin::Elsewhere,
            (3, Some(host)) => Origin::Registry(host),
            _ => return None,
        };
        let direct = match self.byte()? {
            0 => None,
            1 => Some(false),
            2 => Some(true),
            _ => return None,
        };
        let scope = *SCOPES.get(usize::try_from(self.number()?).ok()?)?;
        Some(ComponentKey { ecosystem, name, version, origin, direct, scope })
    }

    fn difference(&mut self, before: &[u32]) -> Option<Vec<u32>> {
        let mut read = || {
            let mut last = 0u32;
            self.list(|it| {
                last = last.checked_add(it.small()?)?;
                Some(last)
            })
        };
        let (more, less) = (read()?, read()?);
        let mut after: Vec<u32> = Vec::with_capacity(before.len() + more.len());
        let mut less = less.into_iter().peekable();
        let mut more = more.into_iter().peekable();
        for it in before {
            while let Some(new) = more.next_if(|new| new < it) {
                after.push(new);
            }
            if less.next_if(|gone| gone == it).is_none() {
                after.push(*it);
            }
        }
        after.extend(more);
        Some(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> ObjectId {
        ObjectId::from([byte; 20])
    }

    fn record() -> Record {
        let component = |name: &str, origin| ComponentKey {
            ecosystem: "npm".to_owned(),
            name: name.to_owned(),
            version: Some("1.0.0".to_owned()),
            origin,
            direct: Some(false),
            scope: Some(Scope::Dev),
        };
        let content = |components: &[u32]| Content {
            components: components.to_vec(),
            problem: None,
            neighbors: vec![("package.json".to_owned(), Some(id(9))), ("a".to_owned(), None)],
        };
        Record {
            commits: vec![
                Commit { id: id(1), seconds: Some(-5) },
                Commit { id: id(2), seconds: None },
            ],
            changes: vec![Change { commit: 1, path: 0, blob: Some(id(3)) }],
            paths: vec!["package-lock.json".to_owned()],
            components: vec![
                component("a", Origin::PublicRegistry),
                component("b", Origin::Registry("npm.corp.example".to_owned())),
                component("c", Origin::Elsewhere),
            ],
            contents: HashMap::from([
                ((None, id(3)), vec![content(&[0, 2])]),
                ((Some(0), id(4)), vec![content(&[1]), content(&[])]),
            ]),
            ..Record::default()
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/a.history");
        store(&path, 7, &record()).unwrap();
        let mut loaded = load(&path, 7).unwrap();
        let mut written = record();
        for it in [&mut loaded, &mut written] {
            it.contents
                .values_mut()
                .for_each(|it| it.sort_by(|a, b| a.components.cmp(&b.components)));
        }
        assert_eq!(loaded, written);
        assert!(load(&path, 8).is_none(), "written by another program");
    }

    #[test]
    fn a_damaged_cache_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.history");
        store(&path, 7, &record()).unwrap();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            fs::write(&path, &damaged).unwrap();
            assert!(load(&path, 7).is_none(), "byte {at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert!(load(&path, 7).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn forged_numbers_are_no_record() {
        // As if the CRC had been made to fit.
        let mut writer = Writer { bytes: Vec::new() };
        writer.record(&record());
        for at in 0..writer.bytes.len() {
            for bit in [0x01, 0x40, 0x80, 0xff] {
                let mut forged = writer.bytes.clone();
                forged[at] ^= bit;
                if let Some(record) = (Reader { bytes: &forged }).record() {
                    let n = record.components.len();
                    let mut all = record.contents.values().flatten();
                    assert!(all.all(|it| it.components.iter().all(|it| (*it as usize) < n)));
                }
            }
        }
    }
}
