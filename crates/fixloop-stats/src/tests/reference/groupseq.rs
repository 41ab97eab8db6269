use serde_json::{Value, json};

use crate::group_sequential::{Look, Spending, critical_values};

pub(super) fn compute() -> Value {
    let looks = |spending, n: u32| -> Vec<Look> {
        let information: Vec<f64> = (1..=n).map(|it| f64::from(it) / f64::from(n)).collect();
        critical_values(spending, 0.05, &information).unwrap()
    };
    let z = |looks: Vec<Look>| looks.iter().map(|it| it.critical_z.unwrap()).collect::<Vec<_>>();
    let spent = |looks: Vec<Look>| looks.iter().map(|it| it.spent).collect::<Vec<_>>();
    let (early, even) = (Spending::OBrienFleming, Spending::Pocock);
    json!({
        "obf_3": z(looks(early, 3)),
        "pocock_3": z(looks(even, 3)),
        "obf_5": z(looks(early, 5)),
        "pocock_5": z(looks(even, 5)),
        "obf_spend_5": spent(looks(early, 5)),
        "pocock_spend_5": spent(looks(even, 5)),
    })
}
