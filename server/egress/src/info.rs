//! What callers are told of an egress, step by step, as the original tells it (egress 1.14; its webhooks are fixtures of our
//! tests). It must not know files or rooms.

use livekit_wire::proto::{
    EgressInfo, EgressSourceType, EgressStatus, FileInfo, ImagesInfo, SegmentsInfo, StreamInfo,
    StreamInfoList, egress_info, stream_info,
};
use serde::{Deserialize, Serialize};

/// Why an egress ended, as `details` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// By a call.
    StopEgress,
    /// The room or the track is gone.
    SourceClosed,
    /// As long or as large as allowed.
    LimitReached,
    /// The last of its live streams was taken away, and it makes nothing else.
    StreamsStopped,
    /// Our fault.
    Failure,
}

impl EndReason {
    fn text(self) -> &'static str {
        match self {
            EndReason::StopEgress => "End reason: StopEgress API",
            EndReason::SourceClosed => "End reason: Source closed",
            EndReason::LimitReached => "End reason: Session limit reached",
            EndReason::StreamsStopped => "End reason: All streams stopped",
            EndReason::Failure => "End reason: Failure",
        }
    }
}

/// What an egress has made, as callers are told in the end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The film.
    pub file: Option<FileInfo>,
    /// The film in pieces.
    pub segments: Option<SegmentsInfo>,
    /// Pictures, of each output that asked for some.
    pub images: Vec<ImagesInfo>,
    /// Where the manifest is; empty for none.
    pub manifest: String,
    /// What people should know; empty for nothing.
    pub notes: String,
}

/// What stands between the reason of an end and what the egress waits for.
const WAITING: &str = "; waiting for storage: ";

/// An egress that is about to begin. Times are nanoseconds since 1970.
pub fn starting(
    id: String,
    (room_id, room_name): (String, String),
    request: egress_info::Request,
    named: Outcome,
    now: i64,
) -> EgressInfo {
    let mut info = EgressInfo {
        egress_id: id,
        room_id,
        room_name,
        source_type: EgressSourceType::Sdk.into(),
        status: EgressStatus::EgressStarting.into(),
        started_at: now,
        updated_at: now,
        request: Some(request),
        ..EgressInfo::default()
    };
    set_results(&mut info, named);
    info
}

/// Something is being recorded.
pub fn active(info: &mut EgressInfo, now: i64) {
    info.set_status(EgressStatus::EgressActive);
    info.updated_at = now;
    let mut results = results(info);
    for started_at in starts(&mut results) {
        *started_at = now;
    }
    for stream in &mut info.stream_results {
        if stream.started_at == 0 {
            stream.started_at = now;
        }
    }
    set_results(info, results);
}

/// One live stream more; its place among them is its index.
pub fn stream_added(info: &mut EgressInfo, url: &str, now: i64) {
    let started_at = if has_begun(info) { now } else { 0 };
    info.updated_at = now;
    info.stream_results.push(StreamInfo {
        url: url.to_owned(),
        started_at,
        ..StreamInfo::default()
    });
    tell_streams(info);
}

/// A live stream broke off, and is tried again.
pub fn stream_retried(info: &mut EgressInfo, index: usize, now: i64) {
    info.updated_at = now;
    if let Some(stream) = info.stream_results.get_mut(index) {
        stream.retries += 1;
        stream.last_retry_at = now;
    }
    tell_streams(info);
}

/// A live stream has ended; an error where it should not have.
pub fn stream_ended(info: &mut EgressInfo, index: usize, error: Option<&str>, now: i64) {
    info.updated_at = now;
    if let Some(stream) = info
        .stream_results
        .get_mut(index)
        .filter(|one| is_active(one))
    {
        stream.ended_at = now;
        if stream.started_at == 0 {
            stream.started_at = now;
        }
        stream.duration = now - stream.started_at;
        stream.set_status(if error.is_some() {
            stream_info::Status::Failed
        } else {
            stream_info::Status::Finished
        });
        error.unwrap_or_default().clone_into(&mut stream.error);
    }
    tell_streams(info);
}

/// Whether the live stream of this index goes on.
pub fn is_streamed(info: &EgressInfo, index: usize) -> bool {
    info.stream_results.get(index).is_some_and(is_active)
}

fn is_active(stream: &StreamInfo) -> bool {
    stream.status() == stream_info::Status::Active
}

/// All that go on end with the egress.
fn end_streams(info: &mut EgressInfo, error: Option<&str>, now: i64) {
    for index in 0..info.stream_results.len() {
        stream_ended(info, index, error, now);
    }
}

fn tell_streams(info: &mut EgressInfo) {
    let results = results(info);
    set_results(info, results);
}

/// Recording has ended; the film is being made.
pub fn ending(info: &mut EgressInfo, reason: EndReason, now: i64) {
    info.set_status(EgressStatus::EgressEnding);
    info.updated_at = now;
    end_streams(info, None, now);
    reason.text().clone_into(&mut info.details);
    if reason == EndReason::LimitReached {
        "Session limit reached".clone_into(&mut info.error);
        info.error_code = 413;
    }
}

/// It is made, and a store does not take it; `None`: it takes it now.
pub fn waiting(info: &mut EgressInfo, why: Option<&str>, now: i64) {
    info.updated_at = now;
    if let Some((reason, _)) = info.details.split_once(WAITING) {
        info.details = reason.to_owned();
    }
    if let Some(why) = why {
        info.details = format!("{}{WAITING}{why}", info.details);
    }
}

/// Everything is made, and where it was to go.
pub fn complete(info: &mut EgressInfo, mut outcome: Outcome, now: i64) {
    let limited = info.error_code == 413;
    info.set_status(if limited {
        EgressStatus::EgressLimitReached
    } else {
        EgressStatus::EgressComplete
    });
    waiting(info, None, now);
    info.ended_at = now;
    info.manifest_location.clone_from(&outcome.manifest);
    if !outcome.notes.is_empty() {
        info.details = format!("{}; {}", info.details, outcome.notes);
    }
    let mut before = results(info);
    for (started_at, before) in starts(&mut outcome).into_iter().zip(starts(&mut before)) {
        *started_at = *before;
    }
    for ended_at in ends(&mut outcome) {
        *ended_at = now;
    }
    set_results(info, outcome);
}

/// It was stopped before anything was recorded.
pub fn aborted(info: &mut EgressInfo, now: i64) {
    info.set_status(EgressStatus::EgressAborted);
    info.ended_at = now;
    info.updated_at = now;
    end_streams(info, None, now);
    EndReason::StopEgress.text().clone_into(&mut info.details);
    "Stop called before pipeline could start".clone_into(&mut info.error);
    info.error_code = 412;
}

/// There will be no film.
pub fn failed(info: &mut EgressInfo, error: &str, code: i32, now: i64) {
    info.set_status(EgressStatus::EgressFailed);
    info.ended_at = now;
    info.updated_at = now;
    end_streams(info, Some(error), now);
    error.clone_into(&mut info.error);
    info.error_code = code;
    if info.details.is_empty() {
        EndReason::Failure.text().clone_into(&mut info.details);
    }
}

/// Whether nothing more happens to it.
pub fn has_ended(info: &EgressInfo) -> bool {
    match info.status() {
        EgressStatus::EgressStarting | EgressStatus::EgressActive | EgressStatus::EgressEnding => {
            false
        }
        EgressStatus::EgressComplete
        | EgressStatus::EgressFailed
        | EgressStatus::EgressAborted
        | EgressStatus::EgressLimitReached => true,
    }
}

fn results(info: &EgressInfo) -> Outcome {
    Outcome {
        file: info.file_results.first().cloned(),
        segments: info.segment_results.first().cloned(),
        images: info.image_results.clone(),
        ..Outcome::default()
    }
}

fn starts(results: &mut Outcome) -> Vec<&mut i64> {
    let file = results.file.iter_mut().map(|file| &mut file.started_at);
    let segments = results.segments.iter_mut();
    let segments = segments.map(|segments| &mut segments.started_at);
    let images = results.images.iter_mut();
    let images = images.map(|images| &mut images.started_at);
    file.chain(segments).chain(images).collect()
}

fn ends(results: &mut Outcome) -> Vec<&mut i64> {
    let file = results.file.iter_mut().map(|file| &mut file.ended_at);
    let segments = results.segments.iter_mut();
    let segments = segments.map(|segments| &mut segments.ended_at);
    let images = results.images.iter_mut();
    let images = images.map(|images| &mut images.ended_at);
    file.chain(segments).chain(images).collect()
}

/// Older SDKs look for the one result, newer ones for the lists.
fn set_results(info: &mut EgressInfo, results: Outcome) {
    #[expect(deprecated, reason = "the original fills it as well")]
    let result = match (&results.file, &results.segments) {
        (Some(file), _) => Some(egress_info::Result::File(file.clone())),
        (None, Some(segments)) => Some(egress_info::Result::Segments(segments.clone())),
        (None, None) if results.images.is_empty() && !info.stream_results.is_empty() => {
            let info = info.stream_results.clone();
            Some(egress_info::Result::Stream(StreamInfoList { info }))
        }
        (None, None) => None,
    };
    info.result = result;
    info.file_results = results.file.into_iter().collect();
    info.segment_results = results.segments.into_iter().collect();
    info.image_results = results.images;
}

/// Whether something was recorded already.
pub fn has_begun(info: &EgressInfo) -> bool {
    info.status() != EgressStatus::EgressStarting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_when_they_began_and_a_wait_leaves_no_trace() {
        let named = Outcome {
            file: Some(FileInfo {
                filename: "a.webm".to_owned(),
                ..FileInfo::default()
            }),
            images: vec![ImagesInfo::default()],
            ..Outcome::default()
        };
        let place = ("RM_1".to_owned(), "r".to_owned());
        let request =
            egress_info::Request::Track(livekit_wire::proto::TrackEgressRequest::default());
        let mut info = starting("EG_1".to_owned(), place, request, named.clone(), 1);
        active(&mut info, 2);
        ending(&mut info, EndReason::StopEgress, 3);
        waiting(&mut info, Some("it does not answer"), 4);
        waiting(&mut info, Some("it is full"), 5);
        assert_eq!(
            info.details,
            "End reason: StopEgress API; waiting for storage: it is full"
        );
        complete(&mut info, named, 6);
        assert_eq!(info.details, "End reason: StopEgress API");
        let (file, images) = (&info.file_results[0], &info.image_results[0]);
        assert_eq!((file.started_at, file.ended_at), (2, 6));
        assert_eq!((images.started_at, images.ended_at), (2, 6));
    }

    #[test]
    fn a_stream_that_failed_stays_failed_when_the_others_finish() {
        let request =
            egress_info::Request::Track(livekit_wire::proto::TrackEgressRequest::default());
        let place = (String::new(), String::new());
        let mut info = starting("EG_1".to_owned(), place, request, Outcome::default(), 1);
        for url in ["a", "b"] {
            stream_added(&mut info, url, 1);
        }
        active(&mut info, 5);
        stream_added(&mut info, "c", 7);
        stream_retried(&mut info, 1, 8);
        stream_ended(&mut info, 1, Some("refused"), 9);
        ending(&mut info, EndReason::StopEgress, 11);
        complete(&mut info, Outcome::default(), 12);
        let told: Vec<_> = info
            .stream_results
            .iter()
            .map(|one| {
                (
                    one.started_at,
                    one.ended_at,
                    one.duration,
                    one.status(),
                    one.retries,
                )
            })
            .collect();
        let (finished, failed) = (stream_info::Status::Finished, stream_info::Status::Failed);
        assert_eq!(
            told,
            [
                (5, 11, 6, finished, 0),
                (5, 9, 4, failed, 1),
                (7, 11, 4, finished, 0)
            ]
        );
        #[expect(deprecated, reason = "the original fills it as well")]
        let Some(egress_info::Result::Stream(list)) = info.result else {
            panic!("no list of streams");
        };
        assert_eq!(list.info, info.stream_results);
    }
}
