//! The one sentence that a person may add to *not useful*: the only free text in an event.

use serde::{Deserialize, Serialize};

const MAX_CHARACTERS: usize = 200;

/// One line of at most 200 characters.
///
/// Words with `/`, `\` or `@` are taken out, since they are paths, addresses or scoped package names. What else it says is up to who
/// types it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "String")]
pub struct Comment(String);

impl Comment {
    /// Nothing if no word is left.
    pub fn new(text: &str) -> Option<Self> {
        let comment = Self::from(text.to_owned());
        (!comment.0.is_empty()).then_some(comment)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Comment {
    fn from(text: String) -> Self {
        let mut line = String::new();
        let mut n_characters = 0;
        for word in
            text.split(|it: char| it.is_whitespace() || it.is_control()).filter(|it| !it.is_empty())
        {
            let word = if word.contains(['/', '\\', '@']) { "…" } else { word };
            n_characters += word.chars().count() + usize::from(!line.is_empty());
            if n_characters > MAX_CHARACTERS {
                break;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        Self(line)
    }
}
