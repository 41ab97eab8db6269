//! Findings that are assigned one by one, inside their team.

use super::seed::{Digest, digest};
use crate::table::Arm;

/// Two of four are treated, so that arms of a team never differ by more than two findings.
const BLOCK: u64 = 4;

/// The arm of a team's finding, numbered from 0 in the order in which findings come up.
///
/// Permuted blocks: of each four in a row two are treated. It depends on seed, team and number only, so that every surface agrees.
pub fn arm_of_finding(seed: &Digest, team: &str, number: u64) -> Arm {
    let (block, place) = (number / BLOCK, number % BLOCK);
    let (seed, block) = (seed.to_string(), block.to_string());
    let key = |place: u64| digest(&["finding", &seed, team, &block, &place.to_string()]);
    let own = key(place);
    let n_before = (0..BLOCK).filter(|it| key(*it) < own).count();
    if n_before < 2 { Arm::Treated } else { Arm::Control }
}
