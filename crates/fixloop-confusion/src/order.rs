//! The answer where sources are asked one after the other, and the first that has a name answers for it alone.

use fixloop_model::BuildCheck;

use crate::answer::{Manager, Pinned};
use crate::feed::{Feed, Kind};

impl Manager {
    /// `feeds` in the order in which they are asked. Nothing without a private one.
    pub(crate) fn in_order(&self, feeds: &[Feed], pinned: Option<&Pinned>) -> Option<BuildCheck> {
        let first = feeds.iter().find(|it| it.is_private());
        let public = feeds.iter().position(Feed::is_public);
        let hidden = public.and_then(|it| feeds[it..].iter().find(|it| it.is_private()));
        if let Some(hidden) = hidden {
            let why = format!(
                "the public registry is asked before `{}`, so whoever takes a name there answers for it",
                hidden.shown
            );
            return Some(self.mixed(&hidden.place, &why, pinned));
        }
        if let Some(unresolved) = feeds.iter().find(|it| it.kind == Kind::Unresolved) {
            let why = format!("no file says which source `{}` is", unresolved.shown);
            return Some(self.unknown(&unresolved.place, &why));
        }
        let first = first?;
        let why = match public {
            None if feeds.iter().all(|it| it.is_same(first)) => {
                format!("`{}` is the only source", first.shown)
            }
            None => format!("`{}` is asked first, and every source is private", first.shown),
            Some(_) => {
                format!("`{}` is asked first, and answers for every name that it has", first.shown)
            }
        };
        Some(self.safe(&first.place, &why))
    }
}
