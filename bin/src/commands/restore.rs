//! `convoke restore`: what a backup holds becomes the content of a data folder, as a whole or not at all.

use std::{
    fs,
    io::{BufReader, Read, stdin},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use convoke_platform::{Config, DatabaseFile, database_file, judge_copy, judge_schema};
use livekit_supervisor::Remembered;
use nix::sys::stat::{Mode, umask};
use time::{OffsetDateTime, macros::format_description};

use super::backup::{DATABASE, is_of_database, may_hold};
use crate::{
    archive::{self, About},
    clock::wall_clock,
    commands::stop::GRACE,
    data_dir::DataDir,
    owner::become_owner,
    replacement::{Replacement, is_content, names},
    site_config::SiteConfig,
};

/// Which backup, and where to.
#[derive(Debug, Args)]
pub struct Restore {
    /// File that `convoke backup` wrote, `-` for standard input.
    file: PathBuf,
    /// Where the data folder holds a site already: move that aside within it, into a folder replaced-….
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    site: SiteConfig,
}

impl Restore {
    /// Says what was restored and where the old content is.
    pub async fn run(self) -> anyhow::Result<()> {
        let config = self.site.load(None)?;
        umask(Mode::S_IRWXG | Mode::S_IRWXO);
        let data_dir = &config.server.data_dir;
        let source = open(&self.file)?;
        become_owner(data_dir)?;
        let claimed = DataDir::claim(data_dir).context("nothing was restored")?;
        let database = database_name(&config)?;
        let is_site = names(data_dir)?.iter().any(|name| is_content(name));
        ensure!(
            self.replace || !is_site,
            "the data folder {} holds a site; give --replace to move it aside, or name an empty folder with --data-dir",
            data_dir.display()
        );
        let stamp = format_description!("[year][month][day]T[hour][minute][second]");
        let stamp = OffsetDateTime::from(wall_clock()).format(stamp)?;
        let replacement = Replacement::begin(data_dir, &stamp)
            .with_context(|| format!("cannot write in {}", data_dir.display()))?;
        let unpacked = unpack(source, &replacement.folder(), database.as_deref()).await;
        // Only now, for a file that is no good must not end a call.
        let ready = match unpacked {
            Ok(about) => make_way(&replacement, data_dir).await.map(|()| about),
            Err(error) => Err(error),
        };
        let about = match ready {
            Ok(about) => about,
            Err(error) => {
                replacement.give_up();
                let from = self.file.display();
                return Err(error.context(format!("nothing was restored from {from}")));
            }
        };
        let replaced = replacement
            .commit()
            .with_context(|| format!("cannot put it into {}", data_dir.display()))?;
        drop(claimed);
        tell(&about, data_dir, replaced.as_deref(), &config);
        Ok(())
    }
}

/// Nothing may stop it half-way from here on.
async fn make_way(replacement: &Replacement, data_dir: &Path) -> anyhow::Result<()> {
    if let Some(obstacle) = replacement.obstacle()? {
        bail!("what is there cannot be moved aside: {obstacle}, or restore into another folder");
    }
    end_left_behind(data_dir).await
}

/// Ends what goes on after the site was stopped: it has the old keys, and the ports that the restored site needs.
async fn end_left_behind(data_dir: &Path) -> anyhow::Result<()> {
    let left = livekit_supervisor::end_left_behind(data_dir, GRACE).await;
    for name in left.ended {
        eprintln!("ended: {name}");
    }
    ensure!(
        left.refused.is_empty() && Remembered::load(data_dir) == Remembered::default(),
        "what the site left running goes on and cannot be reached: end it with convoke stop --media, as the user whose it is"
    );
    Ok(())
}

fn tell(about: &About, data_dir: &Path, replaced: Option<&Path>, config: &Config) {
    let (made_at, version) = (&about.made_at, &about.version);
    eprintln!(
        "restored into {} what Convoke {version} backed up at {made_at}",
        data_dir.display()
    );
    if let Some(replaced) = replaced {
        eprintln!("what was there before is in {}", replaced.display());
    }
    if let Some(folder) = config
        .recordings
        .folder
        .as_ref()
        .filter(|_| about.recordings)
    {
        eprintln!(
            "move the films from {}/recordings into {} (recordings.folder)",
            data_dir.display(),
            folder.display()
        );
    }
}

/// What the database's file is called in the data folder; `None` for PostgreSQL.
fn database_name(config: &Config) -> anyhow::Result<Option<String>> {
    let DatabaseFile::Sqlite(file) = database_file(config)? else {
        return Ok(None);
    };
    let folder = file.parent().unwrap_or(Path::new("."));
    let same = match (
        fs::canonicalize(folder),
        fs::canonicalize(&config.server.data_dir),
    ) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    let name = file.file_name().and_then(|name| name.to_str());
    match name.filter(|_| same) {
        Some(name) => Ok(Some(name.to_owned())),
        None => bail!(
            "database.url names {}, which is not in the data folder: only what is there is restored as a whole; restore \
             with database.url left empty, and move convoke.db yourself",
            file.display()
        ),
    }
}

/// Root alone may read it, often.
fn open(file: &Path) -> anyhow::Result<Box<dyn Read>> {
    if file == Path::new("-") {
        return Ok(Box::new(stdin().lock()));
    }
    let opened = fs::File::open(file);
    let opened = opened.with_context(|| format!("nothing was restored from {}", file.display()))?;
    Ok(Box::new(opened))
}

async fn unpack(
    source: Box<dyn Read>,
    into: &Path,
    database: Option<&str>,
) -> anyhow::Result<About> {
    let about = archive::unpack(BufReader::new(source), may_hold, |about| {
        match (about.schema, database) {
            (Some(schema), Some(_)) => judge_schema(schema, &about.version)?,
            (None, None) => {}
            (Some(_), None) => bail!(
                "it holds an SQLite database, and database.url names PostgreSQL: leave that empty to go on with SQLite"
            ),
            (None, Some(_)) => bail!(
                "it holds no database, for its site's was in PostgreSQL: set database.url, and restore that with \
                 pg_restore"
            ),
        }
        Ok(into.to_owned())
    })?;
    if let Some(name) = database {
        let copy = into.join(DATABASE);
        ensure!(
            copy.exists(),
            "it says that it holds a database, and does not"
        );
        let other = names(into)?.into_iter().find(|other| {
            other != DATABASE && (is_of_database(other, name) || is_of_database(other, DATABASE))
        });
        if let Some(other) = other {
            bail!(
                "its file {other} would be taken for the database's own: restore it with another database.url"
            );
        }
        judge_copy(&copy).await?;
        fs::rename(&copy, into.join(name))?;
    }
    Ok(about)
}
