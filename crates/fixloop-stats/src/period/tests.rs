use super::*;

const CLOSED: Outcome = Outcome::Event(1);

fn span(origin: f64, end: f64) -> Span {
    Span { origin, entry: None, end, outcome: CLOSED }
}

fn cut(spans: &[Span]) -> Period {
    period(spans, Window::new(10.0, 20.0).unwrap()).unwrap()
}

#[test]
fn open_on_the_first_day_enters_at_its_age() {
    let found = cut(&[span(4.0, 15.0)]);
    assert_eq!(found.observations, [Observation::entered(6.0, 11.0, CLOSED).unwrap()]);
    assert!((found.person_time() - 5.0).abs() < 1e-12);
}

#[test]
fn open_on_the_last_day_is_censored() {
    let found = cut(&[span(12.0, 25.0), span(4.0, 25.0)]);
    let expected = [
        Observation::new(8.0, Outcome::Censored).unwrap(),
        Observation::entered(6.0, 16.0, Outcome::Censored).unwrap(),
    ];
    assert_eq!((found.observations.as_slice(), found.n_events(Causes::Any)), (&expected[..], 0));
}

#[test]
fn what_was_never_at_risk_inside_is_left_out() {
    let late = Span { entry: Some(22.0), ..span(4.0, 25.0) };
    let found = cut(&[span(4.0, 10.0), span(21.0, 25.0), late, span(13.0, 13.0)]);
    assert_eq!(found.rows, [3]);
}

#[test]
fn first_seen_inside_the_window_enters_then() {
    let seen = |entry| Span { entry: Some(entry), ..span(4.0, 18.0) };
    let found = cut(&[seen(13.0), seen(7.0), Span { entry: Some(11.0), ..span(12.0, 18.0) }]);
    let entries: Vec<_> = found.observations.iter().map(Observation::entry).collect();
    assert_eq!(entries, [Some(9.0), Some(6.0), None]);
}

#[test]
fn adjacent_windows_share_nothing_and_lose_nothing() {
    let spans: Vec<_> = (0_u8..25)
        .flat_map(|origin| (origin..25).map(move |end| span(f64::from(origin), f64::from(end))))
        .collect();
    let of = |after, until| period(&spans, Window::new(after, until).unwrap()).unwrap();
    let (whole, first, second) = (of(-1.0, 30.0), of(-1.0, 12.0), of(12.0, 30.0));
    let n_events = |it: &Period| it.n_events(Causes::Any);
    assert_eq!(n_events(&whole), spans.len());
    assert_eq!(n_events(&whole), n_events(&first) + n_events(&second));
    let person_time = first.person_time() + second.person_time();
    assert!((whole.person_time() - person_time).abs() < 1e-9);
}

#[test]
fn bad_numbers_are_refused() {
    assert!(Window::new(5.0, 5.0).is_err());
    assert!(Window::new(f64::NAN, 5.0).is_err());
    let window = Window::new(0.0, 9.0).unwrap();
    for bad in [span(f64::NAN, 5.0), span(6.0, 5.0), span(1.0, f64::INFINITY)] {
        let found = period(&[span(1.0, 2.0), bad], window);
        assert_eq!(found, Err(InvalidPeriod::Span { row: 1 }));
    }
}
