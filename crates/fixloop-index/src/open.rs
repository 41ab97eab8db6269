//! Opening an index and looking a package up.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use fixloop_model::{IndexSummary, Timestamp, normalize_name};
use thiserror::Error;

use crate::image::{Image, IndexError, u32_at};
use crate::layout::{NO_TIME, Section, bucket, hash};
use crate::map::Bytes;
use crate::view::{Package, Record};

/// An opened index. Cheap to open, safe to share between threads.
pub struct Index {
    pub(crate) image: Image,
    path: Option<PathBuf>,
}

#[derive(Debug, Error)]
pub enum OpenError {
    #[error("failed to open index `{}`", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("failed to open index `{}`", path.display())]
    Content { path: PathBuf, source: IndexError },
}

impl Index {
    /// Maps the file and checks its header; blocks are checked as they are read.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let io = |source| OpenError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let is_empty = file.metadata().map_err(io)?.len() == 0;
        // An empty file cannot be mapped everywhere.
        let bytes =
            if is_empty { Bytes::Owned(Vec::new()) } else { Bytes::map(&file).map_err(io)? };
        let content = |source| OpenError::Content { path: path.to_owned(), source };
        let image = Image::new(bytes).map_err(content)?;
        Ok(Self { image, path: Some(path.to_owned()) })
    }

    /// An index that lies in memory.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, IndexError> {
        Ok(Self { image: Image::new(Bytes::Owned(bytes))?, path: None })
    }

    /// Checks every byte.
    pub fn verify(&self) -> Result<(), IndexError> {
        self.image.check_all()
    }

    pub fn n_records(&self) -> usize {
        self.image.n_entries(Section::Records)
    }

    pub fn n_packages(&self) -> usize {
        self.image.n_entries(Section::Packages)
    }

    pub fn n_bytes(&self) -> usize {
        self.image.len()
    }

    pub fn summary(&self) -> IndexSummary {
        let latest = self.image.latest_modified;
        IndexSummary {
            n_records: u32::try_from(self.n_records()).unwrap_or(u32::MAX),
            as_of: (latest != NO_TIME).then_some(Timestamp(latest)),
            path: self.path.as_ref().map(|it| it.display().to_string()),
        }
    }

    /// The package's rows, by its name as written anywhere; the ecosystem's suffix does not matter here.
    pub fn package(&self, ecosystem: &str, name: &str) -> Result<Option<Package<'_>>, IndexError> {
        let n_buckets = self.image.n_entries(Section::Buckets);
        if n_buckets == 0 || !n_buckets.is_power_of_two() {
            return Ok(None);
        }
        let base = ecosystem.split_once(':').map_or(ecosystem, |(base, _)| base);
        let name = normalize_name(base, name);
        let (mut at, tag) = bucket(hash(base, &name), n_buckets);
        for _ in 0..n_buckets {
            let entry = self.image.entry(Section::Buckets, at)?;
            let (found, package) = (u32_at(entry, 0), u32_at(entry, 4));
            if package == 0 {
                return Ok(None);
            }
            if found == tag {
                let package = self.package_at(package as usize - 1)?;
                if package.name()? == name && package.ecosystem()? == base {
                    return Ok(Some(package));
                }
            }
            at = (at + 1) & (n_buckets - 1);
        }
        Ok(None)
    }

    /// All packages, sorted by ecosystem and normalized name.
    pub fn packages(&self) -> impl Iterator<Item = Result<Package<'_>, IndexError>> {
        (0..self.n_packages()).map(|index| self.package_at(index))
    }

    /// Whether any record speaks of this ecosystem, with or without suffix.
    pub fn has_ecosystem(&self, ecosystem: &str) -> Result<bool, IndexError> {
        let base = ecosystem.split_once(':').map_or(ecosystem, |(base, _)| base);
        let (mut low, mut high) = (0, self.n_packages());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.package_at(middle)?.ecosystem()?.cmp(base) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(false)
    }

    pub fn records(&self) -> impl Iterator<Item = Result<Record<'_>, IndexError>> {
        (0..self.n_records()).map(|index| self.record(index))
    }

    fn package_at(&self, index: usize) -> Result<Package<'_>, IndexError> {
        let entry = self.image.entry(Section::Packages, index)?;
        Ok(Package { index: self, entry, number: index })
    }

    pub(crate) fn record(&self, index: usize) -> Result<Record<'_>, IndexError> {
        Ok(Record { index: self, entry: self.image.entry(Section::Records, index)? })
    }
}
