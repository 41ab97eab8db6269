//! What components are matched with: the public index, as it is or as of a day, and the organization's own advisories beside it.

use fixloop_index::{Index, IndexError};
use fixloop_match::{Checked, Known, check_both};
use fixloop_model::{AsOf, Component, Timestamp};

/// The indexes of one scan.
#[derive(Clone, Copy)]
pub struct Indexes<'i> {
    pub public: &'i Index,
    /// Of advisories that name packages of any registry.
    pub private: Option<&'i Index>,
    /// Public records as they counted at this moment; nothing for today.
    pub at: Option<Timestamp>,
}

impl<'i> From<&'i Index> for Indexes<'i> {
    fn from(public: &'i Index) -> Self {
        Self { public, private: None, at: None }
    }
}

impl Indexes<'_> {
    /// What had counted at the moment that was asked for, and how much of it was changed since.
    pub(crate) fn as_of(&self) -> Result<Option<AsOf>, IndexError> {
        let Some(at) = self.at else { return Ok(None) };
        let (mut n_records, mut n_modified_since) = (0, 0);
        for record in self.public.records() {
            let record = record?;
            if fixloop_match::counts_at(&record, at) {
                n_records += 1;
                n_modified_since += u32::from(record.modified().is_some_and(|it| it > at));
            }
        }
        Ok(Some(AsOf { at, n_records, n_modified_since }))
    }
}

/// Indexes with what was parsed of them.
pub(crate) struct Knowledge<'i> {
    pub(crate) public: Known<'i>,
    private: Option<Known<'i>>,
}

impl<'i> Knowledge<'i> {
    pub(crate) fn new(indexes: Indexes<'i>) -> Self {
        let public = match indexes.at {
            Some(at) => Known::at(indexes.public, at),
            None => Known::new(indexes.public),
        };
        Self { public, private: indexes.private.map(Known::new) }
    }

    pub(crate) fn check(
        &self,
        component: &Component,
        mirrors: &[String],
    ) -> Result<Checked, IndexError> {
        check_both(&self.public, self.private.as_ref(), component, mirrors)
    }
}
