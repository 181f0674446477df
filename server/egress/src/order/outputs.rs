//! What an egress is to leave behind: a film, its pieces for streaming players, pictures out of it. It must not know what is
//! recorded.

use livekit_wire::{
    proto::{
        DirectFileOutput, EncodedFileOutput, ImageCodec, ImageFileSuffix, ImageOutput,
        SegmentedFileOutput, SegmentedFileSuffix, StreamOutput,
    },
    twirp::{Code, TwirpError},
};
use serde::{Deserialize, Serialize};

use super::{
    missing,
    storage::{BucketOrder, bucket},
    streams::StreamsOrder,
    unsupported,
};

/// As long as the original's, in seconds.
const SEGMENT: u32 = 4;
/// As often as the original's, in seconds.
const CAPTURE: u32 = 10;
/// Pixels that no picture has more of, along one side.
const LARGEST_SIDE: i32 = 8_192;

/// All outputs of an egress; at least one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outputs {
    pub file: Option<FileOrder>,
    pub segments: Option<SegmentsOrder>,
    pub images: Vec<ImagesOrder>,
    /// `None` where none was asked for: then none can be added.
    #[serde(default)]
    pub streams: Option<StreamsOrder>,
}

/// A film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOrder {
    /// The template of its name; empty for the usual one.
    pub filepath: String,
    /// Whether a manifest is written beside it.
    pub manifest: bool,
    /// Where it goes; `None`: it stays here.
    pub bucket: Option<BucketOrder>,
}

/// The film in pieces with a playlist (HLS).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentsOrder {
    pub prefix: String,
    pub playlist: String,
    /// Of the last pieces; empty for none.
    pub live_playlist: String,
    pub seconds: u32,
    pub suffix: Suffix,
    pub manifest: bool,
    pub bucket: Option<BucketOrder>,
}

/// Pictures out of the film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImagesOrder {
    pub prefix: String,
    /// Seconds from one to the next.
    pub every: u32,
    /// 0 for the film's.
    pub width: u32,
    /// 0 for the film's.
    pub height: u32,
    pub suffix: Suffix,
    pub manifest: bool,
    pub bucket: Option<BucketOrder>,
}

/// What tells the files of one output apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suffix {
    /// A number.
    Index,
    /// The time of day.
    Timestamp,
    /// Nothing: the last one stays.
    None,
}

impl Outputs {
    /// Whether they need a program that cuts and encodes; its name for people.
    pub fn needs_ffmpeg(&self) -> Option<&'static str> {
        match (&self.streams, &self.segments, self.images.is_empty()) {
            (Some(_), _, _) => Some("stream_outputs"),
            (None, Some(_), _) => Some("segment_outputs"),
            (None, None, false) => Some("image_outputs"),
            (None, None, true) => None,
        }
    }

    /// Whether anything is left behind when it has ended.
    pub fn has_files(&self) -> bool {
        self.file.is_some() || self.segments.is_some() || !self.images.is_empty()
    }

    /// Forgets what only an egress that goes on needs.
    pub fn forget_secrets(&mut self) {
        for bucket in self.buckets_mut() {
            bucket.forget_secrets();
        }
        for stream in self.streams.iter_mut().flat_map(|streams| &mut streams.all) {
            stream.forget_secrets();
        }
    }

    fn buckets_mut(&mut self) -> impl Iterator<Item = &mut BucketOrder> {
        let file = self.file.iter_mut().map(|file| &mut file.bucket);
        let segments = self
            .segments
            .iter_mut()
            .map(|segments| &mut segments.bucket);
        let images = self.images.iter_mut().map(|images| &mut images.bucket);
        file.chain(segments).chain(images).flatten()
    }

    /// Whether nothing is to stay here.
    pub fn all_go(&self) -> bool {
        let file = self.file.iter().map(|file| &file.bucket);
        let segments = self.segments.iter().map(|segments| &segments.bucket);
        let images = self.images.iter().map(|images| &images.bucket);
        file.chain(segments).chain(images).all(Option::is_some)
    }
}

/// What a request of the first version names.
#[derive(Default)]
pub struct Named<'a> {
    pub files: Vec<&'a EncodedFileOutput>,
    pub segments: Vec<&'a SegmentedFileOutput>,
    pub images: &'a [ImageOutput],
    pub streams: Vec<&'a StreamOutput>,
}

/// SDKs name the one output of an older request in its list as well: then the list counts.
impl<'a> Named<'a> {
    pub fn file_of_old(&mut self, file: &'a EncodedFileOutput) {
        if self.files.is_empty() {
            self.files.push(file);
        }
    }

    pub fn segments_of_old(&mut self, segments: &'a SegmentedFileOutput) {
        if self.segments.is_empty() {
            self.segments.push(segments);
        }
    }

    pub fn streams_of_old(&mut self, streams: &'a StreamOutput) {
        if self.streams.is_empty() {
            self.streams.push(streams);
        }
    }
}

impl Named<'_> {
    /// Checks them; `pictures`: whether anything is seen.
    pub fn outputs(&self, pictures: bool) -> Result<Outputs, TwirpError> {
        let streams = match self.streams.as_slice() {
            [] => None,
            [streams] => Some(StreamsOrder::of(streams)?),
            [_, _, ..] => return Err(unsupported("more than one stream output")),
        };
        let file = match self.files.as_slice() {
            [] => None,
            [file] => Some(file_order(file)?),
            [_, _, ..] => return Err(unsupported("more than one file output")),
        };
        let segments = match self.segments.as_slice() {
            [] => None,
            [segments] => Some(segments_order(segments, bucket(segments.output.as_ref())?)?),
            [_, _, ..] => return Err(unsupported("more than one segment output")),
        };
        let images = self.images.iter();
        let images = images.map(|images| images_order(images, bucket(images.output.as_ref())?));
        Outputs {
            file,
            segments,
            images: images.collect::<Result<_, _>>()?,
            streams,
        }
        .checked(pictures)
    }
}

impl Outputs {
    /// Refuses none at all, and pictures of what is only heard.
    pub fn checked(self, pictures: bool) -> Result<Outputs, TwirpError> {
        match &self.streams {
            None if !self.has_files() => return Err(missing("output")),
            // One may be added later, to an egress that goes on without.
            Some(streams) if streams.all.is_empty() && !self.has_files() => {
                return Err(missing("stream url"));
            }
            None | Some(_) => {}
        }
        if !self.images.is_empty() && !pictures {
            return Err(TwirpError::new(
                Code::InvalidArgument,
                "image_outputs need a picture",
            ));
        }
        Ok(self)
    }
}

fn file_order(file: &EncodedFileOutput) -> Result<FileOrder, TwirpError> {
    Ok(FileOrder {
        filepath: file.filepath.clone(),
        manifest: !file.disable_manifest,
        bucket: bucket(file.output.as_ref())?,
    })
}

/// The file of a track as it is.
pub fn direct_file(file: &DirectFileOutput) -> Result<Outputs, TwirpError> {
    let file = FileOrder {
        filepath: file.filepath.clone(),
        manifest: !file.disable_manifest,
        bucket: bucket(file.output.as_ref())?,
    };
    Ok(Outputs {
        file: Some(file),
        ..Outputs::default()
    })
}

/// Checks an HLS output that goes to `bucket`.
pub fn segments_order(
    segments: &SegmentedFileOutput,
    bucket: Option<BucketOrder>,
) -> Result<SegmentsOrder, TwirpError> {
    let folder = |path: &str| path.rfind('/').map_or(0, |at| at + 1);
    let (playlist, live) = (&segments.playlist_name, &segments.live_playlist_name);
    let live_folder = &live[..folder(live)];
    if !live_folder.is_empty() && live_folder != &playlist[..folder(playlist)] {
        return Err(missing(
            "live_playlist_name must be in same directory as playlist_name",
        ));
    }
    if !live.is_empty() && live == playlist {
        return Err(missing(
            "live_playlist_name cannot be identical to playlist_name",
        ));
    }
    Ok(SegmentsOrder {
        prefix: segments.filename_prefix.clone(),
        playlist: playlist.clone(),
        live_playlist: live[folder(live)..].to_owned(),
        seconds: match segments.segment_duration {
            0 => SEGMENT,
            seconds => seconds,
        },
        suffix: match SegmentedFileSuffix::try_from(segments.filename_suffix) {
            Ok(SegmentedFileSuffix::Index) => Suffix::Index,
            Ok(SegmentedFileSuffix::Timestamp) => Suffix::Timestamp,
            Err(_) => return Err(missing("filename_suffix")),
        },
        manifest: !segments.disable_manifest,
        bucket,
    })
}

/// Checks an output of pictures that goes to `bucket`.
pub fn images_order(
    images: &ImageOutput,
    bucket: Option<BucketOrder>,
) -> Result<ImagesOrder, TwirpError> {
    match ImageCodec::try_from(images.image_codec) {
        Ok(ImageCodec::IcDefault | ImageCodec::IcJpeg) => {}
        Err(_) => return Err(missing("image_codec")),
    }
    let side = |field, pixels: i32| match u32::try_from(pixels) {
        Ok(side) if pixels <= LARGEST_SIDE => Ok(side),
        _ => Err(missing(field)),
    };
    Ok(ImagesOrder {
        prefix: images.filename_prefix.clone(),
        every: match images.capture_interval {
            0 => CAPTURE,
            seconds => seconds,
        },
        width: side("width", images.width)?,
        height: side("height", images.height)?,
        suffix: match ImageFileSuffix::try_from(images.filename_suffix) {
            Ok(ImageFileSuffix::ImageSuffixIndex) => Suffix::Index,
            Ok(ImageFileSuffix::ImageSuffixTimestamp) => Suffix::Timestamp,
            Ok(ImageFileSuffix::ImageSuffixNoneOverwrite) => Suffix::None,
            Err(_) => return Err(missing("filename_suffix")),
        },
        manifest: !images.disable_manifest,
        bucket,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_as_in_the_original() {
        let segments = segments_order(&SegmentedFileOutput::default(), None).unwrap();
        assert_eq!((segments.seconds, segments.suffix), (4, Suffix::Index));
        let images = images_order(&ImageOutput::default(), None).unwrap();
        assert_eq!((images.every, images.width), (10, 0));
    }

    #[test]
    fn a_live_playlist_is_beside_the_other_and_another_file() {
        let order = |playlist: &str, live: &str| {
            let output = SegmentedFileOutput {
                playlist_name: playlist.to_owned(),
                live_playlist_name: live.to_owned(),
                ..SegmentedFileOutput::default()
            };
            segments_order(&output, None).map(|segments| segments.live_playlist)
        };
        assert_eq!(order("a/b.m3u8", "a/live.m3u8").unwrap(), "live.m3u8");
        assert_eq!(order("a/b.m3u8", "live.m3u8").unwrap(), "live.m3u8");
        assert!(order("a/b.m3u8", "c/live.m3u8").is_err());
        assert!(order("b.m3u8", "b.m3u8").is_err());
    }

    #[test]
    fn pictures_need_something_to_see_and_a_request_needs_an_output() {
        let images = [ImageOutput::default()];
        let named = Named {
            images: &images,
            ..Named::default()
        };
        assert_eq!(
            named.outputs(true).unwrap().needs_ffmpeg(),
            Some("image_outputs")
        );
        assert!(named.outputs(false).is_err());
        assert!(Named::default().outputs(true).is_err());
        let none = StreamOutput {
            protocol: livekit_wire::proto::StreamProtocol::Rtmp.into(),
            urls: Vec::new(),
        };
        let alone = Named {
            streams: vec![&none],
            ..Named::default()
        };
        assert!(alone.outputs(true).is_err());
        let with_images = Named {
            images: &images,
            ..alone
        };
        let outputs = with_images.outputs(true).unwrap();
        assert_eq!(outputs.needs_ffmpeg(), Some("stream_outputs"));
    }
}
