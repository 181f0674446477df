//! Recordings that a room wishes by itself: of the whole room when it opens, of a participant at its first track, of each
//! track (rtc/egress.go). The wish goes out; it must not know who fulfils it.

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::{auto_participant_egress, auto_track_egress, direct_file_output};
use proto::{participant_egress_request, track_egress_request};

use super::Room;
use crate::ground::{EgressRequest, EgressWish};
use crate::participant::ParticipantKey;

/// Stands for the track's sid in the path of a file; the recorder puts it in.
const TRACK_ID: &str = "{track_id}";

impl Room {
    /// The room as a whole is to be recorded.
    pub(super) fn wish_room_composite(&self, request: proto::RoomCompositeEgressRequest) {
        self.wish(EgressRequest::RoomComposite(Box::new(
            proto::RoomCompositeEgressRequest {
                room_name: self.name.as_str().to_owned(),
                ..request
            },
        )));
    }

    /// A track is published, its publisher's `first` or a later one: it, or its publisher, may be one to record.
    pub(super) fn wish_egress_of(&self, key: ParticipantKey, sid: &TrackSid, first: bool) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let (identity, recorder) = (participant.identity.clone(), participant.is_recorder());
        if let Some(wanted) = self.auto_egress.participant.as_ref().filter(|_| first) {
            let request = proto::ParticipantEgressRequest {
                room_name: self.name.as_str().to_owned(),
                identity: identity.as_str().to_owned(),
                file_outputs: wanted.file_outputs.clone(),
                segment_outputs: wanted.segment_outputs.clone(),
                options: wanted.options.map(participant_options),
                ..proto::ParticipantEgressRequest::default()
            };
            self.wish(EgressRequest::Participant(Box::new(request)));
        }
        if let Some(wanted) = self.auto_egress.tracks.as_ref().filter(|_| !recorder) {
            let file = proto::DirectFileOutput {
                filepath: path_of_each_track(&wanted.filepath),
                disable_manifest: wanted.disable_manifest,
                output: wanted.output.clone().map(track_output),
            };
            let request = proto::TrackEgressRequest {
                room_name: self.name.as_str().to_owned(),
                track_id: sid.as_str().to_owned(),
                output: Some(track_egress_request::Output::File(file)),
                ..proto::TrackEgressRequest::default()
            };
            self.wish(EgressRequest::Track(Box::new(request)));
        }
    }

    fn wish(&self, request: EgressRequest) {
        let wish = EgressWish {
            room: self.name.clone(),
            room_sid: self.sid.clone(),
            request,
        };
        // Full: somebody publishes faster than anything can be recorded. Closed: the server is going down.
        if let Err(error) = self.shared.egress.try_send(wish) {
            tracing::warn!(room = %self.name, %error, "a recording is not even asked for");
        }
    }
}

fn participant_options(
    options: auto_participant_egress::Options,
) -> participant_egress_request::Options {
    match options {
        auto_participant_egress::Options::Preset(preset) => {
            participant_egress_request::Options::Preset(preset)
        }
        auto_participant_egress::Options::Advanced(advanced) => {
            participant_egress_request::Options::Advanced(advanced)
        }
    }
}

fn track_output(output: auto_track_egress::Output) -> direct_file_output::Output {
    match output {
        auto_track_egress::Output::S3(s3) => direct_file_output::Output::S3(s3),
        auto_track_egress::Output::Gcp(gcp) => direct_file_output::Output::Gcp(gcp),
        auto_track_egress::Output::Azure(azure) => direct_file_output::Output::Azure(azure),
        auto_track_egress::Output::AliOss(ali_oss) => direct_file_output::Output::AliOss(ali_oss),
    }
}

/// Tracks must not write over each other's file (rtc/egress.go getFilePath).
fn path_of_each_track(path: &str) -> String {
    if path.is_empty() || path.ends_with('/') || path.contains(TRACK_ID) {
        return path.to_owned();
    }
    match path.split_once('.') {
        Some((name, ending)) => format!("{name}-{TRACK_ID}.{ending}"),
        None => format!("{path}-{TRACK_ID}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_track_has_a_path_of_its_own() {
        for (path, expected) in [
            ("", ""),
            ("calls/", "calls/"),
            ("calls/{track_id}.ogg", "calls/{track_id}.ogg"),
            ("calls/x", "calls/x-{track_id}"),
            ("calls/x.y.ogg", "calls/x-{track_id}.y.ogg"),
        ] {
            assert_eq!(path_of_each_track(path), expected);
        }
    }
}
