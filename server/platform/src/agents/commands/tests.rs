//! What is seen of commands and done about them, with a keeper that only remembers. Real processes are in the supervisor's
//! tests and in the browser's.

use parking_lot::Mutex;
use serde_json::json;

use super::{
    CommandError, CommandLine, CommandProcess, CommandProcessState, KeepsCommands, KeptCommand,
};
use crate::{clock::Timestamp, testing::TestApp};

struct Remembers(Mutex<KeptCommand>);

impl Remembers {
    fn one() -> Remembers {
        Remembers(Mutex::new(KeptCommand {
            name: "helper".to_owned(),
            program: "python".to_owned(),
            count: 1,
            stopped: false,
            processes: vec![CommandProcess {
                number: 1,
                state: CommandProcessState::Running,
                pid: Some(4711),
                started_at: Some(Timestamp(7)),
                restarts: 2,
                last_exit: Some("ended with code 1".to_owned()),
            }],
        }))
    }

    fn change(
        &self,
        name: &str,
        change: impl FnOnce(&mut KeptCommand),
    ) -> Result<KeptCommand, CommandError> {
        let mut command = self.0.lock();
        if command.name != name {
            return Err(CommandError::NoSuch);
        }
        change(&mut command);
        Ok(command.clone())
    }
}

impl KeepsCommands for Remembers {
    fn overview(&self) -> Vec<KeptCommand> {
        vec![self.0.lock().clone()]
    }

    fn start(&self, name: &str) -> Result<KeptCommand, CommandError> {
        self.change(name, |command| command.stopped = false)
    }

    fn stop(&self, name: &str) -> Result<KeptCommand, CommandError> {
        self.change(name, |command| command.stopped = true)
    }

    fn scale(&self, name: &str, count: u8) -> Result<KeptCommand, CommandError> {
        self.change(name, |command| command.count = count)
    }

    fn log(&self, name: &str) -> Result<Vec<CommandLine>, CommandError> {
        self.change(name, |_| {})?;
        let line = |at| CommandLine {
            at: Timestamp(at),
            process: 1,
            is_error: true,
            text: format!("line {at}"),
        };
        Ok(vec![line(1), line(2)])
    }
}

#[tokio::test]
async fn an_administrator_starts_stops_and_scales_a_command_and_all_of_it_is_on_record() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    assert_eq!(admin.get("/api/agents/commands").await.json, json!([]));
    let refused = admin
        .post("/api/agents/commands/helper/stop", json!(null))
        .await;
    assert_eq!(refused.status, 404);
    assert!(app.app().commands.set(Box::new(Remembers::one())).is_ok());

    let seen = admin.get("/api/agents/commands").await.json;
    assert_eq!(seen[0]["processes"][0]["state"], "running");
    assert_eq!(seen[0]["processes"][0]["pid"], 4711);
    let path = |rest: &str| format!("/api/agents/commands/helper/{rest}");
    let stopped = admin.post(&path("stop"), json!(null)).await;
    assert_eq!(
        (stopped.status, &stopped.json["stopped"]),
        (200, &json!(true))
    );
    let scaled = admin.put(&path("scale"), json!({"count": 3})).await;
    assert_eq!((scaled.status, &scaled.json["count"]), (200, &json!(3)));
    for count in [json!(17), json!(-1), json!(256)] {
        let refused = admin.put(&path("scale"), json!({ "count": count })).await;
        assert_eq!(refused.status, 422, "{count}");
    }
    let started = admin.post(&path("start"), json!(null)).await;
    assert_eq!(started.json["stopped"], false);
    let log = admin.get(&path("log")).await.json;
    assert_eq!(log[0]["text"], "line 2");
    let other = admin.get("/api/agents/commands/other/log").await;
    assert_eq!(other.status, 404);

    let audit = admin.get("/api/admin/audit").await.json;
    let records = audit["items"].as_array().unwrap().iter();
    let mut actions: Vec<_> = records
        .filter_map(|record| record["action"].as_str())
        .filter(|action| action.starts_with("agent."))
        .collect();
    actions.sort_unstable();
    let expected = [
        "agent.command_scaled",
        "agent.command_started",
        "agent.command_stopped",
    ];
    assert_eq!(actions, expected);
}
