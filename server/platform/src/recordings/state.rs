//! The one place that decides what news makes of a recording. Pure: state and news in, next state out.

use super::model::{Ending, RecordingFault, RecordingState};

/// What is new about a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The recorder records.
    Active,
    /// The recorder has left the room, and makes the film.
    Ending,
    /// The recorder is done; `file`: there is a film.
    Done { ending: Ending, file: bool },
    /// The recorder never began.
    Aborted,
    /// The recorder neither answered nor lists it.
    Unanswered,
    /// The recorder refused to begin.
    Refused,
    /// The recorder knows nothing of it any more.
    Forgotten,
    /// Somebody asked for its end, or it is as long as it may be.
    StopAsked,
    /// The film is where it is kept, as it was recorded.
    Stored,
    /// The recorder has no film of it.
    FileGone,
    /// An administrator has it looked for again.
    TriedAgain,
}

/// What becomes of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is so already, or the news is older than what is known.
    Stay,
    To(RecordingState),
    /// There is no film, and this is why.
    Lost(RecordingState, RecordingFault),
}

/// What `news` makes of a recording that is in `state`.
pub fn step(state: RecordingState, news: News) -> Step {
    use RecordingState as S;
    match (state, news) {
        // An aborted one answered late: what is recorded counts, not what was believed of it.
        (S::Starting | S::Aborted, News::Active) => Step::To(S::Recording),
        (S::Starting | S::Recording, News::StopAsked) => Step::To(S::Stopping),
        (S::Starting | S::Recording | S::Stopping, News::Ending) => Step::To(S::Composing),
        (S::Starting | S::Recording | S::Stopping | S::Composing, News::Done { file: true, .. })
        // Whatever was believed of it: there is a film.
        | (S::Aborted | S::Failed, News::Done { file: true, .. })
        | (S::Failed, News::TriedAgain) => Step::To(S::Processing),
        (
            S::Starting | S::Recording | S::Stopping | S::Composing,
            News::Done {
                ending: Ending::Failure,
                file: false,
            },
        )
        | (S::Recording | S::Composing, News::Aborted) => Step::Lost(S::Failed, RecordingFault::RecorderFailed),
        (
            S::Starting | S::Recording | S::Stopping | S::Composing,
            News::Done { file: false, .. },
        ) => {
            Step::Lost(S::Failed, RecordingFault::NoFile)
        }
        (S::Starting | S::Stopping, News::Aborted) => {
            Step::Lost(S::Aborted, RecordingFault::NeverBegan)
        }
        (S::Starting | S::Stopping, News::Unanswered) => {
            Step::Lost(S::Aborted, RecordingFault::NoAnswer)
        }
        (S::Starting | S::Stopping, News::Refused) => {
            Step::Lost(S::Aborted, RecordingFault::Refused)
        }
        (S::Starting | S::Recording | S::Stopping | S::Composing, News::Forgotten) => {
            Step::Lost(S::Failed, RecordingFault::Forgotten)
        }
        (S::Processing, News::Stored) => Step::To(S::Completed),
        (S::Processing, News::FileGone) => Step::Lost(S::Failed, RecordingFault::FileGone),
        // Late, doubled or about something else.
        (S::Recording, News::Active | News::Unanswered | News::Refused)
        | (S::Stopping, News::Active | News::StopAsked)
        | (
            S::Composing,
            News::Active
            | News::Ending
            | News::Unanswered
            | News::Refused
            | News::StopAsked,
        )
        | (
            S::Starting | S::Recording | S::Stopping | S::Composing,
            News::Stored | News::FileGone | News::TriedAgain,
        )
        | (
            S::Processing,
            News::Active
            | News::Ending
            | News::Done { .. }
            | News::Aborted
            | News::Unanswered
            | News::Refused
            | News::Forgotten
            | News::StopAsked
            | News::TriedAgain,
        )
        | (S::Completed, _)
        | (
            S::Failed,
            News::Active
            | News::Ending
            | News::Done { file: false, .. }
            | News::Aborted
            | News::Unanswered
            | News::Refused
            | News::Forgotten
            | News::StopAsked
            | News::Stored
            | News::FileGone,
        )
        | (
            S::Aborted,
            News::Ending
            | News::Done { file: false, .. }
            | News::Aborted
            | News::Unanswered
            | News::Refused
            | News::Forgotten
            | News::StopAsked
            | News::Stored
            | News::FileGone
            | News::TriedAgain,
        ) => Step::Stay,
    }
}

#[cfg(test)]
mod tests {
    use super::{News::*, *};

    const STATES: [RecordingState; 8] = [
        RecordingState::Starting,
        RecordingState::Recording,
        RecordingState::Stopping,
        RecordingState::Composing,
        RecordingState::Processing,
        RecordingState::Completed,
        RecordingState::Failed,
        RecordingState::Aborted,
    ];

    fn done(file: bool) -> News {
        Done {
            ending: super::Ending::Stopped,
            file,
        }
    }

    const BROKEN: News = Done {
        ending: super::Ending::Failure,
        file: false,
    };

    // A row per state; columns: Active, Ending, a film, no film, broken, Aborted, Unanswered, Refused, Forgotten,
    // StopAsked, Stored, FileGone, TriedAgain. `.` stays.
    const TABLE: [(&str, &str); 8] = [
        ("starting", "rmpFFAAAFs..."),
        ("recording", ".mpFFF..Fs..."),
        ("stopping", ".mpFFAAAF...."),
        ("composing", "..pFFF..F...."),
        ("processing", "..........cF."),
        ("completed", "............."),
        ("failed", "..p.........p"),
        ("aborted", "r.p.........."),
    ];

    #[test]
    fn every_news_in_every_state_has_one_outcome() {
        let news = [
            Active,
            super::News::Ending,
            done(true),
            done(false),
            BROKEN,
            Aborted,
            Unanswered,
            Refused,
            Forgotten,
            StopAsked,
            Stored,
            FileGone,
            TriedAgain,
        ];
        for (state, (name, row)) in STATES.into_iter().zip(TABLE) {
            assert_eq!(state.as_str(), name);
            let outcomes: String = news
                .into_iter()
                .map(|news| match step(state, news) {
                    Step::Stay => '.',
                    Step::To(RecordingState::Recording) => 'r',
                    Step::To(RecordingState::Stopping) => 's',
                    Step::To(RecordingState::Composing) => 'm',
                    Step::To(RecordingState::Processing) => 'p',
                    Step::To(RecordingState::Completed) => 'c',
                    Step::Lost(RecordingState::Failed, _) => 'F',
                    Step::Lost(RecordingState::Aborted, _) => 'A',
                    other => panic!("{name} {news:?}: {other:?}"),
                })
                .collect();
            assert_eq!(outcomes, row, "{name}");
        }
    }

    #[test]
    fn nothing_leads_from_a_film_that_is_kept_back_to_the_recorder() {
        for news in [Active, done(true), Forgotten, StopAsked] {
            assert_eq!(step(RecordingState::Completed, news), Step::Stay);
        }
    }
}
