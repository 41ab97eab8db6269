use std::time::Instant;

use fixloop_sim::{Organization, Settings};

#[test]
fn speed() {
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let mut it = Organization::new(folder.path(), 1, &Settings::default()).unwrap();
    println!(
        "new: {:?}, {} repositories, {:?}",
        start.elapsed(),
        it.repositories().count(),
        it.planted()
    );
    for week in 1..=8 {
        let start = Instant::now();
        let landed = it.live(week * 7, &mut |_| true).unwrap();
        let lived = start.elapsed();
        it.push().unwrap();
        println!(
            "week {week}: {} commits, live {lived:?}, all {:?}",
            landed.len(),
            start.elapsed()
        );
    }
    println!("{:?}", it.planted());
}
