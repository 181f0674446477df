//! `convoke backup`: the database as it is at one moment, the keys and the certificates, in one file.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, BufWriter, IsTerminal, Write, stdout},
    os::{
        fd::AsFd,
        unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use convoke_platform::{Config, Copied, DatabaseFile, copy_database, database_file};
use nix::sys::stat::{Mode, umask};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    archive::{self, About, Writer},
    clock::wall_clock,
    data_dir,
    owner::act_as_owner,
    replacement::{RECORDINGS, is_content, names, own_like},
    site_config::SiteConfig,
};

/// What the database is called in the archive, whatever the configuration calls it.
pub const DATABASE: &str = "convoke.db";
/// Where the copy of the database is made; not part of any backup.
const WORK: &str = "backup.part";
/// What the recorder works with until its films are made.
const EGRESS: &str = "egress";
/// What is in such a name is of a process that runs now.
const CHILD: &str = "-child.";

/// Where to, and whose.
#[derive(Debug, Args)]
pub struct Backup {
    /// File to write (a tar file that its owner alone may read), `-` for standard output.
    file: PathBuf,
    /// Take the films too that are on this machine's disk, and not only their index.
    #[arg(long)]
    with_recordings: bool,
    #[command(flatten)]
    site: SiteConfig,
}

impl Backup {
    /// The file is whole when it is there; one that was there before stays until then.
    pub async fn run(self) -> anyhow::Result<()> {
        let config = self.site.load(None)?;
        let data_dir = &config.server.data_dir;
        ensure!(
            data_dir.is_dir(),
            "there is no data folder {}; name the one that the server uses with --data-dir, or its configuration file \
             with --config",
            data_dir.display()
        );
        umask(Mode::S_IRWXG | Mode::S_IRWXO);
        let acting = act_as_owner(data_dir)?;
        data_dir::settle(data_dir)?;
        let work = Work::begin(data_dir)?;
        let copied = copy_database(&config, &work.database).await?;
        // The file to write may be in a folder of root's.
        drop(acting);
        let backup = Content {
            data_dir,
            database: work.database.clone(),
            database_file: match database_file(&config)? {
                DatabaseFile::Sqlite(file) => Some(file),
                DatabaseFile::Postgres => None,
            },
            copied,
            films: films(&config),
            with_films: self.with_recordings,
        };
        let written = if self.file == Path::new("-") {
            ensure!(
                !stdout().is_terminal(),
                "a backup is not for a terminal: name a file, or pass standard output on"
            );
            let target = File::from(stdout().as_fd().try_clone_to_owned()?).metadata()?;
            let out = BufWriter::new(stdout().lock());
            let written = backup.write(out, vec![identity(&target)]);
            written.context("the backup is not whole")?.1
        } else {
            write_file(&backup, &self.file)?
        };
        let films = if self.with_recordings {
            ""
        } else {
            "; films are not in it (--with-recordings), only their index"
        };
        let database = match copied {
            Copied::Sqlite { schema } => format!("the database (schema {schema})"),
            Copied::Postgres => {
                "no database, which is in PostgreSQL and backed up with pg_dump,".to_owned()
            }
        };
        // Not on standard output, which may be the archive.
        for why in &written.left_out {
            eprintln!("left out: {why}");
        }
        let count = written.files;
        eprintln!("backed up {database} and {count} files{films}");
        Ok(())
    }
}

fn write_file(backup: &Content<'_>, file: &Path) -> anyhow::Result<Written> {
    let name = file.file_name().context("the file to write has no name")?;
    let mut part = std::ffi::OsString::from(".");
    part.push(name);
    part.push(".part");
    let part = file.with_file_name(part);
    let folder = file.parent().filter(|folder| folder.is_dir());
    let folder = folder.unwrap_or(Path::new("."));
    // There it is the owner's too, who must be able to see that it is a backup.
    let inside = folder
        .canonicalize()?
        .starts_with(backup.data_dir.canonicalize()?);
    let _acting = inside.then(|| act_as_owner(backup.data_dir)).transpose()?;
    let written = (|| -> anyhow::Result<Written> {
        // A new file: what somebody has left there may be readable for others.
        let _ = fs::remove_file(&part);
        let mut new = OpenOptions::new();
        let out = new.write(true).create_new(true).mode(0o600).open(&part)?;
        let targets = [out.metadata(), fs::metadata(file)];
        let targets = targets.iter().flatten().map(identity).collect();
        let (out, written) = backup.write(BufWriter::new(out), targets)?;
        out.into_inner()?.sync_all()?;
        fs::rename(&part, file)?;
        File::open(folder)?.sync_all()?;
        Ok(written)
    })();
    if written.is_err() {
        // It may not be there.
        let _ = fs::remove_file(&part);
    }
    written.with_context(|| format!("{} was not written", file.display()))
}

fn films(config: &Config) -> PathBuf {
    let folder = &config.recordings.folder;
    folder
        .clone()
        .unwrap_or_else(|| config.server.data_dir.join(RECORDINGS))
}

/// A place in the data folder, which has room for a second database if anything has, for one backup at a time.
struct Work {
    folder: PathBuf,
    database: PathBuf,
    _lock: File,
}

impl Work {
    fn begin(data_dir: &Path) -> anyhow::Result<Work> {
        let folder = data_dir.join(WORK);
        let cannot = || format!("cannot write in the data folder {}", data_dir.display());
        let made = DirBuilder::new()
            .mode(0o700)
            .recursive(true)
            .create(&folder);
        made.with_context(cannot)?;
        let like = fs::metadata(data_dir)?;
        own_like(&folder, &like).with_context(cannot)?;
        let lock = File::open(&folder).with_context(cannot)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "another backup of {} is being made; wait for it",
                data_dir.display()
            ),
            Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
        }
        let database = folder.join(DATABASE);
        match fs::remove_file(&database) {
            // Of one that was killed.
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(cannot),
        }
        Ok(Work {
            folder,
            database,
            _lock: lock,
        })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let Some(Ok(_acting)) = self.folder.parent().map(act_as_owner) else {
            return;
        };
        // The next backup would do it.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What is in a backup beside the database, and what is not.
struct Written {
    files: usize,
    left_out: Vec<String>,
}

struct Content<'a> {
    data_dir: &'a Path,
    database: PathBuf,
    /// The file of the database in use.
    database_file: Option<PathBuf>,
    copied: Copied,
    /// Where they are, perhaps within the data folder.
    films: PathBuf,
    with_films: bool,
}

impl Content<'_> {
    /// Writes it all, except for `targets`.
    fn write<W: Write>(&self, out: W, targets: Vec<Identity>) -> anyhow::Result<(W, Written)> {
        let _acting = act_as_owner(self.data_dir)?;
        let made_at = OffsetDateTime::from(wall_clock()).format(&Rfc3339)?;
        let schema = match self.copied {
            Copied::Sqlite { schema } => Some(schema),
            Copied::Postgres => None,
        };
        let about = About::new(made_at, schema, self.with_films);
        let mut archive = Writer::begin(out, &about)?;
        if schema.is_some() {
            archive.add(&self.database, DATABASE)?;
        }
        let mut taken = Taken {
            archive,
            apart: targets,
            files: 0,
            within: vec![identity(&fs::metadata(self.data_dir)?)],
            left_out: Vec::new(),
        };
        let films = fs::metadata(&self.films).ok().map(|films| identity(&films));
        taken.apart.extend(films);
        for name in names(self.data_dir)? {
            if self.is_kept(&name) {
                taken.add(&self.data_dir.join(&name), &name)?;
            }
        }
        if self.with_films {
            taken.apart.retain(|apart| Some(*apart) != films);
            taken.add(&self.films, RECORDINGS)?;
        }
        let written = Written {
            files: taken.files,
            left_out: taken.left_out,
        };
        Ok((taken.archive.finish()?, written))
    }

    /// Whether something at the top of the data folder is of those that nobody else has: what is not known is taken, but no
    /// database except the one in use.
    fn is_kept(&self, name: &str) -> bool {
        let in_use = self.database_file.as_ref().and_then(|file| {
            let file = file.file_name().and_then(|file| file.to_str());
            file.filter(|file| is_of_database(name, file))
        });
        let apart = name == RECORDINGS || name.starts_with(DATABASE);
        may_hold(name) && in_use.is_none() && !apart
    }
}

/// Whether a backup may hold something that is called so at the top of the data folder.
pub fn may_hold(name: &str) -> bool {
    let of_now = [WORK, EGRESS].contains(&name) || name.contains(CHILD);
    is_content(name) && !of_now && !archive::is_own(name)
}

/// Whether `name` is the database `file` or one of those that are kept beside it.
pub fn is_of_database(name: &str, file: &str) -> bool {
    let beside = ["", "-wal", "-shm", "-journal", "-lock"];
    name.strip_prefix(file)
        .is_some_and(|rest| beside.contains(&rest))
}

/// Which file it is, whatever it is called.
type Identity = (u64, u64);

fn identity(file: &fs::Metadata) -> Identity {
    (file.dev(), file.ino())
}

/// What goes into an archive.
struct Taken<W: Write> {
    archive: Writer<W>,
    /// What the archive is written to, what that takes the place of, and films until it is their turn.
    apart: Vec<Identity>,
    files: usize,
    /// The folders that we are in: a link may lead back to one.
    within: Vec<Identity>,
    /// What was passed over although somebody may expect it, and why.
    left_out: Vec<String>,
}

impl<W: Write> Taken<W> {
    /// Adds a file, or all below a folder, which may be elsewhere and only linked to; what is neither (a socket), what has
    /// gone meanwhile, and backups are left out.
    fn add(&mut self, path: &Path, name: &str) -> anyhow::Result<()> {
        let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        let context = || path.display().to_string();
        let about = match fs::metadata(path) {
            Ok(about) => about,
            Err(error) if path.is_symlink() => {
                self.left_out
                    .push(format!("{name} is a link that cannot be followed: {error}"));
                return Ok(());
            }
            Err(error) if gone(&error) => return Ok(()),
            Err(error) => return Err(error).with_context(context),
        };
        let this = identity(&about);
        if self.apart.contains(&this) {
            return Ok(());
        }
        if about.is_dir() {
            if self.within.contains(&this) {
                self.left_out
                    .push(format!("{name} is a link to a folder that it is in"));
                return Ok(());
            }
            self.within.push(this);
            for part in names(path).with_context(context)? {
                self.add(&path.join(&part), &format!("{name}/{part}"))?;
            }
            self.within.pop();
            return Ok(());
        }
        if !about.is_file() {
            return Ok(());
        }
        let added = archive::is_archive(path).and_then(|is_archive| {
            if is_archive {
                self.left_out.push(format!("{name} is a backup"));
                return Ok(());
            }
            self.archive.add(path, name)?;
            self.files += 1;
            Ok(())
        });
        match added {
            Err(error) if !gone(&error) => Err(error).with_context(context),
            _ => Ok(()),
        }
    }
}
