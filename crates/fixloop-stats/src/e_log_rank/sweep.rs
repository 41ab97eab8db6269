//! One pass over the times at which something ends, stratum by stratum.

use crate::hypergeometric::Hypergeometric;

use super::EStep;

/// A stretch under risk, `(entry, exit]`.
pub(super) struct Piece {
    /// Compared only with pieces of the same.
    pub(super) stratum: (u32, usize),
    pub(super) entry: f64,
    pub(super) exit: f64,
    pub(super) is_second: bool,
    pub(super) is_event: bool,
}

/// Cumulated over strata; ascending by time.
pub(super) fn sweep(mut pieces: Vec<Piece>, log_ratio: f64) -> Vec<EStep> {
    pieces.sort_unstable_by_key(|it| it.stratum);
    let mut factors = Vec::new();
    for stratum in pieces.chunk_by(|a, b| a.stratum == b.stratum) {
        sweep_stratum(stratum, log_ratio, &mut factors);
    }
    // Stable, so that factors of one time are added in the order of the strata, whatever the order of the rows.
    factors.sort_by(|a, b| a.time.total_cmp(&b.time));
    let (mut log_e, mut log_e_inverse) = (0.0, 0.0);
    let of_time = factors.chunk_by(|a, b| b.time <= a.time).map(|factors| {
        log_e += factors.iter().map(|it| it.log_e).sum::<f64>();
        log_e_inverse += factors.iter().map(|it| it.log_e_inverse).sum::<f64>();
        EStep { time: factors[0].time, log_e, log_e_inverse }
    });
    of_time.collect()
}

/// Adds one factor per time with events.
fn sweep_stratum(pieces: &[Piece], log_ratio: f64, factors: &mut Vec<EStep>) {
    let sorted = |key: fn(&Piece) -> f64| {
        let mut sorted: Vec<&Piece> = pieces.iter().collect();
        sorted.sort_unstable_by(|a, b| key(a).total_cmp(&key(b)));
        sorted
    };
    let entries = sorted(|it| it.entry);
    let mut entries = entries.into_iter().peekable();
    // Of the first group and of the second.
    let mut at_risk = [0_u64; 2];
    for tied in sorted(|it| it.exit).chunk_by(|a, b| b.exit <= a.exit) {
        while let Some(piece) = entries.next_if(|it| it.entry < tied[0].exit) {
            at_risk[usize::from(piece.is_second)] += 1;
        }
        let mut n_events = [0_u64; 2];
        for piece in tied.iter().filter(|it| it.is_event) {
            n_events[usize::from(piece.is_second)] += 1;
        }
        if n_events != [0, 0] {
            let split = Hypergeometric::new(at_risk[1], at_risk[0], n_events[0] + n_events[1]);
            let log_e = |log_odds| split.log_likelihood_ratio(n_events[1], log_odds);
            let (log_e, log_e_inverse) = (log_e(log_ratio), log_e(-log_ratio));
            factors.push(EStep { time: tied[0].exit, log_e, log_e_inverse });
        }
        for piece in tied {
            at_risk[usize::from(piece.is_second)] -= 1;
        }
    }
}
