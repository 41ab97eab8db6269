//! Many versions of a lockfile, one after another: each entry is read once, and a version costs little more than finding its entries.
//!
//! Of two versions next to each other in a history nearly all entries are the same text. A [`Series`] remembers what each text said:
//! its component, the names others call it by, and the names it needs. A version is then put together from numbers. Spans are not
//! told. What does not look exactly like its package manager writes it is `None`, and [`Format::parse_among`] has to read it; where a
//! [`Series`] does answer, it says what that would have said (tested over the formats' fixtures and over real histories).

mod assembly;
mod previous;
#[cfg(test)]
mod tests;

use fixloop_model::{Component, Scope};

use crate::beside::Beside;
use crate::format::Format;
use crate::{cargo_lock, package_lock, pnpm_lock, yarn_lock};

pub(crate) use assembly::{Assembly, Entry, Names, Needs};
pub(crate) use previous::Previous;

/// Entries' texts that are remembered before all is forgotten: many times what a large monorepository's history needs.
const MAX_BYTES: usize = 256 << 20;

/// What was read so far of any number of lockfiles.
#[derive(Default)]
pub struct Series {
    cargo: cargo_lock::Remembered,
    npm: package_lock::Remembered,
    pnpm: pnpm_lock::Remembered,
    yarn: yarn_lock::Remembered,
    assembly: Assembly,
}

/// A component of one version. The project itself and members of its workspace are left out.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Occurrence {
    /// For [`Series::component`].
    pub component: u32,
    /// `None` where the file does not tell.
    pub is_direct: Option<bool>,
    pub scope: Option<Scope>,
}

impl Series {
    /// The components of one version in the order of its entries, or `None` if it has to be read as a whole.
    pub fn read(
        &mut self,
        format: Format,
        text: &str,
        beside: Beside<'_>,
    ) -> Option<Vec<Occurrence>> {
        match format {
            Format::CargoLock => self.cargo.read(text, &mut self.assembly),
            Format::PackageLock => self.npm.read(text, &mut self.assembly),
            Format::PnpmLock => self.pnpm.read(text, &mut self.assembly),
            Format::YarnLock => self.yarn.read(text, beside, &mut self.assembly),
            _ => None,
        }
    }

    /// A component as its entry states it; how it is reached and its scope are the occurrence's.
    pub fn component(&self, number: u32) -> &Component {
        self.assembly.component(number)
    }

    /// Whether more is remembered than memory should be asked for: then begin a new one.
    pub fn is_full(&self) -> bool {
        self.assembly.n_bytes() > MAX_BYTES
    }
}
