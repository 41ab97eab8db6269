use super::*;

const VALUES: [f64; 5] = [1.0, 2.0, 4.0, 8.0, 10.0];

fn mean_without(excluded: Option<usize>) -> f64 {
    let kept: Vec<_> =
        VALUES.iter().enumerate().filter(|it| Some(it.0) != excluded).map(|it| *it.1).collect();
    kept.iter().sum::<f64>() / kept.len() as f64
}

#[test]
fn the_jackknife_of_a_mean_is_its_textbook_error() {
    let found = jackknife(5, |excluded| Some(mean_without(excluded))).unwrap();
    let sd = f64::sqrt(squared_deviations(&VALUES) / 4.0);
    assert!((found.estimate - 5.0).abs() < 1e-12);
    assert!((found.std_error - sd / f64::sqrt(5.0)).abs() < 1e-12);
    assert_eq!(found.degrees_of_freedom, 4);
    // qt(0.975, 4) = 2.776445105.
    let half = 2.776_445_105 * found.std_error;
    assert!((found.interval(Level::P95).upper - (5.0 + half)).abs() < 1e-8);
}

#[test]
fn one_cluster_says_nothing() {
    let error = ResamplingError::TooFewClusters { stratum: 0, n_clusters: 1 };
    assert_eq!(jackknife(1, |_| Some(1.0)), Err(error));
    assert!(jackknife(0, |_| Some(1.0)).is_err());
    let error = ResamplingError::TooFewClusters { stratum: 1, n_clusters: 1 };
    assert_eq!(jackknife_stratified(&[0, 0, 1], |_| Some(1.0)), Err(error));
    assert!(jackknife_stratified(&[0, 0, 9000], |_| Some(1.0)).is_err());
}

#[test]
fn an_undefined_statistic_is_an_error() {
    assert_eq!(jackknife(3, |_| None), Err(ResamplingError::Undefined));
    let without = |excluded| if excluded == Some(1) { Some(f64::NAN) } else { Some(1.0) };
    assert_eq!(jackknife(3, without), Err(ResamplingError::UndefinedWithout(1)));
}

#[test]
fn no_variation_has_no_t() {
    let found = jackknife(3, |_| Some(1.0)).unwrap();
    assert_eq!((found.std_error, found.t(), found.p()), (0.0, None, None));
}

fn mean_of(times: &[usize]) -> f64 {
    let sum: f64 = VALUES.iter().zip(times).map(|(value, n)| value * *n as f64).sum();
    sum / times.iter().sum::<usize>() as f64
}

#[test]
fn the_bootstrap_of_a_mean_has_its_plug_in_error() {
    let draw = |seed| bootstrap(&[0; 5], 4000, seed, |times| Some(mean_of(times))).unwrap();
    let found = draw(7);
    let expected = f64::sqrt(squared_deviations(&VALUES) / 5.0 / 5.0);
    assert!((found.std_error / expected - 1.0).abs() < 0.05, "{}", found.std_error);
    let interval = found.interval(Level::P95);
    assert!(interval.lower < 3.0 && 7.0 < interval.upper);
    assert_eq!(found, draw(7));
    assert_ne!(found, draw(8));
}

#[test]
fn the_bootstrap_draws_within_strata() {
    bootstrap(&[0, 1, 0, 1, 1], 100, 1, |times| {
        assert_eq!(times[0] + times[2], 2);
        assert_eq!(times[1] + times[3] + times[4], 3);
        Some(0.0)
    })
    .unwrap();
}

#[test]
fn a_bootstrap_with_many_undefined_draws_is_an_error() {
    let found = bootstrap(&[0; 3], 100, 1, |times| (times[0] > 0).then_some(1.0));
    assert!(matches!(found, Err(ResamplingError::UndefinedReplicates { .. })));
    assert!(bootstrap(&[0; 3], 0, 1, |_| Some(1.0)).is_err());
}
