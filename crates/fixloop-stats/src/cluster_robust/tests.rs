use proptest::prelude::*;

use super::*;

/// Outcome, arm, another covariate and cluster of each row.
type Table = Vec<(f64, f64, f64, u32)>;

fn tables() -> impl Strategy<Value = Table> {
    let row = (-3_i8..4, 0_u8..2, -4_i8..5, 0_u32..6);
    let row = row.prop_map(|(y, arm, x, g)| (f64::from(y), f64::from(arm), f64::from(x), g));
    proptest::collection::vec(row, 8..40)
}

fn fit(table: &Table) -> Result<ClusterRobustFit, ClusterRobustError> {
    let outcomes: Vec<f64> = table.iter().map(|it| it.0).collect();
    let covariates: Vec<f64> = table.iter().flat_map(|it| [it.1, it.2]).collect();
    let clusters: Vec<u32> = table.iter().map(|it| it.3).collect();
    let (outcomes, covariates, clusters) = (&outcomes, &covariates, &clusters);
    cluster_robust(&ClusteredRows { outcomes, covariates, n_covariates: 2, clusters })
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-7 * (1.0 + a.abs())
}

/// The definition with matrices as large as the table: CR0, CR2, CR3 and the degrees of freedom of the first covariate.
fn by_definition(table: &Table) -> [f64; 4] {
    let n = table.len();
    let x: Vec<[f64; 3]> = table.iter().map(|it| [1.0, it.1, it.2]).collect();
    let mut products = vec![0.0; 9];
    for row in &x {
        for (at, product) in products.iter_mut().enumerate() {
            *product += row[at / 3] * row[at % 3];
        }
    }
    let inverse = crate::cholesky::Cholesky::new(&products, 3).unwrap().inverse();
    // Row 1 of (X'X)^-1 X', and I - X (X'X)^-1 X'.
    let weights: Vec<f64> = x.iter().map(|row| dot(&inverse[3..6], row)).collect();
    let residual_maker: Vec<Vec<f64>> = (0..n)
        .map(|i| {
            (0..n)
                .map(|j| {
                    let hat: f64 = (0..9).map(|at| x[i][at / 3] * inverse[at] * x[j][at % 3]).sum();
                    f64::from(u8::from(i == j)) - hat
                })
                .collect()
        })
        .collect();
    let y: Vec<f64> = table.iter().map(|it| it.0).collect();
    let residuals: Vec<f64> = residual_maker.iter().map(|it| dot(it, &y)).collect();
    let mut clusters: Vec<u32> = table.iter().map(|it| it.3).collect();
    clusters.sort_unstable();
    clusters.dedup();
    let mut variances = [0.0; 3];
    let mut forms: Vec<Vec<f64>> = Vec::new();
    for cluster in clusters {
        let members: Vec<usize> = (0..n).filter(|&it| table[it].3 == cluster).collect();
        let size = members.len();
        let block: Vec<f64> = members
            .iter()
            .flat_map(|&i| members.iter().map(move |&j| (i, j)))
            .map(|(i, j)| residual_maker[i][j])
            .collect();
        let Eigen { values, vectors } = Eigen::of_symmetric(&block, size);
        for (variance, power) in variances.iter_mut().zip([0.0, -0.5, -1.0]) {
            let adjusted: Vec<f64> = (0..size)
                .map(|i| {
                    let terms = values.iter().zip(&vectors);
                    let weight = |v: &[f64]| -> f64 {
                        members.iter().zip(v).map(|(&it, v)| weights[it] * v).sum()
                    };
                    terms.map(|(value, v)| value.powf(power) * v[i] * weight(v)).sum()
                })
                .collect();
            let score: f64 = members.iter().zip(&adjusted).map(|(&it, a)| a * residuals[it]).sum();
            *variance += score * score;
            if power < 0.0 && power > -1.0 {
                let mut form = vec![0.0; n];
                for (&it, a) in members.iter().zip(&adjusted) {
                    add_scaled(&mut form, &residual_maker[it], *a);
                }
                forms.push(form);
            }
        }
    }
    let trace: f64 = forms.iter().map(|it| dot(it, it)).sum();
    let pairs = forms.iter().flat_map(|a| forms.iter().map(move |b| dot(a, b)));
    let squares: f64 = pairs.map(|it| it * it).sum();
    let [cr0, cr2, cr3] = variances.map(f64::sqrt);
    [cr0, cr2, cr3, trace * trace / squares]
}

proptest! {
    #[test]
    fn small_matrices_give_what_large_ones_define(table in tables()) {
        if let Ok(found) = fit(&table) {
            let arm = found.coefficients[0];
            let found = [arm.cr0, arm.cr2, arm.cr3, arm.degrees_of_freedom];
            for (found, expected) in found.into_iter().zip(by_definition(&table)) {
                prop_assert!((found - expected).abs() <= 1e-6 * expected, "{found} {expected}");
            }
        }
    }

    #[test]
    fn names_of_clusters_order_of_rows_and_units_change_no_p(table in tables(), unit in 1e-6..1e6) {
        let mut other: Table =
            table.iter().map(|it| (it.0 * unit, it.1, 7.0 - it.2 * unit, 90 - 7 * it.3)).collect();
        other.reverse();
        match (fit(&table), fit(&other)) {
            (Ok(a), Ok(b)) => {
                let (a, b) = (a.coefficients[0], b.coefficients[0]);
                prop_assert!(is_near(a.estimate * unit, b.estimate));
                prop_assert!(is_near(a.p, b.p));
                prop_assert!(is_near(a.degrees_of_freedom, b.degrees_of_freedom));
                prop_assert!((0.0..=1.0).contains(&a.p));
                prop_assert!(0.0 < a.degrees_of_freedom && a.degrees_of_freedom < 6.0 + 1e-6);
            }
            (a, b) => prop_assert_eq!(a.is_err(), b.is_err()),
        }
    }
}

/// Both shares 1/2: 2 of 2 and 0 of 2 in one arm, 1 of 2 twice in the other.
const HAND: [(f64, f64, u32); 8] = [
    (1.0, 0.0, 1),
    (1.0, 0.0, 1),
    (0.0, 0.0, 2),
    (0.0, 0.0, 2),
    (1.0, 1.0, 3),
    (0.0, 1.0, 3),
    (1.0, 1.0, 4),
    (0.0, 1.0, 4),
];

fn one_covariate(rows: &[(f64, f64, u32)]) -> Result<ClusterRobustFit, ClusterRobustError> {
    let outcomes: Vec<f64> = rows.iter().map(|it| it.0).collect();
    let covariates: Vec<f64> = rows.iter().map(|it| it.1).collect();
    let clusters: Vec<u32> = rows.iter().map(|it| it.2).collect();
    let (outcomes, covariates, clusters) = (&outcomes, &covariates, &clusters);
    cluster_robust(&ClusteredRows { outcomes, covariates, n_covariates: 1, clusters })
}

#[test]
fn a_small_table_by_hand() {
    let arm = one_covariate(&HAND).unwrap().coefficients[0];
    assert!(arm.estimate.abs() < 1e-12);
    // Sums of residuals by team are 1, -1, 0, 0; each row of an arm weighs 1/4: CR0 = 2/16.
    // A team is half of its arm, so CR2 doubles that and CR3 doubles it again.
    assert!(is_near(arm.cr0, (1.0_f64 / 8.0).sqrt()));
    assert!(is_near(arm.cr1, (1.0_f64 / 6.0).sqrt()));
    assert!(is_near(arm.cr1s, (1.0_f64 / 6.0 * 7.0 / 6.0).sqrt()));
    assert!(is_near(arm.cr2, 0.5));
    assert!(is_near(arm.cr3, f64::sqrt(0.5)));
    assert!(is_near(arm.degrees_of_freedom, 2.0));
    assert!(is_near(arm.p, 1.0));
}

#[test]
fn what_cannot_be_estimated_is_an_error() {
    let changed = |change: fn(&mut (f64, f64, u32))| {
        let mut rows = HAND;
        rows.iter_mut().for_each(change);
        one_covariate(&rows).map(|_| ())
    };
    assert_eq!(changed(|_| ()), Ok(()));
    assert_eq!(changed(|it| it.2 = 5), Err(ClusterRobustError::TooFewClusters(1)));
    assert_eq!(changed(|it| it.1 = 5.0), Err(ClusterRobustError::Collinear { covariate: 0 }));
    let no_variance = ClusterRobustError::NoClusterVariance { covariate: 0 };
    assert_eq!(changed(|it| it.0 = 0.0), Err(no_variance));
    assert_eq!(changed(|it| it.0 = 3.0 + it.1), Err(no_variance));
    let only = ClusterRobustError::OnlyCluster { cluster: 3 };
    assert_eq!(changed(|it| it.2 = it.2.min(3)), Err(only));
    assert_eq!(changed(|it| it.0 = f64::NAN), Err(ClusterRobustError::NotFinite { row: 0 }));
    assert_eq!(
        changed(|it| it.1 /= f64::from(it.2 - 1)),
        Err(ClusterRobustError::NotFinite { row: 0 })
    );
    assert_eq!(one_covariate(&[]), Err(ClusterRobustError::TooFewRows(0)));
    let rows = ClusteredRows { outcomes: &[1.0], covariates: &[], n_covariates: 0, clusters: &[1] };
    assert_eq!(cluster_robust(&rows), Err(ClusterRobustError::Covariates(0)));
    let rows = ClusteredRows { n_covariates: 1, ..rows };
    let lengths = ClusterRobustError::Lengths { expected: 1, found: 0 };
    assert_eq!(cluster_robust(&rows), Err(lengths));
    assert_eq!(cluster_robust(&ClusteredRows { clusters: &[], ..rows }), Err(lengths));
}
