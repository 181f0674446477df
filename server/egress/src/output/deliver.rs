//! Brings finished files into buckets. What has arrived is on the disk before the next one goes, and a file here goes away only
//! after the store's copy of it was compared.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use livekit_wire::secret_file;
use object_storage::{Bucket, SendError, Sent, StoreError, Upload, send_file};
use serde::{Deserialize, Serialize};

use super::media_type;
use crate::{
    journal::{OUT, write_whole},
    order::{BucketOrder, Outputs},
    record::files::TRACKS,
};

/// In an egress's folder.
const DELIVERY: &str = "delivery.json";

/// Which of an order's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    File,
    Segments,
    Images(usize),
}

/// A file that has to go somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// Below the folder of finished files, and in the bucket.
    name: String,
    output: Output,
    begun: Option<Upload>,
    arrived: bool,
}

impl Parcel {
    pub fn new(name: &str, output: Output) -> Parcel {
        Parcel {
            name: name.to_owned(),
            output,
            begun: None,
            arrived: false,
        }
    }
}

/// All of them, as the disk has it.
#[derive(Debug)]
pub struct Parcels {
    path: PathBuf,
    all: Vec<Parcel>,
}

/// Why not everything has arrived.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// A store does not take it now.
    #[error("{0}")]
    Waits(#[from] StoreError),
    /// A file to send is not here any more.
    #[error("a finished file cannot be read: {0}")]
    Gone(#[from] io::Error),
}

impl NotSent {
    /// As callers are told; the log has the rest.
    pub fn for_callers(&self) -> &'static str {
        match self {
            NotSent::Waits(StoreError::Refused(_)) => {
                "it refuses the key, the bucket or the rights"
            }
            NotSent::Waits(StoreError::Full(_)) => "it is full",
            NotSent::Waits(StoreError::Corrupt(_)) => "it does not keep what is sent",
            NotSent::Waits(
                StoreError::Unavailable(_) | StoreError::NoSuchUpload | StoreError::NotFound,
            ) => "it does not answer as it should",
            NotSent::Gone(_) => "a finished file cannot be read",
        }
    }
}

impl Parcels {
    /// Writes down what has to go.
    pub fn keep(folder: &Path, all: Vec<Parcel>) -> io::Result<Parcels> {
        let parcels = Parcels {
            path: folder.join(DELIVERY),
            all,
        };
        parcels.save()?;
        Ok(parcels)
    }

    /// Reads what is on its way.
    pub fn load(folder: &Path) -> io::Result<Parcels> {
        let path = folder.join(DELIVERY);
        let all = secret_file::json(&fs::read(&path)?)?;
        Ok(Parcels { path, all })
    }

    /// Whether nothing has to go anywhere.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn save(&self) -> io::Result<()> {
        write_whole(&self.path, &serde_json::to_vec(&self.all)?)
    }
}

/// Sends what has not arrived yet; `arrived` hears of each one that has.
pub async fn send_all(
    folder: &Path,
    outputs: &Outputs,
    parcels: &mut Parcels,
    mut arrived: impl FnMut(),
) -> Result<(), NotSent> {
    let mut open: Option<(Output, Bucket)> = None;
    for index in 0..parcels.all.len() {
        let Parcel {
            name,
            output,
            begun,
            arrived: has_arrived,
        } = parcels.all[index].clone();
        let Some(order) = bucket_of(outputs, output).filter(|_| !has_arrived) else {
            continue;
        };
        if open.as_ref().is_none_or(|(opened, _)| *opened != output) {
            open = Some((output, Bucket::new(&order.settings())));
        }
        let Some((_, bucket)) = &open else {
            continue;
        };
        let path = folder.join(OUT).join(&name);
        let file = Sent {
            path: &path,
            key: &name,
            media_type: media_type(&name),
        };
        let keep = |upload: &Upload| {
            parcels.all[index].begun = Some(upload.clone());
            parcels.save()
        };
        match send_file(bucket, file, begun, keep).await {
            Ok(()) => {}
            Err(SendError::File(error)) => return Err(error.into()),
            Err(SendError::Store(error)) => return Err(error.into()),
        }
        parcels.all[index].arrived = true;
        parcels.save()?;
        arrived();
    }
    Ok(())
}

fn bucket_of(outputs: &Outputs, output: Output) -> Option<&BucketOrder> {
    match output {
        Output::File => outputs.file.as_ref()?.bucket.as_ref(),
        Output::Segments => outputs.segments.as_ref()?.bucket.as_ref(),
        Output::Images(index) => outputs.images.get(index)?.bucket.as_ref(),
    }
}

/// Removes what has arrived, and the tracks where nothing is to stay here.
pub fn remove_delivered(folder: &Path, outputs: &Outputs, parcels: &Parcels) -> io::Result<()> {
    for parcel in parcels.all.iter().filter(|parcel| parcel.arrived) {
        match fs::remove_file(folder.join(OUT).join(&parcel.name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    if outputs.all_go() {
        remove_tracks(folder)?;
    }
    Ok(())
}

/// Removes what was recorded.
pub fn remove_tracks(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder.join(TRACKS)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_arrived_goes_away() {
        let folder = tempfile::tempdir().unwrap();
        let (out, tracks) = (folder.path().join(OUT), folder.path().join(TRACKS));
        fs::create_dir(&out).unwrap();
        fs::create_dir(&tracks).unwrap();
        for name in ["a.mp4", "b.ts"] {
            fs::write(out.join(name), b"film").unwrap();
        }
        let mut all = vec![
            Parcel::new("a.mp4", Output::File),
            Parcel::new("b.ts", Output::Segments),
        ];
        all[0].arrived = true;
        Parcels::keep(folder.path(), all).unwrap();
        let parcels = Parcels::load(folder.path()).unwrap();
        let stays = Outputs {
            file: Some(crate::order::FileOrder {
                filepath: String::new(),
                manifest: false,
                bucket: None,
            }),
            ..Outputs::default()
        };
        remove_delivered(folder.path(), &stays, &parcels).unwrap();
        assert!(!out.join("a.mp4").exists());
        assert!(out.join("b.ts").exists() && tracks.exists());
    }
}
