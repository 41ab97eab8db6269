use serde_json::{Value, json};

use super::table;
use crate::multiplicity::{
    benjamini_hochberg, benjamini_yekutieli, bonferroni, e_benjamini_hochberg, holm,
};

pub(super) fn compute(id: &str) -> Value {
    match id {
        "multiplicity.p" => {
            let p = column("pvalues.csv", "p");
            let adjusted = benjamini_hochberg(&p).unwrap();
            let is_rejected: Vec<u8> = adjusted.iter().map(|&it| u8::from(it <= 0.1)).collect();
            json!({
                "BH": adjusted,
                "BY": benjamini_yekutieli(&p).unwrap(),
                "holm": holm(&p).unwrap(),
                "bonferroni": bonferroni(&p).unwrap(),
                "reject_BH_10": is_rejected,
            })
        }
        "multiplicity.ebh" => {
            let e = column("evalues.csv", "e");
            let rejected = |rate| -> Vec<u8> {
                e_benjamini_hochberg(&e, rate).unwrap().into_iter().map(u8::from).collect()
            };
            json!({
                "reject_05": rejected(0.05),
                "reject_10": rejected(0.1),
                "reject_20": rejected(0.2),
            })
        }
        _ => panic!("unknown case `{id}`"),
    }
}

fn column(file: &str, name: &str) -> Vec<f64> {
    table::rows(file).iter().map(|it| it.number(name)).collect()
}
