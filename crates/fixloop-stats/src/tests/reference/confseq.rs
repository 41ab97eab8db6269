use serde_json::{Value, json};

use super::Case;
use crate::Level;
use crate::confidence_sequence::NormalMixture;

pub(super) fn compute(id: &str, case: &Case) -> Value {
    let alpha = case.number("alpha");
    match id {
        "confseq.normal_mixture_bound" => {
            let variances = given(case, "v");
            let bounds = |rho| -> Vec<f64> {
                let mixture = NormalMixture::new(rho, alpha).unwrap();
                variances.iter().map(|&it| mixture.bound(it).unwrap()).collect()
            };
            let rho = given(case, "rho");
            json!({
                "v": variances,
                "rho": rho,
                "bound_rho1": bounds(rho[0]),
                "bound_rho12_5": bounds(rho[1]),
            })
        }
        "confseq.asymptotic_halfwidth" => {
            let n = given(case, "n");
            let tuned = |n| NormalMixture::tuned_to(n, alpha).unwrap();
            let half_widths = |mixture: NormalMixture| -> Vec<f64> {
                let half_width = |it: &f64| mixture.half_width(whole(*it), 1.0).unwrap();
                n.iter().map(half_width).collect()
            };
            let z = Level::new(1.0 - alpha).unwrap().z();
            json!({
                "n": n,
                // The paper's rho is one over the standard deviation at which the boundary is tightest.
                "rho_nstar_5000": tuned(5000.0).rho().sqrt().recip(),
                "rho_nstar_100": tuned(100.0).rho().sqrt().recip(),
                "hw_nstar_5000": half_widths(tuned(5000.0)),
                "hw_nstar_100": half_widths(tuned(100.0)),
                "hw_fixed": n.iter().map(|it| z / it.sqrt()).collect::<Vec<_>>(),
            })
        }
        _ => panic!("unknown case `{id}`"),
    }
}

/// These cases keep what is given among what is expected.
fn given(case: &Case, key: &str) -> Vec<f64> {
    case.expected[key].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect()
}

fn whole(number: f64) -> u64 {
    format!("{number}").parse().unwrap()
}
