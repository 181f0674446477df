//! How long recordings are kept: the site's rule, a room's, and a recording's own. Pure, but for what is configured.

use std::time::Duration;

use super::{model::RecordingState, store::RecordingRow};
use crate::{app::App, clock::Timestamp};

const DAY: Duration = Duration::from_hours(24);
/// In days; the same as of the site's rule.
pub const LONGEST: u32 = 36_500;

/// Days that recordings of a room are kept whose own rule is `of_room` (0: none); `None`: for ever.
pub fn days(of_site: u32, of_room: i64) -> Option<u32> {
    let of_room = u32::try_from(of_room).unwrap_or(0);
    [of_site, of_room]
        .into_iter()
        .filter(|days| *days > 0)
        .min()
}

/// Whether somebody may have recordings kept for so many days where the rule says `longest`.
pub fn allows(longest: Option<u32>, wanted: u32) -> bool {
    longest.is_none_or(|longest| wanted <= longest)
}

/// When a recording that ended then is deleted, by what was said when it began; `None`: when the site says.
pub fn own_end(row: &RecordingRow, ended_at: Timestamp) -> Option<Timestamp> {
    let days = u32::try_from(row.keep_days?).unwrap_or(LONGEST);
    Some(ended_at + DAY * days)
}

/// How long the site keeps a recording after it ended; `None`: for ever.
pub fn kept_for(app: &App) -> Option<Duration> {
    let days = app.settings.get().keep_recordings_days;
    (days > 0).then(|| DAY * days)
}

/// When a recording is deleted by itself: at its own date, or as long after its end as the site keeps them.
pub fn until(app: &App, row: &RecordingRow) -> Option<Timestamp> {
    let of_site = kept_for(app);
    let of_site = of_site.zip(row.ended_at).map(|(kept, ended)| ended + kept);
    row.keep_until.or(of_site)
}

/// Until when the recorder keeps the tracks of a film that is stored, at least; `None`: no longer.
pub fn tracks_until(app: &App, row: &RecordingRow) -> Option<Timestamp> {
    let ended = row
        .ended_at
        .filter(|_| row.state == RecordingState::Completed)?;
    let until = ended + app.config.recordings.tracks_kept_for();
    (app.recorder.is_some() && until > app.now()).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_rule_counts_and_no_rule_is_for_ever() {
        assert_eq!(days(0, 0), None);
        assert_eq!(days(30, 0), Some(30));
        assert_eq!(days(0, 7), Some(7));
        assert_eq!(days(30, 7), Some(7));
        assert_eq!(days(30, 90), Some(30), "the site's was shortened since");
        assert!(allows(None, LONGEST) && allows(Some(7), 7) && !allows(Some(7), 8));
    }
}
