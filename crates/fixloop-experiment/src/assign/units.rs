//! Teams put together into what is drawn, and what is drawn into blocks.

use std::collections::BTreeMap;

use fixloop_stats::randomization::Limits;

use super::{AssignError, Candidate, Scheme};

/// What is drawn: a team, or all teams of a platform.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unit {
    /// Its first team's.
    pub name: String,
    /// Places in the roster.
    pub teams: Vec<usize>,
    pub stratum: String,
    pub platform: String,
    /// log((O + 0.5) / (E + 0.5)) before the experiment: above 0 is faster than others.
    pub score_millionths: i64,
    pub n_findings: u64,
}

/// Units of which a given number is treated.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
    /// Places in the roster's units.
    pub units: Vec<usize>,
    pub n_treated: usize,
}

pub(super) fn units_of(teams: &[Candidate]) -> Result<Vec<Unit>, AssignError> {
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, it) in teams.iter().enumerate().filter(|it| !it.1.platform.is_empty()) {
        members.entry(&it.platform).or_default().push(at);
    }
    let mut units = Vec::new();
    for (at, it) in teams.iter().enumerate() {
        let own = match members.get(&*it.platform) {
            Some(of) if of.first() == Some(&at) => of.clone(),
            Some(_) => continue,
            None => vec![at],
        };
        if let Some(other) = own.iter().find(|other| teams[**other].stratum != it.stratum) {
            let other = teams[*other].name.clone();
            let (platform, team) = (it.platform.clone(), it.name.clone());
            return Err(AssignError::PlatformInTwoStrata { platform, team, other });
        }
        units.push(unit(teams, own, it));
    }
    Ok(units)
}

fn unit(teams: &[Candidate], own: Vec<usize>, first: &Candidate) -> Unit {
    let sum = |of: fn(&Candidate) -> u64| -> u64 {
        own.iter().fold(0, |sum, it| sum.saturating_add(of(&teams[*it])))
    };
    let fixed = sum(|it| it.history.n_fixed) as f64;
    let expected = sum(|it| it.history.expected_millionths) as f64 / 1e6;
    #[expect(clippy::cast_possible_truncation, reason = "a logarithm of whole numbers is small")]
    let score_millionths = (f64::ln((fixed + 0.5) / (expected + 0.5)) * 1e6).round() as i64;
    Unit {
        name: first.name.clone(),
        stratum: first.stratum.clone(),
        platform: first.platform.clone(),
        score_millionths,
        n_findings: sum(|it| it.history.n_findings),
        teams: own,
    }
}

/// The blocks of a design.
///
/// An odd block treats one less than half, the next odd one one more, by turns. Pairs are neighbors in the order of the history inside
/// their stratum; the last three of an odd number stay together, and one of them is treated.
pub(super) fn blocks_of(units: &[Unit], scheme: Scheme) -> Result<Vec<Block>, AssignError> {
    let mut strata: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, it) in units.iter().enumerate() {
        let stratum = if scheme == Scheme::Complete { "" } else { &*it.stratum };
        strata.entry(stratum).or_default().push(at);
    }
    if let Some((stratum, of)) = strata.iter().find(|it| it.1.len() < 2) {
        let team = of.first().map_or_else(String::new, |it| units[*it].name.clone());
        return Err(AssignError::Alone { stratum: (*stratum).to_owned(), team });
    }
    if scheme == Scheme::Pairs {
        return Ok(strata.into_values().flat_map(|of| pairs(units, of)).collect());
    }
    let mut n_odd = 0;
    let block = |of: Vec<usize>| {
        let is_odd = of.len() % 2 == 1;
        let n_treated = of.len() / 2 + usize::from(is_odd && n_odd % 2 == 1);
        n_odd += usize::from(is_odd);
        Block { units: of, n_treated }
    };
    Ok(strata.into_values().map(block).collect())
}

fn pairs(units: &[Unit], mut of: Vec<usize>) -> Vec<Block> {
    of.sort_by_key(|it| (units[*it].score_millionths, units[*it].n_findings, *it));
    let n_paired = if of.len() % 2 == 1 { of.len() - 3 } else { of.len() };
    let (paired, rest) = of.split_at(n_paired);
    let rest = (!rest.is_empty()).then_some(rest);
    let all = paired.chunks(2).chain(rest);
    all.map(|it| Block { units: it.to_vec(), n_treated: 1 }).collect()
}

pub(super) fn n_possible(blocks: &[Block]) -> f64 {
    blocks.iter().map(|it| n_choices(it.units.len(), it.n_treated)).product()
}

/// Two of all where every assignment has a mirror image, else one; where they are too many to list, what draws can show.
pub(super) fn min_p(blocks: &[Block], n_possible: f64) -> f64 {
    let has_mirror = blocks.iter().all(|it| 2 * it.n_treated == it.units.len());
    let exact = if has_mirror { 2.0 } else { 1.0 } / f64::max(n_possible, 1.0);
    let limits = Limits::default();
    let is_listed = n_possible <= limits.n_listed as f64;
    let floor = if is_listed { 0.0 } else { 1.0 / (limits.n_drawn as f64 + 1.0) };
    exact.clamp(floor, 1.0)
}

/// How many units such a design needs: every block (for pairs: the number of them) grows until alpha can be reached. `None` if that
/// does not help.
pub(super) fn fewest_units(scheme: Scheme, sizes: &[usize], alpha: f64) -> Option<usize> {
    const MAX_MORE: usize = 1_000;
    let share = match scheme {
        Scheme::Constrained { percent } => f64::from(percent) / 100.0,
        _ => 1.0,
    };
    let reaches = |blocks: &[usize]| {
        let of = |n: &usize| Block { units: vec![0; *n], n_treated: n / 2 };
        let blocks: Vec<Block> = blocks.iter().map(of).collect();
        min_p(&blocks, (n_possible(&blocks) * share).floor()) <= alpha
    };
    let mut sizes = sizes.to_vec();
    for _ in 0..MAX_MORE {
        if reaches(&sizes) {
            return Some(sizes.iter().sum());
        }
        if scheme == Scheme::Pairs {
            sizes.push(2);
        } else {
            for it in &mut sizes {
                *it += 1;
            }
        }
    }
    None
}

/// Binomial coefficient; large ones are approximate, which only limits are compared with.
fn n_choices(n: usize, k: usize) -> f64 {
    let k = k.min(n.saturating_sub(k));
    (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64).round()
}
