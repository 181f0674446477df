//! Two media servers in different regions: a call is where its owner or the first one who joins wants it, and leaves a region
//! that is down.

use participant::proto::DisconnectReason;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use crate::harness::{
    NO_RECORDER, Person, Process, SECRET, Site, Way, connect, free_port, put_out,
    start_media_server, start_media_server_with, until,
};

/// A site in `eu`, with another media server in `us`.
struct World {
    sites: [Site; 1],
    eu: u16,
    us: u16,
    us_folder: TempDir,
    _eu_server: Process,
    us_server: Option<Process>,
    _folder: TempDir,
    ada: Person,
}

impl World {
    /// `through_site`: whether browsers reach `us` through the site. `records`: whether there is a recorder.
    async fn start(through_site: bool, records: bool) -> World {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (eu, us) = (free_port(), free_port());
        let host = if through_site {
            String::new()
        } else {
            format!("ws://127.0.0.1:{us}")
        };
        let recorder = if records { "" } else { NO_RECORDER };
        let regions = format!(
            "  region: eu\n  regions:\n    - name: us\n      host: \"{host}\"\n      internal_host: http://127.0.0.1:{us}\n      \
             api_key: key-of-us\n      api_secret: \"{SECRET}\"\n{recorder}"
        );
        let sites = [Site::start_with(eu, None, &regions)];
        let (folder, us_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let eu_server = start_media_server(&folder, eu, &sites).await;
        let us_server = start_media_server_with(&us_folder, us, "key-of-us", &sites).await;
        let ada = Person::set_up(&sites[0]).await;
        let world = World {
            sites,
            eu,
            us,
            us_folder,
            _eu_server: eu_server,
            us_server: Some(us_server),
            _folder: folder,
            ada,
        };
        world.until_regions_are(&["ready", "ready"]).await;
        world
    }

    fn site(&self) -> &Site {
        &self.sites[0]
    }

    async fn get(&self, path: &str) -> Value {
        self.ada
            .ask(self.site(), Method::GET, path, &Value::Null)
            .await
    }

    async fn until_regions_are(&self, wanted: &[&str]) {
        until("the regions are so", async || {
            let overview = self.get("/api/admin/overview").await;
            let regions = overview["media"]["regions"].as_array().unwrap().clone();
            regions.iter().map(|region| &region["status"]).eq(wanted)
        })
        .await;
    }

    /// The slug of a new room.
    async fn room(&self, region: &str) -> String {
        let wish = json!({"name": "Standup", "region": region});
        let made = self
            .ada
            .ask(self.site(), Method::POST, "/api/rooms", &wish)
            .await;
        assert_eq!(made["region"], region);
        made["slug"].as_str().unwrap().to_owned()
    }

    /// Somebody's way into a room.
    async fn way(&self, person: &Person, room: &str, nearest: &str) -> Way {
        let body = json!({"name": "Linus", "nearest": nearest});
        person.join_with(self.site(), room, &body).await
    }

    async fn until_live(&self, room: &str, people: i64, region: Value) {
        until("they are there", async || {
            let live = self.get(&format!("/api/rooms/{room}")).await["live"].clone();
            live["participants"] == people && live["region"] == region
        })
        .await;
    }

    fn at(port: u16) -> Url {
        format!("ws://127.0.0.1:{port}").parse().unwrap()
    }
}

#[tokio::test]
async fn a_call_is_where_its_owner_or_the_first_one_who_joins_wants_it_and_leaves_what_is_down() {
    let mut world = World::start(false, false).await;
    let (eu, us) = (World::at(world.eu), World::at(world.us));

    // As its owner says, whoever joins from wherever.
    let chosen = world.room("us").await;
    let linus = Person::guest();
    let way = world.way(&linus, &chosen, "eu").await;
    assert_eq!(way.url, us);
    let (_linus, seen) = connect(&way).await.unwrap();
    // The webhook of that region is believed by that region's key.
    world.until_live(&chosen, 1, json!("us")).await;
    let live = world.get("/api/livekit/rooms").await;
    assert_eq!(live["items"][0]["region"], "us");
    assert_eq!(live["items"][0]["site_room"]["slug"], chosen.as_str());
    // A moderator acts there.
    let kick = format!("/api/rooms/{chosen}/participants/{}/kick", way.identity);
    let site = world.site();
    world.ada.ask(site, Method::POST, &kick, &Value::Null).await;
    assert_eq!(put_out(seen).await, DisconnectReason::ParticipantRemoved);

    // As the first one has it nearest; whoever comes next comes to the same place, connected yet or not.
    let automatic = world.room("automatic").await;
    let grace = Person::guest();
    let first = world.way(&linus, &automatic, "us").await;
    assert_eq!(first.url, us);
    assert_eq!(world.way(&grace, &automatic, "eu").await.url, us);
    let (_there, _events) = connect(&first).await.unwrap();
    world.until_live(&automatic, 1, json!("us")).await;
    assert_eq!(world.way(&grace, &automatic, "eu").await.url, us);

    // What is no region is refused, at the door and in the settings.
    let body = json!({"name": "Eve", "nearest": "atlantis"});
    let path = format!("/api/rooms/{automatic}/join");
    let (status, refused) = linus.try_to(site, Method::POST, &path, &body).await;
    assert_eq!((status, &refused["field"]), (422, &json!("nearest")));
    assert_eq!(refused["errors"][0]["code"], "unknown_region");
    let path = format!("/api/rooms/{automatic}");
    let body = json!({"region": "atlantis"});
    let (status, refused) = world.ada.try_to(site, Method::PATCH, &path, &body).await;
    assert_eq!((status, &refused["field"]), (422, &json!("region")));

    // Killed: the next join goes to the other region, whoever is in the call.
    drop(world.us_server.take());
    let moved = world.way(&grace, &automatic, "us").await;
    assert_eq!(moved.url, eu);
    let (_grace, _events) = connect(&moved).await.unwrap();
    world.until_live(&automatic, 1, json!("eu")).await;
    let path = format!("/api/rooms/{automatic}/meetings");
    let meetings = world.get(&path).await;
    assert_eq!(meetings["items"].as_array().unwrap().len(), 1, "it goes on");

    // It is back, and so is somebody with a token from before: the call is not there any more.
    let back = start_media_server_with(&world.us_folder, world.us, "key-of-us", &world.sites);
    world.us_server = Some(back.await);
    let (_late, seen) = connect(&first).await.unwrap();
    assert_eq!(put_out(seen).await, DisconnectReason::ParticipantRemoved);
    world.until_live(&automatic, 1, json!("eu")).await;
    // The call itself stays where it went as long as somebody is there.
    assert_eq!(world.way(&linus, &automatic, "us").await.url, eu);

    // One that is down is said to be, and what its owner chose is only a wish.
    drop(world.us_server.take());
    assert_eq!(world.way(&linus, &chosen, "us").await.url, eu);
    let live = world.get("/api/livekit/rooms").await;
    assert_eq!(live["missing_regions"], json!(["us"]));
    world.until_regions_are(&["ready", "down"]).await;
    let ready = world.get("/health/ready").await;
    let says = ready["checks"]["media"]["detail"].as_str().unwrap();
    assert!(says.starts_with("us: "), "{says}");
}

#[tokio::test]
async fn a_region_that_browsers_do_not_reach_is_reached_through_the_site() {
    let world = World::start(true, true).await;
    let site: Url = world.site().url.replacen("http", "ws", 1).parse().unwrap();
    let room = world.room("us").await;
    let linus = Person::guest();
    let way = world.way(&linus, &room, "eu").await;
    assert_eq!(way.url, site);
    let (_there, events) = connect(&way).await.unwrap();
    world.until_live(&room, 1, json!("us")).await;
    // The recorder is in the first region: that is said before anybody asks, and to who does.
    let path = format!("/api/rooms/{room}");
    let allowed = async || world.get(&path).await["recording"]["allowed"].clone();
    assert_eq!(allowed().await, false);
    let record = format!("{path}/recordings");
    let (status, refused) = world
        .ada
        .try_to(world.site(), Method::POST, &record, &json!({}))
        .await;
    assert_eq!((status, &refused["code"]), (409, &json!("other_region")));
    let end = format!("/api/rooms/{room}/end");
    world
        .ada
        .ask(world.site(), Method::POST, &end, &Value::Null)
        .await;
    assert_eq!(put_out(events).await, DisconnectReason::RoomDeleted);
    until("nobody is there", async || allowed().await == true).await;
    // The site's own socket turns the old token away.
    assert!(connect(&way).await.is_err());
    // A program is in the first region, and so is an agent: not in this call.
    let agent = json!({"room": room, "agent_name": "scribe"});
    let path = "/api/agents/dispatches";
    let (status, refused) = world
        .ada
        .try_to(world.site(), Method::POST, path, &agent)
        .await;
    assert_eq!((status, &refused["code"]), (409, &json!("other_region")));
}
