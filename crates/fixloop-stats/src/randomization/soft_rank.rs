//! A randomisation e-value, for waves that are randomised one after another.

/// `exp(kappa T)` of the observed statistic over its mean under all assignments: an e-value of "no effect on anyone" against larger statistics.
///
/// Products over waves that were randomised independently are an e-process: waves may be added or left out at will. Inside one wave it
/// is good for one look, since all randomness is spent at the start. `kappa` is fixed before the statistics are known. `None` if there is
/// none at `observed`, or a statistic is not finite.
///
/// # Source
/// An e-value because its mean over equally likely assignments is 1 (Vovk & Wang 2021, <https://doi.org/10.1214/20-AOS2020>).
pub fn soft_rank_e(statistics: &[f64], observed: usize, kappa: f64) -> Option<f64> {
    let of = *statistics.get(observed)?;
    let largest = statistics.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let scaled = |it: f64| f64::exp(kappa * (it - largest));
    let mean = statistics.iter().map(|it| scaled(*it)).sum::<f64>() / statistics.len() as f64;
    let e = scaled(of) / mean;
    e.is_finite().then_some(e)
}
