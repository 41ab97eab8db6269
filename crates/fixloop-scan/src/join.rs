//! Several scans as one, each below a name of its own.

use fixloop_model::{Finding, Scan};

use crate::scan::sort;

/// Joins scans that were made with the same index; each one's paths come below its name, as `payments/shop/Cargo.lock`.
pub fn join(scans: impl IntoIterator<Item = (String, Scan)>) -> Scan {
    let mut joined = Scan::default();
    for (name, scan) in scans {
        let below = |path: &mut String| path.insert_str(0, &format!("{name}/"));
        let finding = |mut it: Finding| {
            below(&mut it.path);
            it.declared.iter_mut().for_each(|it| below(&mut it.path));
            it
        };
        joined.index = joined.index.or(scan.index);
        joined.findings.extend(scan.findings.into_iter().map(finding));
        joined.suppressed.extend(scan.suppressed.into_iter().map(|mut it| {
            it.finding = finding(it.finding);
            it.check.iter_mut().for_each(|it| below(&mut it.path));
            below(&mut it.place.path);
            it
        }));
        joined.unknown.extend(scan.unknown.into_iter().map(|mut it| {
            match &mut it.path {
                Some(path) => below(path),
                // Of the whole scan, which is now one of many.
                None => it.path = Some(name.clone()),
            }
            it
        }));
        joined.checks.extend(scan.checks.into_iter().map(|mut it| {
            below(&mut it.path);
            it
        }));
        joined.files.extend(scan.files.into_iter().map(|mut it| {
            below(&mut it.path);
            it
        }));
        if let Some(inventory) = scan.inventory {
            joined.inventory.get_or_insert_default().extend(inventory.into_iter().map(|mut it| {
                below(&mut it.path);
                it
            }));
        }
    }
    sort(&mut joined);
    joined
}
