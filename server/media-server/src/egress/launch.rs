//! Starts the recordings that rooms wish, beside everything else: a room does not wait for them. It must not know why
//! one is wished.

use std::{sync::Arc, time::SystemTime};

use livekit_wire::proto::WebhookEvent;
use tokio::{
    sync::mpsc::{Receiver, UnboundedSender},
    task::{JoinHandle, JoinSet},
};

use super::{EgressClient, failure};
use crate::ground::EgressWish;

/// Many tracks may be published at once; the others wait.
const MOST_AT_ONCE: usize = 16;

/// Running launches.
pub struct Launches(JoinHandle<()>);

struct Launcher {
    client: Option<EgressClient>,
    webhooks: UnboundedSender<WebhookEvent>,
    wall_clock: fn() -> SystemTime,
}

impl Launches {
    /// Fulfils wishes until their channel closes; what is then still under way is given up. A failure is told by a
    /// webhook, for nobody waits for an answer.
    pub fn start(
        client: Option<EgressClient>,
        wishes: Receiver<EgressWish>,
        webhooks: UnboundedSender<WebhookEvent>,
        wall_clock: fn() -> SystemTime,
    ) -> Self {
        let launcher = Launcher {
            client,
            webhooks,
            wall_clock,
        };
        Self(tokio::spawn(run(Arc::new(launcher), wishes)))
    }

    /// Waits for the end, which comes when no room is left.
    pub async fn ended(self) {
        if let Err(error) = self.0.await {
            tracing::error!(%error, "launching recordings failed");
        }
    }
}

async fn run(launcher: Arc<Launcher>, mut wishes: Receiver<EgressWish>) {
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            wish = wishes.recv(), if running.len() < MOST_AT_ONCE => match wish {
                Some(wish) => {
                    let launcher = launcher.clone();
                    running.spawn(async move { launcher.launch(wish).await });
                }
                None => return,
            },
            Some(_) = running.join_next() => {}
        }
    }
}

impl Launcher {
    async fn launch(&self, wish: EgressWish) {
        let started = match &self.client {
            Some(client) => client
                .start(&wish.request)
                .await
                .map_err(|error| error.to_string()),
            // livekit-server's words.
            None => Err("egress launcher not found".to_owned()),
        };
        let room = wish.room.clone();
        match started {
            Ok(()) => tracing::info!(%room, "a recording is started"),
            Err(error) => {
                tracing::warn!(%room, error, "a recording is not started");
                let event = failure::event(wish, error, (self.wall_clock)());
                // Without a receiver the server is going down and nobody can be told any more.
                let _ = self.webhooks.send(event);
            }
        }
    }
}
