//! What two versions next to each other have in common is not even looked up.

/// How many parts of the version before are tried for a place in this one.
const MAX_SKIPPED: usize = 8;

/// More bytes behind a part than decide where it ends.
const MARGIN: usize = 4;

/// The version before, in parts.
pub(crate) struct Previous<T> {
    text: String,
    /// Where each ends, and what it said.
    parts: Vec<(usize, T)>,
}

impl<T> Default for Previous<T> {
    fn default() -> Self {
        Self { text: String::new(), parts: Vec::new() }
    }
}

impl<T: Copy> Previous<T> {
    /// What each part of `text` says. `end` is where the part that begins a text ends, which at most [`MARGIN`] bytes behind that
    /// decide; `read` reads one, told what the one before it said. `None` if one of them is.
    pub(crate) fn parts(
        &mut self,
        text: &str,
        end: impl Fn(&str) -> Option<usize>,
        mut read: impl FnMut(Option<&T>, &str) -> Option<T>,
    ) -> Option<impl Iterator<Item = T>> {
        let mut parts: Vec<(usize, T)> = Vec::with_capacity(self.parts.len() + 8);
        let (mut at, mut next) = (0, 0);
        while at < text.len() {
            let rest = &text[at..];
            if let Some(found) = self.find(next, rest) {
                let start = self.start(found);
                let n_same = n_same(&self.text.as_bytes()[start..], rest.as_bytes());
                let is_all = start + n_same == self.text.len() && n_same == rest.len();
                let known = self.parts[found..].iter();
                let known = known.take_while(|it| is_all || it.0 - start + MARGIN <= n_same);
                let n_before = parts.len();
                parts.extend(known.map(|(end, it)| (end - start + at, *it)));
                next = found + parts.len() - n_before;
                if parts.len() > n_before {
                    at = parts.last().map_or(at, |it| it.0);
                    continue;
                }
            }
            let length = end(rest)?;
            let told = read(parts.last().map(|it| &it.1), &rest[..length])?;
            parts.push((at + length, told));
            at += length;
        }
        self.text.clear();
        self.text.push_str(text);
        self.parts = parts;
        Some(self.parts.iter().map(|it| it.1))
    }

    fn start(&self, part: usize) -> usize {
        part.checked_sub(1).map_or(0, |before| self.parts[before].0)
    }

    /// The next part of the version before that stands here as well.
    fn find(&self, next: usize, rest: &str) -> Option<usize> {
        let candidates = next..self.parts.len().min(next + MAX_SKIPPED);
        candidates.into_iter().find(|it| {
            rest.as_bytes().starts_with(&self.text.as_bytes()[self.start(*it)..self.parts[*it].0])
        })
    }
}

/// How many bytes two texts begin with alike.
fn n_same(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 4096;
    let blocks = a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK));
    let n = blocks.take_while(|(a, b)| a == b).count() * BLOCK;
    n + a[n..].iter().zip(&b[n..]).take_while(|(a, b)| a == b).count()
}
