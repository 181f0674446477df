//! What is made of a finished film: pieces for streaming players, pictures, the manifest; and the way of all of it into buckets. It
//! must not know rooms.

mod deliver;
mod file_names;
mod images;
mod manifest;
mod segments;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use livekit_wire::proto::{FileInfo, ImagesInfo};

pub use deliver::{NotSent, Parcels, remove_delivered, remove_tracks, send_all};
pub use file_names::FileNames;

use crate::{
    compose::ComposeError,
    info::Outcome,
    journal::{OUT, Record},
    order::BucketOrder,
};
use deliver::{Output, Parcel};
use manifest::Manifest;

/// The folder of what is being made, inside an egress's.
const WORK: &str = "work";

/// The film that everything else is made of.
pub struct Master {
    /// Where it is.
    pub path: PathBuf,
    /// What it is called for callers.
    pub name: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Milliseconds.
    pub duration: u64,
    /// What people should know of it.
    pub notes: Vec<String>,
}

/// Where the film of this name is made: among the finished files only where it was asked for.
pub fn master_path(folder: &Path, record: &Record, name: &Path) -> PathBuf {
    if record.order.outputs.file.is_some() {
        folder.join(OUT).join(name)
    } else {
        folder.join(WORK).join(name)
    }
}

/// Makes everything but the film, and says what there is and what has to go where. It may be killed and begun again.
pub fn make(
    folder: &Path,
    record: &Record,
    master: &Master,
    ffmpeg: Option<&Path>,
    now: i64,
) -> Result<(Outcome, Parcels), ComposeError> {
    let (outputs, names) = (&record.order.outputs, &record.names);
    let mut making = Making {
        out: folder.join(OUT),
        work: folder.join(WORK),
        began: record.zero.unwrap_or_default(),
        manifest: Manifest::of(record, now),
        parcels: Vec::new(),
    };
    let mut outcome = Outcome {
        notes: master.notes.join("; "),
        ..Outcome::default()
    };
    let duration = i64::try_from(master.duration.saturating_mul(1_000_000)).unwrap_or(i64::MAX);
    if let Some(file) = &outputs.file {
        let filename = master.name.to_string_lossy().into_owned();
        let location = making.add(&filename, Output::File, file.bucket.as_ref());
        making.manifest.add_file(&filename, &location);
        outcome.file = Some(FileInfo {
            filename,
            location,
            duration,
            size: i64::try_from(master.size).unwrap_or(i64::MAX),
            ..FileInfo::default()
        });
    }
    for (index, (order, prefix)) in outputs.images.iter().zip(&names.images).enumerate() {
        let taken = images::take(&mut making, index, order, prefix, master, ffmpeg)?;
        outcome.images.push(ImagesInfo {
            filename_prefix: prefix.clone(),
            image_count: i64::try_from(taken).unwrap_or(i64::MAX),
            ..ImagesInfo::default()
        });
    }
    if let Some(order) = &outputs.segments {
        let mut info = segments::cut(&mut making, order, names, master, ffmpeg)?;
        info.duration = duration;
        outcome.segments = Some(info);
    }
    if let Some((output, beside, bucket)) = manifest_place(record, master) {
        let name = Path::new(&beside).with_file_name(format!("{}.json", record.info.egress_id));
        let name = name.to_string_lossy().into_owned();
        making.manifest.write(&making.out.join(&name))?;
        outcome.manifest = making.add(&name, output, bucket);
    }
    remove_work(folder)?;
    let parcels = Parcels::keep(folder, making.parcels)?;
    Ok((outcome, parcels))
}

/// Beside which file of which output the manifest is: the first that wants one.
fn manifest_place<'a>(
    record: &'a Record,
    master: &Master,
) -> Option<(Output, String, Option<&'a BucketOrder>)> {
    let outputs = &record.order.outputs;
    if let Some(file) = outputs.file.as_ref().filter(|file| file.manifest) {
        let name = master.name.to_string_lossy().into_owned();
        return Some((Output::File, name, file.bucket.as_ref()));
    }
    if let Some(segments) = outputs.segments.as_ref().filter(|order| order.manifest) {
        let name = record.names.playlist.clone();
        return Some((Output::Segments, name, segments.bucket.as_ref()));
    }
    let mut images = outputs.images.iter().zip(&record.names.images).enumerate();
    images.find_map(|(index, (images, prefix))| {
        let place = (
            Output::Images(index),
            prefix.clone(),
            images.bucket.as_ref(),
        );
        images.manifest.then_some(place)
    })
}

fn remove_work(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder.join(WORK)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What is made so far.
struct Making {
    out: PathBuf,
    work: PathBuf,
    /// Zero of the recording's clock, in milliseconds since 1970.
    began: u64,
    manifest: Manifest,
    parcels: Vec<Parcel>,
}

impl Making {
    /// An empty folder for a tool.
    fn empty_folder(&self, name: &str) -> io::Result<PathBuf> {
        let folder = self.work.join(name);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Brings a file to its place among the finished ones.
    fn place(&self, from: &Path, name: &str) -> io::Result<u64> {
        let to = self.out.join(name);
        fs::create_dir_all(to.parent().unwrap_or(&self.out))?;
        fs::rename(from, &to)?;
        Ok(fs::metadata(&to)?.len())
    }

    /// Notes a finished file, and says where callers find it.
    fn add(&mut self, name: &str, output: Output, bucket: Option<&BucketOrder>) -> String {
        let Some(bucket) = bucket else {
            return self.out.join(name).to_string_lossy().into_owned();
        };
        self.parcels.push(Parcel::new(name, output));
        bucket.settings().location(name)
    }
}

/// What a file of this name is.
pub fn media_type(name: &str) -> &'static str {
    let ending = Path::new(name)
        .extension()
        .and_then(|ending| ending.to_str());
    match ending {
        Some("webm") => "video/webm",
        Some("mp4") => "video/mp4",
        Some("json") => "application/json",
        Some("jpeg" | "jpg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("m3u8") => "application/x-mpegurl",
        Some("ts") => "video/mp2t",
        _ => "application/octet-stream",
    }
}
