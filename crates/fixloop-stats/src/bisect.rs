//! Root of a monotone function.

/// Where the increasing `f` crosses 0 between `low` and `high`, to the last bit; an end of the bracket, if `f` has one sign in it.
pub(crate) fn bisect(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high);
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if f(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
}
