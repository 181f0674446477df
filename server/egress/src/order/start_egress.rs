//! `StartEgress`, the second version of all starts: what it can say is put into the order that the first version means.

use livekit_wire::{
    proto::{
        AudioChannel, AudioConfig, MediaSource, Output, StartEgressRequest, audio_route,
        egress_info, media_source, output::Config, start_egress_request::Source,
    },
    twirp::TwirpError,
};

use super::{
    Order, Ordered, StartRequest, layout, missing, needed,
    outputs::{FileOrder, Outputs, images_order, segments_order},
    redact::Redact,
    storage::{BucketOrder, bucket},
    streams::StreamsOrder,
    unsupported, webhooks, whole_room,
};
use crate::record::Selector;

impl StartRequest for StartEgressRequest {
    fn order(mut self) -> Result<Ordered, TwirpError> {
        let (selector, word) = match &self.source {
            Some(Source::Template(template)) => (
                whole_room(
                    template.audio_only,
                    template.video_only,
                    &template.custom_base_url,
                )?,
                layout(&template.layout)?,
            ),
            Some(Source::Media(media)) => (of_media(media)?, String::new()),
            Some(Source::Web(_)) => return Err(unsupported("web")),
            None => return Err(missing("source")),
        };
        let order = Order {
            room_name: needed("room_name", &self.room_name)?,
            outputs: self.checked_outputs()?.checked(selector.has_video())?,
            selector,
            layout: word,
            webhooks: webhooks(&self.webhooks)?,
        };
        self.redact();
        let request = egress_info::Request::Egress(self);
        Ok(Ordered { order, request })
    }
}

/// The outputs of a request.
trait CheckedOutputs {
    fn checked_outputs(&self) -> Result<Outputs, TwirpError>;
    fn bucket_of(&self, output: &Output) -> Result<Option<BucketOrder>, TwirpError>;
}

impl CheckedOutputs for StartEgressRequest {
    fn checked_outputs(&self) -> Result<Outputs, TwirpError> {
        let mut outputs = Outputs::default();
        for output in &self.outputs {
            let bucket = self.bucket_of(output)?;
            match &output.config {
                Some(Config::File(file)) if outputs.file.is_none() => {
                    outputs.file = Some(FileOrder {
                        filepath: file.filepath.clone(),
                        manifest: !file.disable_manifest,
                        bucket,
                    });
                }
                Some(Config::File(_)) => return Err(unsupported("more than one file output")),
                Some(Config::Segments(segments)) if outputs.segments.is_none() => {
                    outputs.segments = Some(segments_order(segments, bucket)?);
                }
                Some(Config::Segments(_)) => {
                    return Err(unsupported("more than one segment output"));
                }
                Some(Config::Images(images)) => {
                    outputs.images.push(images_order(images, bucket)?);
                }
                Some(Config::Stream(stream)) if outputs.streams.is_none() => {
                    outputs.streams = Some(StreamsOrder::of(stream)?);
                }
                Some(Config::Stream(_)) => {
                    return Err(unsupported("more than one stream output"));
                }
                None => return Err(missing("output")),
            }
        }
        Ok(outputs)
    }

    /// The output's own place, else the request's.
    fn bucket_of(&self, output: &Output) -> Result<Option<BucketOrder>, TwirpError> {
        let storage = output.storage.as_ref().or(self.storage.as_ref());
        bucket(storage.and_then(|storage| storage.provider.as_ref()))
    }
}

/// What of a room is recorded, where one of the first version's requests could say it.
fn of_media(media: &MediaSource) -> Result<Selector, TwirpError> {
    let sound = match &media.audio {
        Some(audio) => of_sound(audio)?,
        None => Sound::None,
    };
    match (&media.video, sound) {
        (None, Sound::All) => Ok(Selector::Room {
            video: false,
            audio: true,
        }),
        (None, Sound::Track(audio)) => Ok(Selector::Tracks {
            audio,
            video: String::new(),
        }),
        (Some(media_source::Video::VideoTrackId(video)), Sound::None) => Ok(Selector::Tracks {
            audio: String::new(),
            video: needed("video_track_id", video)?,
        }),
        (Some(media_source::Video::VideoTrackId(video)), Sound::Track(audio)) => {
            Ok(Selector::Tracks {
                audio,
                video: needed("video_track_id", video)?,
            })
        }
        (Some(media_source::Video::ParticipantVideo(seen)), Sound::Of(heard))
            if seen.identity == heard =>
        {
            Ok(Selector::Participant {
                identity: heard,
                screen_share: seen.prefer_screen_share,
            })
        }
        (None, Sound::None) => Err(missing("media")),
        (None, Sound::Of(_)) | (Some(_), _) => {
            Err(unsupported("this choice of media.video and media.audio"))
        }
    }
}

enum Sound {
    None,
    All,
    Of(String),
    Track(String),
}

fn of_sound(audio: &AudioConfig) -> Result<Sound, TwirpError> {
    let route = match audio.routes.as_slice() {
        [] if audio.capture_all => return Ok(Sound::All),
        [] => return Ok(Sound::None),
        [route] if !audio.capture_all && route.channel == i32::from(AudioChannel::Both) => route,
        _ => return Err(unsupported("routing of sound to channels")),
    };
    match &route.r#match {
        Some(audio_route::Match::TrackId(id)) => Ok(Sound::Track(needed("track_id", id)?)),
        Some(audio_route::Match::ParticipantIdentity(identity)) => {
            Ok(Sound::Of(needed("participant_identity", identity)?))
        }
        Some(audio_route::Match::ParticipantKind(_)) => {
            Err(unsupported("sound of a kind of participant"))
        }
        None => Err(missing("routes")),
    }
}

#[cfg(test)]
mod tests {
    use livekit_wire::proto::{
        AudioRoute, FileOutput, ParticipantVideo, S3Upload, StorageConfig, StreamOutput,
        TemplateSource, WebSource, storage_config,
    };

    use super::*;

    fn request() -> StartEgressRequest {
        StartEgressRequest {
            room_name: "r".to_owned(),
            source: Some(Source::Template(TemplateSource::default())),
            outputs: vec![Output {
                config: Some(Config::File(FileOutput::default())),
                storage: None,
            }],
            ..StartEgressRequest::default()
        }
    }

    #[test]
    fn the_places_of_files_are_the_requests_where_an_output_names_none() {
        let mut asked = request();
        asked.storage = Some(StorageConfig {
            provider: Some(storage_config::Provider::S3(S3Upload {
                access_key: "key".to_owned(),
                secret: "hush".to_owned(),
                bucket: "films".to_owned(),
                ..S3Upload::default()
            })),
        });
        let Ordered { order, request } = asked.order().unwrap();
        assert!(order.outputs.all_go());
        assert!(!format!("{request:?}").contains("hush"));
    }

    #[test]
    fn a_choice_of_media_is_one_of_the_first_version() {
        let route = AudioRoute {
            r#match: Some(audio_route::Match::ParticipantIdentity("ana".to_owned())),
            ..AudioRoute::default()
        };
        let media = |identity: &str| MediaSource {
            video: Some(media_source::Video::ParticipantVideo(ParticipantVideo {
                identity: identity.to_owned(),
                prefer_screen_share: false,
            })),
            audio: Some(AudioConfig {
                capture_all: false,
                routes: vec![route.clone()],
            }),
        };
        assert_eq!(
            of_media(&media("ana")).unwrap(),
            Selector::Participant {
                identity: "ana".to_owned(),
                screen_share: false
            }
        );
        assert!(of_media(&media("ben")).is_err());
        assert!(of_media(&MediaSource::default()).is_err());
    }

    #[test]
    fn what_is_not_built_in_is_refused_by_its_name() {
        let refusal = |change: fn(&mut StartEgressRequest)| {
            let mut request = request();
            change(&mut request);
            request.order().err().unwrap().msg
        };
        let web = refusal(|r| r.source = Some(Source::Web(WebSource::default())));
        assert!(web.starts_with("web is not supported"), "{web}");
        let stream =
            refusal(|r| r.outputs[0].config = Some(Config::Stream(StreamOutput::default())));
        assert!(stream.ends_with("field: stream protocol"), "{stream}");
        assert!(refusal(|r| r.outputs.clear()).ends_with("field: output"));
    }
}
