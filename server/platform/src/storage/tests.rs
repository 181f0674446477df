//! Both stores keep the same promises; the bucket is one of a real S3 server in this process.

use std::{fs, time::Duration};

use bytes::Bytes;
use futures::TryStreamExt;
use object_storage::{SendError, Sent, send_file};
use tempfile::TempDir;

use super::{disk::Disk, settings, *};
use crate::testing::s3::{FakeS3, S3Fault};

const PART: usize = 5 * 1024 * 1024;
const KEY: &str = "room/film.mp4";

fn film() -> Bytes {
    let bytes = (0..2 * PART + 1000).map(|at| u8::try_from(at % 251).unwrap());
    bytes.collect::<Vec<u8>>().into()
}

fn parts(film: &Bytes) -> Vec<Part> {
    let starts = (0..film.len()).step_by(PART);
    starts
        .zip(1..)
        .map(|(from, number)| Part {
            number,
            bytes: film.slice(from..film.len().min(from + PART)),
        })
        .collect()
}

async fn begin(store: &dyn ObjectStore) -> Upload {
    Upload {
        key: KEY.to_owned(),
        id: store.begin(KEY, "video/mp4").await.unwrap(),
        part_size: PART as u64,
    }
}

async fn read(store: &dyn ObjectStore, range: ByteRange) -> Vec<u8> {
    let pieces = store.read(KEY, range).await.unwrap();
    pieces.try_collect::<Vec<_>>().await.unwrap().concat()
}

async fn keeps_its_promises(store: &dyn ObjectStore) {
    let film = film();
    let whole = Checksum::of(&film);
    assert_eq!(store.look(KEY).await, Err(StoreError::NotFound));
    let upload = begin(store).await;
    assert_eq!(store.arrived(&upload).await, Ok(0));
    for (part, arrived) in parts(&film).into_iter().zip([PART, 2 * PART, film.len()]) {
        // Again, as who was killed before saying so does.
        store.put(&upload, part.clone()).await.unwrap();
        store.put(&upload, part).await.unwrap();
        assert_eq!(store.arrived(&upload).await, Ok(arrived as u64));
    }
    assert_eq!(
        store.look(KEY).await,
        Err(StoreError::NotFound),
        "not before it is whole"
    );
    store.complete(&upload, whole).await.unwrap();
    // The answer was lost.
    store.complete(&upload, whole).await.unwrap();
    assert_eq!(store.arrived(&upload).await, Err(StoreError::NoSuchUpload));
    assert_eq!(store.look(KEY).await.unwrap().size, whole.size);
    assert_eq!(read(store, ByteRange::whole(whole.size)).await, film);
    let range = ByteRange {
        first: 7,
        last: PART as u64,
    };
    assert_eq!(read(store, range).await, film[7..=PART]);
    store.delete(KEY).await.unwrap();
    store.delete(KEY).await.unwrap();
    assert_eq!(store.look(KEY).await, Err(StoreError::NotFound));
    store.check().await.unwrap();
}

async fn tells_that_something_is_missing(store: &dyn ObjectStore) {
    let film = film();
    let upload = begin(store).await;
    let mut parts = parts(&film);
    parts.pop();
    for part in parts {
        store.put(&upload, part).await.unwrap();
    }
    let error = store
        .complete(&upload, Checksum::of(&film))
        .await
        .unwrap_err();
    assert!(
        matches!(error, StoreError::Corrupt(_) | StoreError::NoSuchUpload),
        "{error:?}"
    );
    store.abort(&upload).await.unwrap();
    store.abort(&upload).await.unwrap();
    assert_eq!(store.arrived(&upload).await, Err(StoreError::NoSuchUpload));
    store.delete(KEY).await.unwrap();
}

async fn sweeps_what_nobody_goes_on_with(store: &dyn ObjectStore) {
    let upload = begin(store).await;
    let now = tokio::fs::metadata("/proc/self")
        .await
        .unwrap()
        .modified()
        .unwrap();
    store.sweep(now - Duration::from_hours(1)).await.unwrap();
    assert_eq!(store.arrived(&upload).await, Ok(0), "it is young");
    store.sweep(now + Duration::from_hours(1)).await.unwrap();
    assert_eq!(store.arrived(&upload).await, Err(StoreError::NoSuchUpload));
}

#[tokio::test]
async fn a_folder_keeps_its_promises() {
    let folder = TempDir::new().unwrap();
    let store = Disk::new(folder.path().join("recordings"));
    keeps_its_promises(&store).await;
    tells_that_something_is_missing(&store).await;
    sweeps_what_nobody_goes_on_with(&store).await;
    store.check().await.unwrap();
    assert!(super::disk::free_bytes(folder.path()).is_some_and(|free| free > 0));
}

#[tokio::test]
async fn a_folder_tells_bytes_that_turned_over_on_the_disk() {
    let folder = TempDir::new().unwrap();
    let store = Disk::new(folder.path().to_owned());
    let (film, upload) = (film(), begin(&store).await);
    for part in parts(&film) {
        store.put(&upload, part).await.unwrap();
    }
    let path = folder.path().join("room/film.mp4.part");
    let mut bytes = fs::read(&path).unwrap();
    bytes[77] ^= 1;
    fs::write(&path, bytes).unwrap();
    let error = store
        .complete(&upload, Checksum::of(&film))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
}

#[tokio::test]
async fn a_folder_that_nobody_may_write_to_says_so() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let store = Disk::new(file.join("recordings"));
    assert!(store.check().await.is_err());
}

#[tokio::test]
async fn a_bucket_keeps_its_promises_with_checksums_and_without() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    for checksums in [true, false] {
        let mut config = s3.config();
        config.checksums = checksums;
        let store = Bucket::new(&settings(&config));
        keeps_its_promises(&store).await;
        tells_that_something_is_missing(&store).await;
    }
}

#[tokio::test]
async fn a_byte_that_turns_over_on_the_way_to_the_bucket_is_noticed() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    for checksums in [true, false] {
        let mut config = s3.config();
        config.checksums = checksums;
        let store = Bucket::new(&settings(&config));
        let upload = begin(&store).await;
        let part = parts(&film()).remove(0);
        s3.fail(S3Fault::FlipsAByte);
        let error = store.put(&upload, part.clone()).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
        store.put(&upload, part).await.unwrap();
    }
}

#[tokio::test]
async fn a_completion_whose_answer_is_lost_is_looked_up() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    let store = Bucket::new(&settings(&s3.config()));
    let (film, upload) = (film(), begin(&store).await);
    for part in parts(&film) {
        store.put(&upload, part).await.unwrap();
    }
    s3.fail(S3Fault::LosesCompletion);
    store.complete(&upload, Checksum::of(&film)).await.unwrap();
}

#[tokio::test]
async fn a_bucket_tells_who_is_wrong() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    let mut config = s3.config();
    config.secret_key = Some("another".into());
    let error = Bucket::new(&settings(&config)).check().await.unwrap_err();
    assert!(matches!(error, StoreError::Refused(_)), "{error:?}");
    let mut config = s3.config();
    config.bucket = "no-such-bucket".to_owned();
    let error = Bucket::new(&settings(&config)).check().await.unwrap_err();
    assert!(matches!(error, StoreError::Refused(_)), "{error:?}");
    s3.fail(S3Fault::Away);
    let error = Bucket::new(&settings(&s3.config()))
        .check()
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn a_link_leads_a_browser_to_the_file_with_its_name() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    let store = Bucket::new(&settings(&s3.config()));
    let (film, upload) = (film(), begin(&store).await);
    for part in parts(&film) {
        store.put(&upload, part).await.unwrap();
    }
    store.complete(&upload, Checksum::of(&film)).await.unwrap();
    let presented = Presented {
        media_type: "video/mp4",
        disposition: "attachment; filename=\"x.mp4\"",
    };
    let link = store
        .link(KEY, presented.clone(), Duration::from_mins(10))
        .await
        .unwrap()
        .unwrap();
    assert!(link.starts_with(store.origin().unwrap()), "{link}");
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = browser
        .get(&link)
        .header("range", "bytes=1-3")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 206);
    assert_eq!(
        answer.headers()["content-disposition"],
        presented.disposition
    );
    assert_eq!(answer.bytes().await.unwrap(), film[1..=3]);
    let mut config = s3.config();
    config.proxy = true;
    let proxied = Bucket::new(&settings(&config));
    assert_eq!(
        proxied.link(KEY, presented, Duration::from_mins(1)).await,
        Ok(None)
    );
    assert_eq!(proxied.origin(), None);
}

#[tokio::test]
async fn a_file_goes_on_its_way_into_the_bucket_where_a_kill_has_ended_it() {
    let Some(s3) = FakeS3::start().await else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("film.mp4");
    let film: Bytes = [film(), film()].concat().into();
    fs::write(&path, &film).unwrap();
    for checksums in [true, false] {
        let mut config = s3.config();
        config.checksums = checksums;
        let bucket = Bucket::new(&settings(&config));
        let file = Sent {
            path: &path,
            key: KEY,
            media_type: "video/mp4",
        };
        let mut kept = None;
        s3.fail(S3Fault::FlipsAByte);
        let keep = |upload: &Upload| {
            kept = Some(upload.clone());
            Ok(())
        };
        let error = send_file(&bucket, file, None, keep).await.unwrap_err();
        assert!(
            matches!(error, SendError::Store(StoreError::Corrupt(_))),
            "{error:?}"
        );
        let upload = kept.unwrap();
        let first = Part {
            number: 1,
            bytes: film.slice(..usize::try_from(upload.part_size).unwrap()),
        };
        bucket.put(&upload, first).await.unwrap();
        let (before, none_begun) = (s3.parts(), |_: &Upload| panic!("it is begun already"));
        s3.fail(S3Fault::LosesCompletion);
        send_file(&bucket, file, Some(upload.clone()), none_begun)
            .await
            .unwrap();
        assert_eq!(s3.parts() - before, 2, "only those that were not there");
        send_file(&bucket, file, Some(upload), none_begun)
            .await
            .unwrap();
        assert_eq!(s3.parts() - before, 2, "it is there");
        assert_eq!(
            read(&bucket, ByteRange::whole(film.len() as u64)).await,
            film
        );
        bucket.delete(KEY).await.unwrap();
        bucket
            .put_file(KEY, "video/mp4", film.slice(..1000))
            .await
            .unwrap();
        assert_eq!(bucket.look(KEY).await.unwrap().size, 1000);
        bucket.delete(KEY).await.unwrap();
    }
}
