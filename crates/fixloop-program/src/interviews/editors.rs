//! What people answered in their editors: *not useful* with its reason, which stands beside the interviews.

use serde::Serialize;
use serde_json::Value;

/// Comments that are kept: more are not read in one sitting.
const MAX_COMMENTS: usize = 50;

/// Counts of *not useful* by reason.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct EditorReasons {
    pub wrong: usize,
    pub not_mine: usize,
    pub cannot_now: usize,
    /// Events whose reason this build does not know, or that cannot be read.
    pub unreadable: usize,
    /// What people typed, the latest first.
    pub comments: Vec<EditorComment>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EditorComment {
    pub reason: String,
    pub words: String,
}

impl EditorReasons {
    pub fn n(&self) -> usize {
        self.wrong + self.not_mine + self.cannot_now + self.unreadable
    }
}

/// Counts the bodies of `not_useful` events, the oldest first.
pub fn editor_reasons<'a>(bodies: impl DoubleEndedIterator<Item = &'a str>) -> EditorReasons {
    let mut found = EditorReasons::default();
    for body in bodies.rev() {
        let event: Value = serde_json::from_str(body).unwrap_or_default();
        let reason = event.get("reason").and_then(Value::as_str).unwrap_or_default();
        match reason {
            "wrong" => found.wrong += 1,
            "not_mine" => found.not_mine += 1,
            "cannot_now" => found.cannot_now += 1,
            _ => {
                found.unreadable += 1;
                continue;
            }
        }
        let words = event.get("comment").and_then(Value::as_str).map(str::trim);
        if let Some(words) = words.filter(|it| !it.is_empty())
            && found.comments.len() < MAX_COMMENTS
        {
            let (reason, words) = (reason.to_owned(), words.to_owned());
            found.comments.push(EditorComment { reason, words });
        }
    }
    found
}
