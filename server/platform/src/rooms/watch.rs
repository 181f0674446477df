//! Streams live events to a page, each checked against what its reader may see at that moment.

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::State,
    response::sse::{Event as SseEvent, KeepAlive, Sse},
};
use futures::{Stream, stream};
use garde::Validate;
use http::HeaderMap;
use serde::Deserialize;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, sleep_until},
};
use utoipa::IntoParams;

use super::{
    access::{self, Sight},
    caller::Caller,
    found,
    model::{RoomRole, Slug},
    store, view,
};
use crate::{
    accounts::{self, Right},
    app::App,
    db::DbError,
    events::{self, Audience, EventId, EventKind, Published, Told},
    http::{ClientIp, Problem, Query, StreamSlot},
};

// Sessions may also end in another process, or by themselves.
const CHECK_EVERY: Duration = Duration::from_mins(1);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
// Then the page connects again by itself and proves anew who it is.
const LIFE: Duration = Duration::from_mins(10);
// One stream serves all tabs of a browser; nobody keeps more rooms open than this.
const MOST_ROOMS: usize = 20;

/// Which events are asked for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WatchEvents {
    /// Only this room's, by its link code or id; without it, those of every room the caller owns or is a member of.
    #[garde(skip)]
    room: Option<Slug>,
    /// Rooms to hear of beside one's own: up to 20 link codes or ids with commas between. Those that the caller
    /// may not see stay silent.
    #[garde(length(chars, max = 1_300))]
    also: Option<String>,
}

/// Live events as server-sent events: `event: <kind>`, `data: <JSON>`, `id:`. Whoever comes back with `Last-Event-ID`
/// hears what happened meanwhile in the rooms they moderate. `event: reset` means that events were missed: fetch
/// everything again.
#[utoipa::path(
    get, path = "/api/events", tag = "events", operation_id = "watchEvents",
    params(WatchEvents),
    responses((status = 200, body = Told<'static>, content_type = "text/event-stream"),
        (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn watch(
    State(app): State<App>,
    caller: Caller,
    ClientIp(client): ClientIp,
    headers: HeaderMap,
    Query(query): Query<WatchEvents>,
) -> Result<Sse<impl Stream<Item = Result<SseEvent, Infallible>>>, Problem> {
    let subject = caller
        .identity()
        .ok_or_else(Problem::unauthenticated)?
        .subject();
    let slot = app.long_lived.stream(&subject, client)?;
    // Before anything is read, so that nothing falls between an answer and the first event.
    let receiver = app.events.subscribe();
    let access = app.events.watch_access();
    let (mut also, mut also_inside) = (Vec::new(), Vec::new());
    for slug in query.also() {
        if let Some(id) = slug.room_id() {
            also_inside.push(id.to_string());
        } else if let Some(found) = view::find(&app, &slug, &caller).await? {
            also.push(found.room.id.to_string());
        }
    }
    let room = match &query.room {
        Some(slug) => {
            let found = view::find(&app, slug, &caller).await?;
            let found = found.ok_or_else(|| Problem::not_found("room"))?;
            if found.sight(&caller) == Sight::Nothing {
                return Err(Problem::forbidden("This room is for invited people."));
            }
            Some(found.room.id.to_string())
        }
        None => None,
    };
    let missed = events::missed(&app.db, last_heard(&headers)).await?;
    let reader = Reader {
        app,
        caller,
        room,
        also,
        also_inside,
        receiver,
        access,
        heard: missed.newest,
        reset: missed.events.is_none(),
        backlog: missed.events.unwrap_or_default().into(),
        sights: HashMap::new(),
        check_at: Instant::now() + CHECK_EVERY,
        ends_at: Instant::now() + LIFE,
        _slot: slot,
    };
    // The session may have ended between its check and the first ear for that.
    if !reader.is_still_signed_in().await? {
        return Err(Problem::unauthenticated());
    }
    let events = stream::unfold(reader, |mut reader| async {
        let event = reader.next().await?;
        Some((Ok(event), reader))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// The `Last-Event-ID` of a page that comes back; one that is no id of ours is older than anything.
fn last_heard(headers: &HeaderMap) -> Option<EventId> {
    const UNKNOWN: EventId = EventId {
        message: -1,
        at: None,
    };
    let id = headers.get("last-event-id")?.to_str();
    Some(id.ok().and_then(|id| id.parse().ok()).unwrap_or(UNKNOWN))
}

impl WatchEvents {
    fn also(&self) -> Vec<Slug> {
        let wanted = self.also.as_deref().unwrap_or_default();
        wanted
            .split(',')
            .filter_map(|slug| slug.parse().ok())
            .take(MOST_ROOMS)
            .collect()
    }
}

struct Reader {
    app: App,
    caller: Caller,
    room: Option<String>,
    also: Vec<String>,
    /// Those that were named by their ids, which are known to everybody who was ever there: they are heard of by who is in
    /// their call at that moment, runs them or is a member. A page may be on its way back into the call.
    also_inside: Vec<String>,
    receiver: Receiver<Arc<Published>>,
    /// Accounts whose sessions or rights changed.
    access: Receiver<String>,
    /// What the page missed, oldest first.
    backlog: VecDeque<Published>,
    /// The newest message of the outbox when the page came: what is heard live from before it is old.
    heard: i64,
    reset: bool,
    /// What was decided per room, until something happens there that may change it.
    sights: HashMap<String, Seen>,
    check_at: Instant,
    ends_at: Instant,
    _slot: StreamSlot,
}

/// What a room is to the caller.
#[derive(Debug, Clone, Copy)]
struct Seen {
    sight: Sight,
    role: RoomRole,
    /// Whether its id stands for its link to them.
    inside: bool,
}

impl Reader {
    /// The next event that the caller may see; `None` ends the stream.
    async fn next(&mut self) -> Option<SseEvent> {
        loop {
            if self.reset {
                self.reset = false;
                self.sights.clear();
                self.backlog.clear();
                let id = self.app.events.newest().max(self.heard).to_string();
                return Some(SseEvent::default().event("reset").id(id).data("{}"));
            }
            let checked = if let Some(missed) = self.backlog.pop_front() {
                match self.may_have_seen(&missed).await {
                    Ok(true) => return Some(write(&missed)),
                    other => other.map(|_| true),
                }
            } else {
                tokio::select! {
                // Whoever lost the right to listen hears nothing that happened since.
                biased;
                changed = self.access.recv() => self.after_change(changed).await,
                () = sleep_until(self.check_at.min(self.ends_at)) => {
                    self.check_at = Instant::now() + CHECK_EVERY;
                    self.is_still_signed_in().await
                }
                heard = self.receiver.recv() => match heard {
                    Ok(published) if published.id.is_some_and(|id| id.message <= self.heard) => Ok(true),
                    Ok(published) => match self.may_see(&published).await {
                        Ok(Some(true)) => return Some(write(&published)),
                        Ok(Some(false)) => Ok(true),
                        Ok(None) => Ok(false),
                        Err(error) => Err(error),
                    },
                    Err(RecvError::Lagged(_)) => {
                        self.reset = true;
                        Ok(true)
                    }
                    Err(RecvError::Closed) => Ok(false),
                },
                }
            };
            match checked {
                Ok(true) if Instant::now() < self.ends_at => {}
                Ok(_) => return None,
                Err(error) => {
                    tracing::error!(%error, "an event could not be checked; its stream ends");
                    return None;
                }
            }
        }
    }

    /// Whether the stream goes on after some account's sessions or rights changed.
    async fn after_change(&self, changed: Result<String, RecvError>) -> Result<bool, DbError> {
        let Some(own) = self.caller.user_id() else {
            return Ok(true);
        };
        match changed {
            Ok(user) if user != own.to_string() => Ok(true),
            // Too many at once to know.
            Ok(_) | Err(RecvError::Lagged(_)) => self.is_still_signed_in().await,
            Err(RecvError::Closed) => Ok(false),
        }
    }

    /// Whether the session that opened the stream goes on, with the same rights.
    async fn is_still_signed_in(&self) -> Result<bool, DbError> {
        let Some(current) = self.caller.current_user() else {
            return Ok(true);
        };
        let user = accounts::sessions::current(&self.app, current.session).await?;
        Ok(user.is_some_and(|user| user.role == current.user.role))
    }

    /// Whether the caller may be told now what happened while they were away. Only who moderates the room may know all
    /// of its last hour: others may have come to it since. Their page fetches what is so.
    async fn may_have_seen(&mut self, missed: &Published) -> Result<bool, DbError> {
        let Some(true) = self.may_see(missed).await? else {
            return Ok(false);
        };
        let role = missed.room.as_ref().and_then(|room| self.sights.get(room));
        let moderates =
            role.is_none_or(|seen| seen.role.moderates()) || self.caller.may(Right::SeeRooms);
        self.reset |= !moderates;
        Ok(moderates)
    }

    /// `None`: the stream is about a room of which the caller may see nothing any more.
    async fn may_see(&mut self, event: &Published) -> Result<Option<bool>, DbError> {
        let Some(room) = &event.room else {
            return Ok(Some(true));
        };
        if self.room.as_ref().is_some_and(|wanted| wanted != room) {
            return Ok(Some(false));
        }
        // Of a deleted room what was seen before counts.
        let deleted = event.kind == EventKind::RoomDeleted;
        if !deleted && self.may_have_changed(event) {
            self.sights.remove(room);
        }
        let Seen {
            sight,
            role,
            inside,
        } = if let Some(known) = self.sights.get(room) {
            *known
        } else {
            let found = found::find_by_id(&self.app, room, &self.caller).await?;
            let known = match found {
                Some(found) => Seen {
                    sight: found.sight(&self.caller),
                    role: found.role,
                    inside: found.is_inside(&self.caller),
                },
                None if deleted => self.seen_before_its_end(room).await?,
                None => Seen {
                    sight: Sight::Nothing,
                    role: RoomRole::Visitor,
                    inside: false,
                },
            };
            self.sights.insert(room.clone(), known);
            known
        };
        let concerned = self.asked_for(room, inside) || role != RoomRole::Visitor;
        // Somebody who lost the room is not told what became of it, but that their list is old.
        self.reset |= sight == Sight::Nothing && self.room.is_none() && self.is_about_caller(event);
        if self.room.is_some() && sight == Sight::Nothing {
            return Ok(None);
        }
        let may_hear = match (sight, event.kind.audience()) {
            (Sight::Nothing, _) | (Sight::Door, Audience::Insiders) => false,
            (Sight::Door | Sight::People, Audience::Anybody)
            | (Sight::People, Audience::Insiders) => true,
            (Sight::Door | Sight::People, Audience::Moderators) => {
                role.moderates() || self.caller.may(Right::SeeRecordings)
            }
        };
        Ok(Some(concerned && may_hear))
    }

    /// What the caller is in a room that was deleted; a page that named it hears of it, too.
    async fn seen_before_its_end(&self, room: &String) -> Result<Seen, DbError> {
        let door = store::door(&self.app.db, room, self.caller.user_text()).await?;
        let role = door.map_or(RoomRole::Visitor, |door| {
            access::role(door.owner_id, door.member_role, &self.caller)
        });
        let knows = role != RoomRole::Visitor || self.asked_for(room, true);
        let sight = if knows { Sight::Door } else { Sight::Nothing };
        Ok(Seen {
            sight,
            role,
            inside: knows,
        })
    }

    fn is_about_caller(&self, event: &Published) -> bool {
        let own = self.caller.subject();
        own.is_some_and(|own| event.subject.as_deref() == Some(own.as_str()))
    }

    /// Whether the page named this room; events of other rooms were sorted out before.
    fn asked_for(&self, room: &String, inside: bool) -> bool {
        let by_id = inside && self.also_inside.contains(room);
        self.room.is_some() || self.also.contains(room) || by_id
    }

    /// Settings, members and bans change what anybody may see, coming and going what the goer may.
    fn may_have_changed(&self, event: &Published) -> bool {
        match event.kind {
            EventKind::RoomUpdated | EventKind::MeetingEnded => true,
            EventKind::ParticipantJoined | EventKind::ParticipantLeft => {
                self.is_about_caller(event)
            }
            EventKind::RoomDeleted
            | EventKind::MeetingStarted
            | EventKind::ParticipantUpdated
            | EventKind::HandChanged
            | EventKind::MediaStatus
            | EventKind::RecordingStarted
            | EventKind::RecordingStopped
            | EventKind::RecordingComposing
            | EventKind::RecordingProcessing
            | EventKind::RecordingCompleted
            | EventKind::RecordingFailed
            | EventKind::RecordingDeleted => false,
        }
    }
}

fn write(published: &Published) -> SseEvent {
    let event = SseEvent::default()
        .event(published.kind.as_str())
        .data(&published.data);
    match published.id {
        Some(id) => event.id(id.to_string()),
        None => event,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use tokio::time::timeout;

    use crate::{
        events::{self, EventBody, EventId},
        testing::{PASSWORD, TestApp, TestClient, TestRoom, client::StreamEvent, livekit::deliver},
    };

    #[tokio::test]
    async fn a_member_hears_who_comes_and_a_passer_by_only_that_a_meeting_runs() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let mut passer = app.user("passer").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let path = format!("/api/events?room={}", room.slug);
        let mut hers = ada.watch(&path).await;
        let mut theirs = passer.watch(&path).await;
        let guest = room.enter(&app, &livekit, &mut app.browser()).await;
        let started = hers.next().await;
        assert_eq!(started.kind, "meeting.started");
        let joined = hers.next().await;
        assert_eq!(joined.kind, "participant.joined");
        assert_eq!(joined.data["identity"], guest.identity);
        assert_eq!(joined.data["room"], room.slug);
        assert_ne!(joined.id, started.id);
        let now = app.app().now();
        deliver(&app, &livekit.event("room_finished", &room.id, None, now)).await;
        assert_eq!(theirs.next().await.kind, "meeting.started");
        assert_eq!(theirs.next().await.kind, "meeting.ended");
        assert_eq!(hers.next().await.kind, "meeting.ended");
    }

    #[tokio::test]
    async fn a_page_hears_of_its_own_rooms_and_not_of_others() {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let hers = TestRoom::create(&mut ada, json!({})).await;
        let theirs = TestRoom::create(&mut grace, json!({})).await;
        let mut events = ada.watch("/api/events").await;
        grace
            .put(&theirs.path("/lock"), json!({"locked": true}))
            .await;
        ada.put(&hers.path("/lock"), json!({"locked": true})).await;
        let event = events.next().await;
        assert_eq!(
            (event.kind.as_str(), &event.data["room"]),
            ("room.updated", &json!(hers.slug))
        );
        app.app().events.tell_here(&media("down"));
        assert_eq!(events.next().await.data, json!({"status": "down"}));
    }

    #[tokio::test]
    async fn who_comes_back_into_a_call_hears_of_it_by_its_id() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        let mut guest = app.browser();
        let mut passer = app.browser();
        // A guest is known once they joined.
        let entered = room.enter(&app, &livekit, &mut guest).await;
        let left = |at| livekit.event("participant_left", &room.id, Some(&entered.info), at);
        deliver(&app, &left(app.app().now())).await;
        room.join(&mut passer, "Passer").await;
        // The site was away, and their pages listen before they are in the call again.
        let path = format!("/api/events?also={}", room.id);
        let mut theirs = guest.watch(&path).await;
        let mut passers = passer.watch(&path).await;
        room.enter(&app, &livekit, &mut guest).await;
        let moved = format!("moved-{}", room.slug);
        ada.patch(&room.path(""), json!({"slug": moved})).await;
        loop {
            let event = theirs.next().await;
            if event.kind == "room.updated" {
                assert_eq!(event.data["room"], json!(moved));
                break;
            }
        }
        app.app().events.tell_here(&media("down"));
        // Who only knows the id is told nothing of where the room went.
        assert_eq!(passers.next().await.kind, "media.status");
    }

    #[tokio::test]
    async fn one_stream_tells_of_ones_own_rooms_and_of_those_asked_for() {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let own = TestRoom::create(&mut ada, json!({})).await;
        let asked = TestRoom::create(&mut grace, json!({})).await;
        let other = TestRoom::create(&mut grace, json!({})).await;
        let private = TestRoom::create(&mut grace, json!({"access": "private"})).await;
        let also = format!("{},{},{},no-such-room", asked.slug, other.id, private.slug);
        let mut events = ada.watch(&format!("/api/events?also={also}")).await;
        for room in [&other, &private, &asked] {
            grace
                .put(&room.path("/lock"), json!({"locked": true}))
                .await;
        }
        ada.put(&own.path("/lock"), json!({"locked": true})).await;
        for room in [&asked, &own] {
            let event = events.next().await;
            assert_eq!(event.kind, "room.updated");
            assert_eq!(event.data["room"], room.slug);
            assert_eq!(event.data["room_id"], room.id);
        }
    }

    #[tokio::test]
    async fn somebody_banned_hears_nothing_more_of_the_room() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let entered = room.enter(&app, &livekit, &mut grace).await;
        let mut events = grace
            .watch(&format!("/api/events?room={}", room.slug))
            .await;
        let path = room.path(&format!("/participants/{}/ban", entered.identity));
        ada.post(&path, json!({})).await;
        ada.patch(&room.path(""), json!({"name": "Secret"})).await;
        events.end().await;
    }

    #[tokio::test]
    async fn a_member_taken_off_the_list_hears_nothing_more_of_a_private_room() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let room = TestRoom::create(&mut ada, json!({"access": "private"})).await;
        let member = json!({"email": "grace@example.org", "role": "member"});
        ada.post(&room.path("/members"), member).await;
        let mut of_room = grace
            .watch(&format!("/api/events?room={}", room.slug))
            .await;
        let mut of_all = grace.watch("/api/events").await;
        ada.patch(&room.path(""), json!({"name": "Before"})).await;
        assert_eq!(of_room.next().await.kind, "room.updated");
        assert_eq!(of_all.next().await.kind, "room.updated");
        let path = room.path(&format!("/members/{}", grace.user_id));
        assert_eq!(ada.delete(&path).await.status, 204);
        of_room.end().await;
        // That the list is old, and no word of the room.
        let reset = of_all.next().await;
        assert_eq!((reset.kind.as_str(), reset.data), ("reset", json!({})));
        tell_all(&app, "ready").await;
        assert_eq!(of_all.next().await.kind, "media.status");
    }

    fn media(status: &'static str) -> EventBody {
        EventBody::MediaStatus { status }
    }

    /// Tells something that everybody may hear, in the order of the commits.
    async fn tell_all(app: &TestApp, status: &'static str) {
        let app = app.app();
        let mut tx = app.db.begin().await.unwrap();
        tx.leave(events::draft(None, &media(status), None, app.now()));
        tx.commit().await.unwrap();
    }

    fn back_from(who: &TestClient, id: &str) -> TestClient {
        let mut back = who.clone();
        back.set_header(http::HeaderName::from_static("last-event-id"), id);
        back
    }

    #[tokio::test]
    async fn a_stream_ends_at_once_with_the_session_or_the_rights_it_was_opened_with() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut bystander = app.user("bystander").await;
        let mut stays = bystander.watch("/api/events").await;
        let losses = [
            "signs out",
            "is signed out",
            "signs out others",
            "changes password",
            "is disabled",
            "is demoted",
            "is deleted",
        ];
        for (number, loss) in losses.into_iter().enumerate() {
            let name = format!("user{number}");
            let mut user = app.user(&name).await;
            let path = format!("/api/users/{}", user.user_id);
            admin.patch(&path, json!({"role": "admin"})).await;
            let mut phone = app.browser();
            let sign_in = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
            phone.post("/api/auth/sign-in", sign_in).await;
            let mut events = phone.watch("/api/events").await;
            let answer = match loss {
                "signs out" => phone.post("/api/auth/sign-out", json!(null)).await,
                "is signed out" => {
                    let sessions = phone.get("/api/auth/sessions").await.json["items"].clone();
                    let mut all = sessions.as_array().unwrap().iter();
                    let own = all.find(|one| one["current"] == true).unwrap();
                    let id = own["id"].as_str().unwrap();
                    user.delete(&format!("/api/auth/sessions/{id}")).await
                }
                "signs out others" => {
                    user.post("/api/auth/sessions/revoke-others", json!(null))
                        .await
                }
                "changes password" => {
                    let change = json!({
                        "current_password": PASSWORD, "new_password": "another horse battery",
                    });
                    user.post("/api/auth/password", change).await
                }
                "is disabled" => admin.patch(&path, json!({"disabled": true})).await,
                "is demoted" => admin.patch(&path, json!({"role": "user"})).await,
                _ => admin.delete(&path).await,
            };
            assert!(answer.status < 300, "{loss}: {answer:?}");
            tell_all(&app, "ready").await;
            events.end().await;
            assert_eq!(stays.next().await.kind, "media.status", "{loss}");
        }
    }

    #[tokio::test]
    async fn a_reader_too_slow_for_the_events_is_told_to_start_over() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut events = ada.watch("/api/events").await;
        for _ in 0..5000 {
            app.app().events.tell_here(&media("ready"));
        }
        let reset = events.next().await;
        assert_eq!(reset.kind, "reset");
        let mut events = back_from(&ada, &reset.id).watch("/api/events").await;
        tell_all(&app, "down").await;
        assert_eq!(events.next().await.data["status"], "down");
        for unknown in ["another-boot-7", "7", "-1"] {
            let mut events = back_from(&ada, unknown).watch("/api/events").await;
            assert_eq!(events.next().await.kind, "reset", "{unknown}");
        }
    }

    #[tokio::test]
    async fn who_comes_back_hears_what_happened_meanwhile_also_from_before_a_restart() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let mut events = ada.watch("/api/events").await;
        ada.put(&room.path("/lock"), json!({"locked": true})).await;
        let last = events.next().await;
        drop(events);
        ada.put(&room.path("/lock"), json!({"locked": false})).await;
        // What fails is told to nobody.
        let mut tx = app.app().db.begin().await.unwrap();
        tx.leave(events::draft(None, &media("down"), None, app.app().now()));
        drop(tx);
        ada.patch(&room.path(""), json!({"slug": "elsewhere"}))
            .await;
        let app = Box::pin(app.restart()).await;
        let mut ada = app.browser_of(&ada);
        let mut events = back_from(&ada, &last.id).watch("/api/events").await;
        let (unlocked, moved) = (events.next().await, events.next().await);
        for event in [&unlocked, &moved] {
            assert_eq!(
                (event.kind.as_str(), &event.data["room_id"]),
                ("room.updated", &json!(room.id))
            );
        }
        assert_eq!(moved.data["room"], "elsewhere");
        let place = |event: &StreamEvent| event.id.parse::<EventId>().unwrap().message;
        assert!(place(&last) < place(&unlocked) && place(&unlocked) < place(&moved));
        // Then it goes on as it comes.
        ada.delete("/api/rooms/elsewhere").await;
        assert_eq!(events.next().await.kind, "room.deleted");
    }

    #[tokio::test]
    async fn who_comes_back_with_nothing_but_the_link_hears_of_nobody_who_was_there() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let mut first = app.browser();
        room.enter(&app, &livekit, &mut first).await;
        let mut late = app.browser();
        room.enter(&app, &livekit, &mut late).await;
        let path = format!("/api/events?room={}", room.slug);
        let mut events = back_from(&late, "1").watch(&path).await;
        loop {
            let event = events.next().await;
            assert!(!event.kind.starts_with("participant."), "{event:?}");
            if event.kind == "reset" {
                break;
            }
        }
        let mut events = back_from(&ada, "1").watch(&path).await;
        let mut kinds = Vec::new();
        while kinds.len() < 3 {
            kinds.push(events.next().await.kind);
        }
        assert!(
            kinds.contains(&"participant.joined".to_owned()),
            "{kinds:?}"
        );
    }

    #[tokio::test]
    async fn who_loses_a_room_hears_that_the_own_list_is_old() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let rooms = [
            TestRoom::create(&mut ada, json!({"access": "private"})).await,
            TestRoom::create(&mut ada, json!({})).await,
        ];
        let member = json!({"email": "grace@example.org", "role": "member"});
        for room in &rooms {
            ada.post(&room.path("/members"), member.clone()).await;
        }
        let mut hers = ada.watch("/api/events").await;
        let mut theirs = grace.watch("/api/events").await;
        let path = rooms[0].path(&format!("/members/{}", grace.user_id));
        assert_eq!(ada.delete(&path).await.status, 204);
        assert_eq!(hers.next().await.kind, "room.updated");
        let reset = theirs.next().await;
        assert_eq!(reset.kind, "reset");
        // Nothing was heard of the room before: who owns it, or is on its list, hears all the same.
        drop(theirs);
        assert_eq!(ada.delete(&rooms[1].path("")).await.status, 204);
        assert_eq!(hers.next().await.kind, "room.deleted");
        let mut back = back_from(&grace, &reset.id).watch("/api/events").await;
        assert_eq!(back.next().await.kind, "reset");
        let mut fresh = back_from(&ada, &reset.id).watch("/api/events").await;
        assert_eq!(fresh.next().await.data["room_id"], rooms[1].id);
    }

    #[tokio::test]
    async fn an_event_that_was_left_at_another_time_is_of_another_database() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut events = ada.watch("/api/events").await;
        tell_all(&app, "starting").await;
        let told = events.next().await;
        tell_all(&app, "ready").await;
        let mut events = back_from(&ada, &told.id).watch("/api/events").await;
        assert_eq!(events.next().await.data["status"], "ready");
        let (message, _) = told.id.split_once('-').unwrap();
        let other = format!("{message}-1");
        let mut events = back_from(&ada, &other).watch("/api/events").await;
        assert_eq!(events.next().await.kind, "reset");
    }

    #[tokio::test]
    async fn what_is_older_than_an_hour_is_forgotten_and_who_comes_back_starts_over() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut events = ada.watch("/api/events").await;
        tell_all(&app, "starting").await;
        let first = events.next().await;
        for _ in 0..3 {
            tell_all(&app, "ready").await;
        }
        app.advance(Duration::from_hours(2));
        events::trim(&app.app().db, app.app().now(), None)
            .await
            .unwrap();
        let mut events = back_from(&ada, &first.id).watch("/api/events").await;
        let reset = events.next().await;
        assert_eq!(reset.kind, "reset");
        let mut events = back_from(&ada, &reset.id).watch("/api/events").await;
        tell_all(&app, "down").await;
        assert_eq!(events.next().await.data["status"], "down");
    }

    #[tokio::test]
    async fn one_person_listens_on_so_many_pages_and_no_more() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut held = Vec::new();
        for _ in 0..48 {
            held.push(ada.watch("/api/events").await);
        }
        // A stream would never end.
        let refused = timeout(Duration::from_secs(5), ada.get("/api/events"));
        let refused = refused.await.unwrap();
        assert_eq!((refused.status, refused.code()), (429, "too_many_streams"));
        assert!(refused.headers.contains_key("retry-after"));
        app.user("grace").await.watch("/api/events").await;
        held.pop();
        ada.watch("/api/events").await;
    }

    #[tokio::test]
    async fn nobody_unknown_and_nobody_uninvited_listens_to_a_private_room() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({"access": "private"})).await;
        let path = format!("/api/events?room={}", room.slug);
        assert_eq!(app.browser().get(&path).await.code(), "unauthenticated");
        assert_eq!(app.user("grace").await.get(&path).await.code(), "forbidden");
    }
}
