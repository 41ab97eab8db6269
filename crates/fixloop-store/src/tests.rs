mod disk;
mod kill;

use std::thread;

use fixloop_program::record::{Actor, Kind, ObjectId};

use super::*;

fn author(name: &str) -> Author {
    let actor = Actor::new(name).unwrap();
    Author { actor, at: "2027-01-04T09:00:00Z".parse().unwrap(), is_clock_set: false }
}

fn objective(record: &Record, statement: &str) -> Result<Change, Refusal> {
    record.create_objective(statement, (None, None, None))
}

fn event(id: &str, at: i64) -> StoredEvent {
    StoredEvent {
        event_id: id.to_owned(),
        source: "s".to_owned(),
        seq: 1,
        occurred_at: at,
        kind: "hover".to_owned(),
        body: "{}".to_owned(),
    }
}

fn batch(id: &str, events: Vec<StoredEvent>) -> IncomingBatch {
    let (batch_id, source) = (id.to_owned(), "s".to_owned());
    IncomingBatch { batch_id, source, first_seq: 1, last_seq: 9, received_at: 7, events }
}

#[test]
fn what_was_written_is_there_for_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let id = store.organization().id.clone();
    store.change(&author("Laura"), |it| objective(it, "fix faster")).unwrap();
    drop(store);
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.organization().id, id);
    let record = store.record().unwrap();
    let found = record.objective(ObjectId::new(Kind::Objective, 1)).unwrap();
    assert_eq!((&*found.statement, found.history[0].who.as_str()), ("fix faster", "Laura"));
}

#[test]
fn the_one_file_is_whole_by_itself() {
    let [folder, copy] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let mut store = Store::open(folder.path()).unwrap();
    store.change(&author("Laura"), |it| objective(it, "fix faster")).unwrap();
    drop(store);
    std::fs::copy(folder.path().join(FILE), copy.path().join(FILE)).unwrap();
    assert_eq!(Store::open(copy.path()).unwrap().record().unwrap().objectives.len(), 1);
}

#[test]
fn a_refusal_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let refused = store.change(&author("Laura"), |it| objective(it, " "));
    assert!(matches!(refused, Err(ChangeError::Refused(_))));
    // A change that no rule of the record allows is not written either, nor what came before it.
    let wrong = store.change(&author("Laura"), |it| {
        let mut second = objective(it, "b")?;
        second.object = ObjectId::new(Kind::Objective, 7);
        Ok(vec![objective(it, "a")?, second])
    });
    assert!(matches!(wrong, Err(ChangeError::Store(StoreError::Record(_)))));
    assert_eq!(store.record().unwrap(), Record::default());
}

#[test]
fn processes_that_write_at_once_write_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).unwrap());
    thread::scope(|scope| {
        for thread in 0..4 {
            let folder = folder.path();
            scope.spawn(move || {
                let mut store = Store::open(folder).unwrap();
                for n in 0..10 {
                    let statement = format!("{thread}.{n}");
                    store.change(&author("a"), |it| objective(it, &statement)).unwrap();
                }
            });
        }
    });
    let mut store = Store::open(folder.path()).unwrap();
    let mut statements: Vec<String> =
        store.record().unwrap().objectives.into_values().map(|it| it.statement).collect();
    statements.sort();
    statements.dedup();
    assert_eq!(statements.len(), 40);
}

#[test]
fn an_entry_that_was_edited_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    for statement in ["one", "two"] {
        store.change(&author("a"), |it| objective(it, statement)).unwrap();
    }
    let edit = "update entry set body = replace(body, 'one', 'three') where seq = 1";
    store.runtime.block_on(sqlx::query(edit).execute(&mut store.connection)).unwrap();
    let error = store.record().unwrap_err().to_string();
    assert_eq!(
        error,
        "entry 1 of the record is not what was written: its hash is of something else"
    );
}

#[test]
fn a_newer_schema_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    store
        .runtime
        .block_on(sqlx::query("pragma user_version = 99").execute(&mut store.connection))
        .unwrap();
    drop(store);
    let error = Store::open(folder.path()).err().unwrap().to_string();
    assert_eq!(
        error,
        "the data directory is of a newer build: schema 99, this build knows up to 1"
    );
}

#[test]
fn events_are_stored_once_in_whatever_order_they_come() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let late = batch("2", vec![event("b", 20), event("c", 5)]);
    assert_eq!(store.take(&late).unwrap(), Taken::New { n_new: 2 });
    assert_eq!(store.take(&late).unwrap(), Taken::Known);
    // A flush that was killed sends the same events in another batch.
    let again = batch("1", vec![event("a", 10), event("b", 20)]);
    assert_eq!(store.take(&again).unwrap(), Taken::New { n_new: 1 });
    let ids: Vec<String> = store.events(15).unwrap().into_iter().map(|it| it.event_id).collect();
    assert_eq!(ids, ["c", "a"]);
}

#[test]
fn a_file_is_what_its_digest_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let bytes = b"team,time\n".repeat(100);
    let writing = Writing { files: vec![bytes.clone(), bytes.clone()], changes: Vec::new() };
    store.change(&author("a"), |_| Ok(writing)).unwrap();
    let name = digest(&bytes);
    assert_eq!(store.file(&name).unwrap(), Some(bytes));
    assert_eq!(store.file("0").unwrap(), None);
    let edit = "update file set content = x'00'";
    store.runtime.block_on(sqlx::query(edit).execute(&mut store.connection)).unwrap();
    assert_eq!(
        store.file(&name).unwrap_err().to_string(),
        format!("the frozen file {name} is not what its digest says")
    );
}
