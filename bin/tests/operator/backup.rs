//! `convoke backup` and `convoke restore`, and a site that goes on from one.

use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use nix::unistd::geteuid;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::site::{EMAIL, Site, convoke, run};

fn on(data_dir: &Path, arguments: &[&str]) -> Command {
    let mut command = convoke();
    command.args(arguments).arg("--data-dir").arg(data_dir);
    command
}

async fn make_room(site: &Site, token: &str, name: &str) -> String {
    let made = site.ask(
        Method::POST,
        "/api/rooms",
        Some(token),
        Some(json!({"name": name})),
    );
    let (status, room) = made.await;
    assert_eq!(status, 201, "{room}");
    room["slug"].as_str().unwrap().to_owned()
}

async fn has_room(site: &Site, token: &str, slug: &str) -> bool {
    let path = format!("/api/rooms/{slug}");
    site.ask(Method::GET, &path, Some(token), None).await.0 == 200
}

/// A site with one account and one room that was stopped, its backup and its room.
struct Stopped {
    folder: TempDir,
    room: String,
}

impl Stopped {
    async fn new() -> Stopped {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let site = Site::start(&data);
        let token = site.set_up().await;
        let room = make_room(&site, &token, "Standup").await;
        drop(site);
        let stopped = Stopped { folder, room };
        let (good, out, said) = run(on(&data, &["backup"]).arg(stopped.file()));
        assert!(good, "{said}");
        assert_eq!(out, "");
        stopped
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("site.tar")
    }

    fn empty(&self) -> PathBuf {
        self.folder.path().join("new")
    }
}

/// How restoring this file into that folder is refused, in one sentence.
fn refusal(data: &Path, file: &Path) -> String {
    let (good, _, said) = run(on(data, &["restore"]).arg(file));
    assert!(!good, "it was restored");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[tokio::test]
async fn a_site_that_was_backed_up_while_it_was_written_to_goes_on_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut site = Site::start(&data);
    let token = site.set_up().await;
    let before = make_room(&site, &token, "Before").await;
    fs::create_dir_all(data.join("recordings")).unwrap();
    fs::write(data.join("recordings/film.webm"), "film").unwrap();

    let file = folder.path().join("site.tar");
    let backed_up = Arc::new(AtomicBool::new(false));
    let (data_dir, target, done) = (data.clone(), file.clone(), backed_up.clone());
    let backup = std::thread::spawn(move || {
        let result = run(on(&data_dir, &["backup"]).arg(target));
        done.store(true, Ordering::Release);
        result
    });
    let mut meanwhile = 0;
    while !backed_up.load(Ordering::Acquire) {
        make_room(&site, &token, &format!("Meanwhile {meanwhile}")).await;
        meanwhile += 1;
    }
    assert!(meanwhile > 0);
    let (good, _, said) = backup.join().unwrap();
    assert!(good, "{said}");
    assert!(said.contains("films are not in it"), "{said}");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!data.join("backup.part").exists());
    let after = make_room(&site, &token, "After").await;

    site.child.kill().unwrap();
    site.child.wait().unwrap();
    let (good, _, said) = run(&mut on(&data, &["stop", "--media"]));
    assert!(good, "{said}");
    let new = folder.path().join("new");
    let (good, _, said) = run(on(&new, &["restore"]).arg(&file));
    assert!(good, "{said}");
    let read = |data: &Path, name| fs::read_to_string(data.join(name)).unwrap();
    assert_eq!(
        read(&data, "livekit-keys.yaml"),
        read(&new, "livekit-keys.yaml")
    );
    assert!(!new.join("recordings").exists());
    let site = Site::start(&new);
    // The session, the password and the rooms.
    assert!(has_room(&site, &token, &before).await);
    assert!(!has_room(&site, &token, &after).await);
    site.sign_in(EMAIL).await;
    let (_, about) = site.ask(Method::GET, "/api/site", None, None).await;
    assert_eq!(about["setup_required"], false);
}

#[tokio::test]
async fn an_archive_goes_through_pipes_and_takes_films_along() {
    let stopped = Stopped::new().await;
    fs::create_dir_all(stopped.data().join("recordings/a")).unwrap();
    fs::write(stopped.data().join("recordings/a/film.webm"), "film").unwrap();
    let arguments = ["backup", "-", "--with-recordings"];
    let backup = on(&stopped.data(), &arguments).output().unwrap();
    assert!(backup.status.success());
    let new = stopped.empty();
    let mut restore = on(&new, &["restore", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    restore
        .stdin
        .take()
        .unwrap()
        .write_all(&backup.stdout)
        .unwrap();
    assert!(restore.wait().unwrap().success());
    let film = fs::read_to_string(new.join("recordings/a/film.webm"));
    assert_eq!(film.unwrap(), "film");
    let (good, listed, said) = run(&mut on(&new, &["user", "list", "--json"]));
    assert!(good, "{said}");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed[0]["email"], EMAIL);
}

/// The names of all files in it.
fn listed(archive: &Path) -> Vec<String> {
    let mut archive = tar::Archive::new(fs::File::open(archive).unwrap());
    let entries = archive.entries().unwrap();
    let name = |entry: tar::Entry<'_, _>| entry.path().unwrap().display().to_string();
    entries.map(|entry| name(entry.unwrap())).collect()
}

#[tokio::test]
async fn a_backup_does_not_take_itself_and_earlier_ones() {
    let stopped = Stopped::new().await;
    let data = stopped.data();
    let expected = listed(&stopped.file());
    fs::create_dir(data.join("kept")).unwrap();
    fs::copy(stopped.file(), data.join("kept/earlier.tar")).unwrap();
    for name in ["monday.tar", "tuesday.tar", "monday.tar"] {
        let file = data.join(name);
        let (good, _, said) = run(on(&data, &["backup"]).arg(&file));
        assert!(good, "{said}");
        assert!(
            said.contains("left out: kept/earlier.tar is a backup"),
            "{said}"
        );
        assert_eq!(listed(&file), expected);
    }
    // Standard output may be there too.
    let file = data.join("wednesday.tar");
    let mut backup = on(&data, &["backup", "-"]);
    backup.stdout(fs::File::create(&file).unwrap());
    assert!(backup.status().unwrap().success());
    assert_eq!(listed(&file), expected);
}

#[tokio::test]
async fn films_that_are_elsewhere_in_the_data_folder_are_taken_once_and_when_asked_for() {
    let stopped = Stopped::new().await;
    let folder = stopped.data().join("media/films");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("film.webm"), "film").unwrap();
    let file = stopped.folder.path().join("other.tar");
    for (more, expected) in [
        (&[][..], &[][..]),
        (&["--with-recordings"], &["recordings/film.webm"]),
    ] {
        let mut backup = on(&stopped.data(), &["backup"]);
        backup.env("CONVOKE_RECORDINGS__FOLDER", &folder);
        let (good, _, said) = run(backup.arg(&file).args(more));
        assert!(good, "{said}");
        let mut films = listed(&file);
        films.retain(|name| name.ends_with("film.webm"));
        assert_eq!(films, expected);
    }
}

#[tokio::test]
async fn what_is_linked_to_is_taken_and_a_link_to_nothing_named() {
    let stopped = Stopped::new().await;
    let (data, disk) = (stopped.data(), stopped.folder.path().join("disk"));
    fs::create_dir_all(disk.join("films/a")).unwrap();
    fs::write(disk.join("films/a/film.webm"), "film").unwrap();
    fs::write(disk.join("key.pem"), "key").unwrap();
    fs::create_dir_all(data.join("tls")).unwrap();
    symlink(disk.join("films"), data.join("recordings")).unwrap();
    symlink(disk.join("key.pem"), data.join("tls/key.pem")).unwrap();
    symlink(disk.join("gone"), data.join("tls/gone.pem")).unwrap();
    symlink("..", data.join("tls/back")).unwrap();
    let file = stopped.folder.path().join("other.tar");
    let (good, _, said) = run(on(&data, &["backup", "--with-recordings"]).arg(&file));
    assert!(good, "{said}");
    for why in [
        "tls/gone.pem is a link that cannot be followed: No such file",
        "tls/back is a link to a folder that it is in",
    ] {
        assert!(said.contains(&format!("left out: {why}")), "{said}");
    }
    let new = stopped.empty();
    let (good, _, said) = run(on(&new, &["restore"]).arg(&file));
    assert!(good, "{said}");
    let read = |name| fs::read_to_string(new.join(name)).unwrap();
    assert_eq!(read("recordings/a/film.webm"), "film");
    assert_eq!(read("tls/key.pem"), "key");
    assert!(!new.join("recordings").is_symlink());

    // What it leads to stays where it is when something else takes its place.
    let (good, _, said) = run(on(&data, &["restore", "--replace"]).arg(&file));
    assert!(good, "{said}");
    assert!(disk.join("films/a/film.webm").exists() && disk.join("key.pem").exists());
    let listed: Vec<_> = listed(&file);
    assert!(listed.contains(&"tls/key.pem".to_owned()), "{listed:?}");
}

/// The same archive with one more file, and checksums that are right.
fn with_file(archive: &[u8], name: &str) -> Vec<u8> {
    let mut from = tar::Archive::new(archive);
    let mut to = tar::Builder::new(Vec::new());
    let put = |to: &mut tar::Builder<_>, name: &str, data: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(data.len() as u64);
        header.set_mode(0o600);
        to.append_data(&mut header, name, data).unwrap();
    };
    for entry in from.entries().unwrap() {
        let mut entry = entry.unwrap();
        let known = entry.path().unwrap().display().to_string();
        let mut data = Vec::new();
        entry.read_to_end(&mut data).unwrap();
        if known == "SHA256SUMS" {
            // Of nothing at all.
            let sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
            put(&mut to, name, b"");
            data.extend(format!("{sum}  {name}\n").bytes());
        }
        put(&mut to, &known, &data);
    }
    to.into_inner().unwrap()
}

#[tokio::test]
async fn an_archive_holds_nothing_that_a_site_would_run_or_follow() {
    let stopped = Stopped::new().await;
    let new = stopped.empty();
    let other = stopped.folder.path().join("other");
    let whole = fs::read(stopped.file()).unwrap();
    for name in [
        "livekit-server",
        "convoke.lock",
        "livekit-child.json",
        "restore-9.ready/keys",
        "replaced-9/keys",
        "egress/film",
        "convoke.db-wal",
    ] {
        fs::write(&other, with_file(&whole, name)).unwrap();
        let said = refusal(&new, &other);
        assert!(said.contains(name), "{name}: {said}");
        assert_eq!(fs::read_dir(&new).unwrap().count(), 1, "only the lock");
    }
    fs::write(&other, with_file(&whole, "notes")).unwrap();
    let (good, _, said) = run(on(&new, &["restore"]).arg(&other));
    assert!(good, "{said}");
    assert!(new.join("notes").exists());
}

#[tokio::test]
async fn root_works_in_a_data_folder_as_its_owner() {
    if !geteuid().is_root() {
        // Nobody else can be two people.
        return;
    }
    let (user, group) = (65_534, 65_534);
    let stopped = Stopped::new().await;
    let (top, data, new) = (stopped.folder.path(), stopped.data(), stopped.empty());
    fs::set_permissions(top, fs::Permissions::from_mode(0o755)).unwrap();
    let roots = top.join("roots");
    fs::create_dir(&roots).unwrap();
    fs::set_permissions(&roots, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(roots.join("secret"), "secret").unwrap();
    fs::rename(stopped.file(), roots.join("site.tar")).unwrap();
    fs::create_dir(&new).unwrap();
    chown(&new, Some(user), Some(group)).unwrap();

    // A link of the owner's leads no further than the owner may go.
    symlink(roots.join("made"), new.join("convoke.lock")).unwrap();
    let said = refusal(&new, &roots.join("site.tar"));
    assert!(said.contains("cannot write in the data folder"), "{said}");
    assert!(!roots.join("made").exists());
    fs::remove_file(new.join("convoke.lock")).unwrap();
    let (good, _, said) = run(on(&new, &["restore"]).arg(roots.join("site.tar")));
    assert!(good, "{said}");
    for entry in fs::read_dir(&new).unwrap() {
        let about = entry.as_ref().unwrap().metadata().unwrap();
        assert_eq!((about.uid(), about.gid()), (user, group), "{entry:?}");
    }

    symlink(roots.join("secret"), new.join("leak")).unwrap();
    let file = roots.join("other.tar");
    let (good, _, said) = run(on(&new, &["backup"]).arg(&file));
    assert!(good, "{said}");
    assert!(said.contains("left out: leak is a link"), "{said}");
    let names = listed(&file);
    assert!(names.contains(&"convoke.db".to_owned()), "{names:?}");
    assert!(!names.contains(&"leak".to_owned()), "{names:?}");
    assert_eq!(file.metadata().unwrap().uid(), 0);
    assert!(!new.join("backup.part").exists());
    symlink(&roots, new.join("backup.part")).unwrap();
    let (good, _, said) = run(on(&new, &["backup"]).arg(&file));
    assert!(!good, "{said}");
    assert_eq!(fs::read_dir(&roots).unwrap().count(), 3);
    fs::remove_file(new.join("backup.part")).unwrap();
    for name in ["monday.tar", "tuesday.tar"] {
        let (good, _, said) = run(on(&new, &["backup"]).arg(new.join(name)));
        assert!(good, "{said}");
    }
    // Only root could move that.
    fs::create_dir(new.join("apart")).unwrap();
    let (good, _, said) = run(on(&new, &["restore", "--replace"]).arg(&file));
    assert!(!good, "{said}");
    assert!(
        said.contains("apart is a folder that only somebody else"),
        "{said}"
    );
    let (good, _, said) = run(&mut on(&new, &["user", "list"]));
    assert!(good && new.join("livekit-keys.yaml").exists(), "{said}");
    // What root has in its own folder stays root's.
    let (good, _, said) = run(on(&data, &["backup"]).arg(&file));
    assert!(good, "{said}");
}

#[tokio::test]
async fn a_database_that_is_not_in_use_is_no_part_of_a_backup() {
    let stopped = Stopped::new().await;
    let data = stopped.data();
    let elsewhere = stopped.folder.path().join("elsewhere.db");
    fs::copy(data.join("convoke.db"), &elsewhere).unwrap();
    for left in ["convoke.db", "convoke.db-wal", "SHA256SUMS"] {
        fs::write(data.join(left), "old").unwrap();
    }
    // No file of SQLite's, however it begins.
    fs::write(data.join("elsewhere.db.txt"), "notes").unwrap();
    let file = stopped.folder.path().join("other.tar");
    let mut backup = on(&data, &["backup"]);
    let url = format!("sqlite:{}", elsewhere.display());
    let (good, _, said) = run(backup.arg(&file).env("CONVOKE_DATABASE__URL", url));
    assert!(good, "{said}");
    let new = stopped.empty();
    let (good, _, said) = run(on(&new, &["restore"]).arg(&file));
    assert!(good, "{said}");
    assert!(new.join("elsewhere.db.txt").exists());
    assert!(!new.join("SHA256SUMS").exists());
    let (good, listed, said) = run(&mut on(&new, &["user", "list", "--json"]));
    assert!(good, "{said}");
    assert!(listed.contains(EMAIL), "{listed}");

    // It would take the place of that file, or read it as its journal.
    fs::write(data.join("site.db-wal"), "stray").unwrap();
    let (good, _, said) = run(on(&data, &["backup"]).arg(&file).env(
        "CONVOKE_DATABASE__URL",
        format!("sqlite:{}", elsewhere.display()),
    ));
    assert!(good, "{said}");
    let third = stopped.folder.path().join("third");
    let url = format!("sqlite:{}", third.join("site.db").display());
    let (good, _, said) = run(on(&third, &["restore"])
        .arg(&file)
        .env("CONVOKE_DATABASE__URL", url));
    assert!(!good);
    assert!(said.contains("site.db-wal would be taken for"), "{said}");
}

#[tokio::test]
async fn what_cannot_be_restored_is_refused_in_one_sentence_and_changes_nothing() {
    let stopped = Stopped::new().await;
    let (data, file, new) = (stopped.data(), stopped.file(), stopped.empty());

    let said = refusal(&data, &file);
    assert!(said.contains("holds a site; give --replace"), "{said}");

    let other = stopped.folder.path().join("other");
    let whole = fs::read(&file).unwrap();
    for (bytes, says) in [
        (&whole[..whole.len() / 2], "it is cut off"),
        (&b"something else"[..], "it is no backup of Convoke"),
    ] {
        fs::write(&other, bytes).unwrap();
        let said = refusal(&new, &other);
        assert!(said.contains(says), "{said}");
    }
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(&other, damaged).unwrap();
    let said = refusal(&new, &other);
    assert!(said.contains("its checksum differs"), "{said}");
    let left: Vec<_> = fs::read_dir(&new).unwrap().collect();
    assert_eq!(left.len(), 1, "only the lock: {left:?}");

    // As a newer Convoke would leave it.
    let database = format!("sqlite:{}", data.join("convoke.db").display());
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&database)
        .await
        .unwrap();
    for change in [
        "UPDATE last_versions SET version = '9.8.7'",
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         SELECT 9999, 'later', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
    ] {
        sqlx::query(change).execute(&mut connection).await.unwrap();
    }
    sqlx::Connection::close(connection).await.unwrap();
    let (good, _, said) = run(on(&data, &["backup"]).arg(&other));
    assert!(good, "{said}");
    let newer = "has schema 9999";
    let said = refusal(&new, &other);
    assert!(said.contains(newer), "{said}");
    let (good, _, said) = run(&mut on(&data, &["serve", "--port", "0"]));
    assert!(!good);
    let last = said.lines().last().unwrap();
    assert!(last.contains(newer) && last.contains("9.8.7"), "{said}");

    let (good, _, said) = run(on(&data, &["restore", "--replace"]).arg(&file));
    assert!(good, "{said}");
    assert!(said.contains("replaced-"), "{said}");
    let site = Site::start(&data);
    let said = refusal(&data, &file);
    assert!(said.contains("another Convoke server uses"), "{said}");
    let token = site.sign_in(EMAIL).await;
    assert!(has_room(&site, &token, &stopped.room).await);
}

#[tokio::test]
async fn a_restore_ends_the_media_server_that_the_site_left_running() {
    let stopped = Stopped::new().await;
    let data = stopped.data();
    let mut site = Site::start(&data);
    let record = data.join("livekit-child.json");
    while !record.exists() {
        assert!(site.child.try_wait().unwrap().is_none(), "{}", site.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    site.child.kill().unwrap();
    site.child.wait().unwrap();
    let record: Value = serde_json::from_slice(&fs::read(&record).unwrap()).unwrap();
    let keeper = PathBuf::from(format!("/proc/{}/cmdline", record["keeper"]["pid"]));
    let runs = || fs::read(&keeper).is_ok_and(|line| !line.is_empty());

    let other = stopped.folder.path().join("other");
    fs::write(&other, "something else").unwrap();
    let (good, _, _) = run(on(&data, &["restore", "--replace"]).arg(&other));
    assert!(!good);
    assert!(runs(), "a file that is no good ends nothing");
    let (good, _, said) = run(on(&data, &["restore", "--replace"]).arg(stopped.file()));
    assert!(good, "{said}");
    assert!(said.contains("ended: the media server"), "{said}");
    assert!(!runs());
    assert!(!data.join("livekit-child.json").exists());
}

#[tokio::test]
async fn a_restore_is_refused_while_something_is_left_that_cannot_be_ended() {
    let stopped = Stopped::new().await;
    let data = stopped.data();
    // Lives, and listens nowhere.
    let mut keeper = Command::new("sleep").arg("600").spawn().unwrap();
    let stat = fs::read_to_string(format!("/proc/{}/stat", keeper.id())).unwrap();
    let words = stat.rsplit_once(')').unwrap().1;
    let started: u64 = words.split_whitespace().nth(19).unwrap().parse().unwrap();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let folder = fs::metadata(&data).unwrap();
    let record = json!({
        "keeper": {"pid": keeper.id(), "started": started, "boot": boot.trim()},
        "socket": format!("convoke-nobody-{}", keeper.id()),
        "knock": "k",
        "answer": "a",
        "folder": {"device": folder.dev(), "number": folder.ino()},
        "config_file": null,
        "told": {"address": "127.0.0.1:1"},
    });
    fs::write(data.join("egress-child.json"), record.to_string()).unwrap();
    let restore = || run(on(&data, &["restore", "--replace"]).arg(stopped.file()));
    let (refused, _, said) = restore();
    let lived = keeper.try_wait().unwrap().is_none();
    keeper.kill().unwrap();
    keeper.wait().unwrap();
    assert!(lived && !refused, "{said}");
    assert!(said.contains("convoke stop --media"), "{said}");
    assert!(data.join("convoke.db").exists() && data.join("egress-child.json").exists());
    let (good, _, said) = restore();
    assert!(good, "{said}");
}

#[tokio::test]
async fn a_restore_that_is_killed_at_any_moment_leaves_the_old_or_the_new() {
    let stopped = Stopped::new().await;
    let data = stopped.data();
    // What is there now differs from the backup.
    let create = ["user", "create", "late@example.org"];
    let (good, _, said) = run(&mut on(&data, &create));
    assert!(good, "{said}");
    let (mut old, mut new, mut round, mut ended) = (0, 0, 0, 0);
    // Later and later, until there was nothing left to kill.
    while ended < 2 {
        let mut restore = on(&data, &["restore", "--replace"]);
        restore.arg(stopped.file()).stderr(Stdio::null());
        let mut child = restore.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(20 * round));
        round += 1;
        // It may have ended.
        let _ = child.kill();
        ended += usize::from(child.wait().unwrap().success());
        let (good, listed, said) = run(&mut on(&data, &["user", "list", "--json"]));
        assert!(good, "round {round}: {said}");
        let listed: Value = serde_json::from_str(&listed).unwrap();
        match listed.as_array().unwrap().len() {
            2 => old += 1,
            1 => {
                new += 1;
                let (good, _, said) = run(&mut on(&data, &create));
                assert!(good, "{said}");
            }
            other => panic!("{other} accounts"),
        }
        assert!(data.join("livekit-keys.yaml").exists());
    }
    assert!(old > 0 && new > 0, "{old} old, {new} new");
}
