//! Packages that exist nowhere, their releases, and the advisories about them, day after day. It knows no team, so that more teams change
//! nothing of it.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::measured::{DAYS_BETWEEN_RELEASES, SEVERITIES};
use crate::random::poisson;

/// Packages of an ecosystem, of which a repository uses half on average.
pub(crate) const N_PACKAGES: usize = 120;
pub(crate) const USED: f64 = 0.5;

/// Days before the past for which there are advisories already, so that a version can be known to be vulnerable on its first day.
const DAYS_AHEAD: i32 = 120;

/// A package has no second advisory within so many days, as long as others are left.
const DAYS_OF_REST: i32 = 30;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ecosystem {
    Npm,
    CratesIo,
}

impl Ecosystem {
    pub(crate) const ALL: [Self; 2] = [Self::Npm, Self::CratesIo];

    /// OSV's name.
    pub(crate) fn osv(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::CratesIo => "crates.io",
        }
    }

    /// GitHub's.
    pub(crate) fn github(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::CratesIo => "rust",
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Severity {
    Critical,
    High,
    Medium,
    Low,
}

impl Severity {
    const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];
}

pub(crate) struct Release {
    pub(crate) version: [u32; 3],
    day: i32,
}

impl Release {
    pub(crate) fn text(&self) -> String {
        let [major, minor, patch] = self.version;
        format!("{major}.{minor}.{patch}")
    }
}

pub(crate) struct Package {
    pub(crate) name: String,
    /// Ascending.
    pub(crate) releases: Vec<Release>,
    /// Places in the catalog's advisories, ascending by publication.
    pub(crate) advisories: Vec<usize>,
}

impl Package {
    /// Of this day.
    pub(crate) fn latest(&self, day: i32) -> usize {
        self.releases.partition_point(|it| it.day <= day).saturating_sub(1)
    }

    fn release(&mut self, day: i32, is_fix: bool) -> usize {
        let [major, minor, patch] = self.releases[self.releases.len() - 1].version;
        let version = if is_fix { [major, minor, patch + 1] } else { [major, minor + 1, 0] };
        self.releases.push(Release { version, day });
        self.releases.len() - 1
    }
}

/// All releases before `fixed` are affected.
pub(crate) struct Advisory {
    pub(crate) id: String,
    pub(crate) ecosystem: Ecosystem,
    pub(crate) package: usize,
    pub(crate) fixed: usize,
    /// In the early morning, when the fixed version is there.
    pub(crate) published: f64,
    pub(crate) day: i32,
    pub(crate) severity: Severity,
}

pub(crate) struct Catalog {
    packages: [Vec<Package>; 2],
    /// Ascending by day.
    pub(crate) advisories: Vec<Advisory>,
    rng: ChaCha8Rng,
    /// Per ecosystem and day.
    rate: f64,
    /// Everything before this day is there.
    next_day: i32,
}

impl Catalog {
    /// `rate`: advisories of an ecosystem, a day.
    pub(crate) fn new(mut rng: ChaCha8Rng, rate: f64, first_day: i32) -> Self {
        let next_day = first_day - DAYS_AHEAD;
        let packages = Ecosystem::ALL.map(|_| {
            let mut names: Vec<String> = names();
            names.sort();
            let mut package = |name| Package {
                name,
                releases: vec![Release {
                    version: [
                        rng.random_range(1..6),
                        rng.random_range(0..20),
                        rng.random_range(0..9),
                    ],
                    day: i32::MIN,
                }],
                advisories: Vec::new(),
            };
            names.into_iter().map(&mut package).collect()
        });
        Self { packages, advisories: Vec::new(), rng, rate, next_day }
    }

    pub(crate) fn packages(&self, ecosystem: Ecosystem) -> &[Package] {
        &self.packages[ecosystem as usize]
    }

    pub(crate) fn package(&self, advisory: &Advisory) -> &Package {
        &self.packages(advisory.ecosystem)[advisory.package]
    }

    /// Places of the advisories of this day, which must have been told.
    pub(crate) fn of_day(&self, day: i32) -> std::ops::Range<usize> {
        let before = |day| self.advisories.partition_point(|it| it.day < day);
        before(day)..before(day + 1)
    }

    /// Places of what was published before the end of this day.
    pub(crate) fn until(&self, day: i32) -> usize {
        self.of_day(day).end
    }

    /// Tells releases and advisories to the end of this day.
    pub(crate) fn tell(&mut self, day: i32) {
        while self.next_day <= day {
            let today = self.next_day;
            for ecosystem in Ecosystem::ALL {
                self.release(ecosystem, today);
                for _ in 0..poisson(&mut self.rng, self.rate) {
                    self.publish(ecosystem, today);
                }
            }
            self.next_day += 1;
        }
    }

    fn release(&mut self, ecosystem: Ecosystem, day: i32) {
        let n = poisson(&mut self.rng, N_PACKAGES as f64 / DAYS_BETWEEN_RELEASES);
        for _ in 0..n {
            let place = self.rng.random_range(0..N_PACKAGES);
            self.packages[ecosystem as usize][place].release(day, false);
        }
    }

    fn publish(&mut self, ecosystem: Ecosystem, day: i32) {
        let package = self.rested(ecosystem, day);
        let severity = self.severity();
        let id = self.id();
        let hour: f64 = self.rng.random_range(0.0..6.0);
        let published = f64::from(day) + hour / 24.0;
        let place = self.advisories.len();
        let it = &mut self.packages[ecosystem as usize][package];
        it.advisories.push(place);
        let fixed = it.release(day, true);
        self.advisories.push(Advisory { id, ecosystem, package, fixed, published, day, severity });
    }

    fn rested(&mut self, ecosystem: Ecosystem, day: i32) -> usize {
        let mut package = 0;
        for _ in 0..20 {
            package = self.rng.random_range(0..N_PACKAGES);
            let last = self.packages(ecosystem)[package].advisories.last();
            if last.is_none_or(|it| self.advisories[*it].day + DAYS_OF_REST < day) {
                break;
            }
        }
        package
    }

    fn severity(&mut self) -> Severity {
        let all: f64 = SEVERITIES.iter().sum();
        let mut left = self.rng.random::<f64>() * all;
        for (it, weight) in Severity::ALL.into_iter().zip(SEVERITIES) {
            if left < weight {
                return it;
            }
            left -= weight;
        }
        Severity::Low
    }

    /// Of the form of a public database's, since editors tell no others; the chance that one exists is one in 10^10.
    fn id(&mut self) -> String {
        const ALPHABET: &[u8; 20] = b"23456789cfghjmpqrvwx";
        let mut id = "GHSA".to_owned();
        for place in 0..12 {
            if place % 4 == 0 {
                id.push('-');
            }
            id.push(char::from(ALPHABET[self.rng.random_range(0..ALPHABET.len())]));
        }
        id
    }
}

fn names() -> Vec<String> {
    const FIRST: [&str; 12] = [
        "amber", "brisk", "cobalt", "dapper", "eager", "fuzzy", "gentle", "hollow", "ivory",
        "jolly", "keen", "lunar",
    ];
    const SECOND: [&str; 10] = [
        "badger", "beacon", "cache", "codec", "kettle", "ledger", "parser", "router", "stream",
        "walnut",
    ];
    let pairs = FIRST.iter().flat_map(|first| SECOND.iter().map(move |it| (first, it)));
    pairs.map(|(first, second)| format!("acme-{first}-{second}")).collect()
}
