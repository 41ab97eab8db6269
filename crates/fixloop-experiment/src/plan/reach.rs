//! How much of the past a scope holds: what a treatment cannot touch, it cannot cut.

/// Opportunities in a scope, of those of which that can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reach {
    pub n: usize,
    pub n_told: usize,
    pub n_cannot_tell: usize,
    /// Days open.
    pub days: f64,
    pub days_told: f64,
}

impl Reach {
    /// `None` of what cannot be told.
    pub fn add(&mut self, is_in: Option<bool>, days: f64) {
        let Some(is_in) = is_in else {
            self.n_cannot_tell += 1;
            return;
        };
        self.n_told += 1;
        self.days_told += days;
        if is_in {
            self.n += 1;
            self.days += days;
        }
    }

    pub fn share(&self) -> Option<f64> {
        (self.n_told > 0).then(|| self.n as f64 / self.n_told as f64)
    }

    pub fn share_of_days(&self) -> Option<f64> {
        (self.days_told > 0.0).then(|| self.days / self.days_told)
    }
}
