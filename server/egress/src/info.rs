//! What callers are told of an egress, step by step, as the original tells it (egress 1.14; its webhooks are fixtures of our
//! tests). It must not know files or rooms.

use livekit_wire::proto::{EgressInfo, EgressSourceType, EgressStatus, FileInfo, egress_info};

/// Why an egress ended, as `details` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// By a call.
    StopEgress,
    /// The room or the track is gone.
    SourceClosed,
    /// As long or as large as allowed.
    LimitReached,
    /// Our fault.
    Failure,
}

impl EndReason {
    fn text(self) -> &'static str {
        match self {
            EndReason::StopEgress => "End reason: StopEgress API",
            EndReason::SourceClosed => "End reason: Source closed",
            EndReason::LimitReached => "End reason: Session limit reached",
            EndReason::Failure => "End reason: Failure",
        }
    }
}

/// The film, when it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Its name, which may end otherwise than expected.
    pub filename: String,
    /// Where.
    pub location: String,
    /// Bytes.
    pub size: u64,
    /// Nanoseconds.
    pub duration: i64,
    /// Where its manifest is; empty for none.
    pub manifest: String,
    /// What people should know of it; empty for nothing.
    pub notes: String,
}

/// An egress that is about to begin. Times are nanoseconds since 1970.
pub fn starting(
    id: String,
    (room_id, room_name): (String, String),
    request: egress_info::Request,
    filename: String,
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
    set_file(
        &mut info,
        FileInfo {
            filename,
            ..FileInfo::default()
        },
    );
    info
}

/// Something is being recorded.
pub fn active(info: &mut EgressInfo, now: i64) {
    info.set_status(EgressStatus::EgressActive);
    info.updated_at = now;
    let file = FileInfo {
        started_at: now,
        ..file(info)
    };
    set_file(info, file);
}

/// Recording has ended; the film is being made.
pub fn ending(info: &mut EgressInfo, reason: EndReason, now: i64) {
    info.set_status(EgressStatus::EgressEnding);
    info.updated_at = now;
    reason.text().clone_into(&mut info.details);
    if reason == EndReason::LimitReached {
        "Session limit reached".clone_into(&mut info.error);
        info.error_code = 413;
    }
}

/// The film is there.
pub fn complete(info: &mut EgressInfo, finished: Finished, now: i64) {
    let limited = info.error_code == 413;
    info.set_status(if limited {
        EgressStatus::EgressLimitReached
    } else {
        EgressStatus::EgressComplete
    });
    info.ended_at = now;
    info.updated_at = now;
    info.manifest_location = finished.manifest;
    if !finished.notes.is_empty() {
        info.details = format!("{}; {}", info.details, finished.notes);
    }
    let before = file(info);
    let file = FileInfo {
        ended_at: now,
        duration: finished.duration,
        size: i64::try_from(finished.size).unwrap_or(i64::MAX),
        filename: finished.filename,
        location: finished.location,
        ..before
    };
    set_file(info, file);
}

/// It was stopped before anything was recorded.
pub fn aborted(info: &mut EgressInfo, now: i64) {
    info.set_status(EgressStatus::EgressAborted);
    info.ended_at = now;
    info.updated_at = now;
    EndReason::StopEgress.text().clone_into(&mut info.details);
    "Stop called before pipeline could start".clone_into(&mut info.error);
    info.error_code = 412;
}

/// There will be no film.
pub fn failed(info: &mut EgressInfo, error: &str, code: i32, now: i64) {
    info.set_status(EgressStatus::EgressFailed);
    info.ended_at = now;
    info.updated_at = now;
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

fn file(info: &EgressInfo) -> FileInfo {
    info.file_results.first().cloned().unwrap_or_default()
}

/// Older SDKs look for the one result, newer ones for the list.
fn set_file(info: &mut EgressInfo, file: FileInfo) {
    #[expect(deprecated, reason = "the original fills it as well")]
    let result = egress_info::Result::File(file.clone());
    info.result = Some(result);
    info.file_results = vec![file];
}

/// Whether something was recorded already.
pub fn has_begun(info: &EgressInfo) -> bool {
    info.status() != EgressStatus::EgressStarting
}
