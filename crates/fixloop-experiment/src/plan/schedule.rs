//! When a pilot is looked at.

/// Up to this length a pilot is looked at on every working day; a longer one weekly.
const DAILY_UNTIL: u32 = 14;

const MAX_DAILY: usize = 10;
const MAX_WEEKLY: u32 = 8;

/// Fixes that a look waits for.
pub const MIN_FIXES: usize = 20;

/// The power of the share of time by which the error is spent.
pub const SPENDING_POWER: f64 = 2.0;

/// The planned looks of a pilot that starts on a Monday; the last day is always one.
pub fn default_looks(days: u32) -> Vec<u32> {
    let mut looks: Vec<u32> = if days <= DAILY_UNTIL {
        (1..days).filter(|it| (it - 1) % 7 < 5).collect()
    } else {
        // More than eight weeks are looked at in steps of more than one week.
        let step = days.div_ceil(MAX_WEEKLY).div_ceil(7).max(1) * 7;
        (1..=days / step).map(|it| it * step).filter(|it| *it < days).collect()
    };
    looks.push(days);
    // The earliest may spend next to nothing.
    let n_dropped = if days <= DAILY_UNTIL { looks.len().saturating_sub(MAX_DAILY) } else { 0 };
    looks.split_off(n_dropped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_pilots_are_looked_at_daily_and_others_weekly() {
        assert_eq!(default_looks(1), [1]);
        assert_eq!(default_looks(5), [1, 2, 3, 4, 5]);
        assert_eq!(default_looks(14), [2, 3, 4, 5, 8, 9, 10, 11, 12, 14]);
        assert_eq!(default_looks(28), [7, 14, 21, 28]);
        assert_eq!(default_looks(30), [7, 14, 21, 28, 30]);
        assert_eq!(default_looks(56), [7, 14, 21, 28, 35, 42, 49, 56]);
        assert_eq!(default_looks(112), [14, 28, 42, 56, 70, 84, 98, 112]);
    }
}
