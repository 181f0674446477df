//! Shows what went on in a range of time, and how those who came were connected.

use axum::extract::State;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    minute::MINUTE,
    store::{self, Stretch},
};
use crate::{
    accounts::SeesRooms,
    app::App,
    clock::Timestamp,
    http::{Json, Problem, Query},
    meetings::{self, ClientShare},
};

/// Most points of an answer.
const MOST_POINTS: i64 = 1500;
const LONGEST: i64 = 366 * 24 * 60 * MINUTE;
const LATEST: i64 = 253_402_300_799_000;
const LONGEST_STEP: u32 = 24 * 60;

/// Which time is asked for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReadUsage {
    /// From this moment on, in milliseconds since 1970; no more than 366 days before `to`.
    #[garde(range(min = 0, max = LATEST))]
    #[param(minimum = 0, maximum = 253_402_300_799_000_i64)]
    from: i64,
    /// Until before this moment.
    #[garde(range(min = 0, max = LATEST))]
    #[param(minimum = 0, maximum = 253_402_300_799_000_i64)]
    to: i64,
    /// Minutes of one point; 1 when left out. Where that made more than 1500 points it is made longer, as the answer says.
    #[garde(range(min = 1, max = LONGEST_STEP))]
    #[param(minimum = 1, maximum = 1440)]
    step: Option<u32>,
}

/// What went on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Usage {
    /// Minutes of one point.
    step: i64,
    /// Oldest first; a time in which no server ran has none.
    points: Vec<UsagePoint>,
    /// Minutes that people were in meetings.
    connection_minutes: i64,
    /// Participants who came into a call.
    connected: i64,
    /// Participants who had a token and never got through.
    aborted: i64,
    /// With what they came.
    platforms: Vec<ClientShare>,
    browsers: Vec<ClientShare>,
    sdks: Vec<ClientShare>,
    /// How their media travelled: `udp`, `tcp` or `relay`.
    connection_types: Vec<ClientShare>,
    /// Why they left, in LiveKit's words.
    disconnect_reasons: Vec<ClientShare>,
}

/// One stretch of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsagePoint {
    at: Timestamp,
    /// Most people at a time.
    people: i64,
    /// Most rooms with a meeting at a time.
    rooms: i64,
    /// Most published tracks at a time.
    tracks: i64,
    bytes_in: i64,
    bytes_out: i64,
    connected: i64,
    aborted: i64,
}

impl From<&Stretch> for UsagePoint {
    fn from(stretch: &Stretch) -> UsagePoint {
        UsagePoint {
            at: stretch.at,
            people: stretch.people,
            rooms: stretch.rooms,
            tracks: stretch.tracks,
            bytes_in: stretch.bytes_in,
            bytes_out: stretch.bytes_out,
            connected: stretch.connected,
            aborted: stretch.aborted,
        }
    }
}

/// Minutes of one point, so many that a range of `range` milliseconds is not more than the answer holds.
fn step_of(range: i64, asked: Option<u32>) -> i64 {
    let least = range.max(0) / (MOST_POINTS * MINUTE) + 1;
    // Of an even length the last point is whole.
    let least = if range % (MOST_POINTS * MINUTE) == 0 && range > 0 {
        least - 1
    } else {
        least
    };
    i64::from(asked.unwrap_or(1)).max(least)
}

/// What went on from `from` until before `to`.
#[utoipa::path(
    get, path = "/api/admin/usage", tag = "admin", operation_id = "readUsage", params(ReadUsage),
    responses((status = 200, body = Usage), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn read(
    State(app): State<App>,
    _: SeesRooms,
    Query(asked): Query<ReadUsage>,
) -> Result<Json<Usage>, Problem> {
    let from = asked.from.max(asked.to - LONGEST);
    let step = step_of(asked.to - from, asked.step);
    let width = step * MINUTE;
    let (from, to) = (Timestamp(from), Timestamp(asked.to));
    let mut reads = app.db.reads().await?;
    let stretches = store::between(&mut reads, from, to, width).await?;
    let clients = meetings::clients_between(&mut reads, from, to).await?;
    let sum = |of: fn(&Stretch) -> i64| stretches.iter().map(of).sum();
    Ok(Json(Usage {
        step,
        points: stretches.iter().map(UsagePoint::from).collect(),
        connection_minutes: sum(|stretch| stretch.people_minutes),
        connected: sum(|stretch| stretch.connected),
        aborted: sum(|stretch| stretch.aborted),
        platforms: clients.platforms,
        browsers: clients.browsers,
        sdks: clients.sdks,
        connection_types: clients.connection_types,
        disconnect_reasons: clients.disconnect_reasons,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_range_has_more_points_than_an_answer_holds() {
        for range in [0, 1, MINUTE, 1500 * MINUTE, 1500 * MINUTE + 1, LONGEST] {
            for asked in [None, Some(1), Some(60), Some(1440)] {
                let step = step_of(range, asked);
                assert!(range <= MOST_POINTS * step * MINUTE, "{range} {asked:?}");
                assert!(step >= i64::from(asked.unwrap_or(1)));
            }
        }
        assert_eq!(step_of(24 * 60 * MINUTE, None), 1);
        assert_eq!(step_of(1500 * MINUTE, None), 1);
        assert_eq!(step_of(30 * 24 * 60 * MINUTE, Some(1)), 29);
    }
}
