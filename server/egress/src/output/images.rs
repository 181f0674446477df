//! Pictures out of a finished film, one each so many seconds.

use std::{fs, path::Path};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Making, Master, deliver::Output};
use crate::{
    compose::{ComposeError, ffmpeg::run},
    names,
    order::{ImagesOrder, Suffix},
};

/// Takes them, and says how many there are.
pub fn take(
    making: &mut Making,
    index: usize,
    order: &ImagesOrder,
    prefix: &str,
    master: &Master,
    ffmpeg: Option<&Path>,
) -> Result<usize, ComposeError> {
    let folder = making.empty_folder(&format!("images-{index}"))?;
    let ffmpeg = ffmpeg.ok_or(ComposeError::NoFfmpeg)?;
    run(ffmpeg, &arguments(order, &master.path, &folder))?;
    let every = u64::from(order.every) * 1_000;
    let mut count = 0;
    // The last one may be of the film's end, between two moments.
    for at in (0..=master.duration).step_by(usize::try_from(every).unwrap_or(1_000)) {
        let picture = folder.join(format!("{count:05}.jpeg"));
        if !fs::exists(&picture)? {
            break;
        }
        let taken = moment(making.began + at);
        let name = match order.suffix {
            Suffix::Index => format!("{prefix}_{count:05}.jpeg"),
            Suffix::Timestamp => format!("{prefix}_{}.jpeg", names::utc(taken)),
            Suffix::None => format!("{prefix}.jpeg"),
        };
        making.place(&picture, &name)?;
        count += 1;
        let is_known = order.suffix == Suffix::None && count > 1;
        if !is_known {
            let location = making.add(&name, Output::Images(index), order.bucket.as_ref());
            let taken = taken.format(&Rfc3339).unwrap_or_default();
            making.manifest.add_image(&name, taken, &location);
        }
    }
    Ok(count)
}

pub(super) fn moment(milliseconds: u64) -> OffsetDateTime {
    let nanoseconds = i128::from(milliseconds) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The picture of a moment is the last one before it.
fn arguments(order: &ImagesOrder, film: &Path, folder: &Path) -> Vec<String> {
    let side = |pixels: u32| match pixels {
        0 => "-1".to_owned(),
        pixels => pixels.to_string(),
    };
    let scale = match (order.width, order.height) {
        (0, 0) => String::new(),
        (width, height) => format!(",scale={}:{}", side(width), side(height)),
    };
    let filter = format!("fps=1/{}:start_time=0:round=up{scale}", order.every);
    [
        "-i",
        &film.display().to_string(),
        "-an",
        "-vf",
        &filter,
        "-q:v",
        "3",
        "-f",
        "image2",
        "-start_number",
        "0",
        &folder.join("%05d.jpeg").display().to_string(),
    ]
    .map(ToOwned::to_owned)
    .to_vec()
}
