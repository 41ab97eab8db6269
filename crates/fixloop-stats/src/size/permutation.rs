//! The smallest p-values that randomisation tests can reach.

/// Smallest two-sided p when `treated` of all units were drawn: no test of the design can go below it.
///
/// `2 / C(n, k)` for equal arms. For unequal arms the mirror image of an assignment is not admissible, so the extreme may stand alone: `1 / C(n, k)`.
pub fn min_p_of_complete(n_treated: u32, n_control: u32) -> f64 {
    let fewer = n_treated.min(n_control);
    let ways: f64 = (1..=fewer)
        .map(|i| {
            (f64::from(n_treated) + f64::from(n_control) - f64::from(fewer - i)) / f64::from(i)
        })
        .product();
    let extremes = if n_treated == n_control { 2.0 } else { 1.0 };
    (extremes / ways).min(1.0)
}

/// Smallest two-sided p when a coin was flipped in each of `n_pairs`: `2 / 2^k`.
pub fn min_p_of_pairs(n_pairs: u32) -> f64 {
    (2.0 * 0.5_f64.powf(f64::from(n_pairs))).min(1.0)
}
