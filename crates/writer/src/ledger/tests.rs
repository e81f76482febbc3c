use std::sync::atomic::Ordering;

use object_store::{ObjectStoreExt, PutPayload};

use super::*;
use crate::entry::sample;
use crate::testing::{Faulty, files, local};

fn unit(name: &str) -> Unit {
    Unit::parse("raw_data", name).unwrap()
}

fn ledger(lake: &Lake) -> Ledger {
    Ledger::new(lake, "raw_data").unwrap()
}

async fn put(lake: &Lake, path: &str, content: &'static str) {
    lake.store()
        .put(&Path::from(path), PutPayload::from_static(content.as_bytes()))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_newest_generation_counts() {
    let folder = tempfile::tempdir().unwrap();
    for lake in [Lake::in_memory(), local(folder.path())] {
        let (ledger, day) = (ledger(&lake), unit("2026-03-23"));
        assert_eq!(ledger.latest(&day).await.unwrap(), None);
        assert_eq!(ledger.units().await.unwrap(), []);
        for generation in [1, 2, 10] {
            let entry = sample(&day, generation, "run-1");
            assert_eq!(
                ledger.commit(entry.clone()).await.unwrap(),
                Commit::Written(entry)
            );
        }
        assert_eq!(
            ledger.latest(&day).await.unwrap(),
            Some(sample(&day, 10, "run-1"))
        );
        assert_eq!(
            ledger.read(&day, 2).await.unwrap(),
            Some(sample(&day, 2, "run-1"))
        );
        assert_eq!(ledger.read(&day, 3).await.unwrap(), None);
    }
    assert_eq!(
        files(folder.path()),
        [1, 2, 10].map(|generation| format!("_korelake/raw_data/ledger/2026-03-23/{generation:010}.json"))
    );
}

#[tokio::test]
async fn a_generation_is_committed_once() {
    let folder = tempfile::tempdir().unwrap();
    for lake in [Lake::in_memory(), local(folder.path())] {
        let (ledger, day) = (ledger(&lake), unit("2026-03-23"));
        let (first, second) = (sample(&day, 1, "run-1"), sample(&day, 1, "run-2"));
        ledger.commit(first.clone()).await.unwrap();
        assert_eq!(
            ledger.commit(second).await.unwrap(),
            Commit::Conflict {
                existing: first.clone()
            }
        );
        assert_eq!(ledger.latest(&day).await.unwrap(), Some(first));
    }
}

#[tokio::test]
async fn an_entry_whose_response_was_lost_is_recognised_as_our_own() {
    let faulty = Faulty::default();
    faulty.lost_response.store(true, Ordering::SeqCst);
    let (_, lake) = faulty.lake();
    let entry = sample(&unit("2026-03-23"), 1, "run-1");
    assert_eq!(
        ledger(&lake).commit(entry.clone()).await.unwrap(),
        Commit::Written(entry)
    );
}

#[tokio::test]
async fn what_stands_in_the_lake_is_answered_and_not_what_was_meant() {
    let lake = Lake::in_memory();
    let (ledger, day) = (ledger(&lake), unit("2026-03-23"));
    let first = sample(&day, 1, "run-1");
    ledger.commit(first.clone()).await.unwrap();
    let mut later = first.clone();
    later.last_checked += chrono::TimeDelta::minutes(1);
    assert_eq!(ledger.commit(later).await.unwrap(), Commit::Written(first));
}

#[tokio::test]
async fn a_store_that_fails_commits_nothing() {
    let (store, lake) = Faulty::default().lake();
    store.put.store(true, Ordering::SeqCst);
    let (ledger, day) = (ledger(&lake), unit("2026-03-23"));
    assert!(
        ledger
            .commit(sample(&day, 1, "run-1"))
            .await
            .unwrap_err()
            .is_unreachable()
    );
    assert_eq!(ledger.latest(&day).await.unwrap(), None);
}

#[tokio::test]
async fn units_are_listed_in_order_of_time_with_their_newest_generation() {
    let lake = Lake::in_memory();
    let ledger = ledger(&lake);
    for (name, generation) in [
        ("2026-03-24", 1),
        ("2026-03-23", 2),
        ("2026-03-23", 1),
        ("2025-12-31", 7),
    ] {
        ledger
            .commit(sample(&unit(name), generation, "run-1"))
            .await
            .unwrap();
    }
    for stranger in [
        "2026-03-22/0000000001.claim",
        "2026-03-21/copy of 1.json",
        "notes/0000000001.json",
    ] {
        put(&lake, &format!("_korelake/raw_data/ledger/{stranger}"), "{}").await;
    }
    let other = Unit::parse("raw_data_emea", "2026-03-23").unwrap();
    Ledger::new(&lake, "raw_data_emea")
        .unwrap()
        .commit(sample(&other, 1, "run-1"))
        .await
        .unwrap();
    let expected =
        [("2025-12-31", 7), ("2026-03-23", 2), ("2026-03-24", 1)].map(|(name, newest)| (unit(name), newest));
    assert_eq!(ledger.newest().await.unwrap(), BTreeMap::from(expected.clone()));
    assert_eq!(ledger.units().await.unwrap(), expected.map(|(unit, _)| unit));
}

#[tokio::test]
async fn pruning_leaves_the_newest_entries() {
    let folder = tempfile::tempdir().unwrap();
    for lake in [Lake::in_memory(), local(folder.path())] {
        let (ledger, day) = (ledger(&lake), unit("2026-03-23"));
        for generation in 1..=8 {
            ledger.commit(sample(&day, generation, "run-1")).await.unwrap();
        }
        ledger
            .commit(sample(&unit("2026-03-24"), 1, "run-1"))
            .await
            .unwrap();
        assert_eq!(ledger.prune(&day, 5).await.unwrap(), 3);
        assert_eq!(ledger.generations(&day).await.unwrap(), [4, 5, 6, 7, 8]);
        assert_eq!(ledger.prune(&day, 5).await.unwrap(), 0);
        assert_eq!(ledger.prune(&day, 0).await.unwrap(), 4);
        assert_eq!(ledger.latest(&day).await.unwrap(), Some(sample(&day, 8, "run-1")));
        assert_eq!(ledger.generations(&unit("2026-03-24")).await.unwrap(), [1]);
    }
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_named() {
    let lake = Lake::in_memory();
    let path = "_korelake/raw_data/ledger/2026-03-23/0000000001.json";
    for (content, message) in [
        ("{\"format\": 1, \"tab", "is not a valid state file"),
        ("{\"format\": 1}", "is not a valid state file"),
        (
            "{\"format\": 2, \"table\": []}",
            "has format 2, this version reads 1",
        ),
    ] {
        put(&lake, path, content).await;
        let error = ledger(&lake).latest(&unit("2026-03-23")).await.unwrap_err();
        assert_eq!(error.to_string(), format!("{path} {message}"));
        assert!(error.hint().is_some() && !error.is_unreachable());
    }
}

#[tokio::test]
async fn an_entry_of_another_table_or_of_no_generation_is_refused() {
    let lake = Lake::in_memory();
    let other = Unit::parse("raw_data_emea", "2026-03-23").unwrap();
    for entry in [
        sample(&other, 1, "run-1"),
        sample(&unit("2026-03-23"), 0, "run-1"),
    ] {
        assert!(matches!(
            ledger(&lake).commit(entry).await,
            Err(Error::Misplaced { .. })
        ));
    }
    assert!(matches!(
        Ledger::new(&lake, "_korelake"),
        Err(Error::TableName { .. })
    ));
}
