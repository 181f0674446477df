//! Lists of recordings in pages: which recordings, in which order. It must not know what may be done with them.

mod of_room;
pub mod of_site;
mod order;
mod own;
pub mod store;

use std::collections::HashMap;

use utoipa_axum::{router::OpenApiRouter, routes};

use super::{model::Recording, start, view};
use crate::{
    accounts::UserId,
    app::App,
    db::Reads,
    http::{Page, PageQuery, Problem},
    rooms::{self, RoomId, Standing, caller::Caller},
};
use order::{OrderQuery, Sort, Walk};
use store::{Filter, Range, SortedRow};

/// This feature's routes, and what else stands at their addresses.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(of_room::list, start::start))
        .routes(routes!(own::list_own))
}

/// Whose recordings a list shows.
enum Whose {
    Room(RoomId),
    /// Of every room that the caller owns or moderates, also of deleted ones.
    Own(UserId),
}

/// A page of these recordings.
async fn page(
    app: &App,
    reads: &mut Reads,
    caller: &Caller,
    whose: Whose,
    filter: &Filter,
    query: &PageQuery,
    order: &OrderQuery,
) -> Result<Page<Recording>, Problem> {
    let walk = Walk::of(order);
    let (rows, standings) = if let Some(statement) = walk.statement() {
        let range = Range {
            from: query.key()?.unwrap_or_else(|| walk.first()),
            last: walk.last(),
            most: query.fetch(),
        };
        let rows = match whose {
            Whose::Room(room) => {
                store::page(&mut *reads, statement.of_rooms, &[room], filter, &range).await?
            }
            Whose::Own(user) => {
                let rooms = rooms::moderated_for_others(&mut *reads, user).await?;
                let of_rooms = statement.of_rooms;
                let mut rows = store::page(&mut *reads, of_rooms, &rooms, filter, &range).await?;
                let of_owner = statement.of_owners;
                rows.extend(store::page(&mut *reads, of_owner, &[user], filter, &range).await?);
                walk.merge(rows, range.most)
            }
        };
        let mut shown: Vec<RoomId> = rows.iter().map(SortedRow::room).collect();
        shown.sort_unstable();
        shown.dedup();
        let standings = rooms::standings(&mut *reads, &shown, caller).await?;
        (rows, standings)
    } else {
        let rooms = match whose {
            Whose::Room(room) => vec![room],
            Whose::Own(user) => rooms::moderated(&mut *reads, user).await?,
        };
        room_by_room(&mut *reads, caller, rooms, filter, query, walk).await?
    };
    let listed = Page::new(
        query,
        rows,
        |row| match walk.sort {
            Sort::Room => order::place(standings.get(&row.room()), row),
            Sort::Date | Sort::Title | Sort::Duration | Sort::Size => row.key.clone(),
        },
        |row| view::show_all(app, row.listed, &standings, caller),
    );
    Ok(listed.flatten())
}

type Standings = HashMap<RoomId, Standing>;

/// One room after the other, and in each the newest first.
async fn room_by_room(
    reads: &mut Reads,
    caller: &Caller,
    rooms: Vec<RoomId>,
    filter: &Filter,
    query: &PageQuery,
    walk: Walk,
) -> Result<(Vec<SortedRow>, Standings), Problem> {
    let standings = rooms::standings(&mut *reads, &rooms, caller).await?;
    let mut rooms = order::by_name(&standings, walk.descending);
    let newest = Walk::NEWEST;
    let mut range = Range {
        from: newest.first(),
        last: newest.last(),
        most: query.fetch(),
    };
    let mut rows = Vec::new();
    if let Some(behind) = query.key()? {
        let behind = order::Place::read(&behind).ok_or_else(PageQuery::refused)?;
        rooms.retain(|room| !behind.is_past(&standings[room], walk.descending));
        if rooms.first() == Some(&behind.room) {
            let rest = Range {
                from: behind.recording,
                ..range.clone()
            };
            let first = [rooms.remove(0)];
            rows = store::page(&mut *reads, store::ROOM_BY_ROOM, &first, filter, &rest).await?;
            range.most -= i64::try_from(rows.len()).unwrap_or(i64::MAX);
        }
    }
    if range.most > 0 {
        let more = store::page(&mut *reads, store::ROOM_BY_ROOM, &rooms, filter, &range).await?;
        rows.extend(more);
    }
    Ok((rows, standings))
}
