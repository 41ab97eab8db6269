//! Gauss-Legendre integration over panels.

/// Nodes per panel: more than double precision needs for a normal density over two standard deviations.
const N_NODES: usize = 16;

/// Integrals are sums of `weight` times the value `at` the node.
#[derive(Clone, Copy)]
pub(super) struct Node {
    pub(super) at: f64,
    pub(super) weight: f64,
}

/// Nodes between `-bound` and `bound`, ascending, in panels of at most twice `resolution`.
pub(super) fn nodes(bound: f64, resolution: f64) -> impl Iterator<Item = Node> {
    let n_panels = (bound / resolution).ceil().max(1.0);
    let half = bound / n_panels;
    let rule = legendre();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded by the least increment of information"
    )]
    let n_panels = n_panels as u32;
    (0..n_panels).flat_map(move |panel| {
        let middle = half * (f64::from(2 * panel + 1) - f64::from(n_panels));
        rule.map(|it| Node { at: middle + half * it.at, weight: half * it.weight })
    })
}

/// The rule on [-1, 1]: roots of the Legendre polynomial by Newton's method.
fn legendre() -> [Node; N_NODES] {
    let n = N_NODES as f64;
    std::array::from_fn(|i| {
        let mut at = -((i as f64 + 0.75) / (n + 0.5) * std::f64::consts::PI).cos();
        let mut slope = 0.0;
        // Quadratic convergence from a guess with three digits.
        for _ in 0..8 {
            let (mut before, mut value) = (1.0, at);
            for degree in 2..=N_NODES {
                let k = degree as f64;
                (before, value) = (value, ((2.0 * k - 1.0) * at * value - (k - 1.0) * before) / k);
            }
            slope = n * (at * value - before) / (at * at - 1.0);
            at -= value / slope;
        }
        Node { at, weight: 2.0 / ((1.0 - at * at) * slope * slope) }
    })
}
