//! Which advisory ids an event may name: those of public databases, by their form.
//!
//! An organization's own advisories may carry any id, also one that tells a product's name. So an id is let through only if it has the
//! form of a public database with opaque ids: `CVE-YEAR-NUMBER`, `GHSA-xxxx-xxxx-xxxx`, `DATABASE-YEAR-NUMBER`.
//! Databases: <https://ossf.github.io/osv-schema/#id-modified-fields>.

/// Databases whose ids are a year and a number.
const BY_YEAR: &[&str] =
    &["CVE", "GO", "GSD", "HSEC", "JLSEC", "MAL", "OSV", "PSF", "PYSEC", "RSEC", "RUSTSEC"];

/// More are left out and counted.
const MAX_IDS: usize = 32;

/// Ids of public advisories, sorted, each once; and how many others there are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PublicIds {
    ids: Vec<String>,
    n_left_out: u32,
}

impl PublicIds {
    pub fn of<T: AsRef<str>>(ids: impl IntoIterator<Item = T>) -> Self {
        let mut public = Self::default();
        for id in ids {
            let id = id.as_ref();
            if !is_public(id) {
                public.n_left_out = public.n_left_out.saturating_add(1);
            } else if let Err(at) = public.ids.binary_search_by(|it| it.as_str().cmp(id)) {
                public.ids.insert(at, id.to_owned());
            }
        }
        let n_more = public.ids.len().saturating_sub(MAX_IDS);
        public.ids.truncate(MAX_IDS);
        public.add_left_out(u32::try_from(n_more).unwrap_or(u32::MAX))
    }

    pub(crate) fn add_left_out(mut self, n: u32) -> Self {
        self.n_left_out = self.n_left_out.saturating_add(n);
        self
    }

    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Private ones, and those of databases whose ids are not known to be opaque.
    pub fn n_left_out(&self) -> u32 {
        self.n_left_out
    }
}

fn is_public(id: &str) -> bool {
    if let Some(rest) = id.strip_prefix("GHSA-") {
        let parts: Vec<&str> = rest.splitn(4, '-').collect();
        return parts.len() == 3 && parts.iter().all(|it| it.len() == 4 && it.bytes().all(is_ghsa));
    }
    // The Erlang Ecosystem Foundation names its records after the CVE.
    let id = id.strip_prefix("EEF-").unwrap_or(id);
    let mut parts = id.splitn(3, '-');
    let (Some(database), Some(year), Some(number)) = (parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let is_number = |text: &str, sizes: std::ops::RangeInclusive<usize>| {
        sizes.contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit())
    };
    BY_YEAR.contains(&database) && is_number(year, 4..=4) && is_number(number, 1..=10)
}

/// The alphabet of GitHub's ids: <https://docs.github.com/en/code-security/security-advisories>.
fn is_ghsa(letter: u8) -> bool {
    b"23456789cfghjmpqrvwx".contains(&letter)
}
